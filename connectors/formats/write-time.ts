import { civilFromDays, msPerDay, printTimestamp } from '../../core/time.ts';
import { fourDigits, pair, writeAscii, writeDigits } from './write-value.ts';

/** Writers of dates and times, under the contract of write.ts. */

/** The minute that a column's times were written with last: rows near each other in time share its text. */
export class MinuteText {
  /** ms; NaN for none yet. */
  start = NaN;
  /** `"yyyy-MM-dd HH:mm:`, then two bytes that are free. */
  readonly words = new Int32Array(5);
  readonly #bytes = new Uint8Array(this.words.buffer);
  readonly #view = new DataView(this.words.buffer);
  readonly separator: number;

  /** `separator`: the byte between date and time. */
  constructor(separator: number) {
    this.separator = separator;
  }

  /** Goes over to the minute of a time, and gives its start in ms. */
  moveTo(millis: number): number {
    const minute = Math.floor(millis / 60_000);
    const days = Math.floor(minute / 1440);
    const ofDay = minute - days * 1440;
    const hours = Math.floor(ofDay / 60);
    const bytes = this.#bytes;
    bytes[0] = 34;
    writeDate(bytes, this.#view, 1, days);
    bytes[11] = this.separator;
    writeDigits(bytes, this.#view, 12, hours, 2);
    bytes[14] = 58;
    writeDigits(bytes, this.#view, 15, ofDay - hours * 60, 2);
    bytes[17] = 58;
    return (this.start = minute * 60_000);
  }
}

/** `"yyyy-MM-dd HH:mm:ss[.fff]"` with a trailing Z for TIMESTAMP_LTZ; the fraction without trailing zeros, as Flink writes it. */
export function writeTimestamp(out: Uint8Array, view: DataView, at: number, words: Int32Array, row: number, isLtz: boolean, minute: MinuteText): number {
  const millis = (words[2 * row + 1] as number) * 4294967296 + ((words[2 * row] as number) >>> 0);
  let { start } = minute;
  if (!(millis >= start && millis < start + 60_000)) {
    if (millis < firstTime || millis > lastTime) return writeFarTimestamp(out, at, millis, isLtz, minute);
    start = minute.moveTo(millis);
  }
  const text = minute.words;
  for (let k = 0; k < 5; k++) view.setInt32((at + 4 * k) | 0, text[k] as number, true);
  const ofMinute = (millis - start) | 0;
  const second = (ofMinute / 1000) | 0;
  const rest = (ofMinute - Math.imul(second, 1000)) | 0;
  view.setUint16((at + 18) | 0, pair(second), true);
  let p = (at + 20) | 0;
  if (rest !== 0) {
    // Over the first of its four digits, a 0, the point.
    view.setInt32(p, ((fourDigits[rest] as number) & ~0xff) | 46, true);
    p = (p + (rest % 10 !== 0 ? 4 : rest % 100 !== 0 ? 3 : 2)) | 0;
  }
  if (isLtz) {
    out[p] = 90;
    p = (p + 1) | 0;
  }
  out[p] = 34;
  return (p + 1) | 0;
}

/** As `writeTimestamp` with `nanos`, the nanoseconds within the ms: up to nine digits. */
export function writeNanoTimestamp(out: Uint8Array, view: DataView, at: number, words: Int32Array, nanos: Int32Array, row: number, isLtz: boolean, minute: MinuteText): number {
  // The place of the closing quote.
  let p = writeTimestamp(out, view, at, words, row, false, minute) - 1;
  const rest = nanos[row] as number;
  if (rest !== 0) {
    let digits = out[p - 4] === 46 ? 3 : out[p - 3] === 46 ? 2 : out[p - 2] === 46 ? 1 : 0;
    if (digits === 0) out[p++] = 46;
    for (; digits < 3; digits++) out[p++] = 48;
    writeDigits(out, view, p, rest, 6);
    p += 6;
    while (out[p - 1] === 48) p--;
  }
  if (isLtz) out[p++] = 90;
  out[p] = 34;
  return p + 1;
}

/** `"HH:mm:ss[.fff]"` of the ms since midnight, the fraction without trailing zeros. */
export function writeClock(out: Uint8Array, at: number, millis: number): number {
  const [, clock = ''] = printTimestamp(millis, 0, 3).split(' ');
  return writeAscii(out, at, `"${clock.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '')}"`);
}

/** ms: the first and the last time whose year has four digits. */
const firstTime = -62_167_219_200_000;
const lastTime = 253_402_300_799_999;
const firstDay = Math.floor(firstTime / msPerDay);
const lastDay = Math.floor(lastTime / msPerDay);

/** A time whose year does not have four digits, as the end of the last window of 9999: the year signed, as Flink and ISO 8601 write it. */
function writeFarTimestamp(out: Uint8Array, at: number, millis: number, isLtz: boolean, minute: MinuteText): number {
  const days = Math.floor(millis / msPerDay);
  const [, clock = ''] = printTimestamp(millis, 0, 3).split(' ');
  return writeAscii(out, at, `"${farDate(days)}${String.fromCharCode(minute.separator)}${clock.replace(/\.?0+$/, '')}${isLtz ? 'Z' : ''}"`);
}

function farDate(days: number): string {
  const { year, month, day } = civilFromDays(days);
  return `${year < 0 ? '-' : '+'}${String(Math.abs(year)).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function writeDate(out: Uint8Array, view: DataView, at: number, days: number): void {
  const { year, month, day } = civilFromDays(days);
  writeDigits(out, view, at, year, 4);
  out[at + 4] = 45;
  writeDigits(out, view, at + 5, month, 2);
  out[at + 7] = 45;
  writeDigits(out, view, at + 8, day, 2);
}

/** `"yyyy-MM-dd"` of days since 1970-01-01. */
export function writeDay(out: Uint8Array, view: DataView, at: number, days: number): number {
  if (days < firstDay || days > lastDay) return writeAscii(out, at, `"${farDate(days)}"`);
  out[at] = 34;
  writeDate(out, view, at + 1, days);
  out[at + 11] = 34;
  return at + 12;
}
