import type { Local, WasmBuilder } from '../../../core/wasm-code.ts';
import { f32, f64, i32, i64, i8x16, v128, type Wasm } from '../../../core/wasm-ops.ts';
import { integerRange } from '../../../functions/cast-number.ts';
import { exactDigits, type FastArrays } from './fast-arrays.ts';
import type { FastCursor } from './fast-cursor.ts';
import { bytes8, FastDigits } from './fast-digits.ts';

/** Bugs that a test plants to see that its fuzz finds them. */
export type PlantedBug = 'leading zeros' | 'stale minute' | 'open end' | 'null taken' | 'slack not taken';

const quote = 34;
const capitalZ = 90;
const letterN = 110;

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
  readonly #digits: FastDigits;
  /** A byte, or what else is small. */
  readonly #c: Local<'i32'>;
  /** Of a time as it is written, in bytes. */
  readonly #length: Local<'i32'>;
  readonly #x: Local<'i64'>;
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
    this.#digits = new FastDigits(w, at, arrays, bug === 'leading zeros');
    this.#c = w.local('c', 'i32');
    this.#length = w.local('length', 'i32');
    this.#x = w.local('x', 'i64');
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

  /** Passes over digits at p; see FastDigits. */
  skipDigits(other: () => void): void {
    this.#digits.skip(other);
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

  /** TINYINT to BIGINT. `other`: reads, from `start`, what has too many digits for this. */
  integer(column: number, other: () => void): void {
    const w = this.#w;
    const type = this.#at.type(column);
    w.set(this.#at.start, this.#at.p.get);
    this.#digits.sign();
    this.#digits.read();
    const most = type.kind === 'BIGINT' ? exactDigits : 9;
    w.if(i32.or(this.#digits.isNoNumber(), i32.gtS(this.#digits.n.get, i32.const(most))), other, () => {
      this.#digits.negate();
      if (type.kind === 'BIGINT') {
        w.line(i64.store(this.#at.slot(column, 'words'), this.#digits.value.get));
        return;
      }
      const small = i32.wrap(this.#digits.value.get);
      if (type.kind === 'TINYINT' || type.kind === 'SMALLINT') {
        const [low, high] = integerRange(type);
        this.#at.leaveIf(i32.or(i32.ltS(small, i32.const(Number(low))), i32.gtS(small, i32.const(Number(high)))));
      }
      w.line(i32.store(this.#at.slot(column, 'values'), small));
    });
  }

  /** FLOAT and DOUBLE. Source: William D. Clinger, "How to Read Floating Point Numbers Accurately": 15 digits and 10^15 are exact. */
  double(column: number, other: () => void): void {
    const w = this.#w;
    this.#digits.pointed();
    w.if(i32.or(i32.gtS(i32.add(this.#digits.whole.get, this.#digits.n.get), i32.const(15)), this.#digits.hasExponent()), other, () => {
      w.set(this.#f, f64.div(f64.fromI64(this.#digits.value.get), f64.load(this.#digits.power(this.#digits.n.get, 1))));
      w.if(this.#digits.negative.get, () => w.set(this.#f, f64.neg(this.#f.get)));
      const slot = this.#at.slot(column, 'values');
      w.line(this.#at.type(column).kind === 'FLOAT' ? f32.store(slot, f32.demote(this.#f.get)) : f64.store(slot, this.#f.get));
    });
  }

  /** A decimal whose digits fit; others, and those that must be rounded, are left. */
  decimal(column: number, precision: number, scale: number, other: () => void): void {
    const w = this.#w;
    this.#digits.pointed();
    const mostWhole = Math.min(precision - scale, exactDigits - scale);
    const tooLong = i32.or(i32.gtS(this.#digits.whole.get, i32.const(mostWhole)), i32.gtS(this.#digits.n.get, i32.const(scale)));
    w.if(i32.or(tooLong, this.#digits.hasExponent()), other, () => {
      w.set(this.#digits.value, i64.mul(this.#digits.value.get, i64.load(this.#digits.power(i32.sub(i32.const(scale), this.#digits.n.get), 0))));
      this.#digits.negate();
      w.line(i64.store(this.#at.slot(column, 'words'), this.#digits.value.get));
      if (this.#arrays.columns[column]?.layout === 'i128') w.line(i64.store(this.#at.slot(column, 'highWords'), i64.shrS(this.#digits.value.get, i64.const(63n))));
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
    const length = this.#length;
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
