/** Dates and times of the proleptic Gregorian calendar, years 0001 to 9999, as days or milliseconds since 1970-01-01. No time zones here. */

export const msPerDay = 86_400_000;

/** Days since 1970-01-01. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** The inverse of daysFromCivil. */
export function civilFromDays(days: number): CivilDate {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1 };
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

export function isValidDate(year: number, month: number, day: number): boolean {
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/** A point on the time line: milliseconds since 1970-01-01T00:00, and the nanoseconds within that millisecond. */
export interface Instant {
  readonly millis: number;
  readonly nanos: number;
}

const timestampForm = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/**
 * Reads `yyyy-MM-dd[( |T)HH:mm[:ss[.fraction]][Z|+HH:mm]]`; a zone is applied. Undefined when the text has another form or names a
 * time that does not exist (31 February, 24:00).
 */
export function parseTimestamp(text: string): Instant | undefined {
  const match = timestampForm.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((i) => Number(match[i] ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (!isValidDate(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
  const fraction = Number((match[7] ?? '').padEnd(9, '0'));
  const zone = match[8];
  let shift = 0;
  if (zone !== undefined && zone !== 'Z') {
    const hours = Number(zone.slice(1, 3));
    const minutes = Number(zone.slice(4, 6));
    if (hours > 18 || minutes > 59) return undefined;
    shift = (hours * 60 + minutes) * (zone.startsWith('-') ? -60_000 : 60_000);
  }
  const millis = daysFromCivil(year, month, day) * msPerDay + ((hour * 60 + minute) * 60 + second) * 1000 - shift;
  return { millis: millis + Math.floor(fraction / 1_000_000), nanos: fraction % 1_000_000 };
}

const looseForm = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([ T])(\d{1,2}):(\d{1,2})(?::(\d{1,2})(.*))?)?$/;

/** As CAST and literals read a timestamp: as `parseTimestamp`, and each part but the year may have one digit. */
export function parseLooseTimestamp(text: string): Instant | undefined {
  const match = looseForm.exec(text);
  if (match === null) return parseTimestamp(text);
  const [, year = '', month = '', day = '', between, hour = '', minute = '', second, rest = ''] = match;
  const two = (digits: string): string => digits.padStart(2, '0');
  const clock = between === undefined ? '' : ` ${two(hour)}:${two(minute)}${second === undefined ? '' : `:${two(second)}${rest}`}`;
  return parseTimestamp(`${year}-${two(month)}-${two(day)}${clock}`);
}

/** True when the text of a timestamp ends in a zone. */
export function hasZone(text: string): boolean {
  return /(?:Z|[+-]\d{2}:\d{2})$/.test(text) && timestampForm.test(text);
}

const timeForm = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?$/;

/** `H:mm[:ss[.fraction]]` in ms since midnight, digits beyond the ms cut off; undefined when the text is no time of day. */
export function parseTime(text: string): number | undefined {
  const match = timeForm.exec(text);
  if (match === null) return undefined;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return ((hour * 60 + minute) * 60 + second) * 1000 + Math.floor(Number((match[4] ?? '').padEnd(9, '0')) / 1_000_000);
}

const looseTimeForm = /^(\d+)(?:\s*:\s*(\d{1,2})(?:\s*:\s*(\d{1,2})(?:\.(\d*))?)?)?$/;

/** As CAST reads a time of day: `H[:m[:s[.fraction]]]`; of hours the last two digits count. Source: Flink's DateTimeUtils.parseTime. */
export function parseLooseTime(text: string): number | undefined {
  const match = looseTimeForm.exec(text);
  if (match === null) return undefined;
  const [, hour = '', minute = '0', second = '0', fraction = ''] = match;
  const clock = [hour.slice(-2), minute, second].map((part) => part.padStart(2, '0')).join(':');
  return parseTime(fraction === '' ? clock : `${clock}.${fraction.slice(0, 9)}`);
}

const dateForm = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Days since 1970-01-01, or undefined when the text is no date. */
export function parseDate(text: string): number | undefined {
  const match = dateForm.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return isValidDate(year, month, day) ? daysFromCivil(year, month, day) : undefined;
}

const looseDateForm = /^(\d{1,4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?$/;

/** As CAST reads a date: `y[-M[-d]]`, and a time of day after it is cut off. Source: Flink's DateTimeUtils.parseDate. */
export function parseLooseDate(text: string): number | undefined {
  const match = looseDateForm.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2] ?? 1), Number(match[3] ?? 1)];
  // Unlike a timestamp, a date has the year 0.
  return isValidDate(year === 0 ? 4 : year, month, day) ? daysFromCivil(year, month, day) : undefined;
}

export function printDate(days: number): string {
  const { year, month, day } = civilFromDays(days);
  return `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}-${pad2(month)}-${pad2(day)}`;
}

/** `yyyy-MM-dd HH:mm:ss[.fraction]` with `precision` digits of fraction. */
export function printTimestamp(millis: number, nanos: number, precision: number): string {
  const days = Math.floor(millis / msPerDay);
  const ofDay = millis - days * msPerDay;
  const seconds = Math.floor(ofDay / 1000);
  const clock = `${pad2(Math.floor(seconds / 3600))}:${pad2(Math.floor(seconds / 60) % 60)}:${pad2(seconds % 60)}`;
  const fraction = String((ofDay % 1000) * 1_000_000 + nanos)
    .padStart(9, '0')
    .slice(0, precision);
  return `${printDate(days)} ${clock}${precision === 0 ? '' : `.${fraction}`}`;
}

function pad2(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

const unitMillis: Readonly<Record<string, number>> = { SECOND: 1000, MINUTE: 60_000, HOUR: 3_600_000, DAY: msPerDay, WEEK: 7 * msPerDay };

const severalForm: Readonly<Record<string, RegExp>> = {
  'YEAR TO MONTH': /^(?<year>\d+)-(?<month>\d{1,2})$/,
  'DAY TO HOUR': /^(?<day>\d+) (?<hour>\d{1,2})$/,
  'DAY TO MINUTE': /^(?<day>\d+) (?<hour>\d{1,2}):(?<minute>\d{1,2})$/,
  'DAY TO SECOND': /^(?<day>\d+) (?<hour>\d{1,2}):(?<minute>\d{1,2}):(?<second>\d{1,2}(?:\.\d{1,9})?)$/,
  'HOUR TO MINUTE': /^(?<hour>\d+):(?<minute>\d{1,2})$/,
  'HOUR TO SECOND': /^(?<hour>\d+):(?<minute>\d{1,2}):(?<second>\d{1,2}(?:\.\d{1,9})?)$/,
  'MINUTE TO SECOND': /^(?<minute>\d+):(?<second>\d{1,2}(?:\.\d{1,9})?)$/,
};

/** `1 02:03:04.5` DAY TO SECOND and alike: all units but the first stay below the next greater. */
function parseSeveral(text: string, unit: string): { readonly kind: 'millis' | 'months'; readonly value: number } | undefined {
  const groups = severalForm[unit]?.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const part = (name: string): number => Number(groups[name] ?? 0);
  const isFirst = (name: string): boolean => unit.startsWith(name.toUpperCase());
  if (part('month') > 11 || (part('hour') > 23 && !isFirst('hour')) || (part('minute') > 59 && !isFirst('minute')) || part('second') >= 60) return undefined;
  if (unit === 'YEAR TO MONTH') return { kind: 'months', value: part('year') * 12 + part('month') };
  const seconds = Math.floor(part('second') * 1000 + 1e-6);
  return { kind: 'millis', value: ((part('day') * 24 + part('hour')) * 60 + part('minute')) * 60_000 + seconds };
}

/** An interval literal of one unit or of several, `INTERVAL '10' SECOND`, in ms (day-time) or months (year-month); undefined when the text does not fit. */
export function parseInterval(text: string, unit: string): { readonly kind: 'millis' | 'months'; readonly value: number } | undefined {
  const negative = text.startsWith('-');
  const body = text.replace(/^[+-]/, '');
  const sign = negative ? -1 : 1;
  if (unit === 'MONTH' || unit === 'YEAR' || unit === 'QUARTER') {
    if (!/^\d+$/.test(body)) return undefined;
    return { kind: 'months', value: sign * Number(body) * (unit === 'YEAR' ? 12 : unit === 'QUARTER' ? 3 : 1) };
  }
  const several = unit.includes(' TO ') ? parseSeveral(body, unit) : undefined;
  if (several !== undefined) return { kind: several.kind, value: sign * several.value };
  const scale = unitMillis[unit];
  if (scale === undefined) return undefined;
  if (unit === 'SECOND' ? !/^\d+(\.\d{1,9})?$/.test(body) : !/^\d+$/.test(body)) return undefined;
  return { kind: 'millis', value: sign * Math.floor(Number(body) * scale + 1e-6) };
}

/** `5 s`, `10 s`, `1.5 s`, `2 min`: for people. */
export function printDuration(millis: number): string {
  for (const [scale, unit] of [
    [msPerDay, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1000, 's'],
  ] as const) {
    if (Math.abs(millis) >= scale && millis % scale === 0) return `${millis / scale} ${unit}`;
  }
  return Math.abs(millis) >= 1000 ? `${millis / 1000} s` : `${millis} ms`;
}

const durationForm = /^(\d+(?:\.\d+)?)\s*(ms|millis|milliseconds?|s|sec|seconds?|min|minutes?|h|hours?|d|days?)?$/i;

/** A duration option as Flink writes it (`10 s`, `5min`, `200ms`; a bare number is ms), in ms. */
export function parseDuration(text: string): number | undefined {
  const match = durationForm.exec(text.trim());
  if (match === null) return undefined;
  const unit = (match[2] ?? 'ms').toLowerCase();
  const scale = unit.startsWith('ms') || unit.startsWith('milli') ? 1 : unit.startsWith('s') ? 1000 : unit.startsWith('m') ? 60_000 : unit.startsWith('h') ? 3_600_000 : msPerDay;
  return Number(match[1]) * scale;
}
