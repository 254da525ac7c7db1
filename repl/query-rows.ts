import { SqlError } from '../core/diagnostic.ts';
import { isInsertOnly } from '../core/changelog.ts';
import { holdsItsRows } from '../planner/physical-plan.ts';
import type { Engine } from '../engine/engine.ts';
import type { ReadyPlan } from '../engine/check.ts';
import type { Change, Row } from '../engine/api.ts';
import type { Result } from '../engine/result.ts';
import { rowFormats, type RowFormat, type RowFormatName } from './render/formats.ts';

/** Rows that are laid out together when they are there anyway. */
const portion = 1024;
/** How long (ms) the rows of a query that goes on are waited for, to be laid out together. */
const gatherMs = 20;

export interface QueryLimits {
  readonly rows: number | undefined;
  /** ms */
  readonly timeout: number | undefined;
  readonly bounded: boolean;
}

export interface QueryOutput {
  readonly format: RowFormatName;
  /** Cells of a row of the terminal; undefined when it is none. */
  readonly width: number | undefined;
  /** Takes lines of the result; what it gives is awaited before more rows are read. */
  print(lines: readonly string[]): Promise<void> | void;
  log(text: string): void;
  /** The query that gives the rows, when it is asked for the first of them. */
  begun?(result: Result<Change>): void;
}

/** Runs a query until it ends, `signal` or a limit, and prints its rows as they come. Gives their number. */
export async function printQuery(engine: Engine, planned: ReadyPlan, limits: QueryLimits, output: QueryOutput, over: AbortSignal): Promise<number> {
  const { physical } = planned;
  const endsByItself = limits.bounded || holdsItsRows(physical);
  const updates = !isInsertOnly(physical.properties.changelog);
  const timeout = limits.timeout === undefined ? undefined : AbortSignal.timeout(limits.timeout);
  const signal = timeout === undefined ? over : AbortSignal.any([over, timeout]);
  const result = engine.changes(planned, { bounded: endsByItself, signal });
  // What ends by itself is shown as it stands at its end; what does not, change by change.
  const isChangelog = updates && !endsByItself;
  const printer: RowFormat = rowFormats[output.format]({ columns: await result.columns(), isChangelog, width: output.width });
  const rethrow = (error: unknown): void => {
    if (!signal.aborted || error instanceof SqlError) throw error;
  };
  if (updates && endsByItself) {
    try {
      const { rows } = await engine.collect<Row>(planned, { signal });
      signal.throwIfAborted();
      const shown = rows.slice(0, limits.rows);
      await output.print(printer.rows(shown.map((row) => ({ op: '+I', row }))));
      await output.print(printer.end());
      return shown.length;
    } catch (error) {
      rethrow(error);
      if (timeout?.aborted === true) output.log('the time was over before the query had ended: no rows');
      return 0;
    }
  }
  const waiting: Change[] = [];
  let printing: Promise<unknown> | undefined = undefined as Promise<unknown> | undefined;
  // Rows may have gathered while those before them are still being printed: both are waited for.
  const flush = (): void => {
    if (waiting.length === 0) return;
    const printed = output.print(printer.rows(waiting.splice(0))) ?? undefined;
    printing = printing === undefined ? printed : Promise.all([printing, printed]);
  };
  const settle = async (): Promise<void> => {
    for (let under = printing; under !== undefined; under = printing) {
      await under;
      if (printing === under) printing = undefined;
    }
  };
  // A table of a query that ends is laid out over all its rows at first, then by portions; a live one as rows come.
  let timer: NodeJS.Timeout | undefined;
  let count = 0;
  output.begun?.(result);
  try {
    for await (const change of result) {
      waiting.push(change);
      count++;
      if (waiting.length >= portion) flush();
      else if (!endsByItself) timer ??= setTimeout(() => { timer = undefined; flush(); }, gatherMs);
      if (printing !== undefined) await settle();
      if (limits.rows !== undefined && count >= limits.rows) break;
    }
  } catch (error) {
    rethrow(error);
  } finally {
    clearTimeout(timer);
    flush();
    await settle();
  }
  if (count === 0 && timeout?.aborted === true) output.log('the time was over before a row came');
  // The head of a table stands there when no row has come, too.
  if (count === 0) await output.print(printer.rows([]));
  await output.print(printer.end());
  return count;
}
