import { unreachable } from '../core/assert.ts';
import type { RareStatement } from './ast-statement.ts';
import { printAction, printColumnClause, printComment, printCreate, printDistribution, printOptions, printPartition } from './print-clause.ts';
import { printColumnList, printIdentifier, printName, printText } from './print-name.ts';
import { printExpr, printHints, printQuery } from './print-query.ts';

/** Statements that few scripts have, but for those that hold another statement. */
export function printRare(statement: Exclude<RareStatement, { kind: 'CompilePlan' }>): string {
  switch (statement.kind) {
    case 'AlterCatalog': {
      const { action } = statement;
      return `ALTER CATALOG ${printName(statement.name)} ${action.kind === 'Comment' ? `COMMENT ${printText(action.comment)}` : printAction(action)}`;
    }
    case 'CreateFunction': {
      const using = statement.using.length === 0 ? '' : ` USING ${statement.using.map(({ what, path }) => `${what} ${printText(path)}`).join(', ')}`;
      return `${printCreate(`${statement.system ? 'SYSTEM ' : ''}FUNCTION`, statement)}${printBody(statement)}${using}${printOptions(' WITH', statement.options)}`;
    }
    case 'AlterFunction':
      return `ALTER ${statement.temporary ? 'TEMPORARY ' : ''}${statement.system ? 'SYSTEM ' : ''}FUNCTION ${statement.ifExists ? 'IF EXISTS ' : ''}${printName(statement.name)}${printBody(statement)}`;
    case 'CreateModel': {
      const [input = '', output = ''] = [statement.input, statement.output].map((columns) => (columns.length === 0 ? '' : ` (${columns.map(printColumnClause).join(', ')})`));
      return `${printCreate('MODEL', statement)}${input && ` INPUT${input}`}${output && ` OUTPUT${output}`}${printComment(statement.comment)}${printOptions(' WITH', statement.options)}`;
    }
    case 'AlterModel':
      return `ALTER MODEL ${statement.ifExists ? 'IF EXISTS ' : ''}${printName(statement.name)} ${printAction(statement.action)}`;
    case 'CreateMaterializedTable': {
      const columns = statement.columns.length === 0 ? '' : ` (${statement.columns.map(printColumnClause).join(', ')})`;
      const partitions = statement.partitionedBy.length === 0 ? '' : ` PARTITIONED BY${printColumnList(statement.partitionedBy)}`;
      const freshness = statement.freshness === undefined ? '' : ` FRESHNESS = ${printExpr(statement.freshness)}`;
      const mode = statement.refreshMode === undefined ? '' : ` REFRESH_MODE = ${statement.refreshMode}`;
      return `${printCreate(`${statement.orAlter ? 'OR ALTER ' : ''}MATERIALIZED TABLE`, statement)}${columns}${printComment(statement.comment)}${printDistribution(statement.distribution)}${partitions}${printOptions(' WITH', statement.options)}${freshness}${mode} AS ${printQuery(statement.query)}`;
    }
    case 'AlterMaterializedTable':
      return `ALTER MATERIALIZED TABLE ${printName(statement.name)} ${printMaterializedAction(statement.action)}`;
    case 'Update': {
      const set = statement.assignments.map(({ column, value }) => `${printIdentifier(column)} = ${printExpr(value)}`).join(', ');
      return `UPDATE ${printName(statement.table)} ${printHints(statement.hints)}SET ${set}${statement.where === undefined ? '' : ` WHERE ${printExpr(statement.where)}`}`;
    }
    case 'Delete':
      return `DELETE FROM ${printName(statement.table)}${` ${printHints(statement.hints)}`.trimEnd()}${statement.where === undefined ? '' : ` WHERE ${printExpr(statement.where)}`}`;
    case 'Truncate':
      return `TRUNCATE TABLE ${printName(statement.table)}`;
    case 'CallProcedure':
      return `CALL ${printName(statement.name)}(${statement.args.map((arg) => printExpr(arg)).join(', ')})`;
    case 'Jar':
      return `${statement.action} JAR ${printText(statement.path)}`;
    case 'LoadModule':
      return `LOAD MODULE ${printIdentifier(statement.name)}${printOptions(' WITH', statement.options)}`;
    case 'UnloadModule':
      return `UNLOAD MODULE ${printIdentifier(statement.name)}`;
    case 'UseModules':
      return `USE MODULES ${statement.names.map(printIdentifier).join(', ')}`;
    case 'Analyze': {
      const { columns } = statement;
      const which = columns === 'ALL' ? ' FOR ALL COLUMNS' : columns.length === 0 ? '' : ` FOR COLUMNS ${columns.map(printIdentifier).join(', ')}`;
      return `ANALYZE TABLE ${printName(statement.table)}${printPartition(statement.partition)} COMPUTE STATISTICS${which}`;
    }
    case 'ExecutePlan':
      return `EXECUTE PLAN ${printText(statement.path)}`;
    case 'StopJob':
      return `STOP JOB ${printText(statement.job)}${statement.savepoint ? ' WITH SAVEPOINT' : ''}${statement.drain ? ' WITH DRAIN' : ''}`;
    case 'DescribeJob':
      return `DESCRIBE JOB ${printText(statement.job)}`;
    default:
      return unreachable(statement);
  }
}

function printBody({ as, language }: { readonly as: string; readonly language: string | undefined }): string {
  return ` AS ${printText(as)}${language === undefined ? '' : ` LANGUAGE ${language}`}`;
}

function printMaterializedAction(action: Extract<RareStatement, { kind: 'AlterMaterializedTable' }>['action']): string {
  switch (action.kind) {
    case 'Suspend':
      return 'SUSPEND';
    case 'Resume':
      return `RESUME${printOptions(' WITH', action.options)}`;
    case 'Refresh':
      return `REFRESH${printPartition(action.partition)}`;
    case 'As':
      return `AS ${printQuery(action.query)}`;
    default:
      return printAction(action);
  }
}
