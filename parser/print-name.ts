import { unreachable } from '../core/assert.ts';
import type * as ast from './ast.ts';
import { flinkReserved } from './flink-reserved.ts';
import { isReserved } from './tokens.ts';

export function printTypeExpr(type: ast.TypeExpr): string {
  return type.nullable ? printBareType(type) : `${printBareType(type)} NOT NULL`;
}

function printBareType(type: ast.TypeExpr): string {
  switch (type.kind) {
    case 'SimpleType': {
      // TIMESTAMP(3) WITH TIME ZONE: the digits stand inside the name.
      const [, head = type.name, tail = ''] = /^(.*?)( WITH TIME ZONE)?$/.exec(type.name) ?? [];
      return `${head}${type.parameters.length === 0 ? '' : `(${type.parameters.join(', ')})`}${tail}`;
    }
    case 'RowType':
      return `ROW<${type.fields.map((field) => `${printIdentifier(field.name)} ${printTypeExpr(field.type)}${field.comment === undefined ? '' : ` ${printText(field.comment)}`}`).join(', ')}>`;
    case 'CollectionType':
      return `${type.name}<${printTypeExpr(type.element)}>`;
    case 'MapType':
      return `MAP<${printTypeExpr(type.key)}, ${printTypeExpr(type.value)}>`;
    default:
      return unreachable(type);
  }
}

export function printName(name: ast.Name): string {
  return name.parts.map(printIdentifier).join('.');
}

/** Words that are reserved in Flink or here, and names that are no words, in backticks. */
export function printIdentifier({ name }: ast.Identifier): string {
  return /^[A-Za-z_]\w*$/.test(name) && !flinkReserved.has(name.toUpperCase()) && !isReserved(name) ? name : quoted(name);
}

/** Names of functions and of their arguments: of the reserved words many are functions, and stand bare. */
export function printFunctionName({ name }: ast.Identifier): string {
  return /^[A-Za-z_]\w*$/.test(name) && (!isReserved(name) || /^(LEFT|RIGHT)$/i.test(name)) && !hasSyntaxOfItsOwn.has(name.toUpperCase()) ? name : quoted(name);
}

/** Words before a parenthesis that the grammar takes for something else than a call. */
const hasSyntaxOfItsOwn = new Set(['CAST', 'TRY_CAST', 'DESCRIPTOR', 'TABLE', 'ROW', 'INTERVAL', 'POSITION', 'EXISTS']);

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

export function printText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function printColumnList(columns: readonly ast.Identifier[]): string {
  return columns.length === 0 ? '' : ` (${columns.map(printIdentifier).join(', ')})`;
}
