import { CodeBuilder, js, joinJs, Js } from '../../../core/code.ts';
import { columnArrays } from '../../../core/column.ts';
import { isStructured, type SqlType } from '../../../core/sql-type.ts';
import { wasmApi, type WasmMemory } from '../../../core/wasm-api.ts';
import { WasmBuilder, type WasmKernel } from '../../../core/wasm-code.ts';
import { i32, i64, type Wasm } from '../../../core/wasm-ops.ts';
import type { ReadColumn } from '../../../catalog/format.ts';
import { array, columnParameters, fieldTree, leavesOf, readCall, type FieldNode, type NestedReader } from './fields.ts';
import type { FastArrays } from './fast-arrays.ts';
import { columnMemory, FastCursor, recordMemory } from './fast-cursor.ts';
import { FastValues, type PlantedBug } from './fast-values.ts';
import * as scan from './scan.ts';
import type { Shape, ShapeField, ValueKind } from './shape.ts';
import { readEncoded, skipDepth, skipValue } from './skip.ts';
import { endOfText } from './text.ts';

/** `null`, as a little-endian word. */
const nullWord = 0x6c6c756e;
/** How many words of the bytes between values are compared before a branch. */
const testsAtOnce = 32;

/** Bytes behind a record's last byte that the fast tier may look at. */
export function reachOf(shape: Shape | undefined): number {
  if (shape === undefined) return 8;
  return Math.max(32, shape.close.length, ...shape.fields.map((field) => Math.max(field.lead.length, reachOf(field.object))));
}

/**
 * Decodes the records `row` .. `rows` of the call and gives the first that is not of the shape, or `rows`. `delta` is what is added to a
 * record's offset to find it in the memory, and taken from the offsets of texts.
 */
export type FastRun = (row: number, rows: number, delta: number) => number;

/** What encodes structured values, and where the encodings go: the slack of the records' own heap, also where the tier reads a copy of them. */
export interface NestedTarget {
  readonly encode: NestedReader;
  heap: Uint8Array;
  /** First where free slack begins. */
  readonly slack: Int32Array;
}

/**
 * The fast tier: WebAssembly, specialised to a shape. Every byte of a record is checked: the bytes between values against the shape's, eight
 * at a time, texts sixteen at a time. A record that differs from the shape, or holds what the tier does not read, is left to the others.
 * Of a structured value it finds the end, by a function of the program that encodes it.
 *
 * Needs: a zero byte behind the records, the nulls all 0, and as many bytes behind that as `reachOf` says.
 */
export class FastTier {
  readonly #kernel: WasmKernel;
  /** Makes the functions of the program that the kernel calls, over the bytes of a memory. */
  readonly #calls: (heap: Uint8Array, ...arrays: readonly ArrayBufferView[]) => Readonly<Record<string, unknown>>;
  readonly #arrays: FastArrays;
  readonly #instances = new WeakMap<WasmMemory, FastRun>();

  constructor(columns: readonly ReadColumn[], shape: Shape, arrays: FastArrays, nested: NestedTarget, bug?: PlantedBug) {
    const writer = new TierWriter(columns, arrays, nested, bug);
    this.#kernel = writer.write(shape);
    this.#arrays = arrays;
    const code = new CodeBuilder();
    const calls = writer.calls.map(([name, source]) => js`${name}: ${source(code)}`);
    code.line(js`return { ${joinJs(calls, ', ')} };`);
    this.#calls = code.compile('calls', [js`heap`, ...columnParameters(columns)]).run as (heap: Uint8Array, ...arrays: readonly ArrayBufferView[]) => Readonly<Record<string, unknown>>;
  }

  get source(): string {
    return this.#kernel.source;
  }

  /** The tier over records in this memory. */
  over(memory: WasmMemory): FastRun {
    let run = this.#instances.get(memory);
    if (run === undefined) {
      const { arena, columns, nulls } = this.#arrays;
      const arrays = columns.flatMap((column, i) => [...columnArrays(column).slice(column.layout === 'bytes' ? 1 : 0), nulls[i] as Uint8Array]);
      const instance = new wasmApi.Instance(this.#kernel.module, {
        memory: { [recordMemory]: memory, [columnMemory]: arena.memory },
        call: this.#calls(new Uint8Array(memory.buffer), ...arrays),
      });
      run = instance.exports['run'] as FastRun;
      this.#instances.set(memory, run);
    }
    return run;
  }
}

class TierWriter {
  readonly #w = new WasmBuilder(['the records', 'offsets, lengths and columns'], ['i32', 'i32', 'i32'], 'i32');
  readonly #columns: readonly ReadColumn[];
  readonly #arrays: FastArrays;
  readonly #nestedTarget: NestedTarget;
  readonly #bug: PlantedBug | undefined;
  readonly #at: FastCursor;
  readonly #values: FastValues;
  readonly #rows;
  /** The functions of the program that the tier calls: their names, and their source. */
  readonly #calls = new Map<string, (code: CodeBuilder) => Js>();

  constructor(columns: readonly ReadColumn[], arrays: FastArrays, nested: NestedTarget, bug: PlantedBug | undefined) {
    this.#columns = columns;
    this.#arrays = arrays;
    this.#nestedTarget = nested;
    this.#bug = bug;
    const w = this.#w;
    const row = w.local('row', 'i32');
    this.#rows = w.local('rows', 'i32');
    const delta = w.local('delta', 'i32');
    this.#at = new FastCursor(w, { row, delta }, columns.map((column) => column.type), arrays);
    this.#values = new FastValues(w, this.#at, arrays, bug);
  }

  get calls(): readonly (readonly [Js, (code: CodeBuilder) => Js])[] {
    return [...this.#calls].map(([name, source]) => [new Js(name), source]);
  }

  write(shape: Shape): WasmKernel {
    const w = this.#w;
    const { row, p, end, delta } = this.#at;
    const ofRow = (array: Int32Array): Wasm<'i32'> => i32.load({ memory: columnMemory, address: i32.shl(row.get, i32.const(2)), offset: array.byteOffset });
    this.#values.prepare();
    this.#calls.set('endOfText', (code) => js`(start, p) => ${code.use(endOfText, 'endOfText')}(heap, start, p)`);
    this.#calls.set('minuteOf', (code) => js`(p) => ${code.use(scan.minuteOf, 'minuteOf')}(heap, p)`);
    this.#calls.set('skipValue', (code) => js`(p, end) => ${code.use(skipValue, 'skipValue')}(heap, p, end, ${skipDepth})`);
    w.block('left', () => {
      w.loop('record', () => {
        w.leaveIf('left', i32.geU(row.get, this.#rows.get));
        w.set(p, i32.add(ofRow(this.#arrays.offsets), delta.get));
        w.set(end, i32.add(p.get, ofRow(this.#arrays.lengths)));
        this.#object(shape, fieldTree(this.#columns));
        if (this.#bug !== 'open end') this.#at.leaveIf(i32.ne(p.get, end.get));
        w.set(row, i32.add(row.get, i32.const(1)));
        w.leave('record');
      });
    });
    w.return(row.get);
    return w.compile('decodeJson');
  }

  #object(shape: Shape, node: FieldNode | undefined): void {
    for (const field of shape.fields) {
      this.#literal(field.lead);
      const child = node?.children.find((candidate) => candidate.name === field.name);
      if (child === undefined) this.#skip(field);
      else if (child.column !== undefined) this.#read(child.column, field.kind);
      else this.#nested(field, child);
    }
    this.#literal(shape.close);
    for (const child of node?.children ?? []) if (!shape.fields.some((field) => field.name === child.name)) this.#null(child);
  }

  /** NULL for the columns at or below a node; a record without a NOT NULL column is left. */
  #null(node: FieldNode): void {
    const leaves = leavesOf(node);
    if (leaves.some((column) => this.#isRequired(column))) this.#at.leave();
    else for (const column of leaves) this.#at.writeNull(column);
  }

  #isRequired(column: number): boolean {
    return !this.#at.type(column).nullable && this.#bug !== 'null taken';
  }

  /** The bytes at p are these, or the record is left. The last word overlaps the one before. */
  #literal(bytes: Uint8Array): void {
    const at = this.#at;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const n = bytes.length;
    const places = (size: number): number[] => {
      const all = Array.from({ length: Math.floor(n / size) }, (_, i) => i * size);
      return n % size === 0 ? all : [...all, n - size];
    };
    if (n >= 8) {
      const tests = places(8).map((i) => i64.xor(at.eight(i), i64.const(view.getBigInt64(i, true))));
      while (tests.length > 0) at.leaveIf(i64.ne(tests.splice(0, testsAtOnce).reduce((all, test) => i64.or(all, test)), i64.const(0n)));
    } else if (n > 0) {
      const tests = n >= 4 ? places(4).map((i) => i32.xor(at.word(i), i32.const(view.getInt32(i, true)))) : [...bytes].map((byte, i) => i32.xor(at.byte(i), i32.const(byte)));
      at.leaveIf(tests.reduce((all, test) => i32.or(all, test)));
    }
    at.moveBy(n);
  }

  /** Passes over a value that is not read; every byte is checked. */
  #skip(field: ShapeField): void {
    const w = this.#w;
    const at = this.#at;
    const values = this.#values;
    const any = (): void => at.moveTo(w.call('skipValue', 'i32', [at.start.get, at.end.get]));
    w.set(at.start, at.p.get);
    switch (field.kind) {
      case 'text':
        w.if(values.isQuote(), () => {
          at.moveBy(1);
          values.scanText();
          w.if(values.isQuote(), () => at.moveBy(1), any);
        }, any);
        return;
      case 'number':
        values.skipDigits(any);
        return;
      case 'object':
        if (field.object === undefined) any();
        else this.#nested(field, undefined);
        return;
      default:
        any();
    }
  }

  #nested(field: ShapeField, node: FieldNode | undefined): void {
    const at = this.#at;
    this.#w.if(i32.eq(at.word(), i32.const(nullWord)), () => {
      at.moveBy(4);
      if (node !== undefined) this.#null(node);
    }, () => {
      if (field.object === undefined) at.leave();
      else this.#object(field.object, node);
    });
  }

  /** Source that encodes the value at `p` into the slack: the place after it, or below 0. */
  #encodeCall(code: CodeBuilder, column: number, type: SqlType): Js {
    const { encode } = this.#nestedTarget;
    const target = code.use(this.#nestedTarget, 'target');
    return js`${code.use(readEncoded, 'readEncoded')}(heap, p, end, ${array(column, 'offsets')}, ${array(column, 'lengths')}, row, ${this.#bug === 'slack not taken' ? js`${target}.slack.slice()` : js`${target}.slack`}, ${target}.heap.length, ${code.use((json: string) => encode(json, type), 'encode')}, ${target}.heap)`;
  }

  /** `kind`: what the samples held, which decides what is worth code of its own. */
  #read(column: number, kind: ValueKind): void {
    const w = this.#w;
    const at = this.#at;
    const values = this.#values;
    const type = at.type(column);
    const orNull = (test: Wasm<'i32'>, value: () => void): void => {
      w.if(test, value, () => {
        if (this.#isRequired(column)) {
          at.leave();
          return;
        }
        at.leaveIf(i32.ne(at.word(), i32.const(nullWord)));
        at.moveBy(4);
        at.writeNull(column);
      });
    };
    /** Reads from `start` by a function of the program. */
    const other = (): void => {
      const name = `read${column}`;
      this.#calls.set(name, (code) => js`(p, end, row) => ${isStructured(type) ? this.#encodeCall(code, column, type) : readCall(code, column, type, false)}`);
      at.moveTo(w.call(name, 'i32', [at.start.get, at.end.get, at.row.get]));
    };
    switch (type.kind) {
      case 'CHAR':
      case 'VARCHAR':
        if (kind === 'text') orNull(values.isQuote(), () => values.text(column));
        else orNull(values.isNoNull(), () => w.if(values.isQuote(), () => values.text(column), () => values.raw(column)));
        return;
      case 'TINYINT':
      case 'SMALLINT':
      case 'INT':
      case 'BIGINT':
        orNull(values.isNoNull(), () => values.integer(column, other));
        return;
      case 'FLOAT':
      case 'DOUBLE':
        orNull(values.isNoNull(), () => values.double(column, other));
        return;
      case 'DECIMAL':
        orNull(values.isNoNull(), () => values.decimal(column, type.precision, type.scale, other));
        return;
      case 'TIMESTAMP':
      case 'TIMESTAMP_LTZ':
        orNull(values.isQuote(), () => values.timestamp(column, other));
        return;
      default:
        orNull(values.isNoNull(), () => {
          w.set(at.start, at.p.get);
          other();
        });
    }
  }
}
