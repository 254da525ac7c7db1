import { buffer as readAll } from 'node:stream/consumers';
import type { Command, Context } from '../command.ts';
import { printQuery, type QueryLimits } from '../query-rows.ts';
import { rowFormats, type RowFormatName } from '../render/formats.ts';
import { loadScripts, plural, readScript, reportErrors, scriptOf, type LoadedScript, type Script } from '../scripts.ts';
import { reportFailure, Session } from '../session.ts';
import { textResult } from '../statement-results.ts';

/** Statements of -e, -f or standard input: all are checked first, then run one after the other. On a terminal without any, the prompt. */
export const execute: Command = {
  name: '',
  operands: '',
  count: { least: 0, most: 0 },
  summary: 'statements of -e, -f or standard input; on a terminal the prompt',
  flags: {
    execute: { type: 'string', short: 'e', multiple: true, value: 'SQL', doc: 'run SQL and leave; may be repeated' },
    file: { type: 'string', short: 'f', multiple: true, value: 'FILE', doc: 'the same, from a file' },
    format: { type: 'string', value: 'FORM', choices: Object.keys(rowFormats), doc: 'table (default on a terminal; vertical where it is wider), jsonl (default in a pipe), json, csv' },
    bounded: { type: 'boolean', doc: 'read what is there now, close the windows, leave' },
    limit: { type: 'string', value: 'N', doc: 'leave after N rows of a query' },
    timeout: { type: 'string', value: 'TIME', doc: 'leave a query or an INSERT after a time such as 5s' },
  },
  async run(context) {
    const { args, output } = context;
    const limits: QueryLimits = { rows: args.count('limit'), timeout: args.duration('timeout'), bounded: args.is('bounded') };
    if (args.sources.length === 0 && process.stdin.isTTY === true) {
      const { openPrompt } = await import('../prompt/prompt.ts');
      return openPrompt(context, limits);
    }
    const texts = args.sources.length > 0 ? args.sources.map(readScript) : await standardInput();
    if (texts === undefined) {
      output.line(context.help);
      return 0;
    }
    const session = await Session.open(context);
    session.release();
    try {
      const loaded = await loadScripts(session.engine, texts, { bounded: limits.bounded, withQueries: true });
      if (loaded.errors.length > 0) {
        reportErrors(output, loaded);
        return 1;
      }
      for (const script of loaded.scripts) await runScript(context, session, script, limits);
      return 0;
    } catch (error) {
      return reportFailure(context, error, session.engine.hasStarted);
    } finally {
      await session[Symbol.asyncDispose]();
    }
  },
};

/** The statements of standard input; undefined when it says nothing. */
async function standardInput(): Promise<Script[] | undefined> {
  const script = scriptOf(await readAll(process.stdin));
  return script.fault === undefined && script.text.trim() === '' ? undefined : [script];
}

async function runScript(context: Context, session: Session, loaded: LoadedScript, limits: QueryLimits): Promise<void> {
  const { output, stop } = context;
  const over = AbortSignal.any([stop.signal, output.closed]);
  for (const step of loaded.steps) {
    if (over.aborted) return;
    if ('result' in step) {
      const text = textResult(step, context.args.text('format') as RowFormatName | undefined);
      if (!text.isText) output.log(text.message);
      // No rows are no line in some formats.
      else if (text.message !== '') output.line(text.message);
    } else if ('query' in step) {
      await printRows(context, session, step.query, limits, over);
    } else {
      const job = await session.engine.start(step.inserts, { bounded: limits.bounded, fresh: true, stored: false, signal: stop.signal });
      const timer = limits.timeout === undefined ? undefined : setTimeout(() => job.runner.stop(), limits.timeout);
      const { rowsOut } = await job.finished.finally(() => clearTimeout(timer));
      output.log(`inserted ${plural(Number(rowsOut), 'row')}`);
    }
  }
}

async function printRows(context: Context, { engine }: Session, planned: LoadedScript['queries'][number]['planned'], limits: QueryLimits, over: AbortSignal): Promise<void> {
  const { args, output } = context;
  const format = (args.text('format') ?? (output.isTerminal ? 'table' : 'jsonl')) as RowFormatName;
  const print = (lines: readonly string[]): void => {
    for (const line of lines) output.line(line);
  };
  await printQuery(engine, planned, limits, { format, width: output.width('stdout'), print, log: (text) => output.log(text) }, over);
}
