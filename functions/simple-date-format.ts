import { daysFromCivil, msPerDay } from '../core/time.ts';
import { monthNames, partsOf, weekdayNames } from './date-format.ts';

/**
 * Times read as java.text.SimpleDateFormat reads them: Flink does so in UNIX_TIMESTAMP, CONVERT_TZ, and in DATE_FORMAT and TO_DATE of a text.
 * What stands behind the pattern's end is not looked at, blanks before a field are skipped, a number has as many digits as there are (unless
 * the next field touches it), and a field that is too great counts on: 31 February is 3 March. S is a number of ms, not a fraction.
 */

/** Years of two digits are those from 80 years before 2026 on. */
const firstShortYear = 1946;

/** A local time in ms; undefined when the text is none. Fields that the pattern lacks are those of 1970-01-01 00:00. Throws as `formatTime` does. */
export function parseLenient(text: string, pattern: string): number | undefined {
  let [year, month, day, hour, minute, second, millis] = [1970, 1, 1, 0, 0, 0, 0];
  let dayOfYear: number | undefined;
  let isAfternoon = false;
  let at = 0;
  const parts = partsOf(pattern);
  for (const [i, part] of parts.entries()) {
    if (part.kind === 'text') {
      if (!text.startsWith(part.text, at)) return undefined;
      at += part.text.length;
      continue;
    }
    while (text[at] === ' ' || text[at] === '\t') at++;
    const { letter, width } = part;
    if (letter === 'a' || letter === 'E' || ((letter === 'M' || letter === 'L') && width > 2)) {
      const found = nameAt(text, at, letter === 'a' ? ['AM', 'PM'] : letter === 'E' ? weekdayNames : monthNames);
      if (found === undefined) return undefined;
      if (letter === 'a') isAfternoon = found.index === 1;
      else if (letter !== 'E') month = found.index + 1;
      at += found.length;
      continue;
    }
    const digits = (parts[i + 1]?.kind === 'field' ? new RegExp(`^-?\\d{1,${width}}`) : /^-?\d+/).exec(text.slice(at, at + 20))?.[0];
    if (digits === undefined) return undefined;
    at += digits.length;
    const value = Number(digits);
    if (letter === 'y') year = width <= 2 && /^\d\d$/.test(digits) ? value + 100 * Math.ceil((firstShortYear - value) / 100) : value;
    else if (letter === 'M' || letter === 'L') month = value;
    else if (letter === 'd') day = value;
    else if (letter === 'D') dayOfYear = value;
    else if (letter === 'H' || letter === 'K') hour = value;
    else if (letter === 'k') hour = value === 24 ? 0 : value;
    else if (letter === 'h') hour = value === 12 ? 0 : value;
    else if (letter === 'm') minute = value;
    else if (letter === 's') second = value;
    else if (letter === 'S') millis = value;
    else if (letter !== 'u') return undefined;
  }
  const months = year * 12 + month - 1;
  const first = dayOfYear === undefined ? daysFromCivil(Math.floor(months / 12), (((months % 12) + 12) % 12) + 1, 1) : daysFromCivil(year, 1, 1);
  const days = first + (dayOfYear ?? day) - 1;
  const time = days * msPerDay + ((((hour + (isAfternoon ? 12 : 0)) * 60 + minute) * 60 + second) * 1000 + millis);
  return Math.abs(time) <= 8.64e15 ? time : undefined;
}

/** The name that stands at a place, whole or its first three letters, in capitals or not. */
function nameAt(text: string, at: number, names: readonly string[]): { readonly index: number; readonly length: number } | undefined {
  const rest = text.slice(at, at + 12).toLowerCase();
  for (const [index, name] of names.entries()) {
    for (const form of [name, name.slice(0, 3)]) if (rest.startsWith(form.toLowerCase())) return { index, length: form.length };
  }
  return undefined;
}
