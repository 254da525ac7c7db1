import { didYouMean } from '../core/suggest.ts';
import type { BackslashCommand, BackslashContext } from './backslash/backslash.ts';
import { lookCommands } from './backslash/look.ts';
import { resultCommands } from './backslash/results.ts';
import { textCommands } from './backslash/text.ts';

const help: BackslashCommand = { name: '?', usage: '?', doc: 'this list', takes: 'nothing', run: (_, { tell }) => tell(...helpLines()) };

/** Every command that begins with a backslash, in the order of the help. A new one is a definition in a file and its place here. */
export const backslashCommands: readonly BackslashCommand[] = [help, ...lookCommands, ...resultCommands, ...textCommands];

/** Words that other prompts have for the same. */
const words: Readonly<Record<string, string>> = { QUIT: '\\q', EXIT: '\\q', HELP: '\\?', '?': '\\?' };

/** Commands of other prompts, by the SQL or the command that does it here. */
const elsewhere: Readonly<Record<string, string>> = {
  l: 'SHOW DATABASES;', list: 'SHOW DATABASES;', c: 'USE name;', connect: 'USE name;', u: 'USE name;', dv: 'SHOW VIEWS;', dn: 'SHOW DATABASES;', h: '\\?', help: '\\?', s: 'Ctrl-R searches the history', r: 'Ctrl-C drops what is typed',
  p: 'Up shows the last statement', g: 'end the statement with ;', G: '\\x on, and end the statement with ;', gx: '\\x on, and end the statement with ;', pset: '\\format', a: '\\format csv', t: '\\format csv', H: '\\format', C: '\\format', f: '\\format', quit: '\\q', exit: '\\q', tables: '\\d', clear: 'Ctrl-L', cls: 'Ctrl-L', source: '\\i FILE', read: '\\i FILE',
  ir: '\\i FILE', include: '\\i FILE', out: '\\o FILE', edit: '\\e', sf: '\\df NAME', ef: '\\df NAME', sv: 'SHOW CREATE VIEW name;', ev: 'SHOW CREATE VIEW name;', set: "SET 'key' = 'value';", unset: "RESET 'key';", echo: 'SELECT', qecho: 'SELECT', status: '\\jobs', ps: '\\jobs', desc: '\\d TABLE', errverbose: '\\log',
};

/** Commands of other prompts that there is nothing for here, and why. */
const needless: Readonly<Record<string, string>> = {
  du: 'there are no users', dg: 'there are no users', dp: 'there are no users', z: 'there are no users', password: 'there are no users', di: 'tables have no indexes', ds: 'there are no sequences', copy: "a file is a table of 'connector' = 'filesystem': INSERT INTO writes it, SELECT reads it",
  conninfo: 'the first line says where the broker is; \\doctor looks at it', encoding: 'all text is UTF-8', cd: 'paths are from the folder in which sluice was started',
};

/** The command that a text is; undefined when it is SQL. */
export function commandOf(text: string): string | undefined {
  const trimmed = text.trim();
  return trimmed.startsWith('\\') ? trimmed : words[trimmed.replace(/\s*;$/, '').toUpperCase().replace(/^HELP +[A-Z]+$/, 'HELP')];
}

/** Runs a text that begins with a backslash. */
export async function runBackslash(text: string, context: BackslashContext): Promise<'leave' | void> {
  const [, name = '', rest = ''] = /^\\(!|\?|[^\s;]*)\s*([^]*?)\s*$/.exec(text) ?? [];
  const command = backslashCommands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    context.tell(`there is no command \\${name}`, `  ${insteadOf(name)}`);
    return undefined;
  }
  const operand = name === '!' || name === 'explain' ? rest : rest.replace(/\s*;$/, '');
  if (command.takes === 'nothing' && operand !== '') context.tell(`\\${name} takes nothing, not '${operand}'`, ...(name === 'dt' ? [`  SHOW TABLES LIKE '${operand.replaceAll('*', '%').replaceAll("'", "''")}';`] : []));
  else if (command.takes === 'something' && operand === '') context.tell(`what is missing:  \\${command.usage}`);
  else return attempt(() => command.run(operand, context), context);
  return undefined;
}

/** What the operating system refuses is told, and ends nothing. */
async function attempt(run: () => ReturnType<BackslashCommand['run']>, { tell }: BackslashContext): Promise<'leave' | void> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Error) || typeof (error as NodeJS.ErrnoException).syscall !== 'string') throw error;
    tell(`error: ${error.message}`);
    return undefined;
  }
}

/** What to type instead of a command that there is not. */
function insteadOf(name: string): string {
  if (Object.hasOwn(elsewhere, name)) return `here it is  ${elsewhere[name]}`;
  if (Object.hasOwn(needless, name)) return needless[name] ?? '';
  // One letter is near to all that have one.
  return (name.length > 1 ? didYouMean(`\\${name}`, backslashCommands.map((candidate) => `\\${candidate.name}`)) : undefined) ?? '\\? lists all';
}

function helpLines(): string[] {
  const width = Math.max(...backslashCommands.map(({ usage }) => usage.length).filter((length) => length < 24));
  return [
    ...backslashCommands.map(({ usage, doc }) => `  \\${usage.padEnd(width)}  ${doc}`),
    '',
    'SQL ends with ; and may have many lines:  CREATE TABLE, INSERT INTO, SELECT, DESCRIBE, EXPLAIN, SHOW, SET; docs/language.md has all',
    'keys   Enter runs after ; else adds a line   Alt-Enter runs   Tab completes   Ctrl-R searches   Up, Down by what is typed',
    '       Ctrl-C clears, or stops the query   Ctrl-D leaves      while rows come:  q stops  p pauses',
  ];
}
