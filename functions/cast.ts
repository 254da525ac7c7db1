import type { ByteHeap } from '../core/byte-heap.ts';
import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { decimalFromText, fitsPrecision, printDecimal, rescale } from '../core/decimal.ts';
import { SqlError } from '../core/diagnostic.ts';
import { asDecimal, isInteger, isStructured, isText, isTimestamp, maxLength, printType, sameType, withNullable, type SqlType } from '../core/sql-type.ts';
import { hasZone, msPerDay, parseLooseDate, parseTime, parseTimestamp, type Instant } from '../core/time.ts';
import { printValue, type SqlValue } from '../core/value.ts';
import { instantOf, localTime } from '../core/zone.ts';
import { numberOfBigint } from './bigint-words.ts';
import { isBinary, isTime } from './cast-rules.ts';
import { emitMade } from './collection-code.ts';
import { emitStructuredCast, printEncoded } from './structured-cast.ts';
import { scaleOf } from './numeric.ts';
import { assign, bigOf, classOf, declare, maxSmall, type Operand, type Value } from './operand.ts';

export interface CastOptions {
  readonly isTry?: boolean;
  /** The session's time zone. */
  readonly zone?: string;
}

/** A local time as an instant or the other way round. */
function inZone(code: CodeBuilder, value: Operand, zone: string, move: (zone: string, time: number) => number): Operand {
  if (zone === 'UTC') return value;
  const moved = (time: Js): Js => code.define('t', js`${code.use(move, 'inZone')}(${zone}, ${time})`);
  if (value.class === 'instant') return { ...value, millis: moved(value.millis) };
  return value.class === 'time' ? { class: 'time', value: moved(value.value) } : value;
}

/** Source that casts a value that is not NULL. `isTry`: NULL for a value that cannot be cast, where a plain cast is an error. */
export function emitCast(code: CodeBuilder, given: Operand, from: SqlType, to: SqlType, heap: Js, { isTry = false, zone = 'UTC' }: CastOptions = {}): Value {
  if (sameType(from, to)) return known(given);
  // A TIMESTAMP_LTZ becomes anything else as the local time of the session's zone.
  const value = from.kind === 'TIMESTAMP_LTZ' && to.kind !== 'TIMESTAMP_LTZ' ? inZone(code, given, zone, localTime) : given;
  if (value.class === 'bytes' && isStructured(from)) {
    if (isText(to)) {
      const text = emitMade(code, heap, js`${heap}.appendText(${code.use(structuredPrinter(from, zone), 'print')}(${value.heap}, ${value.offset}, ${value.length}))`);
      return known(fitted(code, text, from, to, heap));
    }
    return emitStructuredCast(code, value, from, to, heap, isTry, (part, partFrom, partTo) => emitCast(code, part, partFrom, partTo, heap, { isTry, zone }));
  }
  // Bytes become the text that they are in UTF-8.
  if (isText(to)) return known(fitted(code, value.class === 'bytes' ? value : toText(code, value, from, heap), from, to, heap));
  if (isBinary(to)) return known(fittedBinary(code, value, to, heap));
  if (isText(from)) return fromText(code, value, to, isTry, zone);
  if (isTime(from)) {
    const time = toTime(code, value, from, to);
    return known(to.kind === 'TIMESTAMP_LTZ' && from.kind !== 'TIMESTAMP_LTZ' ? inZone(code, time, zone, instantOf) : time);
  }
  if (to.kind === 'BOOLEAN') return known({ class: 'bool', value: code.define('b', value.class === 'bigint' ? js`${value.value} !== 0n` : js`${asDouble(code, value, from)} !== 0`) });
  if (to.kind === 'DECIMAL') return toDecimal(code, value, from, to);
  if (isInteger(to)) return known(toInteger(code, value, from, to));
  if (to.kind === 'FLOAT') return known({ class: 'double', value: code.define('d', js`Math.fround(${asDouble(code, value, from)})`) });
  return known({ class: 'double', value: code.define('d', asDouble(code, value, from)) });
}

/** Days, ms of a day and ms since 1970-01-01: a TIME becomes a timestamp of that day, as in Flink. Digits that the target has not are cut off. */
function toTime(code: CodeBuilder, value: Operand, from: SqlType, to: SqlType): Operand {
  const x = value.class === 'instant' ? value.millis : 'value' in value ? value.value : js`0`;
  const digits = (type: SqlType): number => ('precision' in type && type.kind !== 'DECIMAL' ? type.precision : 0);
  if (to.kind === 'DATE') return { class: 'int', value: code.define('i', js`Math.floor(${x} / ${msPerDay})`) };
  let moved = x;
  if (from.kind === 'DATE') moved = code.define('t', js`${x} * ${msPerDay}`);
  else if (isTimestamp(from) && to.kind === 'TIME') moved = code.define('i', js`${x} - Math.floor(${x} / ${msPerDay}) * ${msPerDay}`);
  const step = 10 ** (3 - Math.min(3, digits(to)));
  if (digits(to) < Math.min(3, digits(from))) moved = code.define('t', js`Math.floor(${moved} / ${step}) * ${step}`);
  if (classOf(to) === 'instant') {
    const nanos = value.class === 'instant' ? value.nanos : js`0`;
    const unit = 10 ** (9 - digits(to));
    return { class: 'instant', millis: moved, nanos: digits(to) < digits(from) ? code.define('i', js`${nanos} - ${nanos} % ${unit}`) : nanos };
  }
  return { class: to.kind === 'TIME' ? 'int' : 'time', value: moved };
}

/** BINARY(n) and VARBINARY(n) hold n bytes: the rest is cut off, and BINARY is filled up with zeros. Text is its UTF-8. */
function fittedBinary(code: CodeBuilder, value: Operand, to: SqlType, heap: Js): Operand {
  if (value.class !== 'bytes' || !('length' in to) || (to.kind === 'VARBINARY' && to.length === maxLength)) return value;
  if (to.kind === 'VARBINARY') return { ...value, length: code.define('n', js`Math.min(${value.length}, ${to.length})`) };
  const result = declare(code, 'bytes');
  const at = code.define('o', js`${code.use(padBytes, 'padBytes')}(${heap}, ${value.heap}, ${value.offset}, ${value.length}, ${to.length})`);
  assign(code, result, { class: 'bytes', heap: js`${heap}.bytes`, offset: at, length: js`${to.length}` });
  return result;
}

function padBytes(heap: ByteHeap, source: Uint8Array, offset: number, length: number, width: number): number {
  heap.reserve(width);
  const at = heap.append(source, offset, Math.min(length, width));
  heap.bytes.fill(0, heap.used, at + width);
  heap.used = at + width;
  return at;
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

function asDouble(code: CodeBuilder, value: Operand, from: SqlType): Js {
  switch (value.class) {
    case 'bigint':
      return numberOfBigint(code, value.value).number;
    case 'decimal': {
      const scale = scaleOf(from);
      const big = js`Number(${value.big}) / ${10 ** scale}`;
      const small = scale === 0 ? value.small : js`${value.small} / ${10 ** scale}`;
      return value.isSmall === undefined ? small : js`(${value.isSmall} ? ${small} : ${big})`;
    }
    case 'bytes':
    case 'instant':
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
  else number = asDouble(code, value, from);
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
    const { number: small, high } = numberOfBigint(code, value.value);
    const isSmall = code.define('s', js`${high} >= -2097152 && ${high} < 2097152`);
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
          : js`${code.use(doubleToDecimal(to.precision, to.scale), 'toDecimal')}(${asDouble(code, value, from)})`;
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
  const argument = value.class === 'decimal' ? bigOf(value) : value.class === 'instant' ? js`{ millis: ${value.millis}, nanos: ${value.nanos} }` : 'value' in value ? value.value : js`null`;
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

const structuredPrinters = new Map<string, (heap: Uint8Array, at: number, length: number) => string>();
function structuredPrinter(type: SqlType, zone: string): (heap: Uint8Array, at: number, length: number) => string {
  return memo(structuredPrinters, `${printType(type)} ${zone}`, () => (heap, at, length) => printEncoded(heap, at, length, type, zone));
}

const utf8 = new TextDecoder();
const readersByType = new Map<string, (heap: Uint8Array, offset: number, length: number) => unknown>();

/** Text to anything else. A text that is no such value is E0207, and for TRY_CAST NULL. */
function fromText(code: CodeBuilder, value: Operand, to: SqlType, isTry: boolean, zone: string): Value {
  if (value.class !== 'bytes') return known(value);
  const target = printType(withNullable(to, true));
  const read = memo(readersByType, `${target} ${isTry} ${zone}`, () => (heap: Uint8Array, offset: number, length: number) => {
    const text = utf8.decode(heap.subarray(offset, offset + length)).trim();
    const result = readText(text, to, zone);
    if (result === undefined && !isTry) throw new SqlError({ code: 'E0207', message: `'${text.slice(0, 120)}' cannot be cast to ${target}`, hint: 'TRY_CAST gives NULL instead of an error' });
    return result;
  });
  const of = classOf(to) ?? 'int';
  const given = code.define('x', js`${code.use(read, 'read')}(${value.heap}, ${value.offset}, ${value.length})`);
  const isNull = isTry ? code.define('n', js`${given} === undefined`) : undefined;
  if (of === 'instant') {
    const part = (name: Js): Js => (isNull === undefined ? name : js`(${isNull} ? 0 : ${name})`);
    return { operand: { class: of, millis: code.define('t', part(js`${given}.millis`)), nanos: code.define('i', part(js`${given}.nanos`)) }, isNull };
  }
  const found = isNull === undefined ? given : code.define('x', js`${isNull} ? ${of === 'bigint' || of === 'decimal' ? 0n : of === 'bool' ? false : 0} : ${given}`);
  if (of === 'decimal') {
    const isSmall = code.define('s', js`${found} >= ${-BigInt(maxSmall)} && ${found} <= ${BigInt(maxSmall)}`);
    return { operand: { class: 'decimal', small: code.define('c', js`${isSmall} ? Number(${found}) : 0`), isSmall, big: found }, isNull };
  }
  return { operand: { class: of as 'int', value: found }, isNull };
}

/** Source: Flink's BinaryStringDataUtil. */
function readText(text: string, to: SqlType, zone: string): number | bigint | boolean | Instant | undefined {
  switch (to.kind) {
    case 'DECIMAL':
      return decimalFromText(text, to.precision, to.scale);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return readTimestamp(text, to, zone);
    case 'DATE':
      return parseLooseDate(text);
    case 'TIME':
      return withDigits(parseTime(text), to.precision);
    case 'BOOLEAN':
      return booleans.get(text.toLowerCase());
    case 'FLOAT':
    case 'DOUBLE': {
      if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(NaN|Infinity)$/.test(text)) return undefined;
      return to.kind === 'FLOAT' ? Math.fround(Number(text)) : Number(text);
    }
    default: {
      // A fraction is cut off, as it is from a DECIMAL.
      if (!/^[+-]?\d+(\.\d*)?$/.test(text)) return undefined;
      const unscaled = decimalFromText(text.replace(/\..*$/, ''), 38, 0);
      const [low, high] = integerRange(to);
      if (unscaled === undefined || unscaled < low || unscaled > high) return undefined;
      return to.kind === 'BIGINT' ? unscaled : Number(unscaled);
    }
  }
}

function readTimestamp(text: string, to: SqlType & { readonly precision: number }, zone: string): number | Instant | undefined {
  const days = /:/.test(text) ? undefined : parseLooseDate(text);
  const read = parseTimestamp(text) ?? (days === undefined ? undefined : { millis: days * msPerDay, nanos: 0 });
  if (read === undefined) return undefined;
  const millis = to.kind === 'TIMESTAMP_LTZ' && !hasZone(text) ? instantOf(zone, read.millis) : read.millis;
  return to.precision <= 3 ? withDigits(millis, to.precision) : { millis, nanos: read.nanos - (read.nanos % 10 ** (9 - to.precision)) };
}

function withDigits(millis: number | undefined, precision: number): number | undefined {
  const step = 10 ** Math.max(0, 3 - precision);
  return millis === undefined ? undefined : Math.floor(millis / step) * step;
}

const booleans: ReadonlyMap<string, boolean> = new Map([...['t', 'true', 'y', 'yes', '1'].map((text) => [text, true] as const), ...['f', 'false', 'n', 'no', '0'].map((text) => [text, false] as const)]);

export function integerRange(type: SqlType): readonly [bigint, bigint] {
  const bits = type.kind === 'TINYINT' ? 8n : type.kind === 'SMALLINT' ? 16n : type.kind === 'INT' ? 32n : 64n;
  return [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
}

