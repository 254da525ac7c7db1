import type { Batch } from '../core/batch.ts';
import { RowKind } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import { writableColumns, type TableEntry } from '../catalog/entry.ts';
import type { PhysicalPlan } from '../planner/physical-plan.ts';

export interface RequiredColumn {
  readonly index: number;
  readonly name: string;
}

/** The columns of a sink that the table declares NOT NULL. That the query's are NOT NULL too does not say so: a record may lack a field. */
export function requiredColumns(table: TableEntry, plan: Extract<PhysicalPlan, { kind: 'Sink' }>): readonly RequiredColumn[] {
  const declared = writableColumns(table);
  return plan.columns.flatMap(({ name }, index) => (declared[index]?.type.nullable === false ? [{ index, name: `${table.name}.${name}` }] : []));
}

/** As Flink's table.exec.sink.not-null-enforcer = ERROR, its default. */
export function refuseNulls(batch: Batch, required: readonly RequiredColumn[]): void {
  for (const { index, name } of required) {
    const nulls = batch.columns[index]?.nulls;
    if (nulls === undefined || !nulls.subarray(0, batch.rowCount).includes(1)) continue;
    // A deletion may name its key and nothing else.
    if (batch.kinds !== undefined && !nulls.subarray(0, batch.rowCount).some((isNull, row) => isNull === 1 && batch.kinds?.[row] !== RowKind.delete)) continue;
    throw new SqlError({ code: 'E0702', message: `${name} is declared NOT NULL, and the query gives NULL for it`, hint: 'drop such rows:  WHERE ... IS NOT NULL' });
  }
}
