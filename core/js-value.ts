import { entryTypes } from './collection.ts';
import { printDecimal } from './decimal.ts';
import { SqlError } from './diagnostic.ts';
import { types, type SqlType } from './sql-type.ts';
import { printDate, printTimestamp } from './time.ts';
import { instantOf, printValue, type SqlValue } from './value.ts';

/** How SQL values become JavaScript values. */
export interface JsTypeChoice {
  readonly bigint: 'bigint' | 'number' | 'string';
  readonly decimal: 'string' | 'number';
  readonly timestamp: 'string' | 'date' | 'millis';
  readonly ltz: 'date' | 'string' | 'millis';
}

export const defaultJsTypes: JsTypeChoice = { bigint: 'bigint', decimal: 'string', timestamp: 'string', ltz: 'date' };

/** An ARRAY is an array, a ROW an object by its fields' names, a MAP a Map, a MULTISET a Map from elements to how often they occur. */
export type JsValue = null | boolean | number | bigint | string | Date | Uint8Array | readonly JsValue[] | ReadonlyMap<JsValue, JsValue> | JsRow;
export interface JsRow {
  readonly [field: string]: JsValue;
}

/** A SQL value as JavaScript sees it. Throws E0207 for a BIGINT beyond 2^53 that is asked for as a number: nothing is rounded in silence. */
export function toJsValue(value: SqlValue, type: SqlType, choice: JsTypeChoice): JsValue {
  if (value === null) return null;
  switch (type.kind) {
    case 'BIGINT': {
      const exact = value as bigint;
      if (choice.bigint === 'bigint') return exact;
      if (choice.bigint === 'string') return String(exact);
      if (!Number.isSafeInteger(Number(exact))) throw new SqlError({ code: 'E0207', message: `${exact} is beyond what a JavaScript number holds exactly`, hint: "types: { bigint: 'bigint' }" });
      return Number(exact);
    }
    case 'DECIMAL': {
      const text = printDecimal(value as bigint, type.scale);
      return choice.decimal === 'string' ? text : Number(text);
    }
    case 'DATE':
      return printDate(value as number);
    case 'TIME':
      return printValue(value, type) ?? null;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const instant = instantOf(value);
      const wanted = type.kind === 'TIMESTAMP' ? choice.timestamp : choice.ltz;
      if (wanted === 'millis') return instant.millis;
      return wanted === 'date' ? new Date(instant.millis) : printTimestamp(instant.millis, instant.nanos, type.precision);
    }
    case 'ARRAY':
      return (value as readonly SqlValue[]).map((each) => toJsValue(each, type.element, choice));
    case 'MAP':
    case 'MULTISET': {
      const [key, of] = entryTypes(type);
      return new Map((value as readonly (readonly [SqlValue, SqlValue])[]).map(([k, v]) => [toJsValue(k, key, choice), toJsValue(v, of, choice)]));
    }
    case 'ROW':
      return Object.fromEntries(type.fields.map(({ name, type: of }, i) => [name, toJsValue((value as readonly SqlValue[])[i] ?? null, of, choice)]));
    default:
      return value;
  }
}

const leastInt64 = -(2n ** 63n);
const greatestInt64 = 2n ** 63n - 1n;
/** ms: 0001-01-01 and the last of 9999. */
const leastTime = -62_135_596_800_000;
const greatestTime = 253_402_300_799_999;

/**
 * A JavaScript value as a typed literal in canonical text: a whole number is an INT or, when larger, a BIGINT, any other a DOUBLE; a bigint is
 * a BIGINT or, when larger, a DECIMAL; text is a STRING, a Date a TIMESTAMP_LTZ(3). Throws E0206 for what is no SQL value, E0207 for one
 * that no type holds, E0002 for bytes and collections.
 */
export function literalOfJs(value: unknown): { readonly value: string | boolean | null; readonly type: SqlType } {
  switch (typeof value) {
    case 'boolean':
      return { value, type: { kind: 'BOOLEAN', nullable: false } };
    case 'number':
      return literalOfNumber(value);
    case 'bigint': {
      if (value >= leastInt64 && value <= greatestInt64) return { value: String(value), type: { kind: 'BIGINT', nullable: false } };
      const precision = String(value < 0n ? -value : value).length;
      if (precision > 38) throw new SqlError({ code: 'E0207', message: 'a number has at most 38 digits' });
      return { value: String(value), type: { kind: 'DECIMAL', precision, scale: 0, nullable: false } };
    }
    case 'string':
      if (!value.isWellFormed()) throw new SqlError({ code: 'E0207', message: 'this text holds half a surrogate pair: it has no UTF-8' });
      return { value, type: { ...types.string, nullable: false } };
    case 'object': {
      if (value === null) return { value: null, type: types.nothing };
      if (!(value instanceof Date)) throw new SqlError({ code: 'E0002', message: `not supported yet: a value of ${value instanceof Uint8Array ? 'bytes' : Array.isArray(value) ? 'an array' : 'an object'}` });
      const millis = value.getTime();
      if (!(millis >= leastTime && millis <= greatestTime)) throw new SqlError({ code: 'E0207', message: 'this Date is no time of the years 1 to 9999' });
      return { value: String(millis), type: { kind: 'TIMESTAMP_LTZ', precision: 3, nullable: false } };
    }
    default:
      throw new SqlError({ code: 'E0206', message: `${typeof value} is no SQL value`, hint: typeof value === 'undefined' ? 'NULL is null' : undefined });
  }
}

function literalOfNumber(value: number): { readonly value: string; readonly type: SqlType } {
  if (!Number.isFinite(value)) throw new SqlError({ code: 'E0207', message: `SQL has no literal for ${value}`, hint: `CAST('${value}' AS DOUBLE)` });
  const kind = !Number.isSafeInteger(value) || Object.is(value, -0) ? 'DOUBLE' : value === (value | 0) ? 'INT' : 'BIGINT';
  return { value: Object.is(value, -0) ? '-0' : String(value), type: { kind, nullable: false } };
}
