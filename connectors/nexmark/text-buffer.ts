import { draw } from '../datagen/generate.ts';

/** ASCII text written as bytes, without a string per value. Grows as it must, keeping 8 bytes free behind what it holds. */
export class TextBuffer {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity + 8);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const wanted = this.length + count + 8;
    if (wanted <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  put(ascii: Uint8Array): void {
    this.reserve(ascii.length);
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

  /** `count` small letters, six of each draw of `what` for row `n`, the first of which is draw `from`. */
  letters(count: number, seed: number, what: number, n: number, from: number): void {
    this.reserve(count);
    const { bytes } = this;
    let at = this.length;
    let bits = 0;
    for (let i = 0; i < count; i++) {
      if (i % 6 === 0) bits = draw(seed, what, n, from + i / 6);
      bytes[at++] = 97 + (((bits & 31) * 26) >> 5);
      bits >>>= 5;
    }
    this.length = at;
  }

  /** `yyyy-MM-dd HH:mm:ss.SSS` of ms since 1970; `date` is its first part. */
  time(millis: number, date: Uint8Array): void {
    const ofDay = millis % 86_400_000;
    this.put(date);
    this.reserve(13);
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
    this.reserve(count);
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
