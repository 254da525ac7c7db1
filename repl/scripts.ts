import { readFileSync } from 'node:fs';
import type { SqlError } from '../core/diagnostic.ts';
import type { Statement } from '../parser/ast.ts';
import type { CheckedScript, Engine } from '../engine/engine.ts';
import type { Source } from './arguments.ts';
import { UsageError } from './flags.ts';
import type { Output } from './output.ts';

/** A script that was read. `file` is absent for typed text. */
export interface Script {
  readonly text: string;
  readonly file?: string;
}

export interface LoadedScript extends CheckedScript {
  readonly script: Script;
  /** What could be read, in order. */
  readonly statements: readonly Statement[];
}

export function readScript(source: Source): Script {
  if ('text' in source) return source;
  try {
    // A byte order mark is no part of the SQL.
    return { text: readFileSync(source.file, 'utf8').replace(/^\uFEFF/, ''), file: source.file };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UsageError(`${source.file} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(code ?? error)}`);
  }
}

export interface LoadedScripts {
  readonly scripts: readonly LoadedScript[];
  readonly errors: readonly SqlError[];
  /** Statements of all scripts, those that could not be read as well. */
  readonly statementCount: number;
}

/** Reads, binds and plans scripts, one after the other over one catalog. Opens nothing. */
export async function loadScripts(engine: Engine, texts: readonly Script[]): Promise<LoadedScripts> {
  const { parse } = await import('../parser/parse.ts');
  const scripts: LoadedScript[] = [];
  let statementCount = 0;
  for (const script of texts) {
    const { statements, errors } = parse(script.text, script.file);
    // Two mistakes between the same semicolons are mistakes of one statement.
    const unread = new Set(errors.map((error) => script.text.slice(0, error.diagnostic.span?.start ?? 0).split(';').length));
    statementCount += statements.length + unread.size;
    scripts.push({ script, statements, ...engine.check(script.text, script.file) });
  }
  return { scripts, errors: scripts.flatMap((script) => script.errors), statementCount };
}

export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** Prints every error and the count, on stderr. */
export function reportErrors(output: Output, { errors, statementCount }: LoadedScripts): void {
  for (const error of errors) output.error(error.format({ color: output.usesColor('stderr'), width: output.width }));
  output.error(summaryOf(errors.length, statementCount));
}

export function summaryOf(errors: number, statements: number): string {
  return `${plural(errors, 'error')} in ${plural(statements, 'statement')}; nothing was started.`;
}
