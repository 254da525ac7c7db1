import { buffer as readAll } from 'node:stream/consumers';
import { isInsertOnly } from '../../core/changelog.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { holdsItsRows } from '../../planner/physical-plan.ts';
import type { Change, Row } from '../../engine/api.ts';
import type { Command, Context } from '../command.ts';
import { rowFormats, type RowFormat, type RowFormatName } from '../render/formats.ts';
import { loadScripts, plural, readScript, reportErrors, scriptOf, type LoadedScript, type Script } from '../scripts.ts';
import { reportFailure, Session } from '../session.ts';
import { textResults } from '../statement-results.ts';

/** Rows that are laid out together when they are there anyway. */
const portion = 1024;

/** Statements of -e, -f or standard input: all are checked first, then run one after the other. */
export const execute: Command = {
  name: '',
  operands: '',
  count: { least: 0, most: 0 },
  summary: 'statements of -e, -f or standard input',
  flags: {
    execute: { type: 'string', short: 'e', multiple: true, value: 'SQL', doc: 'run SQL and leave; may be repeated' },
    file: { type: 'string', short: 'f', multiple: true, value: 'FILE', doc: 'the same, from a file' },
    format: { type: 'string', value: 'FORM', choices: Object.keys(rowFormats), doc: 'table (default on a terminal), jsonl (default in a pipe), json, csv' },
    bounded: { type: 'boolean', doc: 'read what is there now, close the windows, leave' },
    limit: { type: 'string', value: 'N', doc: 'leave after N rows of a query' },
    timeout: { type: 'string', value: 'TIME', doc: 'leave a query or an INSERT after a time such as 5s' },
  },
  async run(context) {
    const { args, output } = context;
    const texts = args.sources.length > 0 ? args.sources.map(readScript) : await standardInput();
    if (texts === undefined) {
      output.line(context.help);
      return 0;
    }
    const limits: Limits = { rows: args.count('limit'), timeout: args.duration('timeout'), bounded: args.is('bounded') };
    const session = await Session.open(context);
    session.release();
    let isStarted = false;
    try {
      const loaded = await loadScripts(session.engine, texts);
      if (loaded.errors.length > 0) {
        reportErrors(output, loaded);
        return 1;
      }
      isStarted = true;
      for (const script of loaded.scripts) await runScript(context, session, script, limits);
      return 0;
    } catch (error) {
      return reportFailure(context, error, isStarted);
    } finally {
      await session[Symbol.asyncDispose]();
    }
  },
};

interface Limits {
  readonly rows: number | undefined;
  /** ms */
  readonly timeout: number | undefined;
  readonly bounded: boolean;
}

/** The statements of standard input; undefined when it is a terminal or says nothing. */
async function standardInput(): Promise<Script[] | undefined> {
  if (process.stdin.isTTY === true) return undefined;
  const script = scriptOf(await readAll(process.stdin));
  return script.fault === undefined && script.text.trim() === '' ? undefined : [script];
}

async function runScript(context: Context, session: Session, loaded: LoadedScript, limits: Limits): Promise<void> {
  const { output, stop } = context;
  const over = AbortSignal.any([stop.signal, output.closed]);
  const texts = new Map(textResults(loaded).map((result) => [result.statement, result]));
  let query = 0;
  let insert = 0;
  for (const statement of loaded.statements) {
    if (over.aborted) return;
    const text = texts.get(statement);
    if (text !== undefined) {
      if (text.isText) output.line(text.message);
      else output.log(text.message);
    } else if (statement.kind === 'QueryStatement') {
      const planned = loaded.queries[query++]?.planned;
      if (planned !== undefined) await printRows(context, session, planned, limits, over);
    } else if (statement.kind === 'Insert' || statement.kind === 'StatementSet') {
      const count = statement.kind === 'Insert' ? 1 : statement.inserts.length;
      const inserts = loaded.inserts.slice(insert, (insert += count));
      const job = await session.engine.start(inserts, { bounded: limits.bounded, fresh: true, stored: false, signal: stop.signal });
      const timer = limits.timeout === undefined ? undefined : setTimeout(() => job.runner.stop(), limits.timeout);
      const { rowsOut } = await job.finished.finally(() => clearTimeout(timer));
      output.log(`inserted ${plural(Number(rowsOut), 'row')}`);
    }
  }
}

async function printRows(context: Context, { engine }: Session, planned: LoadedScript['queries'][number]['planned'], limits: Limits, over: AbortSignal): Promise<void> {
  const { args, output } = context;
  const { physical } = planned;
  const endsByItself = limits.bounded || holdsItsRows(physical);
  const updates = !isInsertOnly(physical.properties.changelog);
  const format = (args.text('format') ?? (output.isTerminal ? 'table' : 'jsonl')) as RowFormatName;
  const timeout = limits.timeout === undefined ? undefined : AbortSignal.timeout(limits.timeout);
  const signal = timeout === undefined ? over : AbortSignal.any([over, timeout]);
  const result = engine.changes(planned, { bounded: endsByItself, signal });
  // What ends by itself is shown as it stands at its end; what does not, change by change.
  const isChangelog = updates && !endsByItself;
  const printer: RowFormat = rowFormats[format]({ columns: await result.columns(), isChangelog });
  const print = (lines: readonly string[]): void => {
    for (const line of lines) output.line(line);
  };
  const rethrow = (error: unknown): void => {
    if (!signal.aborted || error instanceof SqlError) throw error;
  };
  if (updates && endsByItself) {
    try {
      const { rows } = await engine.collect<Row>(planned, { signal });
      signal.throwIfAborted();
      print(printer.rows(rows.slice(0, limits.rows).map((row) => ({ op: '+I', row }))));
      print(printer.end());
    } catch (error) {
      rethrow(error);
      if (timeout?.aborted === true) output.log('the time was over before the query had ended: no rows');
    }
    return;
  }
  const waiting: Change[] = [];
  const flush = (): void => print(printer.rows(waiting.splice(0)));
  // A table of a query that ends is laid out over all its rows at first, then by portions; a live one as rows come.
  let timer: NodeJS.Timeout | undefined;
  let count = 0;
  try {
    for await (const change of result) {
      waiting.push(change);
      if (waiting.length >= portion) flush();
      else if (!endsByItself) timer ??= setTimeout(() => { timer = undefined; flush(); }, 20);
      if (limits.rows !== undefined && ++count >= limits.rows) break;
    }
  } catch (error) {
    rethrow(error);
  } finally {
    clearTimeout(timer);
    flush();
  }
  print(printer.end());
}
