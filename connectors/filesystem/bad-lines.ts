import { SqlError } from '../../core/diagnostic.ts';
import type { BadRecord, BadRecordMode } from '../../catalog/bad-record.ts';
import type { ConnectedTable, ConnectorServices } from '../../catalog/connector.ts';
import { isHeader } from '../formats/csv/resemblance.ts';
import { shownRecord } from '../shown-record.ts';

/** Bad records that are told one by one. */
const mostTold = 3;
/** Bytes of a record that are shown. */
const shownBytes = 120;

/** A record that does not fit, and where it stands. */
export interface FoundLine {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** Of its first byte in the uncompressed file. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** What a decoder is to do, by the table's options. */
export function modeOf({ options }: ConnectedTable): BadRecordMode {
  const mode = options.text('error-handling.mode');
  return mode === 'null-field' ? 'null-fields' : mode === 'ignore' ? 'leave-out' : 'stop';
}

/** The records of a table that did not fit: counted, the first told one by one. */
export class BadLines {
  readonly #table: ConnectedTable;
  readonly #services: ConnectorServices;
  count = 0;

  constructor(table: ConnectedTable, services: ConnectorServices) {
    this.#table = table;
    this.#services = services;
  }

  /** Takes one that gives no row. Throws E0701 when the job is to stop. */
  leaveOut(bad: BadRecord, found: FoundLine): void {
    if (bad.fate === 'nothing') return;
    if (bad.fate === 'leave-out') {
      this.#tell(bad, found, 'is left out');
      return;
    }
    const format = this.#table.format?.name ?? '';
    const other = otherKind(found);
    if (other !== undefined) throw new SqlError({ code: 'E0701', message: sentence(bad, found), hint: other });
    const nulls = format === 'json' || format === 'csv' ? `\n'${format}.ignore-parse-errors' = 'true' makes what does not fit NULL` : '';
    const advice = bad.advice ?? (format === 'json' && isHeader(found.bytes, this.#table.columns.map(({ name }) => name)) ? "it looks like the header line of CSV: a table of CSV has  'format' = 'csv',  and no header" : undefined);
    throw new SqlError({ code: 'E0701', message: sentence(bad, found), hint: `the record: ${shownRecord(found.bytes, shownBytes, bad.found)}${advice === undefined ? '' : `\n${advice}`}${nulls}\n'error-handling.mode' = 'ignore' leaves such records out` });
  }

  /** Takes one of which a field became NULL. */
  nulled(bad: BadRecord, found: FoundLine): void {
    this.#tell(bad, found, 'has NULL there');
  }

  /** How many there were in all, when more than were told. */
  close(): void {
    if (this.count > mostTold) this.#services.notice('N0701', `${this.#table.name}: ${this.count} records did not fit`);
  }

  #tell(bad: BadRecord, found: FoundLine, fate: string): void {
    this.count++;
    if (this.count > mostTold) return;
    const last = this.count === mostTold ? '; those after it are counted' : '';
    this.#services.notice('N0701', `${this.#table.name}: ${sentence(bad, found)}, and ${fate}: ${shownRecord(found.bytes, shownBytes, bad.found)}${last}`);
  }
}

function sentence({ column, expected }: BadRecord, { path, line, offset }: FoundLine): string {
  return `the record in ${path} line ${line} (byte offset ${offset}) does not fit: ${column ?? 'it'} is not ${expected}`;
}

/** How files begin that are no text in UTF-8, and what to do with them. */
const otherKinds: readonly { readonly begin: readonly number[]; readonly hint: string }[] = [
  { begin: [0x1f, 0x8b], hint: 'the file is compressed by gzip: give it a name that ends in .gz' },
  { begin: [0x28, 0xb5, 0x2f, 0xfd], hint: 'the file is compressed by zstd: give it a name that ends in .zst' },
  { begin: [0xff, 0xfe], hint: 'the file is UTF-16, and UTF-8 is read:  iconv -f UTF-16 -t UTF-8' },
  { begin: [0xfe, 0xff], hint: 'the file is UTF-16, and UTF-8 is read:  iconv -f UTF-16 -t UTF-8' },
];

/** What to say of a file that is no such text, by its first bytes. */
function otherKind({ bytes, offset }: FoundLine): string | undefined {
  return offset === 0 ? otherKinds.find(({ begin }) => begin.every((byte, i) => bytes[i] === byte))?.hint : undefined;
}
