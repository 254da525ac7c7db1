import type { Batch } from '../core/batch.ts';
import { RowKind, rowKindText } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import { defaultJsTypes, toJsValue, type JsTypeChoice } from '../core/js-value.ts';
import { printType, withNullable } from '../core/sql-type.ts';
import { readValue } from '../core/value.ts';
import type { PlanColumn } from '../planner/logical-plan.ts';
import type { JobStats, RunningJob } from './job.ts';
import type { Change, Column, JsTypes, Stats } from './api.ts';

/** Rows that wait to be read; beyond this the source is not read further. */
const highWater = 8192;

export function columnsOfPlan(columns: readonly PlanColumn[]): readonly Column[] {
  return columns.map(({ name, type, time }) => ({ name, type: printType(withNullable(type, true)), nullable: type.nullable, ...(time === undefined ? {} : { time }) }));
}

export function toStats({ rowsRead, rowsOut, late, bad, watermark }: JobStats): Stats {
  return { rowsRead: BigInt(rowsRead), rowsOut: BigInt(rowsOut), late: BigInt(late), bad: BigInt(bad), ...(watermark === undefined ? {} : { watermark: new Date(watermark) }) };
}

/** Turns borrowed batches into rows of their own. */
export function rowReader(columns: readonly PlanColumn[], types: JsTypes | undefined): (batch: Batch, row: number) => Change {
  const given = Object.fromEntries(Object.entries(types ?? {}).filter(([, value]) => value !== undefined)) as Partial<JsTypeChoice>;
  const choice: JsTypeChoice = { ...defaultJsTypes, ...given };
  return (batch, row) => {
    const out: Record<string, ReturnType<typeof toJsValue>> = {};
    for (const [i, { name, type }] of columns.entries()) {
      const column = batch.columns[i];
      if (column !== undefined) out[name] = toJsValue(readValue(column, type, row), type, choice);
    }
    return { op: rowKindText[(batch.kinds?.[row] ?? RowKind.insert) as 0], row: out };
  };
}

/** What starts a query when its first row is asked for. */
export interface QueryStart {
  readonly columns: readonly PlanColumn[];
  start(collect: (batch: Batch) => void, credit: () => Promise<void> | undefined): Promise<RunningJob>;
}

/**
 * The rows of a query, lazy and read once. A slow reader stops the source; leaving the loop ends the job; an abort rejects the pending row.
 */
export class Result<T> implements AsyncIterable<T, void, void>, AsyncDisposable {
  readonly #prepare: () => Promise<QueryStart>;
  readonly #convert: (change: Change) => T;
  readonly #types: JsTypes | undefined;
  readonly #signal: AbortSignal | undefined;
  #prepared: Promise<QueryStart> | undefined;
  #isRead = false;
  #queue: Change[] = [];
  #job: RunningJob | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeSource: (() => void) | undefined;

  constructor(prepare: () => Promise<QueryStart>, convert: (change: Change) => T, types: JsTypes | undefined, signal: AbortSignal | undefined) {
    this.#prepare = prepare;
    this.#convert = convert;
    this.#types = types;
    this.#signal = signal;
  }

  async columns(): Promise<readonly Column[]> {
    this.#prepared ??= this.#prepare();
    return columnsOfPlan((await this.#prepared).columns);
  }

  stats(): Stats {
    return toStats(this.#job?.stats() ?? { rowsRead: 0, rowsOut: 0, late: 0, bad: 0, watermark: undefined });
  }

  [Symbol.asyncIterator](): AsyncIterator<T, void, void> {
    if (this.#isRead) throw new SqlError({ code: 'E0901', message: 'a result is read once', hint: 'ask the query again' });
    this.#isRead = true;
    return this.#rows();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#job?.runner.stop();
    this.#wakeSource?.();
    await this.#job?.finished.catch(() => undefined);
  }

  async *#rows(): AsyncGenerator<T, void, void> {
    this.#signal?.throwIfAborted();
    this.#prepared ??= this.#prepare();
    const query = await this.#prepared;
    const read = rowReader(query.columns, this.#types);
    const collect = (batch: Batch): void => {
      for (let row = 0; row < batch.rowCount; row++) this.#queue.push(read(batch, row));
      this.#wakeReader?.();
    };
    const credit = (): Promise<void> | undefined =>
      this.#queue.length < highWater ? undefined : new Promise((resolve) => { this.#wakeSource = resolve; });
    let outcome: { readonly error?: unknown } | undefined;
    const onAbort = (): void => this.#wakeReader?.();
    this.#signal?.addEventListener('abort', onAbort);
    try {
      this.#job = await query.start(collect, credit);
      this.#job.finished.then(
        () => { outcome = {}; this.#wakeReader?.(); },
        (error: unknown) => { outcome = { error }; this.#wakeReader?.(); },
      );
      for (;;) {
        this.#signal?.throwIfAborted();
        const rows = this.#queue;
        this.#queue = [];
        this.#wakeSource?.();
        for (const change of rows) {
          this.#signal?.throwIfAborted();
          yield this.#convert(change);
        }
        if (this.#queue.length > 0) continue;
        if (outcome !== undefined) {
          if ('error' in outcome) throw outcome.error;
          return;
        }
        await new Promise<void>((resolve) => { this.#wakeReader = resolve; });
        this.#wakeReader = undefined;
      }
    } finally {
      this.#signal?.removeEventListener('abort', onAbort);
      await this[Symbol.asyncDispose]();
    }
  }
}
