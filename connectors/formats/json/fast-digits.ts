import type { Local, WasmBuilder } from '../../../core/wasm-code.ts';
import { i32, i64, type Place, type Wasm } from '../../../core/wasm-ops.ts';
import { exactDigits, type FastArrays } from './fast-arrays.ts';
import { columnMemory, type FastCursor } from './fast-cursor.ts';

const minus = 45;
const point = 46;
const zero = 48;

/** A byte in each of the eight of a word. */
export const bytes8 = (byte: number): bigint => BigInt(byte) * 0x0101010101010101n;

/**
 * Writes the code that reads the digits of numbers at p, which it moves behind them: what they make is in the locals `value`, `n`, `whole`
 * and `negative` until the next are read.
 */
export class FastDigits {
  /** How many digits were read last. */
  readonly n: Local<'i32'>;
  /** How many digits stand before the point. */
  readonly whole: Local<'i32'>;
  readonly negative: Local<'i32'>;
  /** What the digits make, without sign and point. */
  readonly value: Local<'i64'>;
  readonly #w: WasmBuilder;
  readonly #at: FastCursor;
  readonly #arrays: FastArrays;
  readonly #takesLeadingZeros: boolean;
  readonly #digit: Local<'i32'>;
  readonly #eight: Local<'i64'>;
  readonly #wholeValue: Local<'i64'>;

  /** `takesLeadingZeros`: a planted bug. */
  constructor(w: WasmBuilder, at: FastCursor, arrays: FastArrays, takesLeadingZeros = false) {
    this.#w = w;
    this.#at = at;
    this.#arrays = arrays;
    this.#takesLeadingZeros = takesLeadingZeros;
    this.n = w.local('n', 'i32');
    this.whole = w.local('whole', 'i32');
    this.negative = w.local('negative', 'i32');
    this.value = w.local('value', 'i64');
    this.#digit = w.local('digit', 'i32');
    this.#eight = w.local('eight', 'i64');
    this.#wholeValue = w.local('wholeValue', 'i64');
  }

  /** `value` becomes the number that the digits at p make, n how many they are: exact up to 18. */
  read(): void {
    const w = this.#w;
    const x = this.#eight;
    w.set(x, i64.xor(this.#at.eight(), i64.const(bytes8(zero))));
    this.#countDigits();
    // The digits move to the word's end, zeros before them; then pairs, fours, all. Source: Daniel Lemire, "Quickly parsing eight digits".
    w.set(x, i64.shl(x.get, i64.extend(i32.sub(i32.const(64), i32.shl(this.n.get, i32.const(3))))));
    w.set(x, i64.and(i64.shrU(i64.mul(x.get, i64.const(2561n)), i64.const(8n)), i64.const(0x00ff00ff00ff00ffn)));
    w.set(x, i64.and(i64.shrU(i64.mul(x.get, i64.const(6553601n)), i64.const(16n)), i64.const(0x0000ffff0000ffffn)));
    w.set(this.value, i64.shrU(i64.mul(x.get, i64.const(42949672960001n)), i64.const(32n)));
    this.#moreDigits((digit) => w.set(this.value, i64.add(i64.mul(this.value.get, i64.const(10n)), i64.extend(digit))));
  }

  /** n becomes how many of the eight bytes in `eight`, digits as 0 to 9, come before the first that is none; p moves behind them. */
  #countDigits(): void {
    const isNone = i64.and(i64.or(i64.add(this.#eight.get, i64.const(bytes8(0x76))), this.#eight.get), i64.const(bytes8(0x80)));
    this.#w.set(this.n, i32.shrU(i32.wrap(i64.ctz(isNone)), i32.const(3)));
    this.#at.move(this.n.get);
  }

  #moreDigits(take: (digit: Wasm<'i32'>) => void): void {
    const w = this.#w;
    w.if(i32.eq(this.n.get, i32.const(8)), () => {
      w.block('digits', () => {
        w.loop('digit', () => {
          w.set(this.#digit, i32.sub(this.#at.byte(), i32.const(zero)));
          w.leaveIf('digits', i32.geU(this.#digit.get, i32.const(10)));
          take(this.#digit.get);
          this.#at.moveBy(1);
          w.set(this.n, i32.add(this.n.get, i32.const(1)));
          w.leave('digit');
        });
      });
    });
  }

  /** True for no digit at all, and for a zero before digits. The n digits end at p. */
  isNoNumber(): Wasm<'i32'> {
    const n = this.n;
    if (this.#takesLeadingZeros) return i32.eqz(n.get);
    const first = this.#at.byteAt(i32.sub(i32.const(0), n.get));
    return i32.or(i32.eqz(n.get), i32.and(i32.gtS(n.get, i32.const(1)), i32.eq(first, i32.const(zero))));
  }

  /** `negative` says whether a minus stands at p, which moves behind it. */
  sign(): void {
    // A branch, which is foreseen: an addition would make every later place wait for this byte.
    const w = this.#w;
    w.set(this.negative, i32.eq(this.#at.byte(), i32.const(minus)));
    w.if(this.negative.get, () => this.#at.moveBy(1));
  }

  /** Gives `value` its sign. */
  negate(): void {
    this.#w.if(this.negative.get, () => this.#w.set(this.value, i64.sub(i64.const(0n), this.value.get)));
  }

  /** Passes over digits at p; `other` reads, from `start`, what is more than that. */
  skip(other: () => void): void {
    const w = this.#w;
    w.set(this.#eight, i64.xor(this.#at.eight(), i64.const(bytes8(zero))));
    this.#countDigits();
    this.#moreDigits(() => undefined);
    w.if(i32.or(this.isNoNumber(), i32.eq(this.#at.byte(), i32.const(point))), other);
  }

  /** Digits, and perhaps a point and digits: `value` without the point, `whole` and n how many digits stand before and behind it. */
  pointed(): void {
    const w = this.#w;
    w.set(this.#at.start, this.#at.p.get);
    this.sign();
    this.read();
    this.#at.leaveIf(this.isNoNumber());
    w.set(this.whole, this.n.get);
    w.set(this.n, i32.const(0));
    w.if(i32.eq(this.#at.byte(), i32.const(point)), () => {
      w.set(this.#wholeValue, this.value.get);
      this.#at.moveBy(1);
      this.read();
      this.#at.leaveIf(i32.or(i32.eqz(this.n.get), i32.gtS(this.n.get, i32.const(exactDigits))));
      w.set(this.value, i64.add(i64.mul(this.#wholeValue.get, i64.load(this.power(this.n.get, 0))), this.value.get));
    });
  }

  /** Ten to the exponent: as an integer in table 0, as a double in table 1. */
  power(exponent: Wasm<'i32'>, table: number): Place {
    return { memory: columnMemory, address: i32.shl(exponent, i32.const(3)), offset: this.#arrays.powers.byteOffset + table * 8 * (exactDigits + 1) };
  }

  /** True when e or E is at p. */
  hasExponent(): Wasm<'i32'> {
    return i32.eq(i32.or(this.#at.byte(), i32.const(32)), i32.const(101));
  }
}
