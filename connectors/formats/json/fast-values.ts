import { allocateColumn, columnArrays, columnSlots, type Column } from '../../../core/column.ts';
import type { Layout } from '../../../core/layout.ts';
import type { SqlType } from '../../../core/sql-type.ts';
import type { Local, WasmBuilder } from '../../../core/wasm-code.ts';
import { f32, f64, i32, i64, i8x16, v128, type Place, type Wasm } from '../../../core/wasm-ops.ts';
import { Arena } from '../../../core/wasm-memory.ts';
import { integerRange } from '../../../functions/cast.ts';

/** The memories of the fast tier: the records where they lie, and the arrays of its columns. */
export const recordMemory = 0;
export const columnMemory = 1;

/** Bugs that a test plants to see that its fuzz finds them. */
export type PlantedBug = 'leading zeros' | 'stale minute' | 'open end' | 'null taken';

const quote = 34;
const minus = 45;
const point = 46;
const zero = 48;
const capitalZ = 90;
const letterN = 110;

/** The arrays that the fast tier reads and writes, all of them in one arena. */
export interface FastArrays {
  readonly arena: Arena;
  readonly columns: readonly Column[];
  readonly nulls: readonly Uint8Array[];
  /** 1 for each column that has a NULL. */
  readonly any: Uint8Array;
  /** One flag: 1 when a text is the JSON of something else. */
  readonly raw: Uint8Array;
  /** Where each record of a call begins, and its length. */
  readonly offsets: Int32Array;
  readonly lengths: Int32Array;
  /** 10^0 to 10^18 as integers, then as doubles. */
  readonly powers: Uint8Array;
}

export function allocateArrays(layouts: readonly Layout[], capacity: number): FastArrays {
  const rowBytes = layouts.reduce((sum, layout) => sum + bytesPerRow(layout), 8);
  const arena = new Arena(capacity * rowBytes + 16 * (6 * layouts.length + 8) + layouts.length + powerBytes);
  const bytes = (length: number): Uint8Array => {
    const { buffer, offset } = arena.take(length);
    return new Uint8Array(buffer, offset, length);
  };
  const ints = (): Int32Array => {
    const { buffer, offset } = arena.take(4 * capacity);
    return new Int32Array(buffer, offset, capacity);
  };
  const powers = bytes(powerBytes);
  const view = new DataView(powers.buffer, powers.byteOffset);
  for (let i = 0; i <= exactDigits; i++) {
    view.setBigInt64(8 * i, 10n ** BigInt(i), true);
    view.setFloat64(8 * (exactDigits + 1 + i), Number(`1e${i}`), true);
  }
  return {
    arena,
    columns: layouts.map((layout) => allocateColumn(layout, capacity, arena)),
    nulls: layouts.map(() => bytes(capacity)),
    any: bytes(layouts.length),
    raw: bytes(1),
    offsets: ints(),
    lengths: ints(),
    powers,
  };
}

/** With the byte of its NULL. */
function bytesPerRow(layout: Layout): number {
  return layout === 'u8' ? 2 : layout === 'i32' || layout === 'f32' ? 5 : layout === 'i128' ? 17 : layout === 'i64n' ? 13 : 9;
}

/** A byte in each of the eight of a word. */
const bytes8 = (byte: number): bigint => BigInt(byte) * 0x0101010101010101n;

/** Integers of so many digits fit 64 bits, whatever the digits. */
const exactDigits = 18;
const powerBytes = 16 * (exactDigits + 1);

/**
 * Writes the code that reads values at p, which it moves behind them; `leave()` where a value is none that it reads. Each value is stored
 * into its column at the row at hand.
 */
export class FastValues {
  readonly #w: WasmBuilder;
  readonly #types: readonly SqlType[];
  readonly #arrays: FastArrays;
  readonly #bug: PlantedBug | undefined;
  readonly row: Local<'i32'>;
  readonly delta: Local<'i32'>;
  readonly p: Local<'i32'>;
  readonly end: Local<'i32'>;
  readonly start: Local<'i32'>;
  readonly #c: Local<'i32'>;
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

  constructor(
    w: WasmBuilder,
    parameters: { readonly row: Local<'i32'>; readonly delta: Local<'i32'> },
    types: readonly SqlType[],
    arrays: FastArrays,
    bug: PlantedBug | undefined,
  ) {
    this.#w = w;
    this.#types = types;
    this.#arrays = arrays;
    this.#bug = bug;
    ({ row: this.row, delta: this.delta } = parameters);
    this.p = w.local('p', 'i32');
    this.end = w.local('end', 'i32');
    this.start = w.local('start', 'i32');
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
  }

  leave(): void {
    this.#w.leave('left');
  }

  leaveIf(test: Wasm<'i32'>): void {
    this.#w.leaveIf('left', test);
  }

  /** The byte, the word or the eight bytes at p + offset. */
  byte(offset = 0): Wasm<'i32'> {
    return i32.load8(this.#record(offset));
  }

  word(offset = 0): Wasm<'i32'> {
    return i32.load(this.#record(offset));
  }

  eight(offset = 0): Wasm<'i64'> {
    return i64.load(this.#record(offset));
  }

  #record(offset: number): Place {
    return { memory: recordMemory, address: this.p.get, offset };
  }

  move(bytes: Wasm<'i32'>): void {
    this.#w.set(this.p, i32.add(this.p.get, bytes));
  }

  moveBy(bytes: number): void {
    this.move(i32.const(bytes));
  }

  /** p becomes what a function of the program gives, unless that is below 0. */
  moveTo(place: Wasm<'i32'>): void {
    this.#w.set(this.p, place);
    this.leaveIf(i32.ltS(this.p.get, i32.const(0)));
  }

  type(column: number): SqlType {
    return this.#types[column] ?? { kind: 'NULL', nullable: true };
  }

  /** Where a column's array holds the row at hand. */
  #slot(column: number, name: string): Place {
    const target = this.#arrays.columns[column] as Column;
    const array = columnArrays(target)[columnSlots[target.layout].indexOf(name)] as ArrayBufferView & { readonly BYTES_PER_ELEMENT: number };
    // The words of a value of 64 bits are addressed as the value.
    const size = name === 'words' || name === 'highWords' ? 8 : array.BYTES_PER_ELEMENT;
    return { memory: columnMemory, address: size === 1 ? this.row.get : i32.shl(this.row.get, i32.const(Math.log2(size))), offset: array.byteOffset };
  }

  /** NULL in the row, zero or empty under it. */
  writeNull(column: number): void {
    const w = this.#w;
    w.line(i32.store8({ memory: columnMemory, address: this.row.get, offset: (this.#arrays.nulls[column] as Uint8Array).byteOffset }, i32.const(1)));
    this.#raise(this.#arrays.any, column);
    const zero64 = (slot: string): void => w.line(i64.store(this.#slot(column, slot), i64.const(0n)));
    const zero32 = (slot: string): void => w.line(i32.store(this.#slot(column, slot), i32.const(0)));
    switch (this.#arrays.columns[column]?.layout) {
      case 'u8':
        w.line(i32.store8(this.#slot(column, 'values'), i32.const(0)));
        return;
      case 'i32':
      case 'f32':
        zero32('values');
        return;
      case 'i64':
      case 'f64':
        zero64('values');
        return;
      case 'i64n':
        zero64('values');
        zero32('nanos');
        return;
      case 'i128':
        zero64('values');
        zero64('high');
        return;
      default:
        zero32('offsets');
        zero32('lengths');
    }
  }

  #raise(flags: Uint8Array, index: number): void {
    this.#w.line(i32.store8({ memory: columnMemory, address: i32.const(index), offset: flags.byteOffset }, i32.const(1)));
  }

  /** p goes from a text's first byte to its closing quote, or to a byte that is an escape, a control or not ASCII. */
  scanText(): void {
    const w = this.#w;
    w.loop('text', () => {
      w.set(this.#q, v128.load(this.#record(0)));
      // A byte with its second bit turned is below 33 when it is a control or a quote; as a signed number, also when it is not ASCII.
      const isLow = i8x16.ltS(v128.xor(this.#q.get, this.#two.get), this.#space.get);
      w.set(this.#c, i8x16.bitmask(v128.or(isLow, i8x16.eq(this.#q.get, this.#backslash.get))));
      this.moveBy(16);
      w.leaveIf('text', i32.eqz(this.#c.get));
    });
    w.set(this.p, i32.add(i32.sub(this.p.get, i32.const(16)), i32.ctz(this.#c.get)));
  }

  isQuote(): Wasm<'i32'> {
    return i32.eq(this.byte(), i32.const(quote));
  }

  isNoNull(): Wasm<'i32'> {
    return i32.ne(this.byte(), i32.const(letterN));
  }

  /** A text whose opening quote is at p. */
  text(column: number): void {
    const w = this.#w;
    this.moveBy(1);
    w.set(this.start, this.p.get);
    this.scanText();
    w.if(i32.ne(this.byte(), i32.const(quote)), () => this.moveTo(w.call('endOfText', 'i32', [this.start.get, this.p.get])));
    w.line(i32.store(this.#slot(column, 'offsets'), i32.sub(this.start.get, this.delta.get)));
    w.line(i32.store(this.#slot(column, 'lengths'), i32.sub(this.p.get, this.start.get)));
    this.moveBy(1);
  }

  /** The JSON at p as a text; a function of the program found where it ends. */
  raw(column: number): void {
    const w = this.#w;
    w.set(this.start, this.p.get);
    this.moveTo(w.call('skipValue', 'i32', [this.p.get, this.end.get]));
    w.line(i32.store(this.#slot(column, 'offsets'), i32.sub(this.start.get, this.delta.get)));
    w.line(i32.store(this.#slot(column, 'lengths'), i32.sub(this.p.get, this.start.get)));
    this.#raise(this.#arrays.raw, 0);
  }

  /** `value` becomes the number that the digits at p make, n how many they are: exact up to 18. */
  #digits(): void {
    const w = this.#w;
    const x = this.#x;
    w.set(x, i64.xor(this.eight(), i64.const(bytes8(zero))));
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
    this.move(this.#n.get);
  }

  #moreDigits(take: (digit: Wasm<'i32'>) => void): void {
    const w = this.#w;
    w.if(i32.eq(this.#n.get, i32.const(8)), () => {
      w.block('digits', () => {
        w.loop('digit', () => {
          w.set(this.#c, i32.sub(this.byte(), i32.const(zero)));
          w.leaveIf('digits', i32.geU(this.#c.get, i32.const(10)));
          take(this.#c.get);
          this.moveBy(1);
          w.set(this.#n, i32.add(this.#n.get, i32.const(1)));
          w.leave('digit');
        });
      });
    });
  }

  /** True for no digit at all, and for a zero before digits. `n` digits end at p. */
  #isNoNumber(n: Local<'i32'>, behind: Wasm<'i32'> = this.p.get): Wasm<'i32'> {
    if (this.#bug === 'leading zeros') return i32.eqz(n.get);
    const first = i32.load8({ memory: recordMemory, address: i32.sub(behind, n.get), offset: 0 });
    return i32.or(i32.eqz(n.get), i32.and(i32.gtS(n.get, i32.const(1)), i32.eq(first, i32.const(zero))));
  }

  #sign(): void {
    // A branch, which is foreseen: an addition would make every later place wait for this byte.
    const w = this.#w;
    w.set(this.#negative, i32.eq(this.byte(), i32.const(minus)));
    w.if(this.#negative.get, () => this.moveBy(1));
  }

  #negate(): void {
    this.#w.if(this.#negative.get, () => this.#w.set(this.#value, i64.sub(i64.const(0n), this.#value.get)));
  }

  /** Passes over digits; `other` reads, from `start`, what is more than that. */
  skipDigits(other: () => void): void {
    const w = this.#w;
    w.set(this.#x, i64.xor(this.eight(), i64.const(bytes8(zero))));
    this.#countDigits();
    this.#moreDigits(() => undefined);
    w.if(i32.or(this.#isNoNumber(this.#n), i32.eq(this.byte(), i32.const(point))), other);
  }

  /** TINYINT to BIGINT. `other`: reads, from `start`, what has too many digits for this. */
  integer(column: number, other: () => void): void {
    const w = this.#w;
    const type = this.type(column);
    w.set(this.start, this.p.get);
    this.#sign();
    this.#digits();
    const most = type.kind === 'BIGINT' ? exactDigits : 9;
    w.if(i32.or(this.#isNoNumber(this.#n), i32.gtS(this.#n.get, i32.const(most))), other, () => {
      this.#negate();
      if (type.kind === 'BIGINT') {
        w.line(i64.store(this.#slot(column, 'words'), this.#value.get));
        return;
      }
      const small = i32.wrap(this.#value.get);
      if (type.kind === 'TINYINT' || type.kind === 'SMALLINT') {
        const [low, high] = integerRange(type);
        this.leaveIf(i32.or(i32.ltS(small, i32.const(Number(low))), i32.gtS(small, i32.const(Number(high)))));
      }
      w.line(i32.store(this.#slot(column, 'values'), small));
    });
  }

  /** Digits, and perhaps a point and digits: `value` without the point, `whole` and n how many digits stand before and behind it. */
  #pointed(): void {
    const w = this.#w;
    w.set(this.start, this.p.get);
    this.#sign();
    this.#digits();
    this.leaveIf(this.#isNoNumber(this.#n));
    w.set(this.#whole, this.#n.get);
    w.set(this.#n, i32.const(0));
    w.if(i32.eq(this.byte(), i32.const(point)), () => {
      w.set(this.#wholeValue, this.#value.get);
      this.moveBy(1);
      this.#digits();
      this.leaveIf(i32.or(i32.eqz(this.#n.get), i32.gtS(this.#n.get, i32.const(exactDigits))));
      w.set(this.#value, i64.add(i64.mul(this.#wholeValue.get, i64.load(this.#power(this.#n.get, 0))), this.#value.get));
    });
  }

  #power(exponent: Wasm<'i32'>, table: number): Place {
    return { memory: columnMemory, address: i32.shl(exponent, i32.const(3)), offset: this.#arrays.powers.byteOffset + table * 8 * (exactDigits + 1) };
  }

  #hasExponent(): Wasm<'i32'> {
    return i32.eq(i32.or(this.byte(), i32.const(32)), i32.const(101));
  }

  /** FLOAT and DOUBLE. Source: William D. Clinger, "How to Read Floating Point Numbers Accurately": 15 digits and 10^15 are exact. */
  double(column: number, other: () => void): void {
    const w = this.#w;
    this.#pointed();
    w.if(i32.or(i32.gtS(i32.add(this.#whole.get, this.#n.get), i32.const(15)), this.#hasExponent()), other, () => {
      w.set(this.#f, f64.div(f64.fromI64(this.#value.get), f64.load(this.#power(this.#n.get, 1))));
      w.if(this.#negative.get, () => w.set(this.#f, f64.neg(this.#f.get)));
      const slot = this.#slot(column, 'values');
      w.line(this.type(column).kind === 'FLOAT' ? f32.store(slot, f32.demote(this.#f.get)) : f64.store(slot, this.#f.get));
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
      w.line(i64.store(this.#slot(column, 'words'), this.#value.get));
      if (this.#arrays.columns[column]?.layout === 'i128') w.line(i64.store(this.#slot(column, 'highWords'), i64.shrS(this.#value.get, i64.const(63n))));
    });
  }

  /** What is kept of a column's last time: `yyyy-MM-dd HH:mm` as two words, and its ms. */
  keptMinute(column: number): KeptMinute {
    return { low: this.#w.local(`low${column}`, 'i64'), high: this.#w.local(`high${column}`, 'i64'), ms: this.#w.local(`minute${column}`, 'i64') };
  }

  /** `"yyyy-MM-dd HH:mm:ss[.fff][Z]"`; `other` reads other forms. A minute that equals the last one is not read again. */
  timestamp(column: number, kept: KeptMinute, other: () => void): void {
    const w = this.#w;
    const high = i64.xor(this.eight(9), kept.high.get);
    const differs = i64.or(i64.xor(this.eight(1), kept.low.get), this.#bug === 'stale minute' ? i64.and(high, i64.const(0xffffffffn)) : high);
    w.if(i64.ne(differs, i64.const(0n)), () => {
      w.set(this.#f, w.call('minuteOf', 'f64', [i32.add(this.p.get, i32.const(1))]));
      this.leaveIf(f64.ne(this.#f.get, this.#f.get));
      w.set(kept.ms, i64.truncate(this.#f.get));
      w.set(kept.low, this.eight(1));
      w.set(kept.high, this.eight(9));
    });
    // `:ss.fff` in a word: what must be zero has 0x7f added, a digit 0x76, that of tens of seconds 0x7a; a byte too large then shows 0x80.
    const x = this.#x;
    const length = this.#n;
    const misses = (added: bigint): Wasm<'i32'> => i64.ne(i64.and(i64.or(i64.add(x.get, i64.const(added)), x.get), i64.const(bytes8(0x80))), i64.const(0n));
    w.set(x, i64.and(i64.xor(this.eight(17), i64.const(0x00_30_30_30_2e_30_30_3an)), i64.const(0x00_ff_ff_ff_ff_ff_ff_ffn)));
    w.set(length, i32.const(24));
    w.if(misses(0x00_76_76_76_7f_76_7a_7fn), () => {
      // Seconds without three digits behind a point.
      w.set(length, i32.const(20));
      w.set(x, i64.and(x.get, i64.const(0xff_ff_ffn)));
      this.leaveIf(misses(0x76_7a_7fn));
    });
    const behind = (): Wasm<'i32'> => i32.load8({ memory: recordMemory, address: i32.add(this.p.get, length.get), offset: 0 });
    w.set(this.#c, behind());
    w.if(i32.eq(this.#c.get, i32.const(capitalZ)), () => {
      w.set(length, i32.add(length.get, i32.const(1)));
      w.set(this.#c, behind());
    });
    const digit = (place: number, worth: bigint): Wasm<'i64'> => i64.mul(i64.and(i64.shrU(x.get, i64.const(BigInt(8 * place))), i64.const(15n)), i64.const(worth));
    w.if(i32.eq(this.#c.get, i32.const(quote)), () => {
      const seconds = i64.add(digit(1, 10_000n), digit(2, 1000n));
      const millis = i64.add(i64.add(digit(4, 100n), digit(5, 10n)), digit(6, 1n));
      w.line(i64.store(this.#slot(column, 'words'), i64.add(kept.ms.get, i64.add(seconds, millis))));
      this.move(i32.add(length.get, i32.const(1)));
    }, () => {
      w.set(this.start, this.p.get);
      other();
    });
  }
}

export interface KeptMinute {
  readonly low: Local<'i64'>;
  readonly high: Local<'i64'>;
  readonly ms: Local<'i64'>;
}
