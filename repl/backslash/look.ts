import { didYouMean } from '../../core/suggest.ts';
import { addressesOf, examineAll } from '../doctor/doctor.ts';
import type { BackslashCommand } from './backslash.ts';

/** How many entries of the log are shown when nobody says. */
const shownEntries = 20;

/** The name of a job, which may stand in quotes as in STOP JOB. */
function unquoted(name: string): string {
  return /^(['"`])(.+)\1$/s.exec(name)?.[2] ?? name;
}

/** Commands that look at what the engine has. */
export const lookCommands: readonly BackslashCommand[] = [
  {
    name: 'd',
    usage: 'd [TABLE]',
    doc: 'tables and views, or the columns of one',
    takes: 'anything',
    operand: 'table',
    run: (name, { ask }) => ask(name === '' ? { about: 'tables', onlyTables: false } : { about: 'table', name, isLong: false }),
  },
  {
    name: 'd+',
    usage: 'd+ TABLE',
    doc: 'the columns and the whole definition',
    takes: 'anything',
    operand: 'table',
    run: (name, { ask }) => ask(name === '' ? { about: 'tables', onlyTables: false } : { about: 'table', name, isLong: true }),
  },
  { name: 'dt', usage: 'dt', doc: 'tables, without views', takes: 'nothing', run: (_, { ask }) => ask({ about: 'tables', onlyTables: true }) },
  { name: 'df', usage: 'df [NAME]', doc: 'functions, or what one does', takes: 'anything', run: (name, { ask }) => ask({ about: 'functions', name: name === '' ? undefined : name }) },
  { name: 'topics', usage: 'topics', doc: 'the topics of the broker', takes: 'nothing', run: (_, { ask }) => ask({ about: 'topics' }) },
  { name: 'jobs', usage: 'jobs', doc: 'the jobs that run, and how far they are', takes: 'nothing', run: (_, { ask }) => ask({ about: 'jobs' }) },
  { name: 'stop', usage: 'stop JOB', doc: 'stops a job with a last checkpoint', takes: 'something', operand: 'job', run: (name, { stopJob }) => stopJob(unquoted(name)) },
  { name: 'why', usage: 'why [JOB]', doc: 'the steps of a job, and why nothing comes out', takes: 'anything', operand: 'job', run: (name, { ask }) => ask({ about: 'why', name: name === '' ? undefined : unquoted(name) }) },
  {
    name: 'log',
    usage: 'log [JOB] [N]',
    doc: 'what the engine and its jobs told: the last 20, or N',
    takes: 'anything',
    operand: 'job',
    run: (operand, { log, tell }) => {
      const { job, count = String(shownEntries) } = /^(?<job>.*?)(?:(?:^|\s+)(?<count>\d+))?$/s.exec(operand)?.groups ?? {};
      const of = job === '' ? undefined : job;
      const lines = log.lines(Number(count), of);
      if (lines.length > 0 || count === '0') tell(...lines);
      else if (of === undefined) tell('nothing was told yet; what jobs and the engine tell is kept here');
      else tell(`nothing was told of a job ${of}`, `  ${didYouMean(of, log.jobs) ?? (log.jobs.length === 0 ? 'no job has run yet' : `of these something was: ${log.jobs.join(', ')}`)}`);
    },
  },
  {
    name: 'doctor',
    usage: 'doctor [HOST:PORT,..]',
    doc: 'tests each step of connecting to a Kafka, at each address of a list; without one, this folder and its broker',
    takes: 'anything',
    run: async (operand, { ask, tell, waiting }) => {
      if (operand === '') {
        await ask({ about: 'folder' });
        return;
      }
      const { addresses, wrong } = addressesOf(operand);
      if (wrong !== undefined) {
        tell(`'${wrong}' is no address:  \\doctor localhost:9092`);
        return;
      }
      await waiting(async (signal) => {
        const isFine = await examineAll(addresses, (line) => tell(line), signal);
        if (isFine) tell('all is well there; this build of Sluice reads and writes the topics of its own broker only');
      });
    },
  },
];
