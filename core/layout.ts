import { unreachable } from './assert.ts';
import type { SqlType } from './sql-type.ts';

/**
 * How the values of a column lie in memory. Kernels, codecs, state and exchange know layouts, not SQL types.
 * - u8: BOOLEAN as 0 or 1
 * - i32: TINYINT to INT, DATE (days since 1970-01-01), TIME (ms), INTERVAL MONTH
 * - i64: BIGINT, TIMESTAMP(<=3) and INTERVAL SECOND in ms, DECIMAL(<=18) scaled
 * - i64n: TIMESTAMP(4..9): ms and the nanoseconds within the ms
 * - i128: DECIMAL(19..38) scaled, low and high half
 * - f32, f64: FLOAT, DOUBLE
 * - bytes: text as UTF-8, binary, and the canonical encoding of ARRAY, MAP, MULTISET
 */
export type Layout = 'u8' | 'i32' | 'i64' | 'i64n' | 'i128' | 'f32' | 'f64' | 'bytes';

export const layouts: readonly Layout[] = ['u8', 'i32', 'i64', 'i64n', 'i128', 'f32', 'f64', 'bytes'];

/** A ROW has no layout of its own: it is flattened into its fields before a batch is made. */
export function layoutOf(type: SqlType): Layout {
  switch (type.kind) {
    case 'BOOLEAN':
      return 'u8';
    case 'NULL':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'DATE':
    case 'TIME':
    case 'INTERVAL_MONTH':
      return 'i32';
    case 'BIGINT':
    case 'INTERVAL_SECOND':
      return 'i64';
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return type.precision <= 3 ? 'i64' : 'i64n';
    case 'DECIMAL':
      return type.precision <= 18 ? 'i64' : 'i128';
    case 'FLOAT':
      return 'f32';
    case 'DOUBLE':
      return 'f64';
    case 'CHAR':
    case 'VARCHAR':
    case 'BINARY':
    case 'VARBINARY':
    case 'ARRAY':
    case 'MAP':
    case 'MULTISET':
    case 'ROW':
      return 'bytes';
    default:
      return unreachable(type);
  }
}
