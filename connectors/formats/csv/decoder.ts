import { allocateBatch, type Batch } from '../../../core/batch.ts';
import type { Column } from '../../../core/column.ts';
import { layoutOf } from '../../../core/layout.ts';
import { describeType } from '../../../core/sql-type.ts';
import { BadRecord, type ReadColumn, type RecordDecoder, type RecordSpans } from '../../../catalog/connector.ts';
import { reserveSlack } from '../slack.ts';
import { readText } from './columns.ts';
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
  /** Where free slack begins, and where the text under way does. */
  readonly #slack = new Int32Array(2);
  #fields: Int32Array;
  #batch: Batch = allocateBatch([], 0);
  #nulls: Uint8Array[] = [];
  #capacity = 0;

  /** `names`: of all fields of a record, in order. */
  constructor(columns: readonly ReadColumn[], names: readonly string[], dialect: Dialect) {
    this.#columns = columns;
    this.#places = columns.map(({ path }) => names.indexOf(path[0] ?? ''));
    this.#width = names.length;
    this.#dialect = dialect;
    this.#fields = new Int32Array(2 * names.length);
  }

  decode(records: RecordSpans, from: number, to: number): Batch {
    this.#reserve(to - from);
    const dialect = this.#dialect;
    const width = this.#width;
    const slack = this.#slack;
    const fields = this.#fields;
    slack[0] = records.slackStart;
    let rows = 0;
    for (let i = from; i < to; i++) {
      const at = records.offsets[i] as number;
      const length = records.lengths[i] as number;
      let count = splitRecord(records.heap, at, at + length, dialect, fields, 0, width, slack, records.heap.length - 16);
      if (count === noRoom) {
        // Each field takes at most what the record has.
        reserveSlack(records, slack[0], length * 2);
        count = splitRecord(records.heap, at, at + length, dialect, fields, 0, width, slack, records.heap.length - 16);
      }
      if (count === noRecord) continue;
      if (count < 0) {
        if (dialect.ignoresErrors) continue;
        throw new BadRecord(i, undefined, unfit[count as keyof typeof unfit]);
      }
      if (count < width && !dialect.ignoresErrors) throw new BadRecord(i, undefined, `a record of the table: it has ${count} fields and the table ${width} columns`);
      if (this.#readRow(records.heap, count, rows, i)) rows++;
    }
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

  /** Reads the fields that were found into a row. False when the record is left out. */
  #readRow(heap: Uint8Array, count: number, row: number, record: number): boolean {
    const fields = this.#fields;
    const { ignoresErrors } = this.#dialect;
    const { columns } = this.#batch;
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c] as Column;
      const { path, type } = this.#columns[c] as ReadColumn;
      const place = this.#places[c] as number;
      const at = fields[2 * place] as number;
      const end = fields[2 * place + 1] as number;
      let isNull = place >= count || this.#isNull(heap, at, end);
      if (!isNull && !readText(heap, at, end, column, type, row)) {
        if (!ignoresErrors) throw new BadRecord(record, path.join('.'), describeType(type));
        isNull = true;
      }
      (this.#nulls[c] as Uint8Array)[row] = isNull ? 1 : 0;
      if (!isNull) continue;
      if (!type.nullable) {
        if (ignoresErrors) return false;
        throw new BadRecord(record, path.join('.'), `${describeType(type)}: it is null, and the column is NOT NULL`);
      }
      writeZero(column, row);
    }
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

/** What stands under a NULL. */
function writeZero(column: Column, row: number): void {
  switch (column.layout) {
    case 'bytes':
      column.offsets[row] = column.lengths[row] = 0;
      return;
    case 'i64':
    case 'i64n':
      column.values[row] = 0n;
      return;
    case 'i128':
      column.values[row] = column.high[row] = 0n;
      return;
    default:
      column.values[row] = 0;
  }
}
