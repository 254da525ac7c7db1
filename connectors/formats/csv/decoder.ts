import { allocateBatch, type Batch } from '../../../core/batch.ts';
import type { Column } from '../../../core/column.ts';
import { layoutOf } from '../../../core/layout.ts';
import { describeType, type SqlType } from '../../../core/sql-type.ts';
import { BadRecord, type BadRecordMode } from '../../../catalog/bad-record.ts';
import type { DecoderListener, ReadColumn, RecordDecoder, RecordSpans } from '../../../catalog/format.ts';
import type { NamedColumns } from '../encoder-frame.ts';
import { reserveSlack } from '../slack.ts';
import { writeZero } from '../zero.ts';
import { readText, type AppendBytes } from './columns.ts';
import type { Dialect } from './dialect.ts';
import { resemblanceOf } from './resemblance.ts';
import { isParted, PartReader } from './structured.ts';
import { malformed, noRecord, noRoom, splitRecord, tooManyFields } from './split.ts';

/** Of how many records that do not fit it is looked what they look like: no more are shown. */
const mostLooked = 8;

const unfit = { [malformed]: 'CSV: a quote is not closed, or text stands behind one that is', [tooManyFields]: 'a record of the table: it has more fields than there are columns' } as const;

/** CSV records to columns, by place: first the fields of each record are found, then those of the columns that are read. */
export class CsvDecoder implements RecordDecoder {
  readonly source = '// csv: fields are found by one loop over the bytes and read column by column; no code is generated';
  readonly #columns: readonly ReadColumn[];
  /** The place of each column's field. */
  readonly #places: readonly number[];
  /** Of an ARRAY or a ROW: what finds its parts, and which of them the column is; undefined for all. */
  readonly #parts: readonly ({ readonly reader: PartReader; readonly index: number | undefined } | undefined)[];
  readonly #names: readonly string[];
  readonly #width: number;
  readonly #dialect: Dialect;
  readonly #mode: BadRecordMode;
  listener: DecoderListener | undefined;
  /** Where free slack begins, and where the text under way does. */
  readonly #slack = new Int32Array(2);
  #fields: Int32Array;
  /** What is decoded. */
  #records: RecordSpans | undefined;
  #looked = 0;
  #batch: Batch = allocateBatch([], 0);
  #nulls: Uint8Array[] = [];
  #capacity = 0;

  /** `fields`: all of a record, in order. */
  constructor(columns: readonly ReadColumn[], fields: NamedColumns, dialect: Dialect, mode: BadRecordMode = dialect.ignoresErrors ? 'null-fields' : 'stop') {
    this.#columns = columns;
    this.#places = columns.map(({ path }) => fields.findIndex(({ name }) => name === path[0]));
    this.#parts = this.#places.map((place, c) => {
      const type = fields[place]?.type;
      if (type === undefined || !isParted(type)) return undefined;
      const field = columns[c]?.path[1];
      return { reader: new PartReader(type, dialect), index: field === undefined || type.kind !== 'ROW' ? undefined : type.fields.findIndex(({ name }) => name === field) };
    });
    this.#names = fields.map(({ name }) => name);
    this.#width = fields.length;
    this.#dialect = dialect;
    this.#mode = mode;
    this.#fields = new Int32Array(2 * fields.length);
  }

  decode(records: RecordSpans, from: number, to: number): Batch {
    this.#reserve(to - from);
    this.#records = records;
    const dialect = this.#dialect;
    const width = this.#width;
    const slack = this.#slack;
    const fields = this.#fields;
    slack[0] = records.slackStart;
    const append = (bytes: Uint8Array): number => {
      const at = slack[0] as number;
      reserveSlack(records, at, bytes.length);
      records.heap.set(bytes, at);
      slack[0] = at + bytes.length;
      return at;
    };
    for (let i = from; i < to; i++) {
      const at = records.offsets[i] as number;
      const length = records.lengths[i] as number;
      let count = splitRecord(records.heap, at, at + length, dialect, fields, 0, width, slack, records.heap.length - 16);
      if (count === noRoom) {
        // Each field takes at most what the record has.
        reserveSlack(records, slack[0], length * 2);
        count = splitRecord(records.heap, at, at + length, dialect, fields, 0, width, slack, records.heap.length - 16);
      }
      // Of a table without a column in the record every record says nothing.
      if (count === noRecord && width > 0) throw new BadRecord(i, undefined, 'a record', 'nothing');
      if (count < 0) throw this.#bad(i, undefined, unfit[count as keyof typeof unfit]);
      if (count < width) this.#misfit(i, undefined, `a record of the table: it has ${count} ${count === 1 ? 'field' : 'fields'} and the table ${width} columns`);
      this.#readRow(records, count, i - from, i, append);
    }
    const rows = to - from;
    reserveSlack(records, slack[0], 0);
    records.slackStart = slack[0];
    const batch = this.#batch;
    for (const [c, column] of batch.columns.entries()) {
      const nulls = this.#nulls[c] as Uint8Array;
      column.nulls = nulls.subarray(0, rows).includes(1) ? nulls : undefined;
      if (column.layout === 'bytes') column.heap = records.heap;
    }
    batch.rowCount = rows;
    batch.kinds = undefined;
    return batch;
  }

  #bad(record: number, column: string | undefined, expected: string, found?: string): BadRecord {
    const fate = this.#mode === 'stop' ? 'stop' : 'leave-out';
    const records = this.#looked++ < mostLooked ? this.#records : undefined;
    const at = records?.offsets[record] ?? 0;
    const alike = records === undefined ? undefined : resemblanceOf(records.heap.subarray(at, at + (records.lengths[record] ?? 0)), this.#names, String.fromCharCode(this.#dialect.delimiter));
    return new BadRecord(record, column, alike === undefined ? expected : `${expected}; ${alike.words}`, fate, found, alike?.advice);
  }

  /** Of a field that becomes NULL where the options say so. */
  #misfit(record: number, column: string | undefined, expected: string, found?: string): void {
    const bad = this.#bad(record, column, expected, found);
    if (this.#mode !== 'null-fields') throw bad;
    this.listener?.nulled(bad);
  }

  /** Reads the fields that were found into a row. */
  #readRow(records: RecordSpans, count: number, row: number, record: number, append: AppendBytes): void {
    const fields = this.#fields;
    const { columns } = this.#batch;
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c] as Column;
      const { path, type } = this.#columns[c] as ReadColumn;
      const place = this.#places[c] as number;
      const at = fields[2 * place] as number;
      const end = fields[2 * place + 1] as number;
      // What is appended may put a larger heap in the place of this one.
      const { heap } = records;
      const parts = this.#parts[c];
      let isNull = place >= count || (parts === undefined ? this.#isNull(heap, at, end) : !this.#readParts(heap, at, end, c, row, record, append));
      if (!isNull && parts === undefined && !readText(heap, at, end, column, type, row, append)) {
        this.#misfit(record, path.join('.'), describeType(type), textAt(heap, at, end));
        isNull = true;
      }
      (this.#nulls[c] as Uint8Array)[row] = isNull ? 1 : 0;
      if (!isNull) continue;
      if (!type.nullable) throw this.#bad(record, path.join('.'), `${describeType(type)}: it is null, and the column is NOT NULL`);
      writeZero(column, row);
    }
  }

  /** Reads an ARRAY or a ROW, or one field of it; false for NULL. */
  #readParts(heap: Uint8Array, at: number, end: number, c: number, row: number, record: number, append: AppendBytes): boolean {
    const { path, type } = this.#columns[c] as ReadColumn;
    const { reader, index } = this.#parts[c] as { readonly reader: PartReader; readonly index: number | undefined };
    const column = this.#batch.columns[c] as Column;
    const parts = reader.split(heap, at, end);
    const fault = reader.miscount(parts);
    // Of a ROW that is NULL all text says so.
    if (fault !== undefined && this.#isNull(heap, at, end)) return false;
    if (fault !== undefined) this.#misfit(record, path[0], fault);
    if (index !== undefined) {
      const from = parts[2 * index];
      const to = parts[2 * index + 1];
      if (from === undefined || to === undefined || reader.isNull(heap, from, to)) return false;
      if (readText(heap, from, to, column, type, row, append)) return true;
      this.#misfit(record, path.join('.'), describeType(type), textAt(heap, from, to));
      return false;
    }
    const bytes = reader.read(heap, parts, (part) => this.#misfit(record, `${path.join('.')}[${part + 1}]`, describeType(partType(type, part)), textAt(heap, parts[2 * part] as number, parts[2 * part + 1] as number)));
    if (bytes === undefined || column.layout !== 'bytes') return false;
    column.offsets[row] = append(bytes);
    column.lengths[row] = bytes.length;
    return true;
  }

  #isNull(heap: Uint8Array, at: number, end: number): boolean {
    const literal = this.#dialect.nullLiteral;
    if (literal === undefined || end - at !== literal.length) return false;
    for (let k = 0; k < literal.length; k++) if (heap[at + k] !== literal[k]) return false;
    return true;
  }

  #reserve(rows: number): void {
    if (rows <= this.#capacity && this.#capacity > 0) return;
    this.#capacity = Math.max(1024, rows);
    const layouts = this.#columns.map(({ type }) => layoutOf(type));
    this.#batch = allocateBatch(layouts, this.#capacity);
    this.#nulls = layouts.map(() => new Uint8Array(this.#capacity));
  }
}

const utf8 = new TextDecoder();

/** The text of a field that does not fit, as far as anyone is shown it. */
function textAt(heap: Uint8Array, at: number, end: number): string {
  return utf8.decode(heap.subarray(at, Math.min(end, at + 200)));
}

function partType(type: SqlType, part: number): SqlType {
  return type.kind === 'ARRAY' ? type.element : type.kind === 'ROW' ? (type.fields[part]?.type ?? type) : type;
}
