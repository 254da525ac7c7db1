import { CodeBuilder, js, joinJs, type CompiledKernel, type Js } from '../../../core/code.ts';
import type { SqlType } from '../../../core/sql-type.ts';
import type { ReadColumn } from '../../../catalog/connector.ts';
import { integerRange } from '../../../functions/cast.ts';
import { array, columnParameters, fieldTree, leavesOf, readCall, readRawCall, writeNull, type FieldNode } from './fields.ts';
import * as scan from './scan.ts';
import { skipDepth, skipValue } from './skip.ts';
import { endOfText } from './text.ts';
import type { Shape, ShapeField, ValueKind } from './shape.ts';

/** `null`, as a little-endian word. */
const nullWord = 0x6c6c756e;

/** Bugs that a test plants to see that its fuzz finds them. */
export type PlantedBug = 'leading zeros' | 'stale minute' | 'open end' | 'null taken';

/** Bytes behind a record's last byte that the fast tier may look at. */
export function reachOf(shape: Shape | undefined): number {
  if (shape === undefined) return 8;
  return Math.max(32, shape.close.length, ...shape.fields.map((field) => Math.max(field.lead.length, reachOf(field.object))));
}

/**
 * The loop over the records of one call, a function for one set of columns: the fast tier, specialised to a shape, with the tolerant tier
 * for each record that does not have it. Gives the record it stopped at, `to` when it decoded all; slack[1] then holds what the tolerant
 * tier gave, and slack[2] counts the records that the tolerant tier took.
 *
 * The bytes between values are compared a word at a time; texts are scanned a word at a time. Needs: a zero byte behind the records, the
 * nulls all 0. Keeps: every byte of a record is checked. Places are written as int32 (`| 0`): left to what V8 has seen by the time it
 * compiles, one run in eight became twice as slow.
 */
export function compileRecords(columns: readonly ReadColumn[], shape: Shape | undefined, tolerant: CompiledKernel, bug?: PlantedBug): CompiledKernel {
  const code = new CodeBuilder();
  const parameters = columnParameters(columns);
  code.line(js`let p = 0, c = 0, w = 0, s = 0, v = 0, t = 0;`);
  const tree = fieldTree(columns);
  const isFast = shape !== undefined && !hasLeafWithin(tree);
  if (isFast) for (const { column } of timeColumns(columns)) code.line(js`let c${column}_m0 = 0, c${column}_m1 = 0, c${column}_m2 = 0, c${column}_m3 = 0, c${column}_minute = NaN;`);
  code.block(js`for (let i = from; i < to; i++)`, () => {
    code.line(js`const at = offsets[i], end = (at + lengths[i]) | 0, row = (i - first) | 0;`);
    if (isFast) {
      code.block(js`fast:`, () => {
        code.line(js`p = at;`);
        new FastTier(code, columns, bug).object(shape, tree);
        if (bug !== 'open end') code.line(js`if (p !== end) break fast;`);
        code.line(js`continue;`);
      });
    }
    const call = joinJs([js`heap`, js`at`, js`end`, js`row`, js`any`, js`slack`, js`limit`, ...parameters], ', ');
    code.line(js`t = ${code.use(tolerant.run, 'tolerant')}(${call}) | 0;`);
    code.line(js`if (t !== 0) { slack[1] = t; return i; }`);
    code.line(js`slack[2]++;`);
  });
  code.line(js`return to;`);
  return code.compile('decodeJson', [js`heap`, js`view`, js`offsets`, js`lengths`, js`from`, js`to`, js`first`, js`any`, js`slack`, js`limit`, ...parameters]);
}

/** True when a column is read whole and one within it too: only the slow tier does that. */
function hasLeafWithin(node: FieldNode): boolean {
  return (node.column !== undefined && node.children.length > 0) || node.children.some(hasLeafWithin);
}

function timeColumns(columns: readonly ReadColumn[]): { readonly column: number }[] {
  return columns.flatMap(({ type }, column) => (type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ' ? [{ column }] : []));
}

/** Writes the source of the fast tier: `break fast` wherever a record differs from the shape or holds what the tier does not read. */
class FastTier {
  readonly #code: CodeBuilder;
  readonly #columns: readonly ReadColumn[];
  readonly #bug: PlantedBug | undefined;

  constructor(code: CodeBuilder, columns: readonly ReadColumn[], bug: PlantedBug | undefined) {
    this.#code = code;
    this.#columns = columns;
    this.#bug = bug;
  }

  #type(column: number): SqlType {
    return this.#columns[column]?.type ?? { kind: 'NULL', nullable: true };
  }

  object(shape: Shape, node: FieldNode | undefined): void {
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
    if (leaves.some((column) => this.#isRequired(column))) this.#code.line(js`break fast;`);
    else for (const column of leaves) writeNull(this.#code, column, this.#type(column));
  }

  #isRequired(column: number): boolean {
    return !this.#type(column).nullable && this.#bug !== 'null taken';
  }

  /** The bytes at p are these, or the record is left. The last word overlaps the one before. */
  #literal(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const tests: Js[] = [];
    const n = bytes.length;
    if (n < 4) for (const [i, byte] of bytes.entries()) tests.push(js`(heap[p + ${i}] ^ ${byte})`);
    else {
      const word = (i: number): Js => js`(view.getInt32(p + ${i}, true) ^ ${view.getInt32(i, true)})`;
      for (let i = 0; i + 4 <= n; i += 4) tests.push(word(i));
      if (n % 4 !== 0) tests.push(word(n - 4));
    }
    this.#code.line(js`if ((${joinJs(tests, ' | ')}) !== 0) break fast;`);
    this.#code.line(js`p = (p + ${n}) | 0;`);
  }

  /** p goes from a text's first byte to its closing quote, or to a byte that is an escape, a control or not ASCII. */
  #scanText(): void {
    // Without such bytes every byte is below 128, so a borrow into a byte's top bit starts at a hit: the lowest bit set is exact. A byte
    // with its second bit turned is below 33 when it is a control or a quote: one test for both.
    // Source: Henry S. Warren, "Hacker's Delight", 6-1, "Find First 0-Byte".
    this.#code.line(js`do { w = view.getInt32(p, true); p = (p + 4) | 0; w = ((w ^ 0x02020202) - 0x21212121 | (w ^ 0x5c5c5c5c) - 0x01010101 | w) & -2139062144; } while (w === 0);`);
    this.#code.line(js`p = (p - 1 - (Math.clz32(w & -w) >> 3)) | 0;`);
  }

  /** Passes over a value that is not read; every byte is checked. */
  #skip(field: ShapeField): void {
    const code = this.#code;
    const any = (from: Js): void => {
      code.line(js`p = ${code.use(skipValue, 'skipValue')}(heap, ${from}, end, ${skipDepth}) | 0;`);
      code.line(js`if (p < 0) break fast;`);
    };
    switch (field.kind) {
      case 'text':
        code.line(js`s = p;`);
        code.either(js`heap[p] === 34`, () => {
          code.line(js`p = (p + 1) | 0;`);
          this.#scanText();
          code.either(js`heap[p] === 34`, () => code.line(js`p = (p + 1) | 0;`), () => any(js`s`));
        }, () => any(js`s`));
        return;
      case 'number':
        code.line(js`s = p; c = heap[p];`);
        code.line(js`while (c >= 48 && c <= 57) c = heap[p = (p + 1) | 0];`);
        code.block(js`if (p === s || c === 46 || (heap[s] === 48 && p !== ((s + 1) | 0)))`, () => any(js`s`));
        return;
      case 'object':
        if (field.object !== undefined) {
          this.#nested(field, undefined);
          return;
        }
        any(js`p`);
        return;
      default:
        any(js`p`);
    }
  }

  #nested(field: ShapeField, node: FieldNode | undefined): void {
    const code = this.#code;
    code.either(js`view.getInt32(p, true) === ${nullWord}`, () => {
      code.line(js`p = (p + 4) | 0;`);
      if (node !== undefined) this.#null(node);
    }, () => {
      if (field.object === undefined) code.line(js`break fast;`);
      else this.object(field.object, node);
    });
  }

  /** `kind`: what the samples held, which decides what is worth code of its own. */
  #read(column: number, kind: ValueKind): void {
    const code = this.#code;
    const type = this.#type(column);
    const orNull = (test: Js, value: () => void): void => {
      code.either(test, value, () => {
        if (this.#isRequired(column)) {
          code.line(js`break fast;`);
          return;
        }
        code.line(js`if (view.getInt32(p, true) !== ${nullWord}) break fast;`);
        code.line(js`p = (p + 4) | 0;`);
        writeNull(code, column, type);
      });
    };
    const call = (): void => {
      code.line(js`p = ${readCall(code, column, type, false)} | 0;`);
      code.line(js`if (p < 0) break fast;`);
    };
    switch (type.kind) {
      case 'CHAR':
      case 'VARCHAR': {
        const text = (): void => {
          code.line(js`s = p = (p + 1) | 0;`);
          this.#scanText();
          code.line(js`if (heap[p] !== 34 && (p = ${code.use(endOfText, 'endOfText')}(heap, s, p) | 0) < 0) break fast;`);
          code.line(js`${array(column, 'offsets')}[row] = s; ${array(column, 'lengths')}[row] = (p - s) | 0; p = (p + 1) | 0;`);
        };
        if (kind === 'text') orNull(js`heap[p] === 34`, text);
        else {
          orNull(js`heap[p] !== 110`, () => {
            code.either(js`heap[p] === 34`, text, () => {
              code.line(js`p = ${readRawCall(code, column)} | 0;`);
              code.line(js`if (p < 0) break fast;`);
              code.line(js`slack[3] = 1;`);
            });
          });
        }
        return;
      }
      case 'TINYINT':
      case 'SMALLINT':
      case 'INT':
      case 'BIGINT':
        orNull(js`heap[p] !== 110`, () => {
          // Up to nine digits here; signs, more digits and what is no number in the function.
          code.line(js`s = p; v = 0; c = heap[p];`);
          code.line(js`while (c >= 48 && c <= 57) { v = (Math.imul(v, 10) + c - 48) | 0; c = heap[p = (p + 1) | 0]; }`);
          const zeros = this.#bug === 'leading zeros' ? js`` : js` || (heap[s] === 48 && p !== ((s + 1) | 0))`;
          const [low, high] = integerRange(type);
          const range = type.kind === 'TINYINT' || type.kind === 'SMALLINT' ? js` || v > ${Number(high)} || v < ${Number(low)}` : js``;
          code.either(js`p === s || ((p - s) | 0) > 9${zeros}${range}`, () => {
            code.line(js`p = s;`);
            call();
          }, () => {
            if (type.kind === 'BIGINT') code.line(js`${array(column, 'words')}[2 * row] = v; ${array(column, 'words')}[2 * row + 1] = 0;`);
            else code.line(js`${array(column, 'values')}[row] = v;`);
          });
        });
        return;
      case 'TIMESTAMP':
      case 'TIMESTAMP_LTZ':
        orNull(js`heap[p] === 34`, () => this.#timestamp(column, call));
        return;
      default:
        orNull(js`heap[p] !== 110`, call);
    }
  }

  /** `"yyyy-MM-dd HH:mm` is kept from the record before, as four words and its ms: what equals it is not read again. */
  #timestamp(column: number, call: () => void): void {
    const code = this.#code;
    const words = array(column, 'words');
    const kept = [0, 1, 2, 3].map((i) => js`c${column}_m${i}`);
    const at = [0, 1, 2, 3].map((i) => js`view.getInt32(p + ${1 + 4 * i}, true)`);
    const compared = this.#bug === 'stale minute' ? kept.slice(0, 3) : kept;
    const differs = joinJs(compared.map((name, i) => js`(${at[i] ?? js`0`} ^ ${name})`), ' | ');
    const minute = js`c${column}_minute`;
    code.block(js`if ((${differs}) !== 0)`, () => {
      code.line(js`${minute} = +${code.use(scan.minuteOf, 'minuteOf')}(heap, (p + 1) | 0);`);
      for (const [i, name] of kept.entries()) code.line(js`${name} = ${minute} === ${minute} ? ${at[i] ?? js`0`} : 0;`);
      code.line(js`if (${minute} !== ${minute}) break fast;`);
    });
    // The seconds and, when there are any, three digits of fraction; other forms in the function.
    code.line(js`s = heap[p + 18] - 48; c = heap[p + 19] - 48;`);
    code.line(js`if (heap[p + 17] !== 58 || s < 0 || s > 5 || c < 0 || c > 9) break fast;`);
    code.line(js`v = (Math.imul(s, 10000) + Math.imul(c, 1000)) | 0; s = heap[p + 20]; t = 21;`);
    code.block(js`if (s === 46)`, () => {
      code.line(js`s = heap[p + 21] - 48; c = heap[p + 22] - 48; w = heap[p + 23] - 48;`);
      code.either(js`s >= 0 && s <= 9 && c >= 0 && c <= 9 && w >= 0 && w <= 9`, () => code.line(js`v = (v + Math.imul(s, 100) + Math.imul(c, 10) + w) | 0; s = heap[p + 24]; t = 25;`), () => code.line(js`s = 0;`));
    });
    code.line(js`if (s === 90) { s = heap[p + t]; t = (t + 1) | 0; }`);
    code.either(js`s === 34`, () => {
      const time = code.define('time', js`${minute} + v`);
      code.line(js`${words}[2 * row] = ${time}; ${words}[2 * row + 1] = Math.floor(${time} / 4294967296); p = (p + t) | 0;`);
    }, call);
  }
}
