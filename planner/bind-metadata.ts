import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { sameType, withNullable } from '../core/sql-type.ts';
import type { ColumnEntry, TableEntry } from '../catalog/entry.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import { castTo } from './cast-to.ts';
import type { LogicalPlan, PlanColumn } from './logical-plan.ts';

/** METADATA columns have a type of their own where they come from: a scan casts it to the declared one, an INSERT back. */

type StoredColumn = Exclude<ColumnEntry, { readonly kind: 'computed' }>;

/** The columns that a scan reads, in declaration order, with the types that they have there. */
export function storedColumns(entry: TableEntry): readonly PlanColumn[] {
  return entry.columns.filter((column) => column.kind !== 'computed').map((column) => ({ name: column.name, type: connectorType(column) }));
}

/** The stored columns as they are declared, over what a scan reads. */
export function declaredColumns(entry: TableEntry): readonly BoundExpr[] {
  return entry.columns
    .filter((column) => column.kind !== 'computed')
    .map((column, index) => castTo({ kind: 'column', index, type: connectorType(column) }, column.type, undefined));
}

/** True when a column is not declared with the type that it is read with. */
export function hasCasts(entry: TableEntry): boolean {
  return entry.columns.some((column) => column.kind === 'metadata' && !sameType(connectorType(column), column.type));
}

/** What an INSERT gives, with metadata in the types that the connector writes. Throws E0504 for one that is only read. */
export function writtenColumns(entry: TableEntry, input: LogicalPlan, span: Span): LogicalPlan {
  const fixed = entry.columns.find((column) => column.kind === 'metadata' && !column.isVirtual && column.given?.isWritable === false);
  if (fixed !== undefined) throw new SqlError({ code: 'E0504', message: `${fixed.name} of ${entry.name} is metadata that is only read, and INSERT writes every column that is not VIRTUAL`, span, hint: `declare it  ${fixed.name} ... METADATA VIRTUAL` });
  if (!hasCasts(entry)) return input;
  const exprs = input.columns.map(({ name, type }, index): BoundExpr => {
    const column = entry.columns.find((candidate) => candidate.name === name);
    const expr: BoundExpr = { kind: 'column', index, type };
    return column?.kind === 'metadata' ? castTo(expr, withNullable(connectorType(column), type.nullable), undefined) : expr;
  });
  return { kind: 'Project', input, exprs, columns: input.columns.map(({ name }, i) => ({ name, type: (exprs[i] as BoundExpr).type })) };
}

function connectorType(column: StoredColumn): StoredColumn['type'] {
  return column.kind === 'metadata' && column.given !== undefined ? withNullable(column.given.type, column.type.nullable) : column.type;
}
