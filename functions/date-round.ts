import { js } from '../core/code.ts';
import { isTimestamp, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { civilFromDays, daysFromCivil, msPerDay } from '../core/time.ts';
import { instantOf, localTime } from '../core/zone.ts';
import type { Overload } from './definition.ts';
import type { Operand } from './operand.ts';

/** FLOOR and CEIL of a time TO a unit. Source: Flink's documentation, temporal functions; Calcite's DateTimeUtils. */

/** Units whose CEIL is the start of the next one even of a day that begins one; of quarters only the year's first day stays. As Flink counts. */
const alwaysNext = new Set(['DECADE', 'CENTURY', 'MILLENNIUM']);

const clock: Readonly<Record<string, number>> = { DAY: msPerDay, HOUR: 3_600_000, MINUTE: 60_000, SECOND: 1000, MILLISECOND: 1 };
const years: Readonly<Record<string, number>> = { YEAR: 1, DECADE: 10, CENTURY: 100, MILLENNIUM: 1000 };

/** The first day of the unit that a day lies in, `units` later. */
function startDay(unit: string, days: number, units: number): number {
  const { year, month } = civilFromDays(days);
  const span = years[unit];
  if (unit === 'WEEK') return days - ((((days + 4) % 7) + 7) % 7) + 7 * units;
  if (span === undefined) {
    const width = unit === 'QUARTER' ? 3 : 1;
    const months = year * 12 + (Math.floor((month - 1) / width) + units) * width;
    return daysFromCivil(Math.floor(months / 12), (months % 12) + 1, 1);
  }
  // A century and a millennium begin with a year 1.
  const base = span > 10 ? 1 : 0;
  return daysFromCivil((Math.floor((year - base) / span) + units) * span + base, 1, 1);
}

const rounders = new Map<string, (ms: number) => number>();

function rounder(unit: string, isUp: boolean): (ms: number) => number {
  const key = `${unit} ${isUp}`;
  let made = rounders.get(key);
  if (made === undefined) {
    const step = clock[unit];
    made =
      step !== undefined
        ? (ms) => (isUp ? Math.ceil(ms / step) : Math.floor(ms / step)) * step
        : (ms) => {
            // The first day of a unit is its start, whatever the time of day, as in Flink.
            const days = Math.floor(ms / msPerDay);
            const first = startDay(unit, days, 0);
            if (!isUp) return first * msPerDay;
            const stays = unit === 'QUARTER' ? startDay('YEAR', days, 0) === days : first === days && !alwaysNext.has(unit);
            return (stays ? first : startDay(unit, days, 1)) * msPerDay;
          };
    rounders.set(key, made);
  }
  return made;
}

/** The same over instants: units of the zone's local time. */
function rounderIn(zone: string, unit: string, isUp: boolean): (ms: number) => number {
  const round = rounder(unit, isUp);
  return zone.toUpperCase() === 'UTC' ? round : (ms) => instantOf(zone, round(localTime(zone, ms)));
}

/** FLOOR(t TO unit) and CEIL(t TO unit); the binder gives the unit as a text. */
export function roundedTimes(name: 'FLOOR' | 'CEIL'): readonly Overload[] {
  const isUp = name === 'CEIL';
  return [...Object.keys(years), 'QUARTER', 'MONTH', 'WEEK', ...Object.keys(clock)].map((unit): Overload => ({
    id: unit,
    // CEIL to these went to the unit's own start before, from its first day.
    version: isUp && (unit === 'DAY' || unit === 'QUARTER' || alwaysNext.has(unit)) ? 2 : 1,
    accept: ([time, word, ...rest], literals) => {
      if (time === undefined || word === undefined || rest.length > 0 || literals[1]?.toUpperCase() !== unit) return undefined;
      const takes = time.kind === 'DATE' || isTimestamp(time) || (time.kind === 'TIME' && (clock[unit] ?? msPerDay) < msPerDay);
      return takes ? [time, word] : undefined;
    },
    returns: ([time]) => withNullable(time ?? types.nothing, false),
    emit: (code, [time], { args: [type], zone = 'UTC' }) => {
      const round = code.use(type?.kind === 'TIMESTAMP_LTZ' ? rounderIn(zone, unit, isUp) : rounder(unit, isUp), 'round');
      const value = time as Operand;
      // What lies within the ms is over the start of it.
      if (value.class === 'instant') {
        const over = isUp ? js`(${value.nanos} > 0 ? 1 : 0)` : js`0`;
        return { operand: { class: 'instant', millis: code.define('t', js`${round}(${value.millis} + ${over})`), nanos: js`0` }, isNull: undefined };
      }
      const given = 'value' in value ? value.value : js`0`;
      const isDate = (type as SqlType).kind === 'DATE';
      // CEIL of a DATE to a day is the day after it, as in Flink: there a DATE is rounded as days of a calendar are, a TIMESTAMP as time is.
      const rounded = isUp && unit === 'DAY' ? js`${given} + 1` : js`${round}(${given} * ${msPerDay}) / ${msPerDay}`;
      const moved = isDate ? rounded : js`${round}(${given})`;
      return { operand: { class: value.class === 'int' ? 'int' : 'time', value: code.define('t', isDate && (clock[unit] ?? msPerDay) < msPerDay ? given : moved) }, isNull: undefined };
    },
  }));
}
