import { types, withNullable, type SqlType } from '../core/sql-type.ts';

/** The types of totals. Source: Flink's LogicalTypeMerging, findSumAggType and findAvgAggType. */

/** SUM keeps the type of integers (and wraps as they do); a DECIMAL gets 38 digits. */
export function sumType(type: SqlType): SqlType {
  if (type.kind === 'DECIMAL') return types.decimal(38, type.scale);
  return withNullable(type, true);
}

/** AVG has the type of its argument; of a DECIMAL 38 digits, six of them behind the point at least. */
export function avgType(type: SqlType): SqlType {
  return type.kind === 'DECIMAL' ? types.decimal(38, Math.max(6, type.scale)) : withNullable(type, true);
}
