import { asDecimal, isInteger, isStructured, isText, isTimestamp, sameType, type SqlType } from '../core/sql-type.ts';
import { classOf } from './operand.ts';

/** Which types can be cast to which, and what is kept. */

/**
 * True for the casts of this build.
 * Source: Flink's documentation, "Data Types", casting; numbers that do not fit an integer type wrap, text that is no number is an error.
 */
export function canCast(from: SqlType, to: SqlType): boolean {
  if (from.kind === 'NULL' || sameType(from, to)) return true;
  if (isStructured(from) || isStructured(to)) return isText(to) || canCastParts(from, to, canCast);
  const [source, target] = [classOf(from), classOf(to)];
  if (source === undefined || target === undefined) return false;
  const numbers = ['int', 'bigint', 'double', 'decimal'];
  if (isNumberLike(from) && isNumberLike(to)) return numbers.includes(source) && numbers.includes(target);
  if (isText(to)) return true;
  if (isText(from)) return true;
  if (isBinary(from) && isBinary(to)) return true;
  if (isTime(from) && isTime(to)) return !(from.kind === 'DATE' && to.kind === 'TIME') && !(from.kind === 'TIME' && to.kind === 'DATE');
  return from.kind === 'BOOLEAN' ? isNumberLike(to) : isInteger(from) && to.kind === 'BOOLEAN';
}

/** True when all parts of structured types have a cast, as `can` says. A ROW has as many fields as the other. */
function canCastParts(from: SqlType, to: SqlType, can: (from: SqlType, to: SqlType) => boolean): boolean {
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') return can(from.element, to.element);
  if (from.kind === 'MAP' && to.kind === 'MAP') return can(from.key, to.key) && can(from.value, to.value);
  return from.kind === 'ROW' && to.kind === 'ROW' && from.fields.length === to.fields.length && from.fields.every(({ type }, i) => can(type, to.fields[i]?.type ?? type));
}

/** True when a cast makes two values one in no case: a wider number, a longer text, more digits of a time. */
export function isInjective(from: SqlType, to: SqlType): boolean {
  if (sameType(from, to)) return true;
  const [source, target] = [asDecimal(from), asDecimal(to)];
  if (source !== undefined && target !== undefined) return source.scale <= target.scale && source.precision - source.scale <= target.precision - target.scale;
  if (from.kind === 'FLOAT' && to.kind === 'DOUBLE') return true;
  if (isInteger(from) && from.kind !== 'BIGINT' && to.kind === 'DOUBLE') return true;
  if ('length' in from && to.kind === (isText(from) ? 'VARCHAR' : 'VARBINARY')) return from.length <= to.length;
  if (from.kind === 'DATE') return isTimestamp(to);
  // Not between TIMESTAMP and TIMESTAMP_LTZ: a zone's clocks go back once a year.
  return from.kind === to.kind && 'precision' in from && 'precision' in to && from.precision <= to.precision;
}

type CastGroup = 'text' | 'bytes' | 'boolean' | 'integer' | 'number' | 'date' | 'time' | 'timestamp' | 'interval' | 'ARRAY' | 'MULTISET' | 'MAP' | 'ROW' | 'NULL';

function castGroup(type: SqlType): CastGroup {
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
      return 'text';
    case 'BINARY':
    case 'VARBINARY':
      return 'bytes';
    case 'BOOLEAN':
      return 'boolean';
    case 'DECIMAL':
    case 'FLOAT':
    case 'DOUBLE':
      return 'number';
    case 'DATE':
      return 'date';
    case 'TIME':
      return 'time';
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return 'timestamp';
    case 'INTERVAL_MONTH':
    case 'INTERVAL_SECOND':
      return 'interval';
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
      return 'integer';
    default:
      return type.kind;
  }
}

/** What may become what besides text, which everything may become. Source: Flink's documentation, "Data Types", supported casts. */
const castable: Readonly<Record<CastGroup, readonly CastGroup[]>> = {
  text: ['bytes', 'boolean', 'integer', 'number', 'date', 'time', 'timestamp'],
  bytes: ['bytes'],
  boolean: ['boolean', 'integer', 'number'],
  integer: ['boolean', 'integer', 'number', 'interval'],
  number: ['integer', 'number'],
  date: ['date', 'timestamp'],
  time: ['time', 'timestamp'],
  timestamp: ['date', 'time', 'timestamp'],
  // An INTERVAL of one unit becomes an integer in Flink; here no type says that it has one.
  interval: ['interval'],
  ARRAY: ['ARRAY'],
  MULTISET: ['MULTISET'],
  MAP: ['MAP'],
  ROW: ['ROW'],
  NULL: [],
};

/** False when no cast between the types makes sense in SQL, in this build or any other. */
export function isCastable(from: SqlType, to: SqlType): boolean {
  if (isStructured(from) && isStructured(to) && from.kind !== 'MULTISET') return canCastParts(from, to, isCastable);
  return from.kind === 'NULL' || isText(to) || castable[castGroup(from)].includes(castGroup(to));
}

export function isBinary(type: SqlType): boolean {
  return type.kind === 'BINARY' || type.kind === 'VARBINARY';
}

export function isTime(type: SqlType): boolean {
  return type.kind === 'DATE' || type.kind === 'TIME' || isTimestamp(type);
}

export function isNumberLike(type: SqlType): boolean {
  return asDecimal(type) !== undefined || type.kind === 'FLOAT' || type.kind === 'DOUBLE';
}
