import { WasmBuilder, type Local, type WasmKernel } from '../../../core/wasm-code.ts';
import { i32, i64, i8x16, v128, type Place, type Wasm } from '../../../core/wasm-ops.ts';
import type { NamedColumns } from '../encoder-frame.ts';
import { nameBytes } from '../write-value.ts';
import type { ColumnArrays, EncoderArrays } from './fast-encoder-arrays.ts';
import { ownKind, writerName } from './fast-kinds.ts';
import { ascii } from './value-code.ts';

/** The memories: what is written into, and the values of the rows. */
export const outMemory = 0;
export const columnMemory = 1;

const quote = 34;
const backslash = 92;
const colon = 58;
const point = 46;
const zero = 48;
const capitalZ = 90;

/** `"yyyy-MM-dd HH:mm:`, what times of one minute have before their seconds, and where its colons stand. */
const minuteBytes = 18;
const colons = [14, 17];

/**
 * The function (row, to, at) that writes rows [row, to) of `arrays`, at least one, as JSON objects one behind the other, notes where each ends and gives the place
 * behind the last. Up to 16 bytes behind that are written over.
 */
export function rowWriter(columns: NamedColumns, arrays: EncoderArrays): WasmKernel {
  return new RowWriter(columns, arrays).write();
}

class RowWriter {
  readonly #w = new WasmBuilder(['what is written into', 'rows, texts, digits'], ['i32', 'i32', 'i32'], 'i32');
  readonly #columns: NamedColumns;
  readonly #arrays: EncoderArrays;
  readonly #row: Local<'i32'>;
  readonly #to: Local<'i32'>;
  readonly #at: Local<'i32'>;
  readonly #start: Local<'i32'>;
  readonly #p: Local<'i32'>;
  readonly #rest: Local<'i32'>;
  readonly #marks: Local<'i32'>;
  readonly #part: Local<'i32'>;
  readonly #high: Local<'i32'>;
  readonly #digits: Local<'i64'>;
  readonly #value: Local<'i64'>;
  readonly #upper: Local<'i64'>;
  readonly #sixteen: Local<'v128'>;

  constructor(columns: NamedColumns, arrays: EncoderArrays) {
    this.#columns = columns;
    this.#arrays = arrays;
    const w = this.#w;
    this.#row = w.local('row', 'i32');
    this.#to = w.local('to', 'i32');
    this.#at = w.local('at', 'i32');
    this.#start = w.local('start', 'i32');
    this.#p = w.local('p', 'i32');
    this.#rest = w.local('rest', 'i32');
    this.#marks = w.local('marks', 'i32');
    this.#part = w.local('part', 'i32');
    this.#high = w.local('high', 'i32');
    this.#digits = w.local('digits', 'i64');
    this.#value = w.local('value', 'i64');
    this.#upper = w.local('upper', 'i64');
    this.#sixteen = w.local('sixteen', 'v128');
  }

  write(): WasmKernel {
    const w = this.#w;
    w.loop('rows', () => {
      this.#object();
      w.line(i32.store(this.#slot(this.#arrays.ends, 2), this.#at.get));
      w.set(this.#row, i32.add(this.#row.get, i32.const(1)));
      w.leaveIf('rows', i32.ltU(this.#row.get, this.#to.get));
    });
    w.return(this.#at.get);
    return w.compile('encodeRows');
  }

  #object(): void {
    const w = this.#w;
    for (const [i, { name, type }] of this.#columns.entries()) {
      const arrays = this.#arrays.columns[i] as ColumnArrays;
      this.#literal(nameBytes(i === 0 ? '{' : ',', name));
      w.if(i32.load8(this.#byteOf(arrays.nulls)), () => this.#literal(ascii('null')), () => {
        switch (ownKind(type)) {
          case 'long':
            w.set(this.#value, i64.load(this.#slot(arrays.words, 3)));
            this.#number(i);
            return;
          case 'int':
            w.set(this.#value, i64.extendSigned(i32.load(this.#slot(arrays.words, 2))));
            this.#number(i);
            return;
          case 'boolean':
            w.if(i32.load8(this.#byteOf(arrays.bytes)), () => this.#literal(ascii('true')), () => this.#literal(ascii('false')));
            return;
          case 'text':
            this.#text(i, arrays);
            return;
          case 'time':
            w.set(this.#value, i64.load(this.#slot(arrays.words, 3)));
            this.#time(i, arrays.minute, type.kind === 'TIMESTAMP_LTZ');
            return;
          default:
            this.#call(i, this.#at.get);
        }
      });
    }
    this.#byte(125);
  }

  /** The place in `out` that is `offset` bytes behind `at`. */
  #here(offset = 0): Place {
    return { memory: outMemory, address: this.#at.get, offset };
  }

  #slot(array: Int32Array, sizeBits: number): Place {
    return { memory: columnMemory, address: i32.shl(this.#row.get, i32.const(sizeBits)), offset: array.byteOffset };
  }

  #byteOf(array: Uint8Array): Place {
    return { memory: columnMemory, address: this.#row.get, offset: array.byteOffset };
  }

  #move(bytes: Wasm<'i32'>): void {
    this.#w.set(this.#at, i32.add(this.#at.get, bytes));
  }

  #byte(byte: number): void {
    this.#w.line(i32.store8(this.#here(), i32.const(byte)));
    this.#move(i32.const(1));
  }

  /** These bytes, eight at a time: the last eight reach back over those before, or behind the end where there are fewer. */
  #literal(bytes: Uint8Array): void {
    const n = bytes.length;
    const padded = new Uint8Array(Math.max(8, n));
    padded.set(bytes);
    const view = new DataView(padded.buffer);
    for (let k = 0; k < n; k += 8) {
      const at = Math.min(k, padded.length - 8);
      this.#w.line(i64.store(this.#here(at), i64.const(view.getBigInt64(at, true))));
    }
    this.#move(i32.const(n));
  }

  /** The value of the row by a function of the program, from `at` on. */
  #call(column: number, at: Wasm<'i32'>): void {
    this.#w.set(this.#at, this.#w.call(writerName(column), 'i32', [this.#row.get, at]));
  }

  /** `value` as digits, if they are at most sixteen. */
  #number(column: number): void {
    const w = this.#w;
    w.if(i64.ltU(this.#value.get, i64.const(100_000_000n)), () => {
      w.set(this.#part, i32.wrap(this.#value.get));
      this.#upToEight();
    }, () => {
      w.if(i64.ltU(this.#value.get, i64.const(10_000_000_000_000_000n)), () => {
        w.set(this.#upper, i64.divU(this.#value.get, i64.const(100_000_000n)));
        w.set(this.#part, i32.wrap(this.#upper.get));
        this.#upToEight();
        w.set(this.#part, i32.wrap(i64.sub(this.#value.get, i64.mul(this.#upper.get, i64.const(100_000_000n)))));
        w.set(this.#high, this.#tenThousands());
        this.#four(this.#high.get);
        this.#four(this.#belowThose());
      }, () => this.#call(column, this.#at.get));
    });
  }

  /** `part`, below 100,000,000, without the zeros before it. */
  #upToEight(): void {
    const w = this.#w;
    w.if(i32.ltU(this.#part.get, i32.const(10_000)), () => this.#upToFour(this.#part.get), () => {
      w.set(this.#high, this.#tenThousands());
      this.#upToFour(this.#high.get);
      this.#four(this.#belowThose());
    });
  }

  /** `part` divided by 10,000: exact for 32 bits. Source: Henry S. Warren, "Hacker's Delight", 10-9. */
  #tenThousands(): Wasm<'i32'> {
    return i32.wrap(i64.shrU(i64.mul(i64.extend(this.#part.get), i64.const(3_518_437_209n)), i64.const(45n)));
  }

  /** What is left of `part` when so many ten thousands as `high` says are gone. */
  #belowThose(): Wasm<'i32'> {
    return i32.sub(this.#part.get, i32.mul(this.#high.get, i32.const(10_000)));
  }

  /** Of a number below 10,000 what the table of digits has, at the byte `offset`. */
  #digitsOf(number: Wasm<'i32'>, offset = 0): Place {
    return { memory: columnMemory, address: i32.shl(number, i32.const(3)), offset: this.#arrays.digits.byteOffset + offset };
  }

  /** The four digits of a number below 10,000. */
  #four(number: Wasm<'i32'>): void {
    this.#w.line(i32.store(this.#here(), i32.load(this.#digitsOf(number))));
    this.#move(i32.const(4));
  }

  /** A number below 10,000 without the zeros before it. */
  #upToFour(number: Wasm<'i32'>): void {
    const w = this.#w;
    w.set(this.#digits, i64.load(this.#digitsOf(number)));
    const zeroBits = i32.wrap(i64.shrU(this.#digits.get, i64.const(32n)));
    w.line(i32.store(this.#here(), i32.shrU(i32.wrap(this.#digits.get), zeroBits)));
    this.#move(i32.sub(i32.const(4), i32.shrU(zeroBits, i32.const(3))));
  }

  /** `value`, ms, as a time: by a call where it lies in another minute than the last one, which is kept then. */
  #time(column: number, minute: BigInt64Array, isLtz: boolean): void {
    const w = this.#w;
    const kept = (offset: number): Place => ({ memory: columnMemory, address: i32.const(0), offset: minute.byteOffset + offset });
    const ofMinute = i64.sub(this.#value.get, i64.load(kept(0)));
    w.if(i64.ltU(ofMinute, i64.const(60_000n)), () => {
      for (const at of [0, 8, 16]) w.line(i64.store(this.#here(at), i64.load(kept(8 + at))));
      w.set(this.#part, i32.wrap(ofMinute));
      // Divided by 1,000: exact below 60,000. Source: Henry S. Warren, "Hacker's Delight", 10-9.
      w.set(this.#high, i32.shrU(i32.mul(this.#part.get, i32.const(67_109)), i32.const(26)));
      w.line(i32.store(this.#here(minuteBytes), i32.shrU(i32.load(this.#digitsOf(this.#high.get)), i32.const(16))));
      this.#move(i32.const(minuteBytes + 2));
      w.set(this.#part, i32.sub(this.#part.get, i32.mul(this.#high.get, i32.const(1000))));
      w.if(this.#part.get, () => {
        // Over the first of its four digits, a 0, the point; zeros at the end are none.
        w.set(this.#marks, i32.or(i32.and(i32.load(this.#digitsOf(this.#part.get)), i32.const(-256)), i32.const(point)));
        w.line(i32.store(this.#here(), this.#marks.get));
        const zeros = i32.add(i32.eq(i32.shrU(this.#marks.get, i32.const(24)), i32.const(zero)), i32.eq(i32.shrU(this.#marks.get, i32.const(16)), i32.const(zero * 257)));
        this.#move(i32.sub(i32.const(4), zeros));
      });
      if (isLtz) this.#byte(capitalZ);
      this.#byte(quote);
    }, () => {
      w.set(this.#start, this.#at.get);
      this.#call(column, this.#start.get);
      const written = (offset: number): Place => ({ memory: outMemory, address: this.#start.get, offset });
      // A year of other than four digits moves the colons.
      const isUsual = colons.map((at) => i32.eq(i32.load8(written(at)), i32.const(colon))).reduce((all, one) => i32.and(all, one));
      w.if(isUsual, () => {
        for (const at of [0, 8, 16]) w.line(i64.store(kept(8 + at), i64.load(written(at))));
        const rest = i64.remS(this.#value.get, i64.const(60_000n));
        // Of a time before 1970 what is left is negative.
        w.line(i64.store(kept(0), i64.sub(i64.sub(this.#value.get, rest), i64.and(i64.shrS(rest, i64.const(63n)), i64.const(60_000n)))));
      });
    });
  }

  /** A text between quotes; one with a byte to escape, and one that was not copied, by a call. */
  #text(column: number, { words, lengths, moved }: ColumnArrays): void {
    const w = this.#w;
    w.set(this.#start, this.#at.get);
    w.set(this.#rest, i32.load(this.#slot(lengths, 2)));
    w.block('written', () => {
      w.block('other', () => {
        w.leaveIf('other', i32.ltS(this.#rest.get, i32.const(0)));
        // An empty text may lie anywhere.
        w.set(this.#p, i32.const(0));
        w.if(this.#rest.get, () => w.set(this.#p, i32.add(i32.load(this.#slot(words, 2)), i32.load({ memory: columnMemory, address: i32.const(0), offset: moved.byteOffset }))));
        this.#byte(quote);
        w.loop('sixteen', () => {
          w.set(this.#sixteen, v128.load({ memory: columnMemory, address: this.#p.get, offset: 0 }));
          w.line(v128.store(this.#here(), this.#sixteen.get));
          // With its second bit turned a byte is below 33 when it is a control or a quote. Source: Henry S. Warren, "Hacker's Delight", 6-1.
          const isLow = i8x16.ltU(v128.xor(this.#sixteen.get, i8x16.splat(2)), i8x16.splat(33));
          w.set(this.#marks, i8x16.bitmask(v128.or(isLow, i8x16.eq(this.#sixteen.get, i8x16.splat(backslash)))));
          w.if(i32.gtS(this.#rest.get, i32.const(16)), () => {
            w.leaveIf('other', this.#marks.get);
            w.set(this.#p, i32.add(this.#p.get, i32.const(16)));
            this.#move(i32.const(16));
            w.set(this.#rest, i32.sub(this.#rest.get, i32.const(16)));
            w.leave('sixteen');
          });
          // Of the last, only its bytes.
          w.leaveIf('other', i32.and(this.#marks.get, i32.sub(i32.shl(i32.const(1), this.#rest.get), i32.const(1))));
        });
        this.#move(this.#rest.get);
        this.#byte(quote);
        w.leave('written');
      });
      this.#call(column, this.#start.get);
    });
  }
}
