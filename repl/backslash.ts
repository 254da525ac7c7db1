import { didYouMean } from '../core/suggest.ts';
import type { BackslashCommand, BackslashContext } from './backslash/backslash.ts';
import { lookCommands } from './backslash/look.ts';
import { resultCommands } from './backslash/results.ts';
import { textCommands } from './backslash/text.ts';

const help: BackslashCommand = { name: '?', usage: '?', doc: 'this list', takes: 'nothing', run: (_, { tell }) => tell(...helpLines()) };

/** Every command that begins with a backslash, in the order of the help. A new one is a definition in a file and its place here. */
export const backslashCommands: readonly BackslashCommand[] = [help, ...lookCommands, ...resultCommands, ...textCommands];

/** Words that other prompts have for the same. */
const words: Readonly<Record<string, string>> = { QUIT: '\\q', EXIT: '\\q', HELP: '\\?' };

/** Commands of other prompts, by the SQL or the command that does it here. */
const elsewhere: Readonly<Record<string, string>> = {
  l: 'SHOW DATABASES;', list: 'SHOW DATABASES;', c: 'USE name;', connect: 'USE name;', u: 'USE name;', dv: 'SHOW VIEWS;', dn: 'SHOW DATABASES;', du: 'there are no users', di: 'tables have no indexes', h: '\\?', help: '\\?', s: 'Ctrl-R searches the history', r: 'Ctrl-C drops what is typed',
  p: 'Up shows the last statement', g: 'end the statement with ;', G: '\\x on, and end the statement with ;', copy: "a file is a table of 'connector' = 'filesystem'", pset: '\\format', quit: '\\q', exit: '\\q', tables: '\\d', clear: 'Ctrl-L', cls: 'Ctrl-L', source: '\\i FILE', read: '\\i FILE', set: "SET 'key' = 'value';", echo: 'SELECT', conninfo: 'the first line says where the broker is',
};

/** The command that a text is; undefined when it is SQL. */
export function commandOf(text: string): string | undefined {
  const trimmed = text.trim();
  return trimmed.startsWith('\\') ? trimmed : words[trimmed.replace(/\s*;$/, '').toUpperCase()];
}

/** Runs a text that begins with a backslash. */
export async function runBackslash(text: string, context: BackslashContext): Promise<'leave' | void> {
  const [, name = '', rest = ''] = /^\\(!|\?|[^\s;]*)\s*([^]*?)\s*$/.exec(text) ?? [];
  const command = backslashCommands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    context.tell(`there is no command \\${name}`, `  ${Object.hasOwn(elsewhere, name) ? `here it is  ${elsewhere[name]}` : didYouMean(`\\${name}`, backslashCommands.map((candidate) => `\\${candidate.name}`)) ?? '\\? lists all'}`);
    return undefined;
  }
  const operand = name === '!' || name === 'explain' ? rest : rest.replace(/\s*;$/, '');
  if (command.takes === 'nothing' && operand !== '') context.tell(`\\${name} takes nothing, not '${operand}'`);
  else if (command.takes === 'something' && operand === '') context.tell(`what is missing:  \\${command.usage}`);
  else return command.run(operand, context);
  return undefined;
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
