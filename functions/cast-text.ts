import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { decimalFromText, printDecimal } from '../core/decimal.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { printType, withNullable, type SqlType } from '../core/sql-type.ts';
import { daysInMonth, hasZone, parseLooseDate, parseLooseTime, parseLooseTimestamp, type Instant } from '../core/time.ts';
import { printValue, type SqlValue } from '../core/value.ts';
import { instantOf } from '../core/zone.ts';
import { integerRange } from './cast-number.ts';
import { memo } from './memo.ts';
import { assign, bigOf, classOf, declare, maxSmall, type Operand, type Value } from './operand.ts';
import { printEncoded } from './structured-cast.ts';

/** Casts to text and from text. */

/** The text of a value that is no text and has no parts. */
export function toText(code: CodeBuilder, value: Operand, from: SqlType, heap: Js): Operand {
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
/** Prints an encoded value; its TIMESTAMP_LTZ in the zone. */
export function structuredPrinter(type: SqlType, zone: string): (heap: Uint8Array, at: number, length: number) => string {
  return memo(structuredPrinters, `${printType(type)} ${zone}`, () => (heap, at, length) => printEncoded(heap, at, length, type, zone));
}

const utf8 = new TextDecoder();
const readersByType = new Map<string, (heap: Uint8Array, offset: number, length: number) => unknown>();

/** Text to anything else. A text that is no such value is E0207, and for TRY_CAST NULL. */
export function fromText(code: CodeBuilder, value: Operand, to: SqlType, isTry: boolean, zone: string): Value {
  if (value.class !== 'bytes') return { operand: value, isNull: undefined };
  const target = printType(withNullable(to, true));
  const read = memo(readersByType, `${target} ${isTry} ${zone}`, () => (heap: Uint8Array, offset: number, length: number) => {
    const text = utf8.decode(heap.subarray(offset, offset + length)).trim();
    const result = readText(text, to, zone);
    if (result === undefined && !isTry) throw noSuchValue(text, to);
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

/** E0207 for a text that is no value of a type. */
export function noSuchValue(text: string, to: SqlType, span?: Span): SqlError {
  return new SqlError({ code: 'E0207', message: `'${text.slice(0, 120)}' cannot be cast to ${printType(withNullable(to, true))}`, hint: 'TRY_CAST gives NULL instead of an error', ...(span !== undefined && { span }) });
}

/** The value that a text without blanks around it says; undefined when it says none. A timestamp without a zone is local time of `zone`. Source: Flink's BinaryStringDataUtil. */
export function readText(text: string, to: SqlType, zone: string): number | bigint | boolean | Instant | undefined {
  switch (to.kind) {
    case 'DECIMAL':
      return decimalFromText(text, to.precision, to.scale);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return readTimestamp(text, to, zone);
    case 'DATE':
      return parseLooseDate(text);
    case 'TIME':
      return withDigits(parseLooseTime(text), to.precision);
    case 'BOOLEAN':
      return booleans.get(text.toLowerCase());
    case 'FLOAT':
    case 'DOUBLE': {
      // With the letter that may end a number in Java.
      const number = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[fFdD]?$|^([+-]?(?:NaN|Infinity))$/.exec(text);
      if (number === null) return undefined;
      const value = Number((number[1] ?? number[2] ?? '').replace(/^[+-](?=NaN)/, ''));
      return to.kind === 'FLOAT' ? Math.fround(value) : value;
    }
    default: {
      // A fraction is cut off, as it is from a DECIMAL.
      if (!/^[+-]?(?:\d+(?:\.\d*)?|\.\d*)$/.test(text)) return undefined;
      const unscaled = decimalFromText(text.replace(/\..*$/, '').replace(/^[+-]?$/, '0'), 38, 0);
      const [low, high] = integerRange(to);
      if (unscaled === undefined || unscaled < low || unscaled > high) return undefined;
      return to.kind === 'BIGINT' ? unscaled : Number(unscaled);
    }
  }
}

/** As `parseLooseTimestamp`, and a day up to 31 that its month lacks is the month's last, as java.time's smart resolving has it. */
export function parseSmartTimestamp(text: string): Instant | undefined {
  const read = parseLooseTimestamp(text);
  if (read !== undefined) return read;
  const [whole, year, month, day] = /^(\d{4})-(\d{1,2})-(29|30|31)(?=[ T]|$)/.exec(text) ?? [];
  if (whole === undefined || Number(month) < 1 || Number(month) > 12) return undefined;
  return parseLooseTimestamp(`${year ?? ''}-${month ?? ''}-${Math.min(Number(day), daysInMonth(Number(year), Number(month)))}${text.slice(whole.length)}`);
}

function readTimestamp(text: string, to: SqlType & { readonly precision: number }, zone: string): number | Instant | undefined {
  const read = parseSmartTimestamp(text);
  if (read === undefined) return undefined;
  const millis = to.kind === 'TIMESTAMP_LTZ' && !hasZone(text) ? instantOf(zone, read.millis) : read.millis;
  return to.precision <= 3 ? withDigits(millis, to.precision) : { millis, nanos: read.nanos - (read.nanos % 10 ** (9 - to.precision)) };
}

function withDigits(millis: number | undefined, precision: number): number | undefined {
  const step = 10 ** Math.max(0, 3 - precision);
  return millis === undefined ? undefined : Math.floor(millis / step) * step;
}

const booleans: ReadonlyMap<string, boolean> = new Map([...['t', 'true', 'y', 'yes', '1'].map((text) => [text, true] as const), ...['f', 'false', 'n', 'no', '0'].map((text) => [text, false] as const)]);
