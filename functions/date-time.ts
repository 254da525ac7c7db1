import { civilFromDays, daysFromCivil, daysInMonth, msPerDay } from '../core/time.ts';
import { js, type Js } from '../core/code.ts';
import { isInteger, isTimestamp, types, withNullable, type SqlType } from '../core/sql-type.ts';
import type { Overload, ScalarFunction } from './definition.ts';
import type { OperandOf } from './operand.ts';
import { valueOverload, type ValueKind } from './value-function.ts';

/** Functions of times. Source: Flink's documentation, "System (Built-in) Functions", temporal functions; Calcite's DateTimeUtils. */

/** A part of a time, from its days since 1970-01-01 and its ms of the day. `of`: what only a date, or only a time of day has. */
interface Part {
  readonly of: 'date' | 'time' | 'instant';
  readonly read: (days: number, ms: number) => number;
  /** The same as source, from an expression for the ms since 1970: a number. */
  readonly inline?: (ms: Js) => Js;
  /** What takes the nanoseconds within the ms as well. */
  readonly nanos?: (ms: number, nanos: number) => bigint;
}

const year = (days: number): number => civilFromDays(days).year;
/** 1 is Monday. */
const isoWeekday = (days: number): number => ((((days + 3) % 7) + 7) % 7) + 1;
/** A week belongs to the year that its Thursday lies in. */
const thursday = (days: number): number => days - isoWeekday(days) + 4;

/** The ms within the second. */
const inSecond = (ms: number): number => ms - Math.floor(ms / 1000) * 1000;

/** How many whole units lie behind the start of the cycle of `count` units. */
function inCycle(ms: Js, unit: number, count: number): Js {
  return js`Math.floor(${ms} / ${unit}) - Math.floor(${ms} / ${unit * count}) * ${count}`;
}

const parts: Readonly<Record<string, Part>> = {
  MILLENNIUM: { of: 'date', read: (days) => Math.floor((year(days) + 999) / 1000) },
  CENTURY: { of: 'date', read: (days) => Math.floor((year(days) + 99) / 100) },
  DECADE: { of: 'date', read: (days) => Math.floor(year(days) / 10) },
  YEAR: { of: 'date', read: year },
  ISOYEAR: { of: 'date', read: (days) => year(thursday(days)) },
  QUARTER: { of: 'date', read: (days) => Math.floor((civilFromDays(days).month + 2) / 3) },
  MONTH: { of: 'date', read: (days) => civilFromDays(days).month },
  WEEK: { of: 'date', read: (days) => Math.floor((thursday(days) - daysFromCivil(year(thursday(days)), 1, 1)) / 7) + 1 },
  DAY: { of: 'date', read: (days) => civilFromDays(days).day },
  DOY: { of: 'date', read: (days) => days - daysFromCivil(year(days), 1, 1) + 1 },
  DOW: { of: 'date', read: (days) => (isoWeekday(days) % 7) + 1 },
  ISODOW: { of: 'date', read: isoWeekday },
  EPOCH: { of: 'instant', read: (days, ms) => days * 86_400 + Math.floor(ms / 1000) },
  HOUR: { of: 'time', read: (_days, ms) => Math.floor(ms / 3_600_000), inline: (ms) => inCycle(ms, 3_600_000, 24) },
  MINUTE: { of: 'time', read: (_days, ms) => Math.floor(ms / 60_000) % 60, inline: (ms) => inCycle(ms, 60_000, 60) },
  SECOND: { of: 'time', read: (_days, ms) => Math.floor(ms / 1000) % 60, inline: (ms) => inCycle(ms, 1000, 60) },
  MILLISECOND: { of: 'time', read: (_days, ms) => ms % 1000 },
  MICROSECOND: { of: 'time', read: (_days, ms) => (ms % 1000) * 1000, nanos: (ms, nanos) => BigInt(inSecond(ms) * 1000 + Math.floor(nanos / 1000)) },
  NANOSECOND: { of: 'time', read: (_days, ms) => (ms % 1000) * 1_000_000, nanos: (ms, nanos) => BigInt(inSecond(ms) * 1_000_000 + nanos) },
};

/** Reads a part from each kind of time that has it. */
function readers({ of, read, nanos }: Part): readonly (readonly [ValueKind, (value: number, nanos: number) => bigint])[] {
  return [
    ...(of === 'time' ? [] : [['date', (days: number) => BigInt(read(days, 0))] as const]),
    ...(of === 'time' ? [['time', (ms: number) => BigInt(read(0, ms))] as const] : []),
    ...(nanos === undefined ? [] : [['instant', nanos] as const]),
    ['timestamp', (ms: number) => {
      const days = Math.floor(ms / msPerDay);
      return BigInt(read(days, ms - days * msPerDay));
    }] as const,
  ];
}

/** The overload with no call per row, for a part of a timestamp that has source of its own. */
function inlined({ inline }: Part, kind: ValueKind, overload: Overload): Overload {
  if (inline === undefined || kind !== 'timestamp') return overload;
  return { ...overload, emit: (code, args) => ({ operand: { class: 'bigint', value: code.define('l', js`BigInt.asIntN(64, BigInt(${inline((args.at(-1) as OperandOf<'time'>).value)}))`) }, isNull: undefined }) };
}

/** Units of an interval in months or ms, and how many of them the next greater unit has. Source: Calcite's StandardConvertletTable, EXTRACT. */
const intervalUnits: Readonly<Record<'INTERVAL_MONTH' | 'INTERVAL_SECOND', readonly (readonly [unit: string, size: number, cycle: number])[]>> = {
  INTERVAL_MONTH: [['MILLENNIUM', 12_000, Infinity], ['CENTURY', 1200, Infinity], ['DECADE', 120, Infinity], ['YEAR', 12, Infinity], ['QUARTER', 3, 4], ['MONTH', 1, 12]],
  INTERVAL_SECOND: [['DAY', msPerDay, Infinity], ['HOUR', 3_600_000, 24], ['MINUTE', 60_000, 60], ['SECOND', 1000, 60], ['MILLISECOND', 1, 60_000], ['EPOCH', 1000, Infinity]],
};

/** EXTRACT from intervals: whole units within the next greater one, with the sign of the interval. */
const fromIntervals: readonly Overload[] = (['INTERVAL_MONTH', 'INTERVAL_SECOND'] as const).flatMap((kind) =>
  intervalUnits[kind].map(([unit, size, cycle]): Overload => ({
    id: `${unit} ${kind}`,
    version: 1,
    accept: ([word, interval, ...rest], literals) => (word !== undefined && interval?.kind === kind && rest.length === 0 && literals[0]?.toUpperCase() === unit ? [word, interval] : undefined),
    returns: () => ({ kind: 'BIGINT', nullable: false }),
    emit: (code, [, interval]) => {
      const units = js`Math.trunc(${(interval as OperandOf<'time'>).value} / ${size})`;
      const part = unit === 'QUARTER' ? js`Math.trunc(${(interval as OperandOf<'time'>).value} % 12 / 3) + 1` : cycle === Infinity ? units : js`${units} % ${cycle}`;
      return { operand: { class: 'bigint', value: code.define('l', js`BigInt(${part})`) }, isNull: undefined };
    },
  })),
);

const extract: ScalarFunction = {
  name: 'EXTRACT',
  nulls: 'return-null',
  deterministic: true,
  overloads: [...fromIntervals, ...Object.entries(parts).flatMap(([unit, part]) =>
    readers(part).map(([kind, read]): Overload => inlined(part, kind, valueOverload(`${unit} ${kind}`, { args: ['text', kind], result: 'bigint', call: (_unit: string, value: number, nanos: number) => read(value, nanos) }, ([given]) => given?.toUpperCase() === unit))),
  )],
  doc: 'A part of a time or an interval: MILLENNIUM, CENTURY, DECADE, YEAR, ISOYEAR, QUARTER, MONTH, WEEK, DAY, DOY, DOW (1 is Sunday), ISODOW (1 is Monday), EPOCH, HOUR, MINUTE, SECOND, MILLISECOND, MICROSECOND, NANOSECOND.',
  examples: [
    { sql: "EXTRACT(YEAR FROM DATE '2026-02-28')", result: '2026' },
    { sql: "EXTRACT(MINUTE FROM TIMESTAMP '2026-02-28 07:08:09')", result: '8' },
  ],
};

/** YEAR(x) and alike are EXTRACT(YEAR FROM x). */
function shorthand(name: string, unit: string, example: readonly [string, string]): ScalarFunction {
  const part = parts[unit] as Part;
  const overloads = readers(part).map(([kind, read]) => inlined(part, kind, valueOverload(kind, { args: [kind], result: 'bigint', call: read })));
  return { name, nulls: 'return-null', deterministic: true, overloads, doc: `EXTRACT(${unit} FROM x).`, examples: [{ sql: example[0], result: example[1] }] };
}

/** A number of months and a number of ms that a unit of TIMESTAMPADD is. */
const steps: Readonly<Record<string, { readonly months: number; readonly ms: number }>> = {
  YEAR: { months: 12, ms: 0 },
  QUARTER: { months: 3, ms: 0 },
  MONTH: { months: 1, ms: 0 },
  WEEK: { months: 0, ms: 7 * msPerDay },
  DAY: { months: 0, ms: msPerDay },
  HOUR: { months: 0, ms: 3_600_000 },
  MINUTE: { months: 0, ms: 60_000 },
  SECOND: { months: 0, ms: 1000 },
};

/** The day `months` later; at most the last of its month. */
export function addMonths(days: number, months: number): number {
  const { year: y, month, day } = civilFromDays(days);
  const total = y * 12 + month - 1 + months;
  const [toYear, toMonth] = [Math.floor(total / 12), (((total % 12) + 12) % 12) + 1];
  return daysFromCivil(toYear, toMonth, Math.min(day, daysInMonth(toYear, toMonth)));
}

/** TIMESTAMPADD of a TIMESTAMP(4..9): the nanoseconds stay. */
function nanoTimestampAdd(unit: string, moved: (time: number, n: number) => number, by: 'INT' | 'BIGINT'): Overload {
  return {
    id: by === 'INT' ? `${unit} instant` : `${unit} bigint instant`,
    version: 1,
    accept: ([word, n, time, ...rest], literals) => {
      if (word === undefined || n === undefined || time === undefined || rest.length > 0 || literals[0]?.toUpperCase() !== unit) return undefined;
      if (!isInteger(n) || (n.kind === 'BIGINT') !== (by === 'BIGINT') || !isTimestamp(time) || !('precision' in time) || time.precision <= 3) return undefined;
      return [word, withNullable(by === 'INT' ? types.int : types.bigint, n.nullable), time];
    },
    returns: ([, , time]) => withNullable(time ?? types.nothing, false),
    emit: (code, [, n, time]) => {
      const { millis, nanos } = time as OperandOf<'instant'>;
      const { value } = n as OperandOf<'int' | 'bigint'>;
      return { operand: { class: 'instant', millis: code.define('t', js`${code.use(moved, 'moved')}(${millis}, ${by === 'INT' ? value : js`Number(${value})`})`), nanos }, isNull: undefined };
    },
  };
}

/** TIMESTAMPADD of a DATE by less than days is a TIMESTAMP(6), Calcite's precision where none is said. */
function dateToTimestamp(overload: Overload): Overload {
  return {
    ...overload,
    returns: () => withNullable(types.timestamp(6), false),
    emit: (code, args, callTypes) => ({ operand: { class: 'instant', millis: (overload.emit(code, args, callTypes).operand as OperandOf<'time'>).value, nanos: js`0` }, isNull: undefined }),
  };
}

const timestampAdd: ScalarFunction = {
  name: 'TIMESTAMPADD',
  nulls: 'return-null',
  deterministic: true,
  overloads: Object.entries(steps).flatMap(([unit, { months, ms }]): Overload[] => {
    const allows = ([given]: readonly (string | undefined)[]): boolean => given?.toUpperCase() === unit;
    const moved = (time: number, n: number): number => {
      if (months === 0) return time + n * ms;
      const days = Math.floor(time / msPerDay);
      return addMonths(days, n * months) * msPerDay + (time - days * msPerDay);
    };
    const overloads = (kind: ValueKind, result: ValueKind, call: (n: number, time: number) => number): Overload[] => [
      valueOverload(`${unit} ${kind}`, { args: ['text', 'int', kind], result, call: (_unit: string, n: number, time: number) => call(n, time) }, allows),
      valueOverload(`${unit} bigint ${kind}`, { args: ['text', 'bigint', kind], result, call: (_unit: string, n: bigint, time: number) => call(Number(n), time) }, allows),
    ];
    return [
      // A date becomes a timestamp when it is moved by less than days.
      ...(ms > 0 && ms < msPerDay
        ? overloads('date', 'timestamp', (n, days) => moved(days * msPerDay, n)).map(dateToTimestamp)
        : overloads('date', 'date', (n, days) => (months > 0 ? addMonths(days, n * months) : days + (n * ms) / msPerDay))),
      nanoTimestampAdd(unit, moved, 'INT'),
      nanoTimestampAdd(unit, moved, 'BIGINT'),
      // A time of day goes round; days and months leave it as it is.
      ...overloads('time', 'time', (n, time) => (((time + n * ms) % msPerDay) + msPerDay) % msPerDay),
      ...overloads('timestamp', 'timestamp', (n, time) => moved(time, n)),
    ];
  }),
  doc: 'The time so many units later: YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND. A day that its month does not have becomes the last of the month.',
  examples: [
    { sql: "TIMESTAMPADD(MONTH, 1, DATE '2026-01-31')", result: '2026-02-28' },
    { sql: "TIMESTAMPADD(HOUR, 2, TIMESTAMP '2026-01-31 23:00:00')", result: '2026-02-01 01:00:00' },
  ],
};

/** Whole months from one time to another. Source: Calcite's DateTimeUtils.subtractMonths. */
function monthsBetween(from: number, to: number): number {
  const [fromDay, toDay] = [Math.floor(from / msPerDay), Math.floor(to / msPerDay)];
  const months = wholeMonths(fromDay, toDay);
  return addMonths(fromDay, months) === toDay && to - toDay * msPerDay < from - fromDay * msPerDay ? months - 1 : months;
}

function wholeMonths(from: number, to: number): number {
  if (to < from) return -wholeMonths(to, from);
  const [a, b] = [civilFromDays(from), civilFromDays(to)];
  const months = (b.year - a.year) * 12 + b.month - a.month;
  return addMonths(from, months) > to ? months - 1 : months;
}

const isInstant = (type: SqlType | undefined): boolean => type?.kind === 'TIMESTAMP_LTZ';

const timestampDiff: ScalarFunction = {
  name: 'TIMESTAMPDIFF',
  nulls: 'return-null',
  deterministic: true,
  overloads: Object.entries(steps).map(([unit, { months, ms }]): Overload => {
    const call = (_unit: string, from: number, to: number): number => (months > 0 ? Math.trunc(monthsBetween(from, to) / months) : Math.trunc((to - from) / ms)) | 0;
    const overload = valueOverload(unit, { args: ['text', 'moment', 'moment'], result: 'int', call }, ([given]) => given?.toUpperCase() === unit);
    // An instant has no distance from a local time.
    return { ...overload, accept: (args, literals) => (args[1]?.kind === 'NULL' || args[2]?.kind === 'NULL' || isInstant(args[1]) === isInstant(args[2]) ? overload.accept(args, literals) : undefined) };
  }),
  doc: 'How many whole units lie between two times: YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND. Negative when the second is earlier.',
  examples: [{ sql: "TIMESTAMPDIFF(MONTH, DATE '2026-01-31', DATE '2026-03-01')", result: '1' }],
};

export const dateTimeFunctions: readonly ScalarFunction[] = [
  extract,
  shorthand('YEAR', 'YEAR', ["YEAR(DATE '2026-02-28')", '2026']),
  shorthand('QUARTER', 'QUARTER', ["QUARTER(DATE '2026-05-01')", '2']),
  shorthand('MONTH', 'MONTH', ["MONTH(DATE '2026-02-28')", '2']),
  shorthand('WEEK', 'WEEK', ["WEEK(DATE '2026-01-04')", '1']),
  shorthand('DAYOFYEAR', 'DOY', ["DAYOFYEAR(DATE '2026-02-01')", '32']),
  shorthand('DAYOFMONTH', 'DAY', ["DAYOFMONTH(DATE '2026-02-28')", '28']),
  shorthand('DAYOFWEEK', 'DOW', ["DAYOFWEEK(DATE '2026-03-01')", '1']),
  shorthand('HOUR', 'HOUR', ["HOUR(TIMESTAMP '2026-02-28 07:08:09')", '7']),
  shorthand('MINUTE', 'MINUTE', ["MINUTE(TIMESTAMP '2026-02-28 07:08:09')", '8']),
  shorthand('SECOND', 'SECOND', ["SECOND(TIMESTAMP '2026-02-28 07:08:09')", '9']),
  timestampAdd,
  timestampDiff,
];
