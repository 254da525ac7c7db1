import type { Batch } from '../../../core/batch.ts';
import { SqlError } from '../../../core/diagnostic.ts';
import type { SqlType } from '../../../core/sql-type.ts';
import type { RecordEncoder, RecordTarget } from '../../../catalog/format.ts';
import { isUtf16, rawBytes, type RawOptions } from './fields.ts';

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The one column's value as the whole record; NULL is a record without a value. Throws E0704 for NULL where there are no such records. */
export class RawEncoder implements RecordEncoder {
  readonly source = '// raw: the value is the record; no code is generated';
  readonly #type: SqlType;
  readonly #name: string;
  readonly #options: RawOptions;

  constructor({ name, type }: { readonly name: string; readonly type: SqlType }, options: RawOptions) {
    this.#type = type;
    this.#name = name;
    this.#options = options;
  }

  encode(batch: Batch, from: number, to: number, into: RecordTarget): void {
    const [column] = batch.columns;
    if (column === undefined) return;
    const { isLittleEndian, charset } = this.#options;
    const width = rawBytes(this.#type) ?? 0;
    const isRecoded = charset !== 'utf-8' && (this.#type.kind === 'CHAR' || this.#type.kind === 'VARCHAR');
    for (let row = from; row < to; row++) {
      if (column.nulls?.[row] === 1) {
        if (into.endNull === undefined) throw new SqlError({ code: 'E0704', message: `${this.#name} is NULL, which format raw writes as a record without a value, and there is no such thing here`, hint: `WHERE ${this.#name} IS NOT NULL` });
        into.begin(row, 0);
        into.endNull(row);
        continue;
      }
      if (column.layout === 'bytes') {
        const offset = column.offsets[row] as number;
        const length = column.lengths[row] as number;
        if (isRecoded && isUtf16(charset)) {
          writeUtf16(into, row, utf8.decode(column.heap.subarray(offset, offset + length)), charset);
          continue;
        }
        const at = into.begin(row, length);
        let end = at;
        if (isRecoded) for (const character of utf8.decode(column.heap.subarray(offset, offset + length))) into.bytes[end++] = single(character, charset);
        else for (let i = 0; i < length; i++) into.bytes[end++] = column.heap[offset + i] as number;
        into.end(row, end);
        continue;
      }
      const at = into.begin(row, width);
      const { view } = into;
      switch (column.layout) {
        case 'u8':
          view.setInt8(at, column.values[row] as number);
          break;
        case 'i32':
          if (width === 1) view.setInt8(at, column.values[row] as number);
          else if (width === 2) view.setInt16(at, column.values[row] as number, isLittleEndian);
          else view.setInt32(at, column.values[row] as number, isLittleEndian);
          break;
        case 'i64':
          view.setInt32(isLittleEndian ? at : at + 4, column.words[2 * row] as number, isLittleEndian);
          view.setInt32(isLittleEndian ? at + 4 : at, column.words[2 * row + 1] as number, isLittleEndian);
          break;
        case 'f32':
          view.setFloat32(at, column.values[row] as number, isLittleEndian);
          break;
        case 'f64':
          view.setFloat64(at, column.values[row] as number, isLittleEndian);
          break;
        default:
      }
      into.end(row, at + width);
    }
  }
}

/** The units of a text; in utf-16 behind the mark of their order, if there are any. */
function writeUtf16(into: RecordTarget, row: number, text: string, charset: RawOptions['charset']): void {
  const units = charset === 'utf-16' && text !== '' ? `\ufeff${text}` : text;
  const at = into.begin(row, 2 * units.length);
  for (let i = 0; i < units.length; i++) into.view.setUint16(at + 2 * i, units.charCodeAt(i), charset === 'utf-16le');
  into.end(row, at + 2 * units.length);
}

/** The byte of a character; as in Java a question mark for one that the charset has not. */
function single(character: string, charset: RawOptions['charset']): number {
  const code = character.codePointAt(0) ?? 63;
  return code < (charset === 'us-ascii' ? 128 : 256) ? code : 63;
}
