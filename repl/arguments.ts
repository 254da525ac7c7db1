import { parseArgs } from 'node:util';
import { didYouMean } from '../core/suggest.ts';
import { parseDuration } from '../core/time.ts';
import { UsageError, type CommandShape, type Flag, type Flags } from './flags.ts';

/** Flags that every command takes. */
export const commonFlags = {
  'state-dir': { type: 'string', value: 'DIR', doc: 'where topics and checkpoints lie (default ./.sluice; demo: a temporary folder)' },
  set: { type: 'string', short: 'D', multiple: true, value: 'key=value', doc: 'a key of SET' },
  color: { type: 'string', value: 'WHEN', choices: ['auto', 'always', 'never'], doc: 'auto, always or never' },
  quiet: { type: 'boolean', short: 'q', doc: 'no log lines' },
  debug: { type: 'boolean', doc: 'errors with their stack' },
  help: { type: 'boolean', short: 'h', doc: 'this text, or that of a command' },
  version: { type: 'boolean', doc: 'the version' },
} as const satisfies Flags;

/** The longest that a timer of Node can wait, in ms. */
const longestMs = 2 ** 31 - 1;

/** A script that a flag gave: its text, or the file that holds it. */
export type Source = { readonly text: string } | { readonly file: string };

/** A command line that was understood. */
export class Arguments {
  readonly operands: readonly string[];
  /** -e and -f, in their order. */
  readonly sources: readonly Source[];
  readonly #values: ReadonlyMap<string, readonly (string | true)[]>;

  constructor(operands: readonly string[], sources: readonly Source[], values: ReadonlyMap<string, readonly (string | true)[]>) {
    this.operands = operands;
    this.sources = sources;
    this.#values = values;
  }

  is(name: string): boolean {
    return this.#values.has(name);
  }

  /** The last value given. */
  text(name: string): string | undefined {
    const value = this.#values.get(name)?.at(-1);
    return typeof value === 'string' ? value : undefined;
  }

  /** A duration in ms. */
  duration(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    // Seconds to who knows other programs, ms to who knows Flink.
    if (/^\s*\d+\s*$/.test(text)) throw new UsageError(`--${name} takes a duration with its unit, as ${text.trim()}s or ${text.trim()}ms, not '${text}'`);
    const millis = parseDuration(text);
    if (millis !== undefined && millis > longestMs) throw new UsageError(`--${name} takes at most 24 days, not '${text}'`);
    if (millis === undefined || millis <= 0) throw new UsageError(`--${name} takes a duration as 10s or 500ms, not '${text}'`);
    return millis;
  }

  /** A whole number above zero. */
  count(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!/^[1-9]\d{0,14}$/.test(text)) throw new UsageError(`--${name} takes a whole number above zero, not '${text}'`);
    return Number(text);
  }

  /** -D key=value, the last of each key. */
  settings(): Record<string, string> {
    const settings: Record<string, string> = {};
    for (const text of this.#values.get('set') ?? []) {
      const cut = String(text).indexOf('=');
      if (cut < 1) throw new UsageError(`-D takes key=value, not '${text}'`);
      settings[String(text).slice(0, cut)] = String(text).slice(cut + 1);
    }
    return settings;
  }
}

/** Finds the command and its flags. `fallback` is the command of a line that names none. Throws UsageError. */
export function readArguments<C extends CommandShape>(argv: readonly string[], commands: readonly C[], fallback: C): { readonly command: C | undefined; readonly args: Arguments } {
  const all = [...commands, fallback];
  const known: Record<string, Flag> = Object.assign({}, ...all.map((command) => command.flags), commonFlags);
  const options = Object.fromEntries(
    Object.entries(known).map(([name, flag]) => [name, { type: flag.type, ...(flag.short === undefined ? {} : { short: flag.short }), multiple: true }]),
  );
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  const words = tokens.filter((token) => token.kind === 'positional').map((token) => token.value);
  const isScript = tokens.some((token) => token.kind === 'option' && (token.name === 'execute' || token.name === 'file'));
  const [word] = words;
  const named = isScript ? undefined : commands.find((command) => command.name === word);
  // Told first: the value of a flag that is not known looks like an operand.
  const unknown = tokens.find((token) => token.kind === 'option' && known[token.name] === undefined);
  if (unknown?.kind === 'option') throw unknownFlag(unknown.name, unknown.rawName, named ?? fallback, all, { ...(named ?? fallback).flags, ...commonFlags });
  if (isScript && word !== undefined) throw new UsageError(`'${word}' has no place beside -e and -f`, commands.some(({ name }) => name === word) ? `sluice ${word} FILE  takes the file without a flag; -e and -f have no command before them` : undefined);
  const command = named ?? fallback;
  if (word !== undefined && named === undefined) {
    const isFile = /\.sql$/i.test(word);
    if (laterCommands.has(word)) throw new UsageError(`not supported yet: sluice ${word}`);
    throw new UsageError(`there is no command '${word}'`, isFile ? `sluice run ${word}` : (didYouMean(word, commands.map((candidate) => candidate.name)) ?? meantBy(word)));
  }
  const allowed: Flags = { ...command.flags, ...commonFlags };
  const values = new Map<string, (string | true)[]>();
  const sources: Source[] = [];
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const flag = allowed[token.name];
    if (flag === undefined) throw unknownFlag(token.name, token.rawName, command, all, allowed);
    if (flag.type === 'boolean' && token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
    if (flag.type === 'string' && (token.value === undefined || (token.value === '' && token.name !== 'execute'))) throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${flag.value ?? 'VALUE'}`);
    const value = token.value ?? true;
    if (typeof value === 'string' && flag.choices !== undefined && !flag.choices.includes(value)) {
      throw new UsageError(`${token.rawName} is one of ${flag.choices.join(', ')}, not '${value}'`, didYouMean(value, flag.choices));
    }
    if (token.name === 'execute') sources.push({ text: String(value) });
    if (token.name === 'file') sources.push({ file: String(value) });
    values.set(token.name, [...(values.get(token.name) ?? []), value]);
  }
  const operands = named === undefined ? [] : words.slice(1);
  const isAsking = values.has('help') || values.has('version');
  const { least, most } = command.count;
  if (!isAsking && operands.length < least) throw new UsageError(`${command.name} needs ${command.operands}`, `sluice ${command.name} ${command.operands}`);
  if (!isAsking && operands.length > most) throw new UsageError(`${command.name} takes ${most === 0 ? 'no operands' : command.operands}, not '${operands[most] ?? ''}' as well`);
  return { command: named, args: new Arguments(operands, sources, values) };
}

/** Commands of other builds. */
const laterCommands: ReadonlySet<string> = new Set(['test', 'fmt', 'typegen', 'jobs', 'stop', 'why', 'broker', 'doctor', 'config', 'docs']);

/** What somebody wants who types this in the place of a command. */
function meantBy(word: string): string | undefined {
  if (/^(select|insert|create|show|with|values|explain|describe|desc|set|drop|from)\b/i.test(word)) return `SQL stands behind -e, in quotes:  sluice -e "${/\s/.test(word) ? word : `${word} ..`}"`;
  const others: Readonly<Record<string, string>> = { version: 'sluice --version', '-': 'standard input is read without it:  sluice < FILE', 'sql-client': 'sluice, without a command, opens the prompt', 'sql-client.sh': 'sluice, without a command, opens the prompt', embedded: 'sluice, without a command, opens the prompt', sql: 'sluice, without a command, opens the prompt', shell: 'sluice, without a command, opens the prompt', repl: 'sluice, without a command, opens the prompt', query: 'sluice -e SQL', exec: 'sluice -e SQL', start: 'sluice run FILE..', validate: 'sluice check FILE..', lint: 'sluice check FILE..', plan: 'sluice explain FILE', topics: 'sluice topic list' };
  return Object.hasOwn(others, word) ? others[word] : undefined;
}

function unknownFlag(name: string, raw: string, command: CommandShape, all: readonly CommandShape[], allowed: Flags): UsageError {
  const who = command.name === '' ? 'sluice' : `sluice ${command.name}`;
  const others = all.filter((other) => other.flags[name] !== undefined).map((other) => (other.name === '' ? '-e' : other.name));
  if (others.length > 0) return new UsageError(`${who} has no flag ${raw}`, `it belongs to ${others.join(', ')}`);
  const meant = { '-v': '--version', '-V': '--version', '-i': '-f FILE before the others: they run in their order', '-j': 'there are no JARs: what is there is built in', '-d': '--state-dir DIR', '-u': '--state-dir DIR', '-s': '--state-dir DIR', '-c': '-e SQL', '-o': 'write  > FILE  behind the command', '-l': '--limit N', '-t': '--timeout TIME', '-n': '--limit N', '-p': 'sluice topic list shows the topics of the broker in the folder' }[raw];
  return new UsageError(`${who} has no flag ${raw}`, didYouMean(raw, Object.keys(allowed).map((flag) => `--${flag}`)) ?? meant);
}
