import type { Batch } from '../../../core/batch.ts';
import { columnArrays, columnSlots, type BytesColumn } from '../../../core/column.ts';
import { CodeBuilder, joinJs, js, Js, type CompiledKernel } from '../../../core/code.ts';
import { layoutOf } from '../../../core/layout.ts';
import type { SqlType } from '../../../core/sql-type.ts';
import type { RecordEncoder, RecordSpans } from '../../../catalog/connector.ts';
import { notYet } from './fields.ts';
import * as write from './write.ts';

export interface JsonEncoderOptions {
  /** Times as ISO-8601 (`T` between date and time). */
  readonly isoTimes: boolean;
  readonly ignoreNulls: boolean;
}

/** Rows to JSON objects, as bytes: no string in between. A heap is grown before the rows that need it, never among them. */
export class JsonEncoder implements RecordEncoder {
  readonly #columns: readonly { readonly name: string; readonly type: SqlType }[];
  readonly #kernel: CompiledKernel;
  /** Bytes that a row takes besides its texts. */
  readonly #rowBytes: number;
  #out: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#out.buffer);

  constructor(columns: readonly { readonly name: string; readonly type: SqlType }[], options: JsonEncoderOptions) {
    this.#columns = columns;
    this.#kernel = compile(columns, options);
    this.#rowBytes = columns.reduce((sum, column) => sum + write.nameBytes(',', column.name).length + 48, 16);
  }

  get source(): string {
    return this.#kernel.source;
  }

  encode(batch: Batch, from: number, to: number, into: RecordSpans): void {
    const rows = to - from;
    if (into.offsets.length < rows) {
      into.offsets = new Int32Array(Math.max(rows, 1024));
      into.lengths = new Int32Array(into.offsets.length);
    }
    let needed = rows * this.#rowBytes + 64;
    for (const column of batch.columns) if (column.layout === 'bytes') needed += textBytes(column.lengths, from, to) * 6;
    if (into.heap.length < needed) into.heap = new Uint8Array(needed * 2);
    if (into.heap !== this.#out) {
      this.#out = into.heap;
      this.#view = viewOf(into.heap);
    }
    const args: unknown[] = [this.#out, this.#view, into.offsets, into.lengths, from, to];
    for (const [i] of this.#columns.entries()) {
      const column = batch.columns[i];
      if (column === undefined) continue;
      if (column.layout === 'bytes') {
        const heap = readable(column, from, to);
        args.push(heap, viewOf(heap), column.offsets, column.lengths, column.nulls);
      } else args.push(...columnArrays(column), column.nulls);
    }
    into.slackStart = (this.#kernel.run as (...values: unknown[]) => number)(...args);
    into.count = rows;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textBytes(lengths: Int32Array, from: number, to: number): number {
  let bytes = 0;
  for (let row = from; row < to; row++) bytes += lengths[row] as number;
  return bytes;
}

/** The column's heap with a readable word behind its last text: itself, unless somebody cut it short. */
function readable(column: BytesColumn, from: number, to: number): Uint8Array {
  if (lastByte(column.offsets, column.lengths, from, to) + 4 <= column.heap.length) return column.heap;
  const copy = new Uint8Array(column.heap.length + 8);
  copy.set(column.heap);
  return copy;
}

function lastByte(offsets: Int32Array, lengths: Int32Array, from: number, to: number): number {
  let end = 0;
  for (let row = from; row < to; row++) {
    const last = (offsets[row] as number) + (lengths[row] as number);
    if (last > end) end = last;
  }
  return end;
}

/** Lines that write these bytes at `at`, a word at a time, and move on: the last word may reach up to 3 bytes further. */
function writeBytes(code: CodeBuilder, bytes: Uint8Array): void {
  const padded = new DataView(new ArrayBuffer(bytes.length + 4));
  for (const [i, byte] of bytes.entries()) padded.setUint8(i, byte);
  for (let k = 0; k < bytes.length; k += 4) code.line(js`view.setInt32((at + ${k}) | 0, ${padded.getInt32(k, true)}, true);`);
  code.line(js`at = (at + ${bytes.length}) | 0;`);
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

function compile(columns: readonly { readonly name: string; readonly type: SqlType }[], options: JsonEncoderOptions): CompiledKernel {
  const code = new CodeBuilder();
  const parameters: Js[] = [];
  code.line(js`let at = 0, j = 0;`);
  code.block(js`for (let i = from; i < to; i++, j++)`, () => {
    code.line(js`const start = at;`);
    if (columns.length === 0) code.line(js`out[at++] = 123;`);
    for (const [i, { name, type }] of columns.entries()) {
      const slot = (of: string): Js => new Js(`c${i}_${of}`);
      const slots = columnSlots[layoutOf(type)].flatMap((of) => (of === 'heap' ? ['heap', 'heapView'] : [of]));
      parameters.push(...slots.map(slot), slot('nulls'));
      const isNull = js`${slot('nulls')} !== undefined && ${slot('nulls')}[i] === 1`;
      if (options.ignoreNulls) {
        code.block(js`if (!(${isNull}))`, () => {
          code.line(js`out[at] = at === start ? 123 : 44; at = (at + 1) | 0;`);
          writeBytes(code, write.nameBytes('', name));
          value(code, type, slot, options);
        });
        continue;
      }
      writeBytes(code, write.nameBytes(i === 0 ? '{' : ',', name));
      code.either(isNull, () => writeBytes(code, ascii('null')), () => value(code, type, slot, options));
    }
    if (options.ignoreNulls) code.line(js`if (at === start) out[at++] = 123;`);
    code.line(js`out[at] = 125; at = (at + 1) | 0;`);
    code.line(js`offsets[j] = start; lengths[j] = (at - start) | 0;`);
  });
  code.line(js`return at;`);
  return code.compile('encodeJson', [js`out`, js`view`, js`offsets`, js`lengths`, js`from`, js`to`, ...parameters]);
}

function value(code: CodeBuilder, type: SqlType, slot: (of: string) => Js, options: JsonEncoderOptions): void {
  const call = (writer: (...args: never[]) => number, stem: string, ...args: readonly Js[]): void => {
    code.line(js`at = ${code.use(writer, stem)}(out, view, at, ${joinJs(args, ', ')}) | 0;`);
  };
  switch (type.kind) {
    case 'BOOLEAN':
      code.either(js`${slot('values')}[i] === 1`, () => writeBytes(code, ascii('true')), () => writeBytes(code, ascii('false')));
      return;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      call(write.writeNumber, 'writeNumber', js`${slot('values')}[i]`);
      return;
    case 'BIGINT':
      call(write.writeLong, 'writeLong', slot('words'), js`i`);
      return;
    case 'DECIMAL':
      call(write.writeDecimal, 'writeDecimal', slot('words'), layoutOf(type) === 'i128' ? slot('high') : js`undefined`, slot('values'), js`i`, js`${type.scale}`);
      return;
    case 'FLOAT':
      call(write.writeFloat, 'writeFloat', js`${slot('values')}[i]`);
      return;
    case 'DOUBLE':
      call(write.writeDouble, 'writeDouble', js`${slot('values')}[i]`);
      return;
    case 'CHAR':
    case 'VARCHAR':
      call(write.writeString, 'writeString', slot('heap'), slot('heapView'), js`${slot('offsets')}[i]`, js`${slot('lengths')}[i]`);
      return;
    case 'DATE':
      call(write.writeDay, 'writeDay', js`${slot('values')}[i]`);
      return;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      if (type.precision > 3) throw notYet(type);
      call(write.writeTimestamp, 'writeTimestamp', slot('words'), js`i`, js`${type.kind === 'TIMESTAMP_LTZ'}`, js`${options.isoTimes}`);
      return;
    default:
      throw notYet(type);
  }
}
