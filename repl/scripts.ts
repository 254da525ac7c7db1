import { readFileSync } from 'node:fs';
import { SqlError } from '../core/diagnostic.ts';
import type { Statement } from '../parser/ast-statement.ts';
import type { CheckedScript, Engine } from '../engine/engine.ts';
import type { Source } from './arguments.ts';
import { UsageError } from './flags.ts';
import type { Output } from './output.ts';

/** A script that was read. `file` is absent for typed text. */
export interface Script {
  readonly text: string;
  readonly file?: string;
  /** Why the text is none that could be SQL. */
  readonly fault?: SqlError;
}

export interface LoadedScript extends Omit<CheckedScript, 'effects' | 'settings'> {
  readonly script: Script;
  /** What could be read, in order. */
  readonly statements: readonly Statement[];
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });

export function readScript(source: Source): Script {
  if ('text' in source) return source;
  const { file } = source;
  try {
    return scriptOf(readFileSync(file), file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UsageError(`${file === '' ? "''" : file} cannot be read: ${readFaults[code ?? ''] ?? String(code ?? error)}`);
  }
}

const readFaults: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'there is no permission to read it',
  ELOOP: 'its links go round in a circle',
  ENAMETOOLONG: 'the name is too long',
  ERR_FS_FILE_TOO_LARGE: 'it is larger than 2 GiB',
};

/** The script that these bytes are. A byte order mark is no part of it. */
export function scriptOf(bytes: Uint8Array, file?: string): Script {
  const named = file === undefined ? {} : { file };
  const faulty = (message: string, hint: string): Script => {
    const fault = new SqlError({ code: 'E0001', message: `${file ?? 'standard input'} is no SQL text: ${message}`, hint });
    return { text: '', ...named, fault };
  };
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return faulty('it is UTF-16', `${file === undefined ? '' : `iconv -f UTF-16 -t UTF-8 ${file}    `}makes it UTF-8, which Sluice reads`);
  }
  const zero = bytes.indexOf(0);
  if (zero >= 0) return faulty(`byte ${zero + 1} is a zero byte`, 'a script is UTF-8 text');
  try {
    return { text: strictUtf8.decode(bytes), ...named };
  } catch {
    return faulty(`it is not UTF-8 (line ${lineOfFault(bytes)})`, 'save it as UTF-8');
  }
}

/** The first line that is not UTF-8, from 1. */
function lineOfFault(bytes: Uint8Array): number {
  let line = 1;
  for (let from = 0; ; line++) {
    const newline = bytes.indexOf(10, from);
    try {
      strictUtf8.decode(bytes.subarray(from, newline < 0 ? bytes.length : newline));
    } catch {
      return line;
    }
    if (newline < 0) return line;
    from = newline + 1;
  }
}

export interface LoadedScripts {
  readonly scripts: readonly LoadedScript[];
  readonly errors: readonly SqlError[];
  /** Statements of all scripts, those that could not be read as well. */
  readonly statementCount: number;
}

/** How scripts will be run: what a start refuses is then told with their other mistakes. */
export interface Purpose {
  /** Read what is there now and end. */
  readonly bounded: boolean;
  /** Whether their queries are run, or their INSERTs alone. */
  readonly withQueries: boolean;
}

/** Reads, binds and plans scripts, one after the other over one catalog. Opens nothing. Without `purpose` nothing of them is to be run. */
export async function loadScripts(engine: Engine, texts: readonly Script[], purpose?: Purpose): Promise<LoadedScripts> {
  const { parse } = await import('../parser/parse.ts');
  const scripts: LoadedScript[] = [];
  let statementCount = 0;
  for (const script of texts) {
    if (script.fault !== undefined) {
      scripts.push({ script, statements: [], results: [], steps: [], inserts: [], queries: [], errors: [script.fault] });
      continue;
    }
    const { statements, errors } = parse(script.text, script.file);
    statementCount += statements.length + countStretches(script.text, errors.map((error) => error.diagnostic.span?.start ?? 0));
    const checked = engine.check(script.text, script.file);
    // What has faults counts too: the next script may name it.
    engine.adopt(checked);
    const plans = purpose === undefined ? [] : [...checked.inserts, ...(purpose.withQueries ? checked.queries : [])].map(({ planned }) => planned);
    const refusals = purpose === undefined ? [] : engine.refusals(plans, checked.settings, purpose.bounded);
    scripts.push({ script, statements, ...checked, errors: [...checked.errors, ...refusals] });
  }
  return { scripts, errors: scripts.flatMap((script) => script.errors), statementCount };
}

/** How many stretches between semicolons hold a mistake: two in one are mistakes of one statement. */
function countStretches(text: string, places: readonly number[]): number {
  let count = 0;
  let end = -1;
  for (const place of places.toSorted((a, b) => a - b)) {
    if (place <= end) continue;
    count++;
    const semicolon = text.indexOf(';', place);
    end = semicolon < 0 ? text.length : semicolon;
  }
  return count;
}

export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** Errors that are printed; more would hide the first. */
const mostErrors = 50;

/** The errors for people, and their count. `width` is that of the terminal, undefined when it is none. */
export function* errorLines({ errors, statementCount }: LoadedScripts, options: { readonly color: boolean; readonly width: number | undefined }): Generator<string, void, void> {
  for (const error of errors.slice(0, mostErrors)) yield error.format(options);
  if (errors.length > mostErrors) yield `... and ${plural(errors.length - mostErrors, 'more error')}`;
  yield `${plural(errors.length, 'error')}${statementCount === 0 ? '' : ` in ${plural(statementCount, 'statement')}`}; nothing was started.`;
}

/** Prints the errors on stderr. */
export function reportErrors(output: Output, loaded: LoadedScripts): void {
  for (const line of errorLines(loaded, { color: output.usesColor('stderr'), width: output.width('stderr') })) output.error(line);
}
