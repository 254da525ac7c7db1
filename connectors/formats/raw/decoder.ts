import { isUtf8 } from 'node:buffer';
import { allocateBatch, type Batch } from '../../../core/batch.ts';
import type { Column } from '../../../core/column.ts';
import { layoutOf } from '../../../core/layout.ts';
import { describeType, type SqlType } from '../../../core/sql-type.ts';
import { BadRecord, type BadRecordMode } from '../../../catalog/bad-record.ts';
import type { DecoderListener, ReadColumn, RecordDecoder, RecordSpans } from '../../../catalog/format.ts';
import { reserveSlack } from '../slack.ts';
import { writeZero } from '../zero.ts';
import { isUtf16, rawBytes, type RawOptions } from './fields.ts';

const replacing = new TextDecoder('utf-8', { ignoreBOM: true });
const bigEndian = new TextDecoder('utf-16be', { ignoreBOM: true });
const littleEndian = new TextDecoder('utf-16le', { ignoreBOM: true });
const utf8 = new TextEncoder();

/** The whole record as the value of the one column, if that is read. */
export class RawDecoder implements RecordDecoder {
  readonly source = '// raw: the record is the value; no code is generated';
  readonly #column: ReadColumn | undefined;
  readonly #options: RawOptions;
  readonly #mode: BadRecordMode;
  listener: DecoderListener | undefined;
  #batch: Batch;
  #capacity = 0;

  constructor(columns: readonly ReadColumn[], options: RawOptions, mode: BadRecordMode = 'stop') {
    this.#mode = mode;
    this.#column = columns[0];
    this.#options = options;
    this.#batch = allocateBatch([], 0);
  }

  decode(records: RecordSpans, from: number, to: number): Batch {
    const rows = to - from;
    if (this.#column !== undefined && (rows > this.#capacity || this.#capacity === 0)) {
      this.#capacity = Math.max(1024, rows);
      this.#batch = allocateBatch([layoutOf(this.#column.type)], this.#capacity);
    }
    const [column] = this.#batch.columns;
    if (column !== undefined && this.#column !== undefined) {
      const { type, path } = this.#column;
      column.nulls = undefined;
      for (let i = from; i < to; i++) {
        if ((records.lengths[i] as number) >= 0) continue;
        if (!type.nullable) throw this.#bad(i, path.join('.'), `${describeType(type)}: it is null, and the column is NOT NULL`);
        column.nulls ??= new Uint8Array(this.#capacity);
        column.nulls[i - from] = 1;
      }
      if (column.layout === 'bytes') {
        this.#readBytes(records, from, to, column, type);
      } else {
        const view = new DataView(records.heap.buffer, records.heap.byteOffset, records.heap.byteLength);
        const width = rawBytes(type);
        for (let i = from; i < to; i++) {
          if (column.nulls?.[i - from] === 1) {
            writeZero(column, i - from);
            continue;
          }
          if (records.lengths[i] !== width) {
            const bad = this.#bad(i, path.join('.'), `${describeType(type)} of ${width} bytes`);
            if (this.#mode !== 'null-fields' || !type.nullable) throw bad;
            this.listener?.nulled(bad);
            column.nulls ??= new Uint8Array(this.#capacity);
            column.nulls[i - from] = 1;
            writeZero(column, i - from);
            continue;
          }
          readNumber(view, records.offsets[i] as number, column, type, i - from, this.#options.isLittleEndian);
        }
      }
    }
    this.#batch.rowCount = rows;
    this.#batch.kinds = undefined;
    return this.#batch;
  }

  #bad(record: number, column: string, expected: string): BadRecord {
    return new BadRecord(record, column, expected, this.#mode === 'stop' ? 'stop' : 'leave-out');
  }

  #readBytes(records: RecordSpans, from: number, to: number, column: Extract<Column, { layout: 'bytes' }>, type: SqlType): void {
    const isText = type.kind === 'CHAR' || type.kind === 'VARCHAR';
    const isWide = isUtf16(this.#options.charset);
    for (let i = from; i < to; i++) {
      const isNull = column.nulls?.[i - from] === 1;
      const at = isNull ? 0 : (records.offsets[i] as number);
      const length = isNull ? 0 : (records.lengths[i] as number);
      column.offsets[i - from] = at;
      column.lengths[i - from] = length;
      if (!isText) continue;
      const { heap } = records;
      let bits = 0;
      for (let p = at; p < at + length; p++) bits |= heap[p] as number;
      if (bits < 128 && !isWide) continue;
      const bytes = heap.subarray(at, at + length);
      if (this.#options.charset === 'utf-8' && isUtf8(bytes)) continue;
      const text = this.#decode(bytes);
      reserveSlack(records, records.slackStart, text.length * 3);
      column.offsets[i - from] = records.slackStart;
      column.lengths[i - from] = utf8.encodeInto(text, records.heap.subarray(records.slackStart)).written;
      records.slackStart += column.lengths[i - from] as number;
    }
    reserveSlack(records, records.slackStart, 0);
    column.heap = records.heap;
  }

  /** As Java reads them: what is no text of the charset becomes U+FFFD. */
  #decode(bytes: Uint8Array): string {
    switch (this.#options.charset) {
      case 'utf-8':
        return replacing.decode(bytes);
      case 'iso-8859-1':
        return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
      case 'us-ascii':
        return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').replace(/[\u0080-\u00ff]/g, '\ufffd');
      case 'utf-16be':
        return bigEndian.decode(bytes);
      case 'utf-16le':
        return littleEndian.decode(bytes);
      case 'utf-16': {
        const mark = bytes.length < 2 ? 0 : ((bytes[0] as number) << 8) | (bytes[1] as number);
        return mark === 0xfffe ? littleEndian.decode(bytes.subarray(2)) : bigEndian.decode(mark === 0xfeff ? bytes.subarray(2) : bytes);
      }
    }
  }
}

function readNumber(view: DataView, at: number, column: Exclude<Column, { layout: 'bytes' }>, type: SqlType, row: number, isLittleEndian: boolean): void {
  switch (column.layout) {
    case 'u8':
      column.values[row] = view.getInt8(at) === 0 ? 0 : 1;
      return;
    case 'i32':
      column.values[row] = type.kind === 'TINYINT' ? view.getInt8(at) : type.kind === 'SMALLINT' ? view.getInt16(at, isLittleEndian) : view.getInt32(at, isLittleEndian);
      return;
    case 'i64': {
      const low = isLittleEndian ? at : at + 4;
      column.words[2 * row] = view.getInt32(low, isLittleEndian);
      column.words[2 * row + 1] = view.getInt32(isLittleEndian ? at + 4 : at, isLittleEndian);
      return;
    }
    case 'f32':
      column.values[row] = view.getFloat32(at, isLittleEndian);
      return;
    case 'f64':
      column.values[row] = view.getFloat64(at, isLittleEndian);
      return;
    default:
  }
}
