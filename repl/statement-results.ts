import type { StatementResult } from '../engine/api.ts';
import type { Statement } from '../parser/ast-statement.ts';
import { rowFormats, type RowFormatName } from './render/formats.ts';
import type { LoadedScript } from './scripts.ts';

/** Statements whose answer is what was asked for; others give a word that something is done. */
const asking: ReadonlySet<Statement['kind']> = new Set(['Explain', 'Show', 'ShowCreate', 'Describe']);

/** The rows of an answer in a form that was asked for. */
function answerLines({ columns, rows }: Extract<StatementResult, { kind: 'rows' }>, format: RowFormatName): readonly string[] {
  const form = rowFormats[format]({ columns, isChangelog: false });
  return [...form.rows(rows.map((row) => ({ op: '+I', row }))), ...form.end()];
}

/** An answer in lines: rows as a table or in a form that was asked for, a definition as it is written, else its words. */
export function resultLines(result: StatementResult, format: RowFormatName = 'table'): { readonly isText: boolean; readonly lines: readonly string[] } {
  if (result.kind === 'done') {
    const lines = result.message.split('\n');
    return { isText: lines.length > 1, lines };
  }
  const [column, ...others] = result.columns;
  // EXPLAIN and SHOW CREATE give one text, which has lines of its own.
  const isOneText = column?.name === 'result' && others.length === 0;
  return { isText: true, lines: isOneText ? result.rows.flatMap((row) => String(row['result']).split('\n')) : answerLines(result, format) };
}

export interface TextResult {
  /** True for what was asked for, false for a word that something is done. */
  readonly isText: boolean;
  readonly message: string;
}

/** The answer of a statement that comes neither to rows nor to a job; `format` is that which was asked for. */
export function textResult({ result, statement }: Extract<LoadedScript['steps'][number], { result: unknown }>, format: RowFormatName = 'table'): TextResult {
  // A definition has lines of its own.
  if (result.kind === 'rows' && statement.kind === 'ShowCreate') return { isText: true, message: result.rows.map((row) => String(row['result'])).join('\n') };
  if (result.kind === 'rows') return { isText: true, message: answerLines(result, format).join('\n') };
  const isListing = statement.kind === 'Set' && statement.key === undefined;
  return { isText: isListing || asking.has(statement.kind), message: result.message };
}
