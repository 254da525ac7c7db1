import type { Batch } from '../core/batch.ts';
import { RowKind } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import { printType, type SqlType } from '../core/sql-type.ts';
import { writableColumns, type TableEntry } from '../catalog/entry.ts';
import type { PhysicalPlan } from '../planner/physical-plan.ts';

/** A column of a sink whose text has a length that is enforced. */
export interface SizedColumn {
  readonly index: number;
  readonly name: string;
  readonly type: Extract<SqlType, { kind: 'CHAR' | 'VARCHAR' | 'BINARY' | 'VARBINARY' }>;
}

/** The columns of a sink whose text or bytes the table gives a length. */
export function sizedColumns(table: TableEntry, plan: Extract<PhysicalPlan, { kind: 'Sink' }>): readonly SizedColumn[] {
  const declared = writableColumns(table);
  return plan.columns.flatMap(({ name }, index): readonly SizedColumn[] => {
    const type = declared[index]?.type;
    const isSized = type?.kind === 'CHAR' || type?.kind === 'VARCHAR' || type?.kind === 'BINARY' || type?.kind === 'VARBINARY';
    return isSized && type.length < 2147483647 ? [{ index, name: `${table.name}.${name}`, type }] : [];
  });
}

/** As Flink's table.exec.sink.type-length-enforcer = ERROR: a text that is longer than its column, or shorter than a CHAR(n), is E0702. */
export function refuseLengths(batch: Batch, sized: readonly SizedColumn[]): void {
  for (const { index, name, type } of sized) {
    const column = batch.columns[index];
    if (column?.layout !== 'bytes') continue;
    const isText = type.kind === 'CHAR' || type.kind === 'VARCHAR';
    const isFixed = type.kind === 'CHAR' || type.kind === 'BINARY';
    for (let row = 0; row < batch.rowCount; row++) {
      if (column.nulls?.[row] === 1) continue;
      const bytes = column.lengths[row] as number;
      if (!isFixed && bytes <= type.length) continue;
      const from = column.offsets[row] as number;
      const length = isText ? pointsIn(column.heap, from, bytes) : bytes;
      if (length <= type.length && (!isFixed || length === type.length)) continue;
      const shown = isText ? `'${Buffer.from(column.heap.subarray(from, from + Math.min(bytes, 80))).toString()}'` : `${bytes} bytes`;
      throw new SqlError({ code: 'E0702', message: `${shown} does not fit ${name}, a ${printType({ ...type, nullable: true })}`, hint: "SET 'table.exec.sink.type-length-enforcer' = 'TRIM_PAD' cuts and fills it" });
    }
  }
}

/** The code points of a text in UTF-8. */
function pointsIn(heap: Uint8Array, from: number, bytes: number): number {
  let points = 0;
  for (let i = from; i < from + bytes; i++) if (((heap[i] as number) & 0xc0) !== 0x80) points++;
  return points;
}

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
