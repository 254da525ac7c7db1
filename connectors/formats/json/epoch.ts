import { printTimestamp } from '../../../core/time.ts';
import type { DecoderListener } from '../../../catalog/format.ts';

export type EpochUnit = 's' | 'ms' | 'us' | 'auto';

/** By value: seconds reach the year 5138 below the first, milliseconds below the second. */
const mostSeconds = 1e11;
const mostMillis = 1e14;
const two32 = 4294967296;
const words: Readonly<Record<Exclude<EpochUnit, 'auto'>, string>> = { s: 'seconds', ms: 'milliseconds', us: 'microseconds' };

/** Numbers as times since 1970 began. With 'auto' the unit follows from the size of each; the first number of each unit is told. */
export class EpochReader {
  readonly #unit: EpochUnit;
  readonly #told = new Set<EpochUnit>();
  listener: DecoderListener | undefined;

  constructor(unit: EpochUnit) {
    this.#unit = unit;
  }

  instantOf(value: number): { readonly millis: number; readonly nanos: number } {
    const size = Math.abs(value);
    const unit = this.#unit !== 'auto' ? this.#unit : size < mostSeconds ? 's' : size < mostMillis ? 'ms' : 'us';
    const micros = Math.round(value * (unit === 's' ? 1e6 : unit === 'ms' ? 1000 : 1));
    const millis = Math.floor(micros / 1000);
    if (this.#unit === 'auto' && !this.#told.has(unit) && this.listener !== undefined) {
      this.#told.add(unit);
      this.listener.guessed(`times that are numbers are taken for ${words[unit]}, as ${value} for ${printTimestamp(millis, 0, 3)}Z; 'json.epoch-unit' says otherwise`);
    }
    return { millis, nanos: (micros - millis * 1000) * 1000 };
  }

  /** Reads a whole number at `p` of the heap under the contract of scan.ts: ms into the words of `row`. */
  read(heap: Uint8Array, at: number, into: Int32Array, row: number): number {
    let p = at;
    let c = heap[p] as number;
    const isNegative = c === 45;
    if (isNegative) c = heap[++p] as number;
    const start = p;
    let value = 0;
    for (; c >= 48 && c <= 57; c = heap[++p] as number) value = value * 10 + (c - 48);
    const digits = p - start;
    if (digits === 0 || digits > 15 || (digits > 1 && heap[start] === 48) || c === 46 || c === 101 || c === 69) return -1;
    const { millis } = this.instantOf(isNegative ? -value : value);
    into[2 * row] = millis;
    into[2 * row + 1] = Math.floor(millis / two32);
    return p;
  }
}
