import { SqlError } from '../core/diagnostic.ts';
import { civilFromDays, daysFromCivil, daysInMonth, isValidDate, msPerDay } from '../core/time.ts';

/** Times written and read by patterns. Source: the documentation of java.time.format.DateTimeFormatter, in English. */

export const monthNames = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
export const weekdayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

type Part = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'field'; readonly letter: string; readonly width: number };

const letters = new Set('yuMLdDHhKkmsSnaEQ');
/** What stands for a letter that is not read; patterns of other databases are written all in capitals. */
const otherLetters: Readonly<Partial<Record<string, string>>> = {
  Y: 'y is the year, Y the year of a week; d is the day of the month, D of the year; HH:mm:ss is the time:  yyyy-MM-dd HH:mm:ss',
  i: 'minutes are mm:  yyyy-MM-dd HH:mm:ss', T: "text stands in quotes, which double within SQL:  yyyy-MM-dd''T''HH:mm:ss", Z: "text stands in quotes, which double within SQL:  yyyy-MM-dd''T''HH:mm:ss''Z''",
};
const patterns = new Map<string, readonly Part[]>();

/** The parts of a pattern. Throws E0207 for a letter that means nothing, E0002 for one that means something else in Java. */
export function partsOf(pattern: string): readonly Part[] {
  const known = patterns.get(pattern);
  if (known !== undefined) return known;
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at] ?? '';
    if (char === "'") {
      const quoted = /^'((?:[^']|'')*)'/.exec(pattern.slice(at));
      if (quoted === null) throw new SqlError({ code: 'E0207', message: `the pattern '${pattern}' has a quote that is not closed` });
      parts.push({ kind: 'text', text: quoted[1] === '' ? "'" : (quoted[1] ?? '').replaceAll("''", "'") });
      at += quoted[0].length;
    } else if (/[A-Za-z]/.test(char)) {
      if (!letters.has(char)) throw new SqlError({ code: 'E0002', message: `not supported yet: the letter ${char} in the pattern '${pattern}'`, hint: otherLetters[char] });
      let end = at + 1;
      while (pattern[end] === char) end++;
      parts.push({ kind: 'field', letter: char, width: end - at });
      at = end;
    } else {
      parts.push({ kind: 'text', text: char });
      at++;
    }
  }
  if (patterns.size >= 1000) patterns.clear();
  patterns.set(pattern, parts);
  return parts;
}

/** In ms: how long a time's text by the pattern stays the same. Throws as `formatTime` does. */
export function stepOfPattern(pattern: string): number {
  let step = msPerDay;
  for (const part of partsOf(pattern)) if (part.kind === 'field') step = Math.min(step, stepOfLetter[part.letter] ?? msPerDay);
  return step;
}

const stepOfLetter: Readonly<Record<string, number>> = { a: 43_200_000, H: 3_600_000, k: 3_600_000, K: 3_600_000, h: 3_600_000, m: 60_000, s: 1000, S: 1, n: 1 };

/** A local time as text. `nanos`: those within the ms. */
export function formatTime(millis: number, nanos: number, pattern: string): string {
  const days = Math.floor(millis / msPerDay);
  const ofDay = millis - days * msPerDay;
  const { year, month, day } = civilFromDays(days);
  const hour = Math.floor(ofDay / 3_600_000);
  const weekday = (((days + 3) % 7) + 7) % 7;
  const fraction = (ofDay % 1000) * 1_000_000 + nanos;
  let text = '';
  for (const part of partsOf(pattern)) {
    if (part.kind === 'text') {
      text += part.text;
      continue;
    }
    const { letter, width } = part;
    const number = (value: number): string => String(value).padStart(width, '0');
    switch (letter) {
      case 'y':
      case 'u':
        text += width === 2 ? String(year % 100).padStart(2, '0') : number(year);
        break;
      case 'M':
      case 'L':
        text += width >= 4 ? (monthNames[month - 1] ?? '') : width === 3 ? (monthNames[month - 1] ?? '').slice(0, 3) : number(month);
        break;
      case 'd':
        text += number(day);
        break;
      case 'D':
        text += number(days - daysFromCivil(year, 1, 1) + 1);
        break;
      case 'Q':
        text += number(Math.floor((month + 2) / 3));
        break;
      case 'E':
        text += width >= 4 ? (weekdayNames[weekday] ?? '') : (weekdayNames[weekday] ?? '').slice(0, 3);
        break;
      case 'a':
        text += hour < 12 ? 'AM' : 'PM';
        break;
      case 'H':
        text += number(hour);
        break;
      case 'k':
        text += number(hour === 0 ? 24 : hour);
        break;
      case 'K':
        text += number(hour % 12);
        break;
      case 'h':
        text += number(hour % 12 === 0 ? 12 : hour % 12);
        break;
      case 'm':
        text += number(Math.floor(ofDay / 60_000) % 60);
        break;
      case 's':
        text += number(Math.floor(ofDay / 1000) % 60);
        break;
      case 'S':
        text += String(fraction).padStart(9, '0').slice(0, width).padEnd(width, '0');
        break;
      default:
        text += number(fraction);
    }
  }
  return text;
}

/** Reads a local time in ms; undefined when the text is none. A day up to 31 that its month lacks is the month's last. Parts that the pattern lacks are those of 1970-01-01 00:00. */
export function parseByPattern(text: string, pattern: string): number | undefined {
  let at = 0;
  let [year, month, day, hour, minute, second, millis] = [1970, 1, 1, 0, 0, 0, 0];
  let isAfternoon: boolean | undefined;
  const parts = partsOf(pattern);
  for (const [i, part] of parts.entries()) {
    if (part.kind === 'text') {
      if (!text.startsWith(part.text, at)) return undefined;
      at += part.text.length;
      continue;
    }
    const { letter, width } = part;
    if (letter === 'a') {
      const half = text.slice(at, at + 2).toUpperCase();
      if (half !== 'AM' && half !== 'PM') return undefined;
      isAfternoon = half === 'PM';
      at += 2;
      continue;
    }
    if ((letter === 'M' || letter === 'L' || letter === 'E') && width >= 3) {
      const names = letter === 'E' ? weekdayNames : monthNames;
      const found = names.findIndex((name) => text.slice(at).toLowerCase().startsWith((width === 3 ? name.slice(0, 3) : name).toLowerCase()));
      if (found < 0) return undefined;
      at += width === 3 ? 3 : (names[found] ?? '').length;
      if (letter !== 'E') month = found + 1;
      continue;
    }
    // Digits that touch the next field are as many as the pattern has.
    const isTight = parts[i + 1]?.kind === 'field';
    const most = isTight || letter === 'S' ? width : letter === 'y' || letter === 'u' ? Math.max(4, width) : Math.max(2, width);
    const digits = new RegExp(`^\\d{1,${most}}`).exec(text.slice(at))?.[0];
    if (digits === undefined || (width > 1 && letter !== 'S' && digits.length < Math.min(width, 2)) || (letter === 'y' && width === 4 && digits.length < 4)) return undefined;
    at += digits.length;
    const value = Number(digits);
    if (letter === 'y' || letter === 'u') year = width === 2 ? 2000 + value : value;
    else if (letter === 'M' || letter === 'L') month = value;
    else if (letter === 'd') day = value;
    else if (letter === 'H') hour = value;
    else if (letter === 'k') hour = value % 24;
    else if (letter === 'h') hour = value % 12;
    else if (letter === 'K') hour = value;
    else if (letter === 'm') minute = value;
    else if (letter === 's') second = value;
    else if (letter === 'S') millis = Math.floor(Number(digits.padEnd(3, '0').slice(0, 3)));
    else return undefined;
  }
  if (day <= 31 && month >= 1 && month <= 12) day = Math.min(day, daysInMonth(year, month));
  if (isAfternoon !== undefined) hour = (hour % 12) + (isAfternoon ? 12 : 0);
  if (at !== text.length || !isValidDate(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
  return daysFromCivil(year, month, day) * msPerDay + ((hour * 60 + minute) * 60 + second) * 1000 + millis;
}
