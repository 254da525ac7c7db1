import { basename, extname } from 'node:path';
import type { RunningJob } from '../../engine/running-job.ts';
import type { Command, Context } from '../command.ts';
import { UsageError } from '../flags.ts';
import { loadScripts, plural, readScript, reportErrors, type LoadedScript } from '../scripts.ts';
import { reportFailure, Session } from '../session.ts';
import { textResult } from '../statement-results.ts';

/** All INSERTs of the files as one job, in front, until its input ends, --stop-after, or a signal. */
export const run: Command = {
  name: 'run',
  operands: 'FILE..',
  count: { least: 1, most: Infinity },
  summary: 'all INSERTs of the files are one job; it goes on from its last checkpoint',
  flags: {
    bounded: { type: 'boolean', doc: 'read what is there now, close the windows, leave' },
    'stop-after': { type: 'string', value: 'TIME', doc: 'stop after a time such as 10s, with a checkpoint' },
    fresh: { type: 'boolean', doc: 'forget what an earlier run stored' },
    name: { type: 'string', value: 'NAME', doc: 'the name of the job (default: that of the first file)' },
    'dry-run': { type: 'boolean', doc: 'print the plans and what becomes of stored state, and start nothing' },
    'on-incompatible': { type: 'string', value: 'WHAT', choices: ['refuse', 'rebuild', 'discard'], doc: 'where stored state does not fit the query: refuse (the default), rebuild (start over), discard (give up what does not fit)' },
  },
  async run(context) {
    const { args, output, stop } = context;
    const stopAfter = args.duration('stop-after');
    const name = args.text('name');
    if (name !== undefined && !/^(?!\.)[A-Za-z0-9._-]{1,100}$/.test(name)) throw new UsageError(`--name takes letters, digits, dot, underscore and minus, not '${name}'`);
    const texts = args.operands.map((file) => readScript({ file }));
    const session = await Session.open(context);
    let timer: NodeJS.Timeout | undefined;
    let isStarted = false;
    try {
      const loaded = await loadScripts(session.engine, texts, { bounded: args.is('bounded'), withQueries: false });
      const inserts = loaded.scripts.flatMap((script) => script.inserts);
      if (loaded.errors.length > 0) {
        reportErrors(output, loaded);
        return 1;
      }
      if (inserts.length === 0) {
        output.error('error: there is no INSERT to run; nothing was started.\n  sluice -f FILE prints the rows of its SELECTs');
        return 1;
      }
      if (args.is('dry-run')) {
        output.line(inserts.map(({ planned }) => session.engine.explain(planned)).join('\n\n'));
        output.log(await session.engine.verdict(inserts, name ?? nameOfFile(args.operands[0] ?? '')));
        output.log('nothing was started.');
        return 0;
      }
      const job = await session.engine.start(inserts, { name, defaultName: nameOfFile(args.operands[0] ?? ''), bounded: args.is('bounded'), fresh: args.is('fresh'), onIncompatible: onIncompatible(args.text('on-incompatible')), signal: stop.signal });
      isStarted = true;
      output.log(firstLine(job, session));
      session.release();
      tellRest(context, loaded.scripts);
      if (stop.signal.aborted) job.runner.stop();
      if (stopAfter !== undefined) timer = setTimeout(() => job.runner.stop(), stopAfter);
      await job.finished;
      output.log(lastLine(job));
      return 0;
    } catch (error) {
      session.release();
      return reportFailure(context, error, isStarted);
    } finally {
      clearTimeout(timer);
      await session[Symbol.asyncDispose]();
    }
  },
};

function onIncompatible(text: string | undefined): 'refuse' | 'rebuild' | 'discard' | undefined {
  return text === 'rebuild' || text === 'discard' ? text : undefined;
}

/** A file's job has the file's name. */
function nameOfFile(file: string): string {
  return basename(file, extname(file)).replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^\.+/, '').slice(0, 100) || 'job';
}

function firstLine(job: RunningJob, { brokerDir }: Session): string {
  const begin = job.restoredFrom === undefined ? 'starts anew' : `goes on from checkpoint ${job.restoredFrom} (--fresh starts over)`;
  return `job ${job.name} ${begin}${brokerDir === undefined ? '' : `   broker: embedded, files in ${brokerDir}`}`;
}

function lastLine(job: RunningJob): string {
  const { rowsRead, rowsOut, late } = job.stats();
  const { lastCheckpoint } = job.runner;
  const parts = [`${plural(Number(rowsRead), 'row')} read`, `${plural(Number(rowsOut), 'row')} written`, `${late} late`];
  if (lastCheckpoint !== undefined) parts.push(`checkpoint ${lastCheckpoint.id} stored`);
  return `job ${job.name} ended: ${parts.join(', ')}`;
}

/** What the other statements of the files come to: EXPLAIN and SHOW give text, a SELECT has no place in a job. */
function tellRest({ output }: Context, scripts: readonly LoadedScript[]): void {
  for (const loaded of scripts) {
    for (const step of loaded.steps) {
      if (!('result' in step)) continue;
      const { isText, message } = textResult(step);
      if (isText) output.line(message);
    }
    if (loaded.queries.length > 0) output.log(`${loaded.script.file ?? 'the script'}: ${plural(loaded.queries.length, 'SELECT')} without INSERT passed over; sluice -f FILE prints its rows`);
  }
}
