import { unreachable } from '../core/assert.ts';
import type { Name } from './ast.ts';
import type * as statements from './ast-statement.ts';
import { printColumnList, printIdentifier, printName, printText, printTypeExpr } from './print-name.ts';
import { printExpr } from './print-query.ts';

/** `CREATE TEMPORARY TABLE IF NOT EXISTS a.b` */
export function printCreate(what: string, statement: { readonly ifNotExists: boolean; readonly name: Name; readonly temporary?: boolean }): string {
  return `CREATE ${statement.temporary === true ? 'TEMPORARY ' : ''}${what} ${statement.ifNotExists ? 'IF NOT EXISTS ' : ''}${printName(statement.name)}`;
}

export function printComment(comment: string | undefined): string {
  return comment === undefined ? '' : ` COMMENT ${printText(comment)}`;
}

/** ` PARTITION (k = 1)`, or nothing. */
export function printPartition(pairs: readonly statements.PartitionPair[]): string {
  return pairs.length === 0 ? '' : ` PARTITION (${pairs.map(({ column, value }) => `${printIdentifier(column)}${value === undefined ? '' : ` = ${printExpr(value)}`}`).join(', ')})`;
}

export function printPairs(options: readonly statements.OptionPair[]): string {
  return options.map(({ key, value }) => `${printText(key.text)} = ${printText(value.text)}`).join(', ');
}

export function printOptions(before: string, options: readonly statements.OptionPair[]): string {
  return options.length === 0 ? '' : `${before} (${printPairs(options)})`;
}

export function printDistribution(distribution: statements.Distribution | undefined): string {
  if (distribution === undefined) return '';
  const { by, columns, buckets } = distribution;
  return ` DISTRIBUTED${columns.length === 0 ? '' : ` BY${by === undefined ? '' : ` ${by}`}${printColumnList(columns)}`}${buckets === undefined ? '' : ` INTO ${buckets} BUCKETS`}`;
}

export function printLikePattern(like: statements.LikePattern | undefined): string {
  return like === undefined ? '' : ` ${like.negated ? 'NOT ' : ''}${like.ignoresCase ? 'ILIKE' : 'LIKE'} ${printText(like.pattern)}`;
}

export function printAction(action: statements.AlterTableAction): string {
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
    case 'ChangeDistribution':
      return `${action.operation}${printDistribution(action.distribution).replace(' DISTRIBUTED', ' DISTRIBUTION')}`;
    case 'AddPartitions':
      return `ADD${action.ifNotExists ? ' IF NOT EXISTS' : ''}${action.partitions.map(({ spec, options }) => `${printPartition(spec)}${printOptions(' WITH', options)}`).join('')}`;
    case 'DropPartitions':
      return `DROP${action.ifExists ? ' IF EXISTS' : ''}${action.specs.map(printPartition).join(',')}`;
    case 'DropPart':
      return `DROP ${action.what}`;
    default:
      return unreachable(action);
  }
}

export function printColumnClause(clause: statements.ColumnClause): string {
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
    case 'QueryColumn':
      return printIdentifier(clause.name);
    case 'PrimaryKey':
      return `${clause.constraint === undefined ? '' : `CONSTRAINT ${printIdentifier(clause.constraint)} `}PRIMARY KEY${printColumnList(clause.columns)} NOT ENFORCED`;
    default:
      return unreachable(clause);
  }
}
