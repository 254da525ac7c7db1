import { unreachable } from './assert.ts';

/**
 * A SQL type, as plain JSON. Lengths are code points, precisions digits. `nullable` is part of the type, as in Flink;
 * types are nullable unless something says otherwise.
 */
export type SqlType =
  | { readonly kind: 'BOOLEAN' | 'TINYINT' | 'SMALLINT' | 'INT' | 'BIGINT' | 'FLOAT' | 'DOUBLE' | 'DATE' | 'NULL'; readonly nullable: boolean }
  | { readonly kind: 'CHAR' | 'VARCHAR' | 'BINARY' | 'VARBINARY'; readonly length: number; readonly nullable: boolean }
  | { readonly kind: 'DECIMAL'; readonly precision: number; readonly scale: number; readonly nullable: boolean }
  | { readonly kind: 'TIME' | 'TIMESTAMP' | 'TIMESTAMP_LTZ'; readonly precision: number; readonly nullable: boolean }
  | { readonly kind: 'INTERVAL_MONTH' | 'INTERVAL_SECOND'; readonly nullable: boolean }
  | { readonly kind: 'ROW'; readonly fields: readonly RowField[]; readonly nullable: boolean }
  | { readonly kind: 'ARRAY' | 'MULTISET'; readonly element: SqlType; readonly nullable: boolean }
  | { readonly kind: 'MAP'; readonly key: SqlType; readonly value: SqlType; readonly nullable: boolean };

export interface RowField {
  readonly name: string;
  readonly type: SqlType;
}

export type TypeKind = SqlType['kind'];

/** VARCHAR without a limit, which Flink calls STRING. */
export const maxLength = 2147483647;

export const types = {
  boolean: { kind: 'BOOLEAN', nullable: true },
  int: { kind: 'INT', nullable: true },
  bigint: { kind: 'BIGINT', nullable: true },
  double: { kind: 'DOUBLE', nullable: true },
  string: { kind: 'VARCHAR', length: maxLength, nullable: true },
  nothing: { kind: 'NULL', nullable: true },
  intervalSecond: { kind: 'INTERVAL_SECOND', nullable: true },
  decimal: (precision: number, scale: number): SqlType => ({ kind: 'DECIMAL', precision, scale, nullable: true }),
  timestamp: (precision: number): SqlType => ({ kind: 'TIMESTAMP', precision, nullable: true }),
  timestampLtz: (precision: number): SqlType => ({ kind: 'TIMESTAMP_LTZ', precision, nullable: true }),
} as const satisfies Record<string, SqlType | ((...args: number[]) => SqlType)>;

export function withNullable(type: SqlType, nullable: boolean): SqlType {
  return type.nullable === nullable ? type : { ...type, nullable };
}

/** The type as SQL writes it; NOT NULL is part of it. */
export function printType(type: SqlType): string {
  return type.nullable || type.kind === 'NULL' ? printBare(type) : `${printBare(type)} NOT NULL`;
}

/** For sentences: `an INT`, `a BIGINT`; whether it may be NULL is not the news. */
export function describeType(type: SqlType): string {
  const text = printType(withNullable(type, true));
  return `${/^[AEIOU]/.test(text) ? 'an' : 'a'} ${text}`;
}

function printBare(type: SqlType): string {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'FLOAT':
    case 'DOUBLE':
    case 'DATE':
    case 'NULL':
      return type.kind;
    case 'CHAR':
    case 'BINARY':
      return `${type.kind}(${type.length})`;
    case 'VARCHAR':
      return type.length === maxLength ? 'STRING' : `VARCHAR(${type.length})`;
    case 'VARBINARY':
      return type.length === maxLength ? 'BYTES' : `VARBINARY(${type.length})`;
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'TIME':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return `${type.kind}(${type.precision})`;
    case 'INTERVAL_MONTH':
      return 'INTERVAL MONTH';
    case 'INTERVAL_SECOND':
      return 'INTERVAL SECOND(3)';
    case 'ROW':
      return `ROW<${type.fields.map((field) => `\`${field.name.replaceAll('`', '``')}\` ${printType(field.type)}`).join(', ')}>`;
    case 'ARRAY':
    case 'MULTISET':
      return `${type.kind}<${printType(type.element)}>`;
    case 'MAP':
      return `MAP<${printType(type.key)}, ${printType(type.value)}>`;
    default:
      return unreachable(type);
  }
}

/** Equal but for nullability. */
export function sameType(a: SqlType, b: SqlType): boolean {
  return printBare(deepNullable(a)) === printBare(deepNullable(b));
}

function deepNullable(type: SqlType): SqlType {
  switch (type.kind) {
    case 'ROW':
      return { ...type, nullable: true, fields: type.fields.map((field) => ({ name: field.name, type: deepNullable(field.type) })) };
    case 'ARRAY':
    case 'MULTISET':
      return { ...type, nullable: true, element: deepNullable(type.element) };
    case 'MAP':
      return { ...type, nullable: true, key: deepNullable(type.key), value: deepNullable(type.value) };
    default:
      return withNullable(type, true);
  }
}

const integerRank: Partial<Record<TypeKind, number>> = { TINYINT: 1, SMALLINT: 2, INT: 3, BIGINT: 4 };
const integerDigits: Partial<Record<TypeKind, number>> = { TINYINT: 3, SMALLINT: 5, INT: 10, BIGINT: 19 };

export function isInteger(type: SqlType): boolean {
  return integerRank[type.kind] !== undefined;
}

export function isNumeric(type: SqlType): boolean {
  return isInteger(type) || type.kind === 'DECIMAL' || type.kind === 'FLOAT' || type.kind === 'DOUBLE';
}

export function isText(type: SqlType): boolean {
  return type.kind === 'CHAR' || type.kind === 'VARCHAR';
}

export function isTimestamp(type: SqlType): boolean {
  return type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ';
}

/** The DECIMAL that holds every value of an exact numeric type. */
export function asDecimal(type: SqlType): { readonly precision: number; readonly scale: number } | undefined {
  if (type.kind === 'DECIMAL') return type;
  const precision = integerDigits[type.kind];
  return precision === undefined ? undefined : { precision, scale: 0 };
}

/** True for ARRAY, MAP, MULTISET and ROW, whose values are encoded (core/collection.ts). */
export function isStructured(type: SqlType): type is Extract<SqlType, { kind: 'ARRAY' | 'MAP' | 'MULTISET' | 'ROW' }> {
  return type.kind === 'ARRAY' || type.kind === 'MAP' || type.kind === 'MULTISET' || type.kind === 'ROW';
}

function isBytes(type: SqlType): boolean {
  return type.kind === 'BINARY' || type.kind === 'VARBINARY';
}

/**
 * The type that both sides are cast to before they are compared or merged (CASE, IN, UNION), or undefined when there is none.
 * Source: Flink's documentation, "Data Types", casting rules; Calcite's leastRestrictive for numbers.
 */
export function commonType(a: SqlType, b: SqlType): SqlType | undefined {
  const nullable = a.nullable || b.nullable;
  if (a.kind === 'NULL') return withNullable(b, true);
  if (b.kind === 'NULL') return withNullable(a, true);
  if (isNumeric(a) && isNumeric(b)) return commonNumeric(a, b, nullable);
  if (isText(a) && isText(b)) {
    const length = Math.max('length' in a ? a.length : 0, 'length' in b ? b.length : 0);
    return a.kind === 'CHAR' && b.kind === 'CHAR' && sameType(a, b) ? withNullable(a, nullable) : { kind: 'VARCHAR', length, nullable };
  }
  if (a.kind === b.kind) {
    if ('precision' in a && 'precision' in b && a.kind !== 'DECIMAL') return withNullable(a.precision >= b.precision ? a : b, nullable);
    if (a.kind !== 'VARBINARY' && a.kind !== 'BINARY' && sameType(a, b)) return commonStructured(a, b, nullable) ?? withNullable(a, nullable);
    if (isStructured(a)) return commonStructured(a, b, nullable);
  }
  if (isBytes(a) && isBytes(b)) return sameType(a, b) ? withNullable(a, nullable) : { kind: 'VARBINARY', length: Math.max('length' in a ? a.length : 0, 'length' in b ? b.length : 0), nullable };
  if (a.kind === b.kind) return undefined;
  if (a.kind === 'DATE' && isTimestamp(b)) return withNullable(b, nullable);
  if (b.kind === 'DATE' && isTimestamp(a)) return withNullable(a, nullable);
  if (a.kind === 'TIMESTAMP' && b.kind === 'TIMESTAMP_LTZ') return withNullable(b, nullable);
  if (a.kind === 'TIMESTAMP_LTZ' && b.kind === 'TIMESTAMP') return withNullable(a, nullable);
  return undefined;
}

/** Part by part; a ROW has the names of the first. */
function commonStructured(a: SqlType, b: SqlType, nullable: boolean): SqlType | undefined {
  if ((a.kind === 'ARRAY' || a.kind === 'MULTISET') && b.kind === a.kind) {
    const element = commonType(a.element, b.element);
    return element && { kind: a.kind, element, nullable };
  }
  if (a.kind === 'MAP' && b.kind === 'MAP') {
    const [key, value] = [commonType(a.key, b.key), commonType(a.value, b.value)];
    return key && value && { kind: 'MAP', key, value, nullable };
  }
  if (a.kind !== 'ROW' || b.kind !== 'ROW' || a.fields.length !== b.fields.length) return undefined;
  const fields: RowField[] = [];
  for (const [i, { name, type }] of a.fields.entries()) {
    const common = commonType(type, b.fields[i]?.type ?? type);
    if (common === undefined) return undefined;
    fields.push({ name, type: common });
  }
  return { kind: 'ROW', fields, nullable };
}

function commonNumeric(a: SqlType, b: SqlType, nullable: boolean): SqlType {
  if (a.kind === 'DOUBLE' || b.kind === 'DOUBLE') return { kind: 'DOUBLE', nullable };
  // Beside a FLOAT integers become one; a DECIMAL needs a DOUBLE.
  if (a.kind === 'FLOAT' || b.kind === 'FLOAT') return { kind: a.kind === 'DECIMAL' || b.kind === 'DECIMAL' ? 'DOUBLE' : 'FLOAT', nullable };
  const rankA = integerRank[a.kind];
  const rankB = integerRank[b.kind];
  if (rankA !== undefined && rankB !== undefined) return withNullable(rankA >= rankB ? a : b, nullable);
  const x = asDecimal(a);
  const y = asDecimal(b);
  if (x === undefined || y === undefined) return { kind: 'DOUBLE', nullable };
  const scale = Math.max(x.scale, y.scale);
  const digits = Math.max(x.precision - x.scale, y.precision - y.scale);
  return { kind: 'DECIMAL', precision: Math.min(38, digits + scale), scale: Math.min(scale, Math.max(0, 38 - digits)), nullable };
}

/** True when a value of `from` always becomes a value of `to` without an explicit CAST. */
export function canWidenTo(from: SqlType, to: SqlType): boolean {
  if (from.kind === 'NULL' || sameType(from, to)) return true;
  // Of rows the names are those of the target.
  const common = isStructured(to) ? commonType(to, from) : commonType(from, to);
  if (common === undefined) return false;
  if (isText(from) && to.kind === 'VARCHAR') return true;
  return sameType(common, to);
}

/**
 * True when INSERT casts a value of `from` into a column of `to` by itself: numbers into types that hold their whole part or into DECIMAL,
 * text into text, and the time types among each other. Source: Flink's implicit casts (LogicalTypeCasts), which are stricter with DATE.
 */
export function canStoreAs(from: SqlType, to: SqlType): boolean {
  if (canWidenTo(from, to)) return true;
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') return canStoreAs(from.element, to.element);
  if (from.kind === 'MAP' && to.kind === 'MAP') return canStoreAs(from.key, to.key) && canStoreAs(from.value, to.value);
  if (from.kind === 'ROW' && to.kind === 'ROW') return from.fields.length === to.fields.length && from.fields.every(({ type }, i) => canStoreAs(type, to.fields[i]?.type ?? type));
  if (isNumeric(from) && isNumeric(to)) return to.kind === 'DECIMAL' || to.kind === 'DOUBLE' || (to.kind === 'FLOAT' && from.kind !== 'DOUBLE');
  if (isText(from) && isText(to)) return true;
  if ((from.kind === 'BINARY' || from.kind === 'VARBINARY') && (to.kind === 'BINARY' || to.kind === 'VARBINARY')) return true;
  if (from.kind === 'TIMESTAMP' && to.kind === 'TIME') return true;
  return (isTimestamp(from) || from.kind === 'DATE') && (isTimestamp(to) || to.kind === 'DATE');
}
