import type * as statements from './ast-statement.ts';
import { printAction, printColumnClause, printComment, printCreate, printDistribution, printLikePattern, printOptions, printPairs, printPartition } from './print-clause.ts';
import { printColumnList, printName, printText } from './print-name.ts';
import { printHints, printQuery } from './print-query.ts';
import { printRare } from './print-rare.ts';

/**
 * The AST back as SQL text on one line, as Flink reads it: parse(print(x)) = x but for spans. Names are quoted where Flink or this dialect
 * would read a word as something else.
 */
export function printStatement(statement: statements.Statement): string {
  switch (statement.kind) {
    case 'CreateTable': {
      const columns = statement.columns.length === 0 ? '' : ` (${statement.columns.map(printColumnClause).join(', ')})`;
      const like = statement.like === undefined ? '' : ` LIKE ${printName(statement.like.table)}${statement.like.choices.length === 0 ? '' : ` (${statement.like.choices.map(({ action, what }) => `${action} ${what}`).join(' ')})`}`;
      const partitions = statement.partitionedBy.length === 0 ? '' : ` PARTITIONED BY${printColumnList(statement.partitionedBy)}`;
      const query = statement.query === undefined ? '' : ` AS ${printQuery(statement.query)}`;
      const head = printCreate('TABLE', statement);
      return `${statement.replace === undefined ? head : head.replace('CREATE', statement.replace === 'REPLACE' ? 'REPLACE' : 'CREATE OR REPLACE')}${columns}${printComment(statement.comment)}${printDistribution(statement.distribution)}${partitions}${printOptions(' WITH', statement.options)}${like}${query}`;
    }
    case 'CreateView':
      return `${printCreate('VIEW', statement)}${printColumnList(statement.columns)}${printComment(statement.comment)} AS ${printQuery(statement.query)}`;
    case 'CreateCatalog':
    case 'CreateDatabase':
      return `${printCreate(statement.kind === 'CreateCatalog' ? 'CATALOG' : 'DATABASE', statement)}${printComment(statement.comment)}${printOptions(' WITH', statement.options)}`;
    case 'Drop':
      return `DROP ${statement.temporary ? 'TEMPORARY ' : ''}${statement.system ? 'SYSTEM ' : ''}${statement.what} ${statement.ifExists ? 'IF EXISTS ' : ''}${printName(statement.name)}${statement.cascade ? ' CASCADE' : ''}`;
    case 'AlterTable':
      return `ALTER TABLE ${statement.ifExists ? 'IF EXISTS ' : ''}${printName(statement.name)} ${printAction(statement.action)}`;
    case 'AlterView':
      return `ALTER VIEW ${printName(statement.name)} ${statement.action.kind === 'As' ? `AS ${printQuery(statement.action.query)}` : `RENAME TO ${printName(statement.action.to)}`}`;
    case 'AlterDatabase':
      return `ALTER DATABASE ${printName(statement.name)} SET (${printPairs(statement.options)})`;
    case 'Use':
      return `USE ${statement.what === 'CATALOG' ? 'CATALOG ' : ''}${printName(statement.name)}`;
    case 'Insert':
      return `INSERT ${statement.overwrite ? 'OVERWRITE' : 'INTO'} ${printName(statement.table)}${statement.hints.length === 0 ? '' : ` ${printHints(statement.hints).trimEnd()}`}${printPartition(statement.partition)}${printColumnList(statement.columns)} ${printQuery(statement.query)}${statement.onConflict === undefined ? '' : ` ON CONFLICT DO ${statement.onConflict}`}`;
    case 'StatementSet':
      return `EXECUTE STATEMENT SET BEGIN ${statement.inserts.map((insert) => `${printStatement(insert)};`).join(' ')} END`;
    case 'QueryStatement':
      return printQuery(statement.query);
    case 'Explain':
      return `EXPLAIN ${statement.details.length === 0 ? '' : `${statement.details.join(', ')} `}${printStatement(statement.statement)}`;
    case 'Set':
      return statement.key === undefined ? 'SET' : `SET ${printText(statement.key)} = ${printText(statement.value ?? '')}`;
    case 'Reset':
      return statement.key === undefined ? 'RESET' : `RESET ${printText(statement.key)}`;
    case 'Show':
      if (statement.what === 'PARTITIONS' && statement.from !== undefined) return `SHOW PARTITIONS ${printName(statement.from)}${printPartition(statement.partition)}`;
      return `SHOW ${statement.what}${statement.from === undefined ? '' : ` FROM ${printName(statement.from)}`}${printLikePattern(statement.like)}`;
    case 'ShowCreate':
      return `SHOW CREATE ${statement.what} ${printName(statement.name)}`;
    case 'Describe':
      return `DESCRIBE ${statement.what === 'TABLE' ? '' : `${statement.what} `}${statement.extended ? 'EXTENDED ' : ''}${printName(statement.name)}`;
    case 'CompilePlan':
      return `COMPILE ${statement.execute ? 'AND EXECUTE ' : ''}PLAN ${printText(statement.path)} ${statement.ifNotExists ? 'IF NOT EXISTS ' : ''}FOR ${printStatement(statement.statement)}`;
    default:
      return printRare(statement);
  }
}
