import type { Statement } from '../parser/ast.ts';
import { TableLines } from './render/table.ts';
import type { LoadedScript } from './scripts.ts';

/** What becomes of a statement: rows or a job of its own, a text that was asked for, or a word that it is done. */
const outcomes: { readonly [K in Statement['kind']]: 'runs' | 'text' | 'done' } = {
  CreateTable: 'done',
  CreateView: 'done',
  Drop: 'done',
  Insert: 'runs',
  StatementSet: 'runs',
  QueryStatement: 'runs',
  Explain: 'text',
  Set: 'done',
  Reset: 'done',
  Show: 'text',
  ShowCreate: 'text',
  Describe: 'text',
  CreateCatalog: 'done',
  CreateDatabase: 'done',
  AlterTable: 'done',
  AlterView: 'done',
  AlterDatabase: 'done',
  Use: 'done',
  Unsupported: 'done',
};

export interface TextResult {
  readonly statement: Statement;
  /** True for what was asked for, false for a word that something is done. */
  readonly isText: boolean;
  readonly message: string;
}

/** The answers that checking a faultless script gave, each beside its statement. */
export function textResults({ statements, results }: LoadedScript): TextResult[] {
  const answering = statements.filter((statement) => outcomes[statement.kind] !== 'runs');
  return results.flatMap((result, i) => {
    const statement = answering[i];
    if (statement === undefined) return [];
    // A definition has lines of its own.
    if (result.kind === 'rows' && statement.kind === 'ShowCreate') return [{ statement, isText: true, message: result.rows.map((row) => String(row['result'])).join('\n') }];
    if (result.kind === 'rows') return [{ statement, isText: true, message: new TableLines(result.columns).rows(result.rows).join('\n') }];
    const isListing = statement.kind === 'Set' && statement.key === undefined;
    return [{ statement, isText: isListing || outcomes[statement.kind] === 'text', message: result.message }];
  });
}
