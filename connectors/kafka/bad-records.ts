import { SqlError } from '../../core/diagnostic.ts';
import type { BadRecord, BadRecordMode } from '../../catalog/bad-record.ts';
import type { ConnectedTable, ConnectorServices } from '../../catalog/connector.ts';

/** Bad records that are told one by one. */
const mostTold = 3;
/** Bytes of a record that are shown. */
export const shownBytes = 120;
/** Records within the last minute below which no ratio says anything. */
const leastRecords = 20;

/** A record that does not fit, where it lies and what it is. */
export interface FoundRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** True: it is the key that does not fit. */
  readonly isKey: boolean;
  /** What is shown of it. */
  readonly text: string;
}

/** What a decoder is to do, by the table's options. */
export function modeOf({ options }: ConnectedTable): BadRecordMode {
  const mode = options.text('error-handling.mode');
  return mode === 'null-field' ? 'null-fields' : mode === 'ignore' || mode === 'log' ? 'leave-out' : 'stop';
}

/** What one table's records did not fit: counted, the first told one by one. */
export class BadRecords {
  readonly #table: ConnectedTable;
  readonly #services: ConnectorServices;
  readonly #ratio: number | undefined;
  /** Of each second of the last minute, by second modulo 60: which one, its records and its bad ones. */
  readonly #seconds = new Float64Array(60);
  readonly #records = new Float64Array(60);
  readonly #bad = new Float64Array(60);
  #leftOut = 0;
  #nulled = 0;

  constructor(table: ConnectedTable, services: ConnectorServices) {
    this.#table = table;
    this.#services = services;
    const ratio = table.options.text('error-handling.fail-after.ratio');
    this.#ratio = ratio === undefined ? undefined : Number(ratio);
  }

  /** Takes one that gives no row. Throws E0701 when the job is to stop. */
  leaveOut(bad: BadRecord, found: FoundRecord): void {
    if (bad.fate === 'nothing') return;
    if (bad.fate === 'stop') throw this.#stop(bad, found);
    this.#leftOut++;
    this.#count();
    this.#tell(bad, found, 'is left out');
  }

  /** Takes one of which a field became NULL. */
  nulled(bad: BadRecord, found: FoundRecord): void {
    this.#nulled++;
    this.#count();
    this.#tell(bad, found, 'has NULL there');
  }

  /** Records so far that did not fit. */
  get count(): number {
    return this.#leftOut + this.#nulled;
  }

  #count(): void {
    if (this.#ratio === undefined) return;
    const at = this.#second();
    this.#bad[at] = (this.#bad[at] as number) + 1;
  }

  /** So many records were read, bad ones among them. Throws E0701 when too many of the last minute's did not fit. */
  read(records: number): void {
    if (this.#ratio === undefined) return;
    const now = this.#second();
    this.#records[now] = (this.#records[now] as number) + records;
    const oldest = (this.#seconds[now] as number) - 59;
    let all = 0;
    let bad = 0;
    for (let i = 0; i < 60; i++) {
      if ((this.#seconds[i] as number) < oldest) continue;
      all += this.#records[i] as number;
      bad += this.#bad[i] as number;
    }
    if (all < leastRecords || bad <= this.#ratio * all) return;
    throw new SqlError({
      code: 'E0701',
      message: `${bad} of the ${all} records of ${this.#table.name} in the last minute did not fit, more than 'error-handling.fail-after.ratio' = '${this.#ratio}' allows`,
      hint: 'the topic may hold records of another form than the table says: look at some with  sluice topic print',
    });
  }

  /** The place of the second that the clock stands at. */
  #second(): number {
    const second = Math.floor(this.#services.clock.now() / 1000);
    const at = ((second % 60) + 60) % 60;
    if (this.#seconds[at] !== second) {
      this.#seconds[at] = second;
      this.#records[at] = this.#bad[at] = 0;
    }
    return at;
  }

  /** How many there were in all, when more than were told. */
  close(): void {
    const all = this.#leftOut + this.#nulled;
    if (all <= mostTold) return;
    const what = [...(this.#leftOut > 0 ? [`${this.#leftOut} were left out`] : []), ...(this.#nulled > 0 ? [`${this.#nulled} have NULL for what does not fit`] : [])];
    this.#services.notice('N0701', `${this.#table.name}: ${all} records did not fit: ${what.join(', ')}`);
  }

  #tell(bad: BadRecord, found: FoundRecord, fate: string): void {
    const all = this.#leftOut + this.#nulled;
    if (all > mostTold) return;
    const last = all === mostTold ? '; those after it are counted' : '';
    this.#services.notice('N0701', `${this.#table.name}: ${sentence(bad, found)}, and ${fate}: ${found.text}${last}`);
  }

  #stop(bad: BadRecord, found: FoundRecord): SqlError {
    const format = (found.isKey ? this.#table.key?.format.name : this.#table.format?.name) ?? '';
    const advice = bad.advice === undefined || found.isKey ? '' : `\n${bad.advice}`;
    const nulls = format === 'json' || format === 'csv' ? `\n'${found.isKey ? 'key.' : ''}${format}.ignore-parse-errors' = 'true' makes what does not fit NULL` : '';
    return new SqlError({
      code: 'E0701',
      message: sentence(bad, found),
      record: { topic: found.topic, partition: found.partition, offset: BigInt(found.offset) },
      hint: `the record: ${found.text}${advice}${nulls}\n'error-handling.mode' = 'ignore' leaves such records out, 'log' keeps them in another topic`,
    });
  }
}

function sentence({ column, expected }: BadRecord, { topic, partition, offset, isKey }: FoundRecord): string {
  const it = isKey ? (column === undefined ? 'the key' : `${column} of the key`) : (column ?? 'it');
  return `the record at ${topic} partition ${partition} offset ${offset} does not fit: ${it} is not ${expected}`;
}
