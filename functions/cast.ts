import type { ByteHeap } from '../core/byte-heap.ts';
import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { decimalFromText, fitsPrecision, printDecimal, rescale } from '../core/decimal.ts';
import { SqlError } from '../core/diagnostic.ts';
import { asDecimal, isInteger, isText, isTimestamp, maxLength, printType, sameType, type SqlType } from '../core/sql-type.ts';
import { parseTimestamp } from '../core/time.ts';
import { printValue, type SqlValue } from '../core/value.ts';
import { scaleOf } from './numeric.ts';
import { assign, bigOf, classOf, declare, maxSmall, type Operand, type Value } from './operand.ts';

/**
 * CAST between types. `heap` is the kernel's ByteHeap, where text that is made lies.
 * Source: Flink's documentation, "Data Types", casting; numbers that do not fit an integer type wrap, text that is no number is an error.
 */
export function canCast(from: SqlType, to: SqlType): boolean {
  if (from.kind === 'NULL' || sameType(from, to)) return true;
  const [source, target] = [classOf(from), classOf(to)];
  if (source === undefined || target === undefined) return false;
  const numbers = ['int', 'bigint', 'double', 'decimal'];
  if (isNumberLike(from) && isNumberLike(to)) return numbers.includes(source) && numbers.includes(target);
  if (isText(to)) return from.kind !== 'INTERVAL_MONTH' && from.kind !== 'INTERVAL_SECOND';
  if (isText(from)) return isNumberLike(to) || to.kind === 'TIMESTAMP' || to.kind === 'TIMESTAMP_LTZ';
  if (isTimestamp(from) && isTimestamp(to)) return true;
  return from.kind === 'BOOLEAN' && isInteger(to);
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
  interval: ['integer', 'interval'],
  ARRAY: ['ARRAY'],
  MULTISET: ['MULTISET'],
  MAP: ['MAP'],
  ROW: ['ROW'],
  NULL: [],
};

/** False when no cast between the types makes sense in SQL, in this build or any other. */
export function isCastable(from: SqlType, to: SqlType): boolean {
  return from.kind === 'NULL' || isText(to) || castable[castGroup(from)].includes(castGroup(to));
}

function isNumberLike(type: SqlType): boolean {
  return asDecimal(type) !== undefined || type.kind === 'FLOAT' || type.kind === 'DOUBLE';
}

/** Source that casts a value that is not NULL. */
export function emitCast(code: CodeBuilder, value: Operand, from: SqlType, to: SqlType, heap: Js): Value {
  if (sameType(from, to)) return known(value);
  // Bytes become the text that they are in UTF-8.
  if (isText(to)) return known(fitted(code, value.class === 'bytes' ? value : toText(code, value, from, heap), from, to, heap));
  if (isText(from)) return known(fromText(code, value, to));
  if (to.kind === 'DECIMAL') return toDecimal(code, value, from, to);
  if (isTimestamp(to) && isTimestamp(from)) return known(value);
  if (isInteger(to)) return known(toInteger(code, value, from, to));
  if (to.kind === 'FLOAT') return known({ class: 'double', value: code.define('d', js`Math.fround(${asDouble(value, from)})`) });
  return known({ class: 'double', value: code.define('d', asDouble(value, from)) });
}

/** CHAR(n) and VARCHAR(n) hold n characters: the rest is cut off, and CHAR is filled up with spaces. */
function fitted(code: CodeBuilder, value: Operand, from: SqlType, to: SqlType, heap: Js): Operand {
  const isPadded = to.kind === 'CHAR';
  if (value.class !== 'bytes' || !('length' in to) || to.length === maxLength) return value;
  if (!isPadded && isText(from) && 'length' in from && from.length <= to.length) return value;
  const result = declare(code, 'bytes');
  const at = code.define('o', js`${code.use(fitBytes, 'fitBytes')}(${heap}, ${value.heap}, ${value.offset}, ${value.length}, ${to.length}, ${isPadded})`);
  assign(code, result, { class: 'bytes', heap: js`${heap}.bytes`, offset: at, length: js`${heap}.used - ${at}` });
  return result;
}

/** The text brought to at most, or padded to exactly, `characters` code points. */
export function fitText(text: string, characters: number, isPadded: boolean): string {
  const points = [...text];
  return points.length > characters ? points.slice(0, characters).join('') : isPadded ? text + ' '.repeat(characters - points.length) : text;
}

function fitBytes(heap: ByteHeap, source: Uint8Array, offset: number, length: number, characters: number, isPadded: boolean): number {
  // Never longer in characters than in bytes.
  if (!isPadded && length <= characters) return heap.append(source, offset, length);
  return heap.appendText(fitText(utf8.decode(source.subarray(offset, offset + length)), characters, isPadded));
}

function known(operand: Operand): Value {
  return { operand, isNull: undefined };
}

function asDouble(value: Operand, from: SqlType): Js {
  switch (value.class) {
    case 'bigint':
      return js`Number(${value.value})`;
    case 'decimal': {
      const scale = scaleOf(from);
      const big = js`Number(${value.big}) / ${10 ** scale}`;
      const small = scale === 0 ? value.small : js`${value.small} / ${10 ** scale}`;
      return value.isSmall === undefined ? small : js`(${value.isSmall} ? ${small} : ${big})`;
    }
    case 'bytes':
      return js`NaN`;
    case 'bool':
      return js`(${value.value} ? 1 : 0)`;
    default:
      return value.value;
  }
}

function toInteger(code: CodeBuilder, value: Operand, from: SqlType, to: SqlType): Operand {
  if (to.kind === 'BIGINT') {
    switch (value.class) {
      case 'int':
        return { class: 'bigint', value: code.define('l', js`BigInt.asIntN(64, BigInt(${value.value}))`) };
      case 'bool':
        return { class: 'bigint', value: code.define('l', js`${value.value} ? 1n : 0n`) };
      case 'double':
        return { class: 'bigint', value: code.define('l', js`${code.use(doubleToLong, 'doubleToLong')}(${value.value})`) };
      case 'decimal':
        return { class: 'bigint', value: code.define('l', js`BigInt.asIntN(64, ${bigOf(value)} / ${10n ** BigInt(scaleOf(from))})`) };
      default:
        return value;
    }
  }
  let number: Js;
  if (value.class === 'bigint') number = js`Number(BigInt.asIntN(32, ${value.value}))`;
  else if (value.class === 'decimal') number = js`Number(BigInt.asIntN(32, ${bigOf(value)} / ${10n ** BigInt(scaleOf(from))}))`;
  else if (value.class === 'double') number = js`${code.use(doubleToInt, 'doubleToInt')}(${value.value})`;
  else number = asDouble(value, from);
  const narrowed = to.kind === 'TINYINT' ? js`(${number}) << 24 >> 24` : to.kind === 'SMALLINT' ? js`(${number}) << 16 >> 16` : js`(${number}) | 0`;
  return { class: 'int', value: code.define('i', narrowed) };
}

function toDecimal(code: CodeBuilder, value: Operand, from: SqlType, to: Extract<SqlType, { kind: 'DECIMAL' }>): Value {
  const source = asDecimal(from);
  const fits = source !== undefined && source.scale <= to.scale && source.precision - source.scale <= to.precision - to.scale;
  if (source !== undefined && source.scale === 0 && to.scale === 0 && fits) {
    if (value.class === 'int') return known({ class: 'decimal', small: value.value, isSmall: undefined, big: js`0n` });
    if (value.class === 'decimal') return known(value);
  }
  if (value.class === 'bigint' && fits && to.scale === 0) {
    const isSmall = code.define('s', js`${value.value} >= ${-BigInt(maxSmall)} && ${value.value} <= ${BigInt(maxSmall)}`);
    const small = code.define('c', js`${isSmall} ? Number(${value.value}) : 0`);
    return known({ class: 'decimal', small, isSmall, big: code.define('g', js`${isSmall} ? 0n : ${value.value}`) });
  }
  if (value.class === 'decimal' && fits && source?.scale === to.scale) return known(value);
  const big =
    value.class === 'decimal'
      ? js`${code.use(rescaled(scaleOf(from), to.precision, to.scale), 'rescale')}(${bigOf(value)})`
      : value.class === 'bigint'
        ? js`${code.use(rescaled(0, to.precision, to.scale), 'rescale')}(${value.value})`
        : value.class === 'int'
          ? js`${code.use(rescaled(0, to.precision, to.scale), 'rescale')}(BigInt(${value.value}))`
          : js`${code.use(doubleToDecimal(to.precision, to.scale), 'toDecimal')}(${asDouble(value, from)})`;
  const result = code.define('g', big);
  const isNull = code.define('n', js`${result} === undefined`);
  const isSmall = code.define('s', js`${isNull} || (${result} >= ${-BigInt(maxSmall)} && ${result} <= ${BigInt(maxSmall)})`);
  const small = code.define('c', js`${isSmall} && !${isNull} ? Number(${result}) : 0`);
  return { operand: { class: 'decimal', small, isSmall, big: result }, isNull };
}

const rescalers = new Map<string, (value: bigint) => bigint | undefined>();
function rescaled(from: number, precision: number, scale: number): (value: bigint) => bigint | undefined {
  return memo(rescalers, `${from}/${precision}/${scale}`, () => (value) => {
    const result = rescale(value, from, scale);
    return fitsPrecision(result, precision) ? result : undefined;
  });
}

const fromDoubles = new Map<string, (value: number) => bigint | undefined>();
function doubleToDecimal(precision: number, scale: number): (value: number) => bigint | undefined {
  return memo(fromDoubles, `${precision}/${scale}`, () => (value) => (Number.isFinite(value) ? decimalFromText(String(value), precision, scale) : undefined));
}

function memo<T>(map: Map<string, T>, key: string, make: () => T): T {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** Java's (long) of a double: toward zero, NaN is 0, out of range is the nearest end. */
function doubleToLong(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= 2 ** 63) return 9223372036854775807n;
  if (value <= -(2 ** 63)) return -9223372036854775808n;
  return BigInt(Math.trunc(value));
}

function doubleToInt(value: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.trunc(Math.min(2147483647, Math.max(-2147483648, value)));
}

function toText(code: CodeBuilder, value: Operand, from: SqlType, heap: Js): Operand {
  const result = declare(code, 'bytes');
  const print = code.use(printers(from), 'print');
  const argument = value.class === 'decimal' ? bigOf(value) : 'value' in value ? value.value : js`null`;
  const at = code.define('o', js`${heap}.appendText(${print}(${argument}))`);
  assign(code, result, { class: 'bytes', heap: js`${heap}.bytes`, offset: at, length: js`${heap}.used - ${at}` });
  return result;
}

const printersByType = new Map<string, (value: SqlValue) => string>();
function printers(type: SqlType): (value: SqlValue) => string {
  return memo(printersByType, printType(type), () =>
    type.kind === 'DECIMAL' ? (value) => printDecimal(value as bigint, type.scale) : (value) => printValue(value, type) ?? '',
  );
}

const utf8 = new TextDecoder();
const readersByType = new Map<string, (heap: Uint8Array, offset: number, length: number) => unknown>();

/** Text to a number or a time; throws E0207 when the text is none. */
function fromText(code: CodeBuilder, value: Operand, to: SqlType): Operand {
  if (value.class !== 'bytes') return value;
  const read = memo(readersByType, printType(to), () => (heap: Uint8Array, offset: number, length: number) => {
    const text = utf8.decode(heap.subarray(offset, offset + length)).trim();
    const result = readText(text, to);
    if (result === undefined) throw new SqlError({ code: 'E0207', message: `'${text.slice(0, 120)}' cannot be cast to ${printType(to)}`, hint: 'TRY_CAST gives NULL instead of an error' });
    return result;
  });
  const call = js`${code.use(read, 'read')}(${value.heap}, ${value.offset}, ${value.length})`;
  const of = classOf(to);
  if (of === 'decimal') {
    const big = code.define('g', call);
    const isSmall = code.define('s', js`${big} >= ${-BigInt(maxSmall)} && ${big} <= ${BigInt(maxSmall)}`);
    return { class: 'decimal', small: code.define('c', js`${isSmall} ? Number(${big}) : 0`), isSmall, big };
  }
  return { class: of as 'int', value: code.define('x', call) };
}

function readText(text: string, to: SqlType): number | bigint | undefined {
  if (to.kind === 'DECIMAL') return decimalFromText(text, to.precision, to.scale);
  if (to.kind === 'TIMESTAMP' || to.kind === 'TIMESTAMP_LTZ') return parseTimestamp(text)?.millis;
  if (isInteger(to)) {
    // A fraction is cut off, as it is from a DECIMAL.
    if (!/^[+-]?\d+(\.\d*)?$/.test(text)) return undefined;
    const unscaled = decimalFromText(text.replace(/\..*$/, ''), 38, 0);
    const [low, high] = integerRange(to);
    if (unscaled === undefined || unscaled < low || unscaled > high) return undefined;
    return to.kind === 'BIGINT' ? unscaled : Number(unscaled);
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(NaN|Infinity)$/.test(text)) return undefined;
  return to.kind === 'FLOAT' ? Math.fround(Number(text)) : Number(text);
}

export function integerRange(type: SqlType): readonly [bigint, bigint] {
  const bits = type.kind === 'TINYINT' ? 8n : type.kind === 'SMALLINT' ? 16n : type.kind === 'INT' ? 32n : 64n;
  return [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
}

