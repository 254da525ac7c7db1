import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { isTimestamp, types, withNullable, isNumeric, type SqlType } from '../core/sql-type.ts';
import { msPerDay } from '../core/time.ts';
import { addMonths } from './date-time.ts';
import type { Overload } from './definition.ts';
import type { Operand, OperandOf, Value } from './operand.ts';

/** Arithmetic of times and intervals. Source: Flink's documentation, arithmetic of intervals; Calcite's SqlTimestampAddFunction. */

function isInterval(type: SqlType): boolean {
  return type.kind === 'INTERVAL_SECOND' || type.kind === 'INTERVAL_MONTH';
}

/** The value `months` later, in ms. */
function monthsLater(time: number, months: number): number {
  const days = Math.floor(time / msPerDay);
  return addMonths(days, months) * msPerDay + (time - days * msPerDay);
}

function around(time: number): number {
  return ((time % msPerDay) + msPerDay) % msPerDay;
}

function numberOf(operand: Operand): Js {
  return 'value' in operand ? operand.value : js`0`;
}

/** The time that lies an interval later, or earlier. A TIME goes round the clock, and months leave it as it is. */
function emitMove(code: CodeBuilder, operator: '+' | '-', time: Operand, interval: Operand, type: SqlType, by: SqlType): Value {
  const length = operator === '+' ? numberOf(interval) : js`-${numberOf(interval)}`;
  const isMonths = by.kind === 'INTERVAL_MONTH';
  if (type.kind === 'DATE') {
    const days = isMonths ? js`${code.use(addMonths, 'addMonths')}(${numberOf(time)}, ${length})` : js`${numberOf(time)} + Math.trunc((${length}) / ${msPerDay})`;
    return { operand: { class: 'int', value: code.define('i', days) }, isNull: undefined };
  }
  if (type.kind === 'TIME' && isMonths) return { operand: time, isNull: undefined };
  if (type.kind === 'TIME') return { operand: { class: 'int', value: code.define('i', js`${code.use(around, 'around')}(${numberOf(time)} + ${length})`) }, isNull: undefined };
  const millis = time.class === 'instant' ? time.millis : numberOf(time);
  const moved = code.define('t', isMonths ? js`${code.use(monthsLater, 'monthsLater')}(${millis}, ${length})` : js`${millis} + ${length}`);
  return { operand: time.class === 'instant' ? { ...time, millis: moved } : { class: 'time', value: moved }, isNull: undefined };
}

/** What a time becomes when an interval is added: a DATE and less than days make a TIMESTAMP. Undefined when they do not go together. */
function movedType(time: SqlType, interval: SqlType, literal: string | undefined): SqlType | undefined {
  if (isTimestamp(time)) return time;
  if (time.kind === 'TIME') return time;
  if (time.kind !== 'DATE') return undefined;
  const isWithinDay = interval.kind === 'INTERVAL_SECOND' && literal !== undefined && Number(literal) % msPerDay !== 0;
  return isWithinDay ? { kind: 'TIMESTAMP', precision: 3, nullable: time.nullable } : time;
}

/** A time and an interval, an interval and a time, and two intervals of one kind. */
export function intervalSums(operator: '+' | '-'): readonly Overload[] {
  const later: Overload = {
    id: 'time',
    version: 1,
    accept: ([a, b], literals) => {
      if (a === undefined || b === undefined || !isInterval(b)) return undefined;
      const moved = movedType(a, b, literals[1]);
      return moved === undefined ? undefined : [moved, b];
    },
    returns: ([a]) => withNullable(a ?? types.nothing, false),
    emit: (code, [a, b], { args: [type, by] }) => emitMove(code, operator, a as Operand, b as Operand, type as SqlType, by as SqlType),
  };
  const swapped: Overload = {
    id: 'interval time',
    version: 1,
    accept: ([a, b], literals) => {
      if (a === undefined || b === undefined || !isInterval(a)) return undefined;
      const moved = movedType(b, a, literals[0]);
      return moved === undefined ? undefined : [a, moved];
    },
    returns: ([, b]) => withNullable(b ?? types.nothing, false),
    emit: (code, [a, b], { args: [by, type] }) => emitMove(code, operator, b as Operand, a as Operand, type as SqlType, by as SqlType),
  };
  const lengths: Overload = {
    id: 'intervals',
    version: 1,
    accept: ([a, b]) => (a !== undefined && b !== undefined && isInterval(a) && a.kind === b.kind ? [a, b] : undefined),
    returns: ([a]) => withNullable(a ?? types.nothing, false),
    emit: (code, [a, b]) => {
      const [x, y] = [numberOf(a as Operand), numberOf(b as Operand)];
      const sum = operator === '+' ? js`${x} + ${y}` : js`${x} - ${y}`;
      return (a as Operand).class === 'int'
        ? { operand: { class: 'int', value: code.define('i', js`(${sum}) | 0`) }, isNull: undefined }
        : { operand: { class: 'time', value: code.define('t', sum) }, isNull: undefined };
    },
  };
  return operator === '+' ? [later, swapped, lengths] : [later, lengths];
}

function scaled(value: Operand, factor: Operand, operator: '*' | '/'): Js {
  const by = factor.class === 'bigint' ? js`Number(${factor.value})` : numberOf(factor);
  return operator === '*' ? js`Math.trunc(${numberOf(value)} * ${by})` : js`Math.trunc(${numberOf(value)} / ${by})`;
}

/** An interval so many times, or a part of it. A number that is no integer is taken as a DOUBLE. */
export function intervalProducts(operator: '*' | '/'): readonly Overload[] {
  const factorOf = (type: SqlType): SqlType | undefined => (!isNumeric(type) ? undefined : type.kind === 'DECIMAL' ? withNullable(types.double, type.nullable) : type);
  const make = (id: string, at: 0 | 1): Overload => ({
    id,
    version: 1,
    accept: (args) => {
      const [interval, factor] = [args[at], args[1 - at]];
      const number = factor === undefined ? undefined : factorOf(factor);
      if (interval === undefined || !isInterval(interval) || number === undefined) return undefined;
      return at === 0 ? [interval, number] : [number, interval];
    },
    returns: (args) => withNullable(args[at] ?? types.nothing, false),
    emit: (code, args) => {
      const [interval, factor] = [args[at] as Operand, args[1 - at] as Operand];
      if (operator === '/') code.line(js`if (${numberOf(factor)} == 0) ${code.use(divisionByZero, 'divisionByZero')}();`);
      const result = scaled(interval, factor, operator);
      return interval.class === 'int'
        ? { operand: { class: 'int', value: code.define('i', js`(${result}) | 0`) }, isNull: undefined }
        : { operand: { class: 'time', value: code.define('t', result) }, isNull: undefined };
    },
  });
  return operator === '*' ? [make('interval number', 0), make('number interval', 1)] : [make('interval number', 0)];
}

function divisionByZero(): never {
  throw new RangeError('division by zero');
}

/** The interval in the other direction. */
export const negatedInterval: Overload = {
  id: 'interval',
  version: 1,
  accept: ([a, ...rest]) => (a !== undefined && rest.length === 0 && isInterval(a) ? [a] : undefined),
  returns: ([a]) => withNullable(a ?? types.nothing, false),
  emit: (code, [a]) => {
    const value = a as OperandOf<'int'> | OperandOf<'time'>;
    return { operand: { class: value.class, value: code.define('t', js`0 - ${value.value}`) }, isNull: undefined };
  },
};
