import type { Random } from './random.ts';

/** ASCII text written as bytes, without a string per value. The caller keeps within `capacity`. */
export class TextBuffer {
  readonly bytes: Uint8Array;
  length = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  put(ascii: Uint8Array): void {
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < ascii.length; i++) bytes[at++] = ascii[i] as number;
    this.length = at;
  }

  /** A whole number in [0, 2^53). */
  number(value: number): void {
    if (value >= 1e9) {
      const high = Math.floor(value / 1e9);
      this.number(high);
      this.#digits(value - high * 1e9, 9);
      return;
    }
    let count = 1;
    for (let limit = 10; value >= limit; limit *= 10) count++;
    this.#digits(value, count);
  }

  /** `count` random small letters. */
  letters(random: Random, count: number): void {
    const { bytes } = this;
    let at = this.length;
    let bits = 0;
    for (let i = 0; i < count; i++) {
      if (i % 6 === 0) bits = random.next();
      bytes[at++] = 97 + (((bits & 31) * 26) >> 5);
      bits >>>= 5;
    }
    this.length = at;
  }

  /** `yyyy-MM-dd HH:mm:ss.SSS` of ms since 1970. */
  time(millis: number, date: Uint8Array): void {
    const ofDay = millis % 86_400_000;
    this.put(date);
    this.bytes[this.length++] = 32;
    this.#digits(Math.floor(ofDay / 3_600_000), 2);
    this.bytes[this.length++] = 58;
    this.#digits(Math.floor(ofDay / 60_000) % 60, 2);
    this.bytes[this.length++] = 58;
    this.#digits(Math.floor(ofDay / 1000) % 60, 2);
    this.bytes[this.length++] = 46;
    this.#digits(ofDay % 1000, 3);
  }

  #digits(value: number, count: number): void {
    const { bytes } = this;
    let rest = value | 0;
    for (let at = this.length + count - 1; at >= this.length; at--) {
      const next = (rest / 10) | 0;
      bytes[at] = 48 + rest - next * 10;
      rest = next;
    }
    this.length += count;
  }
}
