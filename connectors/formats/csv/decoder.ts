import { allocateBatch, type Batch } from '../../../core/batch.ts';
import type { Column } from '../../../core/column.ts';
import { layoutOf } from '../../../core/layout.ts';
import { describeType } from '../../../core/sql-type.ts';
import { BadRecord, type BadRecordMode, type DecoderListener, type ReadColumn, type RecordDecoder, type RecordSpans } from '../../../catalog/connector.ts';
import { reserveSlack } from '../slack.ts';
import { writeZero } from '../zero.ts';
import { readText, type AppendBytes } from './columns.ts';
import type { Dialect } from './dialect.ts';
import { malformed, noRecord, noRoom, splitRecord, tooManyFields } from './split.ts';

const unfit = { [malformed]: 'CSV: a quote is not closed, or text stands behind one that is', [tooManyFields]: 'a record of the table: it has more fields than there are columns' } as const;

/** CSV records to columns, by place: first the fields of each record are found, then those of the columns that are read. */
export class CsvDecoder implements RecordDecoder {
  readonly source = '// csv: fields are found by one loop over the bytes and read column by column; no code is generated';
  readonly #columns: readonly ReadColumn[];
  /** The place of each column's field. */
  readonly #places: readonly number[];
  readonly #width: number;
  readonly #dialect: Dialect;
  readonly #mode: BadRecordMode;
  listener: DecoderListener | undefined;
  /** Where free slack begins, and where the text under way does. */
  readonly #slack = new Int32Array(2);
  #fields: Int32Array;
  #batch: Batch = allocateBatch([], 0);
  #nulls: Uint8Array[] = [];
  #capacity = 0;

  /** `names`: of all fields of a record, in order. */
  constructor(columns: readonly ReadColumn[], names: readonly string[], dialect: Dialect, mode: BadRecordMode = dialect.ignoresErrors ? 'null-fields' : 'stop') {
    this.#columns = columns;
    this.#places = columns.map(({ path }) => names.indexOf(path[0] ?? ''));
    this.#width = names.length;
    this.#dialect = dialect;
    this.#mode = mode;
    this.#fields = new Int32Array(2 * names.length);
  }

  decode(records: RecordSpans, from: number, to: number): Batch {
    this.#reserve(to - from);
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
      if (count === noRecord) throw new BadRecord(i, undefined, 'a record', 'nothing');
      if (count < 0) throw this.#bad(i, undefined, unfit[count as keyof typeof unfit]);
      if (count < width) this.#misfit(i, undefined, `a record of the table: it has ${count} fields and the table ${width} columns`);
      this.#readRow(records.heap, count, i - from, i, append);
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

  #bad(record: number, column: string | undefined, expected: string): BadRecord {
    return new BadRecord(record, column, expected, this.#mode === 'stop' ? 'stop' : 'leave-out');
  }

  /** Of a field that becomes NULL where the options say so. */
  #misfit(record: number, column: string | undefined, expected: string): void {
    const bad = this.#bad(record, column, expected);
    if (this.#mode !== 'null-fields') throw bad;
    this.listener?.nulled(bad);
  }

  /** Reads the fields that were found into a row. */
  #readRow(heap: Uint8Array, count: number, row: number, record: number, append: AppendBytes): void {
    const fields = this.#fields;
    const { columns } = this.#batch;
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c] as Column;
      const { path, type } = this.#columns[c] as ReadColumn;
      const place = this.#places[c] as number;
      const at = fields[2 * place] as number;
      const end = fields[2 * place + 1] as number;
      let isNull = place >= count || this.#isNull(heap, at, end);
      if (!isNull && !readText(heap, at, end, column, type, row, append)) {
        this.#misfit(record, path.join('.'), describeType(type));
        isNull = true;
      }
      (this.#nulls[c] as Uint8Array)[row] = isNull ? 1 : 0;
      if (!isNull) continue;
      if (!type.nullable) throw this.#bad(record, path.join('.'), `${describeType(type)}: it is null, and the column is NOT NULL`);
      writeZero(column, row);
    }
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
