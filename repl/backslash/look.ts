import type { BackslashCommand } from './backslash.ts';

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
  { name: 'stop', usage: 'stop JOB', doc: 'stops a job with a last checkpoint', takes: 'something', operand: 'job', run: (name, { stopJob }) => stopJob(name) },
  { name: 'why', usage: 'why [JOB]', doc: 'the steps of a job, and why nothing comes out', takes: 'anything', operand: 'job', run: (name, { ask }) => ask({ about: 'why', name: name === '' ? undefined : name }) },
];
