import { SqlError } from '../core/diagnostic.ts';
import { describeType } from '../core/sql-type.ts';
import { didYouMean } from '../core/suggest.ts';
import type { MemoryCatalog } from '../catalog/catalog.ts';
import { BadRecord } from '../catalog/bad-record.ts';
import type { RecordDecoder, RecordSpans } from '../catalog/format.ts';
import { optionOf } from '../catalog/entry.ts';
import { checkOptions } from '../catalog/option-spec.ts';
import { json } from '../connectors/formats/json/json.ts';
import { memoryTable, type MemoryTable } from '../connectors/memory/table.ts';
import { toJSON } from './json.ts';
import { connect, type ConnectorList } from './tables.ts';
import type { Row, TableHandle } from './api.ts';

/** Room behind the records for what the decoder unescapes. */
const slackBytes = 64;

/** Rows of a program for a table of connector memory. Throws E0101 for a name that is no table, E0904 for a table of another connector. */
export function openTable<R extends object>(name: string, catalog: MemoryCatalog, connectors: ConnectorList): TableHandle<R> {
  const entry = catalog.find(name.split('.'));
  if (entry?.kind !== 'table') throw new SqlError({ code: 'E0101', message: `there is no table ${name}`, hint: didYouMean(name, catalog.names()) });
  const connector = optionOf(entry, 'connector') ?? '';
  const { connected, errors } = connect(entry, connectors);
  if (connected === undefined || errors[0] !== undefined) throw errors[0] ?? new SqlError({ code: 'E0502', message: `${name} has no connector` });
  if (connector !== 'memory') throw new SqlError({ code: 'E0904', message: `${name} is a table of connector ${connector}, and programs hand rows to one of connector memory`, hint: `INSERT INTO ${name} SELECT * FROM ...` });
  return new PushedTable<R>(name, connected.table.columns, memoryTable(connected.table));
}

/** JavaScript values become SQL values as those of JSON do: the decoder of the format json reads what toJSON writes. */
class PushedTable<R extends object> implements TableHandle<R> {
  readonly #name: string;
  readonly #columns: readonly string[];
  readonly #table: MemoryTable;
  readonly #decoder: RecordDecoder;

  constructor(name: string, columns: MemoryTable['columns'], table: MemoryTable) {
    this.#name = name;
    this.#columns = columns.map((column) => column.name);
    this.#table = table;
    const unread = columns.find(({ type }) => !json.holds(type));
    if (unread !== undefined) throw new SqlError({ code: 'E0002', message: `not supported yet: ${describeType(unread.type)} in rows of a program, which ${unread.name} of ${name} is`, hint: `INSERT INTO ${name} VALUES ...` });
    const { options } = checkOptions('format json', json.options, [], undefined);
    this.#decoder = json.decoder(columns.map((column) => ({ path: [column.name], type: column.type })), options);
  }

  /** All of them or, where one does not fit (E0206), none. */
  push(rows: R | readonly R[]): boolean {
    if (this.#table.hasEnded) throw new SqlError({ code: 'E0904', message: `${this.#name} was ended: it takes no more rows` });
    const list = isList(rows) ? rows : [rows];
    if (list.length === 0) return true;
    const texts = list.map((row) => this.#textOf(row));
    const batch = this.#decode(texts);
    this.#table.write(batch, 0, batch.rowCount);
    return true;
  }

  async drained(): Promise<void> {}

  end(): void {
    this.#table.end();
  }

  #textOf(row: R): string {
    // What types forbid and programs do.
    if (typeof row !== 'object' || row === null || Array.isArray(row)) throw new SqlError({ code: 'E0206', message: `a row for ${this.#name} is an object with its columns, not ${Array.isArray(row) ? 'an array' : String(row)}` });
    const unknown = Object.keys(row).find((key) => !this.#columns.includes(key));
    if (unknown !== undefined) throw new SqlError({ code: 'E0102', message: `${this.#name} has no column "${unknown}"`, hint: didYouMean(unknown, this.#columns) });
    // What else it may hold is refused by the decoder.
    try {
      return toJSON(row as Row);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new SqlError({ code: 'E0206', message: `a row for ${this.#name} holds itself, or is too deep`, cause: error });
    }
  }

  #decode(texts: readonly string[]): ReturnType<RecordDecoder['decode']> {
    const encoded = texts.map((text) => Buffer.from(text));
    const bytes = encoded.reduce((sum, { length }) => sum + length, 0);
    const spans: RecordSpans = { heap: new Uint8Array(bytes * 2 + slackBytes), slackStart: bytes + 8, offsets: new Int32Array(texts.length), lengths: new Int32Array(texts.length), count: texts.length };
    let at = 0;
    for (const [i, text] of encoded.entries()) {
      spans.heap.set(text, at);
      spans.offsets[i] = at;
      spans.lengths[i] = text.length;
      at += text.length;
    }
    try {
      return this.#decoder.decode(spans, 0, texts.length);
    } catch (error) {
      if (!(error instanceof BadRecord)) throw error;
      throw new SqlError({ code: 'E0206', message: `row ${error.record} for ${this.#name} does not fit: ${error.column ?? 'it'} is not ${error.expected}`, hint: texts[error.record]?.slice(0, 120) });
    }
  }
}

// The type guard of Array does not narrow its readonly form.
function isList<R>(rows: R | readonly R[]): rows is readonly R[] {
  return Array.isArray(rows);
}
