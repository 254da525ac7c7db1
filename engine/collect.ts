import type { Batch } from '../core/batch.ts';
import { isInsertOnly } from '../core/changelog.ts';
import type { KeyedPlan } from '../planner/row-key.ts';
import { netRows } from './changes.ts';
import { millisOf } from './duration.ts';
import type { RunningJob } from './running-job.ts';
import { columnsOfPlan, rowReader } from './rows.ts';
import type { Collected, Duration, JsTypes, Row } from './api.ts';

export interface CollectOptions {
  readonly maxRows?: number | undefined;
  readonly timeout?: Duration | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly types?: JsTypes | undefined;
}

/**
 * Runs a query to its end and gives its rows: all of them, or those of the changes' sum when it updates. Past `timeout`, or with more than
 * `maxRows` rows, it gives what there is, not complete. An abort rejects with its reason.
 */
export async function collectRows(plan: KeyedPlan, launch: (collect: (batch: Batch) => void) => Promise<RunningJob>, options: CollectOptions): Promise<Collected<Row>> {
  const { signal } = options;
  signal?.throwIfAborted();
  const wait = options.timeout === undefined ? undefined : millisOf(options.timeout);
  let isCut = false;
  let job: RunningJob | undefined;
  const cut = (): void => {
    isCut = true;
    job?.runner.stop();
  };
  const taken = taker(plan, options, cut);
  const stop = (): void => job?.runner.stop();
  signal?.addEventListener('abort', stop);
  const timer = wait === undefined ? undefined : setTimeout(cut, wait);
  try {
    job = await launch(taken.add);
    if (isCut || signal?.aborted === true) job.runner.stop();
    const stats = await job.finished;
    signal?.throwIfAborted();
    const rows = taken.rows();
    return { rows, columns: columnsOfPlan(plan.physical.columns.slice(0, plan.width)), complete: !isCut, stats };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** Keeps what a query's batches come to; calls `cut` when rows are left out. */
function taker(plan: KeyedPlan, { maxRows = Infinity, types }: CollectOptions, cut: () => void): { readonly add: (batch: Batch) => void; readonly rows: () => readonly Row[] } {
  const { physical, width } = plan;
  if (!isInsertOnly(physical.properties.changelog)) {
    // A row may still change, or go, with the last record: only then are there too many.
    const net = netRows(plan, types);
    return {
      add: net.add,
      rows: () => {
        const rows = net.rows();
        if (rows.length > maxRows) cut();
        return rows.slice(0, maxRows);
      },
    };
  }
  const rows: Row[] = [];
  const read = rowReader(physical.columns.slice(0, width), types);
  const add = (batch: Batch): void => {
    for (let row = 0; row < batch.rowCount; row++) {
      if (rows.length >= maxRows) return cut();
      rows.push(read(batch, row));
    }
  };
  return { add, rows: () => rows };
}
