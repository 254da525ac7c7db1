import { SqlError, withSource } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { describeType, types } from '../core/sql-type.ts';
import { nearOrListed } from '../core/suggest.ts';
import type { TableEntry } from '../catalog/entry.ts';
import { quoted } from '../catalog/object-path.ts';
import { spansOf, substitute, type BoundExpr } from '../expression/bound-expr.ts';
import type { Expr } from '../parser/ast.ts';
import { bindExpr, type Scope } from './bind-expr.ts';
import { declaredColumns, hasCasts, storedColumns } from './bind-metadata.ts';
import type { LogicalPlan, PlanColumn } from './logical-plan.ts';
import { freeTimeName } from './unique-names.ts';

/** A table as its declaration says: its stored columns, then its computed columns, then its watermark, in declaration order. */
export function bindScan(entry: TableEntry, span: Span): LogicalPlan {
  const read = storedColumns(entry);
  const declared = declaredColumns(entry);
  const stored = read.map(({ name }, i) => ({ name, type: (declared[i] as BoundExpr).type }));
  let plan: LogicalPlan = { kind: 'Scan', table: entry, read: read.map((column) => ({ path: [column.name], type: column.type })), columns: read, span };
  try {
    if (entry.columns.some((column) => column.kind === 'computed') || hasCasts(entry)) {
      const scope: Scope = { columns: stored, qualifiers: [], label: entry.name };
      const exprs = entry.columns.map((column): BoundExpr => {
        if (column.kind === 'computed') return substitute(spansOf(bindExpr(column.expr, scope), entry.name), declared);
        return declared[stored.findIndex((candidate) => candidate.name === column.name)] as BoundExpr;
      });
      plan = { kind: 'Project', input: plan, exprs, columns: entry.columns.map((column, i) => ({ name: column.name, type: exprs[i]?.type ?? types.nothing })) };
    }
    if (entry.watermark !== undefined) plan = bindWatermark(entry, entry.watermark, plan);
    return plan;
  } catch (error) {
    throw error instanceof SqlError ? withSource(error, entry.source) : error;
  }
}

/** Every mistake in a table's computed columns and its watermark, told where the table is made and not first where it is read. */
export function declarationFaults(entry: TableEntry): readonly SqlError[] {
  const errors: SqlError[] = [];
  const attempt = <T>(bind: () => T): T | undefined => {
    try {
      return bind();
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      errors.push(withSource(error, entry.source));
      return undefined;
    }
  };
  const stored = entry.columns.filter((column) => column.kind !== 'computed').map(({ name, type }) => ({ name, type }));
  const scope: Scope = { columns: stored, qualifiers: [], label: entry.name };
  const columns: PlanColumn[] = [];
  const broken = new Set<string>();
  for (const column of entry.columns) {
    const type = column.kind === 'computed' ? attempt(() => bindExpr(column.expr, scope).type) : column.type;
    if (type === undefined) broken.add(column.name);
    else columns.push({ name: column.name, type });
  }
  const { watermark } = entry;
  // A watermark over a column that is broken itself has nothing to be told by.
  if (watermark === undefined || broken.has(watermark.column)) return errors;
  attempt(() => bindWatermark(entry, watermark, { kind: 'SingleRow', columns }));
  return errors;
}

function bindWatermark(entry: TableEntry, watermark: { readonly column: string; readonly expr: Expr }, input: LogicalPlan): LogicalPlan {
  const index = input.columns.findIndex((column) => column.name === watermark.column);
  const column = input.columns[index];
  const { span } = watermark.expr;
  if (column === undefined) throw new SqlError({ code: 'E0102', message: `WATERMARK FOR names "${watermark.column}", which ${entry.name} does not have`, span, ...nearOrListed(watermark.column, entry.columns.map(({ name }) => name), 'columns:') });
  if ((column.type.kind !== 'TIMESTAMP' && column.type.kind !== 'TIMESTAMP_LTZ') || column.type.precision > 3) {
    const time = freeTimeName(entry.columns.map(({ name }) => name));
    const made = column.type.kind === 'BIGINT' || column.type.kind === 'INT' ? `TO_TIMESTAMP_LTZ(\`${column.name}\`, 3)` : column.type.kind === 'VARCHAR' || column.type.kind === 'CHAR' ? `TO_TIMESTAMP(\`${column.name}\`)` : `CAST(\`${column.name}\` AS ${column.type.kind === 'TIMESTAMP_LTZ' ? 'TIMESTAMP_LTZ' : 'TIMESTAMP'}(3))`;
    const hint = `${time} AS ${made},\nWATERMARK FOR ${time} AS ${time} - INTERVAL '5' SECOND`;
    throw new SqlError({ code: 'E0201', message: `a watermark is for a TIMESTAMP(3) or TIMESTAMP_LTZ(3); ${column.name} is ${describeType(column.type)}`, span, hint });
  }
  const declared = entry.columns.find(({ name }) => name === watermark.column);
  if (declared?.kind === 'computed' && declared.expr.kind === 'Call' && declared.expr.name.name.toUpperCase() === 'PROCTIME') throw new SqlError({ code: 'E0201', message: `${column.name} is the processing time, which has no watermark`, span, hint: 'leave the watermark out: windows over it end by the clock' });
  const expr = spansOf(bindExpr(watermark.expr, { columns: input.columns, qualifiers: [], label: entry.name }), entry.name);
  if (expr.type.kind !== 'TIMESTAMP' && expr.type.kind !== 'TIMESTAMP_LTZ') throw new SqlError({ code: 'E0201', message: `a watermark is a time; this is ${describeType(expr.type)}`, span, hint: `WATERMARK FOR ${quoted(column.name)} AS ${quoted(column.name)} - INTERVAL '5' SECOND` });
  const columns = input.columns.map((other, i) => (i === index ? { ...other, time: 'rowtime' as const } : other));
  return { kind: 'Watermark', input, column: index, expr, columns };
}
