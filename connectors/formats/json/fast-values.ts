import type { Local, WasmBuilder } from '../../../core/wasm-code.ts';
import { f32, f64, i32, i64, i8x16, v128, type Place, type Wasm } from '../../../core/wasm-ops.ts';
import { integerRange } from '../../../functions/cast.ts';
import { exactDigits, type FastArrays } from './fast-arrays.ts';
import { columnMemory, type FastCursor } from './fast-cursor.ts';

/** Bugs that a test plants to see that its fuzz finds them. */
export type PlantedBug = 'leading zeros' | 'stale minute' | 'open end' | 'null taken';

const quote = 34;
const minus = 45;
const point = 46;
const zero = 48;
const capitalZ = 90;
const letterN = 110;

/** A byte in each of the eight of a word. */
const bytes8 = (byte: number): bigint => BigInt(byte) * 0x0101010101010101n;

/** The minute at 0 ms as it is written, sixteen bytes. */
const epoch = new DataView(new TextEncoder().encode('1970-01-01 00:00').buffer);

/**
 * Writes the code that reads values at p, which it moves behind them; `leave()` where a value is none that it reads. Each value is stored
 * into its column at the row at hand.
 */
export class FastValues {
  readonly #w: WasmBuilder;
  readonly #at: FastCursor;
  readonly #arrays: FastArrays;
  readonly #bug: PlantedBug | undefined;
  /** A byte, or what else is small. */
  readonly #c: Local<'i32'>;
  /** How many digits were read. */
  readonly #n: Local<'i32'>;
  readonly #whole: Local<'i32'>;
  readonly #negative: Local<'i32'>;
  readonly #x: Local<'i64'>;
  readonly #value: Local<'i64'>;
  readonly #wholeValue: Local<'i64'>;
  readonly #f: Local<'f64'>;
  readonly #q: Local<'v128'>;
  readonly #space: Local<'v128'>;
  readonly #two: Local<'v128'>;
  readonly #backslash: Local<'v128'>;
  readonly #kept = new Map<number, KeptMinute>();

  constructor(w: WasmBuilder, at: FastCursor, arrays: FastArrays, bug: PlantedBug | undefined) {
    this.#w = w;
    this.#at = at;
    this.#arrays = arrays;
    this.#bug = bug;
    this.#c = w.local('c', 'i32');
    this.#n = w.local('n', 'i32');
    this.#whole = w.local('whole', 'i32');
    this.#negative = w.local('negative', 'i32');
    this.#x = w.local('x', 'i64');
    this.#value = w.local('value', 'i64');
    this.#wholeValue = w.local('wholeValue', 'i64');
    this.#f = w.local('f', 'f64');
    this.#q = w.local('q', 'v128');
    this.#space = w.local('space', 'v128');
    this.#two = w.local('two', 'v128');
    this.#backslash = w.local('backslash', 'v128');
  }

  /** Before the loop over the records. */
  prepare(): void {
    this.#w.set(this.#space, i8x16.splat(33));
    this.#w.set(this.#two, i8x16.splat(2));
    this.#w.set(this.#backslash, i8x16.splat(92));
    for (const column of this.#arrays.columns.keys()) {
      const { kind } = this.#at.type(column);
      if (kind === 'TIMESTAMP' || kind === 'TIMESTAMP_LTZ') this.#kept.set(column, this.#keptMinute(column));
    }
  }

  /** What is kept of a column's last time. From the start it is a minute that exists: zeros would be taken where a text holds them. */
  #keptMinute(column: number): KeptMinute {
    const w = this.#w;
    const kept: KeptMinute = { low: w.local(`low${column}`, 'i64'), high: w.local(`high${column}`, 'i64'), ms: w.local(`minute${column}`, 'i64') };
    w.set(kept.low, i64.const(epoch.getBigInt64(0, true)));
    w.set(kept.high, i64.const(epoch.getBigInt64(8, true)));
    return kept;
  }

  /** p goes from a text's first byte to its closing quote, or to a byte that is an escape, a control or not ASCII. */
  scanText(): void {
    const w = this.#w;
    w.loop('text', () => {
      w.set(this.#q, v128.load(this.#at.here(0)));
      // A byte with its second bit turned is below 33 when it is a control or a quote; as a signed number, also when it is not ASCII.
      const isLow = i8x16.ltS(v128.xor(this.#q.get, this.#two.get), this.#space.get);
      w.set(this.#c, i8x16.bitmask(v128.or(isLow, i8x16.eq(this.#q.get, this.#backslash.get))));
      this.#at.moveBy(16);
      w.leaveIf('text', i32.eqz(this.#c.get));
    });
    w.set(this.#at.p, i32.add(i32.sub(this.#at.p.get, i32.const(16)), i32.ctz(this.#c.get)));
  }

  isQuote(): Wasm<'i32'> {
    return i32.eq(this.#at.byte(), i32.const(quote));
  }

  isNoNull(): Wasm<'i32'> {
    return i32.ne(this.#at.byte(), i32.const(letterN));
  }

  /** A text whose opening quote is at p. */
  text(column: number): void {
    const w = this.#w;
    this.#at.moveBy(1);
    w.set(this.#at.start, this.#at.p.get);
    this.scanText();
    w.if(i32.ne(this.#at.byte(), i32.const(quote)), () => this.#at.moveTo(w.call('endOfText', 'i32', [this.#at.start.get, this.#at.p.get])));
    w.line(i32.store(this.#at.slot(column, 'offsets'), i32.sub(this.#at.start.get, this.#at.delta.get)));
    w.line(i32.store(this.#at.slot(column, 'lengths'), i32.sub(this.#at.p.get, this.#at.start.get)));
    this.#at.moveBy(1);
  }

  /** The JSON at p as a text; a function of the program found where it ends. */
  raw(column: number): void {
    const w = this.#w;
    w.set(this.#at.start, this.#at.p.get);
    this.#at.moveTo(w.call('skipValue', 'i32', [this.#at.p.get, this.#at.end.get]));
    w.line(i32.store(this.#at.slot(column, 'offsets'), i32.sub(this.#at.start.get, this.#at.delta.get)));
    w.line(i32.store(this.#at.slot(column, 'lengths'), i32.sub(this.#at.p.get, this.#at.start.get)));
    this.#at.raise(this.#arrays.raw, 0);
  }

  /** `value` becomes the number that the digits at p make, n how many they are: exact up to 18. */
  #digits(): void {
    const w = this.#w;
    const x = this.#x;
    w.set(x, i64.xor(this.#at.eight(), i64.const(bytes8(zero))));
    this.#countDigits();
    // The digits move to the word's end, zeros before them; then pairs, fours, all. Source: Daniel Lemire, "Quickly parsing eight digits".
    w.set(x, i64.shl(x.get, i64.extend(i32.sub(i32.const(64), i32.shl(this.#n.get, i32.const(3))))));
    w.set(x, i64.and(i64.shrU(i64.mul(x.get, i64.const(2561n)), i64.const(8n)), i64.const(0x00ff00ff00ff00ffn)));
    w.set(x, i64.and(i64.shrU(i64.mul(x.get, i64.const(6553601n)), i64.const(16n)), i64.const(0x0000ffff0000ffffn)));
    w.set(this.#value, i64.shrU(i64.mul(x.get, i64.const(42949672960001n)), i64.const(32n)));
    this.#moreDigits((digit) => w.set(this.#value, i64.add(i64.mul(this.#value.get, i64.const(10n)), i64.extend(digit))));
  }

  /** n becomes how many of the eight bytes in x, digits as 0 to 9, come before the first that is none; p moves behind them. */
  #countDigits(): void {
    const isNone = i64.and(i64.or(i64.add(this.#x.get, i64.const(bytes8(0x76))), this.#x.get), i64.const(bytes8(0x80)));
    this.#w.set(this.#n, i32.shrU(i32.wrap(i64.ctz(isNone)), i32.const(3)));
    this.#at.move(this.#n.get);
  }

  #moreDigits(take: (digit: Wasm<'i32'>) => void): void {
    const w = this.#w;
    w.if(i32.eq(this.#n.get, i32.const(8)), () => {
      w.block('digits', () => {
        w.loop('digit', () => {
          w.set(this.#c, i32.sub(this.#at.byte(), i32.const(zero)));
          w.leaveIf('digits', i32.geU(this.#c.get, i32.const(10)));
          take(this.#c.get);
          this.#at.moveBy(1);
          w.set(this.#n, i32.add(this.#n.get, i32.const(1)));
          w.leave('digit');
        });
      });
    });
  }

  /** True for no digit at all, and for a zero before digits. The n digits end at p. */
  #isNoNumber(): Wasm<'i32'> {
    const n = this.#n;
    if (this.#bug === 'leading zeros') return i32.eqz(n.get);
    const first = this.#at.byteAt(i32.sub(i32.const(0), n.get));
    return i32.or(i32.eqz(n.get), i32.and(i32.gtS(n.get, i32.const(1)), i32.eq(first, i32.const(zero))));
  }

  #sign(): void {
    // A branch, which is foreseen: an addition would make every later place wait for this byte.
    const w = this.#w;
    w.set(this.#negative, i32.eq(this.#at.byte(), i32.const(minus)));
    w.if(this.#negative.get, () => this.#at.moveBy(1));
  }

  #negate(): void {
    this.#w.if(this.#negative.get, () => this.#w.set(this.#value, i64.sub(i64.const(0n), this.#value.get)));
  }

  /** Passes over digits; `other` reads, from `start`, what is more than that. */
  skipDigits(other: () => void): void {
    const w = this.#w;
    w.set(this.#x, i64.xor(this.#at.eight(), i64.const(bytes8(zero))));
    this.#countDigits();
    this.#moreDigits(() => undefined);
    w.if(i32.or(this.#isNoNumber(), i32.eq(this.#at.byte(), i32.const(point))), other);
  }

  /** TINYINT to BIGINT. `other`: reads, from `start`, what has too many digits for this. */
  integer(column: number, other: () => void): void {
    const w = this.#w;
    const type = this.#at.type(column);
    w.set(this.#at.start, this.#at.p.get);
    this.#sign();
    this.#digits();
    const most = type.kind === 'BIGINT' ? exactDigits : 9;
    w.if(i32.or(this.#isNoNumber(), i32.gtS(this.#n.get, i32.const(most))), other, () => {
      this.#negate();
      if (type.kind === 'BIGINT') {
        w.line(i64.store(this.#at.slot(column, 'words'), this.#value.get));
        return;
      }
      const small = i32.wrap(this.#value.get);
      if (type.kind === 'TINYINT' || type.kind === 'SMALLINT') {
        const [low, high] = integerRange(type);
        this.#at.leaveIf(i32.or(i32.ltS(small, i32.const(Number(low))), i32.gtS(small, i32.const(Number(high)))));
      }
      w.line(i32.store(this.#at.slot(column, 'values'), small));
    });
  }

  /** Digits, and perhaps a point and digits: `value` without the point, `whole` and n how many digits stand before and behind it. */
  #pointed(): void {
    const w = this.#w;
    w.set(this.#at.start, this.#at.p.get);
    this.#sign();
    this.#digits();
    this.#at.leaveIf(this.#isNoNumber());
    w.set(this.#whole, this.#n.get);
    w.set(this.#n, i32.const(0));
    w.if(i32.eq(this.#at.byte(), i32.const(point)), () => {
      w.set(this.#wholeValue, this.#value.get);
      this.#at.moveBy(1);
      this.#digits();
      this.#at.leaveIf(i32.or(i32.eqz(this.#n.get), i32.gtS(this.#n.get, i32.const(exactDigits))));
      w.set(this.#value, i64.add(i64.mul(this.#wholeValue.get, i64.load(this.#power(this.#n.get, 0))), this.#value.get));
    });
  }

  #power(exponent: Wasm<'i32'>, table: number): Place {
    return { memory: columnMemory, address: i32.shl(exponent, i32.const(3)), offset: this.#arrays.powers.byteOffset + table * 8 * (exactDigits + 1) };
  }

  #hasExponent(): Wasm<'i32'> {
    return i32.eq(i32.or(this.#at.byte(), i32.const(32)), i32.const(101));
  }

  /** FLOAT and DOUBLE. Source: William D. Clinger, "How to Read Floating Point Numbers Accurately": 15 digits and 10^15 are exact. */
  double(column: number, other: () => void): void {
    const w = this.#w;
    this.#pointed();
    w.if(i32.or(i32.gtS(i32.add(this.#whole.get, this.#n.get), i32.const(15)), this.#hasExponent()), other, () => {
      w.set(this.#f, f64.div(f64.fromI64(this.#value.get), f64.load(this.#power(this.#n.get, 1))));
      w.if(this.#negative.get, () => w.set(this.#f, f64.neg(this.#f.get)));
      const slot = this.#at.slot(column, 'values');
      w.line(this.#at.type(column).kind === 'FLOAT' ? f32.store(slot, f32.demote(this.#f.get)) : f64.store(slot, this.#f.get));
    });
  }

  /** A decimal whose digits fit; others, and those that must be rounded, are left. */
  decimal(column: number, precision: number, scale: number, other: () => void): void {
    const w = this.#w;
    this.#pointed();
    const mostWhole = Math.min(precision - scale, exactDigits - scale);
    const tooLong = i32.or(i32.gtS(this.#whole.get, i32.const(mostWhole)), i32.gtS(this.#n.get, i32.const(scale)));
    w.if(i32.or(tooLong, this.#hasExponent()), other, () => {
      w.set(this.#value, i64.mul(this.#value.get, i64.load(this.#power(i32.sub(i32.const(scale), this.#n.get), 0))));
      this.#negate();
      w.line(i64.store(this.#at.slot(column, 'words'), this.#value.get));
      if (this.#arrays.columns[column]?.layout === 'i128') w.line(i64.store(this.#at.slot(column, 'highWords'), i64.shrS(this.#value.get, i64.const(63n))));
    });
  }

  /** `"yyyy-MM-dd HH:mm:ss[.fff][Z]"`; `other` reads other forms. A minute that equals the last one is not read again. */
  timestamp(column: number, other: () => void): void {
    const w = this.#w;
    const kept = this.#kept.get(column) as KeptMinute;
    const high = i64.xor(this.#at.eight(9), kept.high.get);
    const differs = i64.or(i64.xor(this.#at.eight(1), kept.low.get), this.#bug === 'stale minute' ? i64.and(high, i64.const(0xffffffffn)) : high);
    w.if(i64.ne(differs, i64.const(0n)), () => {
      w.set(this.#f, w.call('minuteOf', 'f64', [i32.add(this.#at.p.get, i32.const(1))]));
      this.#at.leaveIf(f64.ne(this.#f.get, this.#f.get));
      w.set(kept.ms, i64.truncate(this.#f.get));
      w.set(kept.low, this.#at.eight(1));
      w.set(kept.high, this.#at.eight(9));
    });
    // `:ss.fff` in a word: what must be zero has 0x7f added, a digit 0x76, that of tens of seconds 0x7a; a byte too large then shows 0x80.
    const x = this.#x;
    const length = this.#n;
    const misses = (added: bigint): Wasm<'i32'> => i64.ne(i64.and(i64.or(i64.add(x.get, i64.const(added)), x.get), i64.const(bytes8(0x80))), i64.const(0n));
    w.set(x, i64.and(i64.xor(this.#at.eight(17), i64.const(0x00_30_30_30_2e_30_30_3an)), i64.const(0x00_ff_ff_ff_ff_ff_ff_ffn)));
    w.set(length, i32.const(24));
    w.if(misses(0x00_76_76_76_7f_76_7a_7fn), () => {
      // Seconds without three digits behind a point.
      w.set(length, i32.const(20));
      w.set(x, i64.and(x.get, i64.const(0xff_ff_ffn)));
      this.#at.leaveIf(misses(0x76_7a_7fn));
    });
    w.set(this.#c, this.#at.byteAt(length.get));
    w.if(i32.eq(this.#c.get, i32.const(capitalZ)), () => {
      w.set(length, i32.add(length.get, i32.const(1)));
      w.set(this.#c, this.#at.byteAt(length.get));
    });
    const digit = (place: number, worth: bigint): Wasm<'i64'> => i64.mul(i64.and(i64.shrU(x.get, i64.const(BigInt(8 * place))), i64.const(15n)), i64.const(worth));
    w.if(i32.eq(this.#c.get, i32.const(quote)), () => {
      const seconds = i64.add(digit(1, 10_000n), digit(2, 1000n));
      const millis = i64.add(i64.add(digit(4, 100n), digit(5, 10n)), digit(6, 1n));
      w.line(i64.store(this.#at.slot(column, 'words'), i64.add(kept.ms.get, i64.add(seconds, millis))));
      this.#at.move(i32.add(length.get, i32.const(1)));
    }, () => {
      w.set(this.#at.start, this.#at.p.get);
      other();
    });
  }
}

/** `yyyy-MM-dd HH:mm` as two words, and its ms. */
interface KeptMinute {
  readonly low: Local<'i64'>;
  readonly high: Local<'i64'>;
  readonly ms: Local<'i64'>;
}
