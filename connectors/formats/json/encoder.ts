import type { Batch } from '../../../core/batch.ts';
import { columnArrays, columnSlots, type BytesColumn } from '../../../core/column.ts';
import { joinJs, js, type CodeBuilder, type CompiledKernel, type Js } from '../../../core/code.ts';
import { layoutOf } from '../../../core/layout.ts';
import { isStructured, type SqlType } from '../../../core/sql-type.ts';
import type { RecordEncoder, RecordTarget } from '../../../catalog/format.ts';
import { compileEncoder, isNullAt, type NamedColumns, type Slot } from '../encoder-frame.ts';
import { notYet } from './fields.ts';
import { structuredWriter, type MapNullKey } from './write-structured.ts';
import * as time from '../write-time.ts';
import * as write from '../write-value.ts';

export interface JsonEncoderOptions {
  /** Times as ISO-8601 (`T` between date and time). */
  readonly isoTimes: boolean;
  readonly ignoreNulls: boolean;
  /** Decimals have all digits of their scale and no exponent; true if not given. */
  readonly plainDecimals?: boolean;
  /** 'fail' if not given. */
  readonly nullKey?: MapNullKey;
}

/** Rows to JSON objects, as bytes: no string in between. Room is asked for row by row, never within one. */
export class JsonEncoder implements RecordEncoder {
  readonly #columns: readonly { readonly name: string; readonly type: SqlType }[];
  readonly #kernel: CompiledKernel;

  constructor(columns: readonly { readonly name: string; readonly type: SqlType }[], options: JsonEncoderOptions) {
    this.#columns = columns;
    this.#kernel = compile(columns, options);
  }

  get source(): string {
    return this.#kernel.source;
  }

  encode(batch: Batch, from: number, to: number, into: RecordTarget): void {
    const args: unknown[] = [into, from, to];
    for (const [i] of this.#columns.entries()) {
      const column = batch.columns[i];
      if (column === undefined) continue;
      if (column.layout === 'bytes') {
        const heap = readable(column, from, to);
        args.push(heap, viewOf(heap), column.offsets, column.lengths, column.isPlain, column.nulls);
      } else args.push(...columnArrays(column), column.nulls);
    }
    (this.#kernel.run as (...values: unknown[]) => void)(...args);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The column's heap with 8 readable bytes behind its last text: itself, unless somebody cut it short. */
function readable(column: BytesColumn, from: number, to: number): Uint8Array {
  if (lastByte(column.offsets, column.lengths, from, to) + 8 <= column.heap.length) return column.heap;
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

function compile(columns: NamedColumns, options: JsonEncoderOptions): CompiledKernel {
  return compileEncoder('encodeJson', columns, {
    slotsOf: (type) => columnSlots[layoutOf(type)].flatMap((of) => (of === 'heap' ? ['heap', 'heapView'] : of === 'lengths' ? ['lengths', 'isPlain'] : [of])),
    // The longest value of a fixed type has 47 bytes.
    fixedRoom: columns.reduce((sum, column) => sum + write.nameBytes(',', column.name).length + 48, 16),
    textRoom: (type, slot) => (isStructured(type) ? js`(${slot('json')} === undefined ? 0 : ${slot('json')}.length)` : layoutOf(type) === 'bytes' ? js`${slot('lengths')}[i] * 6` : undefined),
    ahead: (code, slots) => {
      for (const [i, { type }] of columns.entries()) {
        if (!isStructured(type)) continue;
        const slot = slots[i] as Slot;
        const print = structuredWriter(type, { ...options, nullKey: options.nullKey ?? { mode: 'fail', literal: 'null' } });
        code.line(js`const ${slot('json')} = ${isNullAt(slot)} ? undefined : ${code.use(print, 'print')}(${slot('heap')}, ${slot('offsets')}[i], ${slot('lengths')}[i]);`);
      }
    },
    row: (code, slots) => {
      if (options.ignoreNulls) code.line(js`const start = at;`);
      if (columns.length === 0) code.line(js`out[at++] = 123;`);
      for (const [i, { name, type }] of columns.entries()) {
        const slot = slots[i] as Slot;
        if (options.ignoreNulls) {
          code.block(js`if (!(${isNullAt(slot)}))`, () => {
            code.line(js`out[at] = at === start ? 123 : 44; at = (at + 1) | 0;`);
            writeBytes(code, write.nameBytes('', name));
            value(code, type, slot, options);
          });
          continue;
        }
        writeBytes(code, write.nameBytes(i === 0 ? '{' : ',', name));
        code.either(isNullAt(slot), () => writeBytes(code, ascii('null')), () => value(code, type, slot, options));
      }
      if (options.ignoreNulls) code.line(js`if (at === start) out[at++] = 123;`);
      code.line(js`out[at] = 125; at = (at + 1) | 0;`);
    },
  });
}

function value(code: CodeBuilder, type: SqlType, slot: Slot, options: JsonEncoderOptions): void {
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
      // Most are of up to eight digits: those without a call of their own.
      code.either(
        js`${slot('words')}[2 * i + 1] === 0 && (${slot('words')}[2 * i] >>> 0) < 100000000`,
        () => code.line(js`at = ${code.use(write.writeSmall, 'writeSmall')}(view, at, ${slot('words')}[2 * i]) | 0;`),
        () => call(write.writeLong, 'writeLong', slot('words'), js`i`),
      );
      return;
    case 'DECIMAL':
      if (options.plainDecimals === false) {
        call(write.writeShortDecimal, 'writeShortDecimal', slot('words'), layoutOf(type) === 'i128' ? slot('high') : js`undefined`, slot('values'), js`i`, js`${type.scale}`, js`true`);
        return;
      }
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
      code.either(
        slot('isPlain'),
        () => call(write.writePlain, 'writePlain', slot('heapView'), js`${slot('offsets')}[i]`, js`${slot('lengths')}[i]`),
        () => call(write.writeString, 'writeString', slot('heap'), slot('heapView'), js`${slot('offsets')}[i]`, js`${slot('lengths')}[i]`),
      );
      return;
    case 'TIME':
      code.line(js`at = ${code.use(time.writeClock, 'writeClock')}(out, at, ${slot('values')}[i]) | 0;`);
      return;
    case 'BINARY':
    case 'VARBINARY':
      code.line(js`at = ${code.use(write.writeBase64, 'writeBase64')}(out, at, ${slot('heap')}, ${slot('offsets')}[i], ${slot('lengths')}[i]) | 0;`);
      return;
    case 'DATE':
      call(time.writeDay, 'writeDay', js`${slot('values')}[i]`);
      return;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      if (type.precision > 3) {
        call(time.writeNanoTimestamp, 'writeNanoTimestamp', slot('words'), slot('nanos'), js`i`, js`${type.kind === 'TIMESTAMP_LTZ'}`, code.use(new time.MinuteText(options.isoTimes ? 84 : 32), 'minute'));
        return;
      }
      call(time.writeTimestamp, 'writeTimestamp', slot('words'), js`i`, js`${type.kind === 'TIMESTAMP_LTZ'}`, code.use(new time.MinuteText(options.isoTimes ? 84 : 32), 'minute'));
      return;
    case 'ARRAY':
    case 'MAP':
    case 'MULTISET':
    case 'ROW':
      code.line(js`out.set(${slot('json')}, at); at = (at + ${slot('json')}.length) | 0;`);
      return;
    default:
      throw notYet(type);
  }
}
