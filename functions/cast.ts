import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { isInteger, isStructured, isText, isTimestamp, sameType, type SqlType } from '../core/sql-type.ts';
import { msPerDay } from '../core/time.ts';
import { instantOf, localTime } from '../core/zone.ts';
import { fitted, fittedBinary } from './cast-length.ts';
import { asDouble, toDecimal, toInteger } from './cast-number.ts';
import { isBinary, isTime } from './cast-rules.ts';
import { fromText, structuredPrinter, toText } from './cast-text.ts';
import { emitMade } from './collection-code.ts';
import { emitStructuredCast } from './structured-cast.ts';
import { classOf, type Operand, type Value } from './operand.ts';

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

function known(operand: Operand): Value {
  return { operand, isNull: undefined };
}
