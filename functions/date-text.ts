import { msPerDay, parseLooseDate } from '../core/time.ts';
import { instantOf, localTime } from '../core/zone.ts';
import { parseSmartTimestamp } from './cast-text.ts';
import { formatTime, parseByPattern } from './date-format.ts';
import { types } from '../core/sql-type.ts';
import type { Overload, ScalarFunction } from './definition.ts';
import { withOverloads } from './text-parts.ts';
import { parseLenient } from './simple-date-format.ts';
import { cachedFormat } from './time-text.ts';
import { valueFunction, valueOverload } from './value-function.ts';

/** Times from texts and to texts. Source: Flink's documentation, "System (Built-in) Functions", temporal functions. */

const sqlTimestamp = /^\d{4}-\d{1,2}-\d{1,2}(?: \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?$/;
const standard = 'yyyy-MM-dd HH:mm:ss';

function readTimestamp(text: string, pattern?: string): number | undefined {
  if (pattern === undefined) return sqlTimestamp.test(text) ? parseSmartTimestamp(text)?.millis : undefined;
  return parseByPattern(text, pattern) ?? parseJdbc(text.trim());
}

/** What the pattern does not fit is read as java.sql.Timestamp and Date read a text, as in Flink: a day that its month lacks counts on. */
function parseJdbc(text: string): number | undefined {
  const [, , month, day] = /^(\d{4})-(\d{1,2})-(\d{1,2})(?: \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d{1,9})?)?$/.exec(text) ?? [];
  if (month === undefined || day === undefined || Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > 31) return undefined;
  const seconds = parseLenient(text, text.includes(' ') ? standard : 'yyyy-MM-dd');
  return seconds === undefined ? undefined : seconds + Number((/\.(\d+)$/.exec(text)?.[1] ?? '').padEnd(3, '0').slice(0, 3));
}

function readDate(text: string, pattern?: string): number | undefined {
  if (pattern === undefined) return parseLooseDate(text.trim());
  const millis = parseLenient(text, pattern);
  return millis === undefined ? undefined : Math.floor(millis / msPerDay);
}

/** What Flink gives for a text that is no time. */
const noTime = -9223372036854775808n;

function unixTime(zone: string, text: string, pattern = standard): bigint {
  const local = parseLenient(text, pattern);
  return local === undefined ? noTime : BigInt(Math.floor(instantOf(zone, local) / 1000));
}

function fromUnixTime(zone: string, seconds: bigint, pattern = standard): string {
  return formatTime(localTime(zone, Number(seconds) * 1000), 0, pattern);
}

function convertZone(text: string, from: string, to: string): string | undefined {
  const local = parseLenient(text, standard);
  if (local === undefined) return undefined;
  try {
    return formatTime(localTime(to, instantOf(from, local)), 0, standard);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The instant of a text that is a local time in a zone; undefined for what is no time, and in no zone. */
function readInstant(text: string, pattern: string | undefined, zone: string): number | undefined {
  const local = readTimestamp(text, pattern);
  if (local === undefined || zone.toUpperCase() === 'UTC') return local;
  try {
    return instantOf(zone, local);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** TO_TIMESTAMP_LTZ of a text, by itself, with a pattern, and with the zone that it is local time of, UTC if not said. */
export const instantsOfText: readonly Overload[] = [
  valueOverload('text', { args: ['text'], result: 'timestamp', mayBeNull: true, call: (text: string) => readInstant(text, undefined, 'UTC') }),
  valueOverload('text text', { args: ['text', 'text'], result: 'timestamp', mayBeNull: true, call: (text: string, pattern: string) => readInstant(text, pattern, 'UTC') }),
  valueOverload('text text text', { args: ['text', 'text', 'text'], result: 'timestamp', mayBeNull: true, call: readInstant }),
].map((overload) => ({ ...overload, returns: () => types.timestampLtz(3) }));

export const dateTextFunctions: readonly ScalarFunction[] = [
  withOverloads(valueFunction(
    'DATE_FORMAT',
    [
      { args: ['instant', 'text'], result: 'text', call: (millis: number, nanos: number, pattern: string) => formatTime(millis, nanos, pattern) },
      { args: ['timestamp', 'text'], result: 'text', call: (millis: number, pattern: string) => formatTime(millis, 0, pattern) },
      { args: ['date', 'text'], result: 'text', call: (days: number, pattern: string) => formatTime(days * msPerDay, 0, pattern) },
      {
        args: ['text', 'text'],
        result: 'text',
        mayBeNull: true,
        call: (text: string, pattern: string) => {
          const millis = parseLenient(text, standard);
          return millis === undefined ? undefined : formatTime(millis, 0, pattern);
        },
      },
    ],
    "The time as text by a pattern of Java's DateTimeFormatter: y, M, d, D, Q, E, a, H, h, K, k, m, s, S, n, and 'text'.",
    [["DATE_FORMAT(TIMESTAMP '2026-02-03 17:05:09', 'd MMM yyyy, HH:mm')", '3 Feb 2026, 17:05'], ["DATE_FORMAT('2026-02-03 17:05:09', 'yyyyMMdd')", '20260203']],
  ), (overload) => (overload.id === 'timestamp text' ? cachedFormat(overload) : overload)),
  valueFunction(
    'TO_TIMESTAMP',
    [{ args: ['text'], result: 'timestamp', mayBeNull: true, call: readTimestamp }, { args: ['text', 'text'], result: 'timestamp', mayBeNull: true, call: readTimestamp }],
    'The timestamp that a text `yyyy-MM-dd HH:mm:ss` says, with a fraction or without, or a text of the pattern given; NULL when it says none.',
    [["TO_TIMESTAMP('2026-02-28 07:08:09.5')", '2026-02-28 07:08:09.500'], ["TO_TIMESTAMP('28.2.2026 7 Uhr', 'd.M.yyyy H ''Uhr''')", '2026-02-28 07:00:00.000'], ["TO_TIMESTAMP('2026-02-30 00:00:00')", '2026-02-28 00:00:00.000'], ["TO_TIMESTAMP('2026-13-01 00:00:00')", null]],
  ),
  valueFunction(
    'TO_DATE',
    [{ args: ['text'], result: 'date', mayBeNull: true, call: readDate }, { args: ['text', 'text'], result: 'date', mayBeNull: true, call: readDate }],
    'The date that a text `yyyy-MM-dd`, or a text of the pattern given, says; NULL when it says none. With a pattern, a day that its month lacks counts on.',
    [["TO_DATE('2026-02-28')", '2026-02-28'], ["TO_DATE('28/02/2026', 'dd/MM/yyyy')", '2026-02-28'], ["TO_DATE('soon')", null]],
  ),
  valueFunction(
    'UNIX_TIMESTAMP',
    [{ args: ['text'], result: 'bigint', usesZone: true, call: unixTime }, { args: ['text', 'text'], result: 'bigint', usesZone: true, call: unixTime }],
    "The seconds since 1970-01-01 00:00 UTC of a text `yyyy-MM-dd HH:mm:ss`, or of the pattern given, in the session's time zone.",
    [["UNIX_TIMESTAMP('1970-01-02 00:00:01')", '86401']],
  ),
  valueFunction(
    'FROM_UNIXTIME',
    [{ args: ['bigint'], result: 'text', usesZone: true, call: fromUnixTime }, { args: ['bigint', 'text'], result: 'text', usesZone: true, call: fromUnixTime }],
    "The time so many seconds after 1970-01-01 00:00 UTC as text, in the session's time zone; with a pattern as in DATE_FORMAT.",
    [['FROM_UNIXTIME(86401)', '1970-01-02 00:00:01'], ["FROM_UNIXTIME(86401, 'yyyy/MM/dd')", '1970/01/02']],
  ),
  valueFunction(
    'CONVERT_TZ',
    [{ args: ['text', 'text', 'text'], result: 'text', mayBeNull: true, call: convertZone }],
    'A text `yyyy-MM-dd HH:mm:ss` that is local time of one zone as local time of another; NULL when it is none, or there is no such zone.',
    [["CONVERT_TZ('2026-01-01 12:00:00', 'UTC', 'Europe/Berlin')", '2026-01-01 13:00:00']],
  ),
];
