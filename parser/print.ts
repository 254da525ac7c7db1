import { unreachable } from '../core/assert.ts';
import type * as ast from './ast.ts';
import { printColumnList, printExpr, printIdentifier, printName, printQuery, printText, printTypeExpr } from './print-query.ts';

/**
 * The AST back as SQL text on one line, as Flink reads it: parse(print(x)) = x but for spans. Names are quoted where Flink or this dialect
 * would read a word as something else.
 */
export function printStatement(statement: ast.Statement): string {
  switch (statement.kind) {
    case 'CreateTable': {
      const columns = statement.columns.length === 0 ? '' : ` (${statement.columns.map(printColumnClause).join(', ')})`;
      const like = statement.like === undefined ? '' : ` LIKE ${printName(statement.like.table)}${statement.like.choices.length === 0 ? '' : ` (${statement.like.choices.map(({ action, what }) => `${action} ${what}`).join(' ')})`}`;
      const partitions = statement.partitionedBy.length === 0 ? '' : ` PARTITIONED BY${printColumnList(statement.partitionedBy)}`;
      const query = statement.query === undefined ? '' : ` AS ${printQuery(statement.query)}`;
      return `${printCreate('TABLE', statement)}${columns}${printComment(statement.comment)}${printDistribution(statement.distribution)}${partitions}${printOptions(' WITH', statement.options)}${like}${query}`;
    }
    case 'CreateView':
      return `${printCreate('VIEW', statement)}${printColumnList(statement.columns)}${printComment(statement.comment)} AS ${printQuery(statement.query)}`;
    case 'CreateCatalog':
    case 'CreateDatabase':
      return `${printCreate(statement.kind === 'CreateCatalog' ? 'CATALOG' : 'DATABASE', statement)}${printComment(statement.comment)}${printOptions(' WITH', statement.options)}`;
    case 'Drop':
      return `DROP ${statement.temporary ? 'TEMPORARY ' : ''}${statement.what} ${statement.ifExists ? 'IF EXISTS ' : ''}${printName(statement.name)}${statement.cascade ? ' CASCADE' : ''}`;
    case 'AlterTable':
      return `ALTER TABLE ${statement.ifExists ? 'IF EXISTS ' : ''}${printName(statement.name)} ${printAction(statement.action)}`;
    case 'AlterView':
      return `ALTER VIEW ${printName(statement.name)} ${statement.action.kind === 'As' ? `AS ${printQuery(statement.action.query)}` : `RENAME TO ${printName(statement.action.to)}`}`;
    case 'AlterDatabase':
      return `ALTER DATABASE ${printName(statement.name)} SET (${printPairs(statement.options)})`;
    case 'Use':
      return `USE ${statement.what === 'CATALOG' ? 'CATALOG ' : ''}${printName(statement.name)}`;
    case 'Insert':
      return `INSERT ${statement.overwrite ? 'OVERWRITE' : 'INTO'} ${printName(statement.table)}${printColumnList(statement.columns)} ${printQuery(statement.query)}`;
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
      return `SHOW ${statement.what}${statement.from === undefined ? '' : ` FROM ${printName(statement.from)}`}${printLikePattern(statement.like)}`;
    case 'ShowCreate':
      return `SHOW CREATE ${statement.what} ${printName(statement.name)}`;
    case 'Describe':
      return `DESCRIBE ${statement.what === 'TABLE' ? '' : `${statement.what} `}${statement.extended ? 'EXTENDED ' : ''}${printName(statement.name)}`;
    case 'Unsupported':
      return statement.text;
    default:
      return unreachable(statement);
  }
}

function printCreate(what: string, statement: Extract<ast.Statement, { readonly ifNotExists: boolean }>): string {
  return `CREATE ${'temporary' in statement && statement.temporary ? 'TEMPORARY ' : ''}${what} ${statement.ifNotExists ? 'IF NOT EXISTS ' : ''}${printName(statement.name)}`;
}

function printComment(comment: string | undefined): string {
  return comment === undefined ? '' : ` COMMENT ${printText(comment)}`;
}

function printPairs(options: readonly ast.OptionPair[]): string {
  return options.map(({ key, value }) => `${printText(key.text)} = ${printText(value.text)}`).join(', ');
}

function printOptions(before: string, options: readonly ast.OptionPair[]): string {
  return options.length === 0 ? '' : `${before} (${printPairs(options)})`;
}

function printDistribution(distribution: ast.Distribution | undefined): string {
  if (distribution === undefined) return '';
  const { by, columns, buckets } = distribution;
  return ` DISTRIBUTED${columns.length === 0 ? '' : ` BY${by === undefined ? '' : ` ${by}`}${printColumnList(columns)}`}${buckets === undefined ? '' : ` INTO ${buckets} BUCKETS`}`;
}

function printLikePattern(like: ast.LikePattern | undefined): string {
  return like === undefined ? '' : ` ${like.negated ? 'NOT ' : ''}${like.ignoresCase ? 'ILIKE' : 'LIKE'} ${printText(like.pattern)}`;
}

function printAction(action: ast.AlterTableAction): string {
  switch (action.kind) {
    case 'RenameTo':
      return `RENAME TO ${printName(action.to)}`;
    case 'RenameColumn':
      return `RENAME ${printIdentifier(action.from)} TO ${printIdentifier(action.to)}`;
    case 'SetOptions':
      return `SET (${printPairs(action.options)})`;
    case 'ResetOptions':
      return `RESET (${action.keys.map(printText).join(', ')})`;
    case 'ChangeColumns': {
      const changes = action.changes.map(({ clause, place }) => `${printColumnClause(clause)}${place === undefined ? '' : place === 'FIRST' ? ' FIRST' : ` AFTER ${printIdentifier(place)}`}`);
      return `${action.operation} (${changes.join(', ')})`;
    }
    case 'DropColumns':
      return `DROP${printColumnList(action.columns)}`;
    case 'DropConstraint':
      return `DROP CONSTRAINT ${printIdentifier(action.constraint)}`;
    case 'DropPart':
      return `DROP ${action.what}`;
    default:
      return unreachable(action);
  }
}

function printColumnClause(clause: ast.ColumnClause): string {
  switch (clause.kind) {
    case 'PhysicalColumn':
      return `${printIdentifier(clause.name)} ${printTypeExpr(clause.type)}${clause.primaryKey ? ' PRIMARY KEY NOT ENFORCED' : ''}${printComment(clause.comment)}`;
    case 'ComputedColumn':
      return `${printIdentifier(clause.name)} AS ${printExpr(clause.expr)}${printComment(clause.comment)}`;
    case 'MetadataColumn': {
      const from = clause.key === undefined ? '' : ` FROM ${printText(clause.key)}`;
      return `${printIdentifier(clause.name)} ${printTypeExpr(clause.type)} METADATA${from}${clause.isVirtual ? ' VIRTUAL' : ''}${printComment(clause.comment)}`;
    }
    case 'Watermark':
      return `WATERMARK FOR ${printIdentifier(clause.column)} AS ${printExpr(clause.expr)}`;
    case 'PrimaryKey':
      return `${clause.constraint === undefined ? '' : `CONSTRAINT ${printIdentifier(clause.constraint)} `}PRIMARY KEY${printColumnList(clause.columns)} NOT ENFORCED`;
    default:
      return unreachable(clause);
  }
}
