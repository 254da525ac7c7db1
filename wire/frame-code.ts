import { WasmBuilder, type Local, type WasmKernel } from '../core/wasm-code.ts';
import { i32, i64, v128, type Place, type Wasm } from '../core/wasm-ops.ts';

/** The memories: the batch, what the keys and the values lie in, and the arrays of the rows. */
export const frameMemories = { batch: 0, keys: 1, values: 2, rows: 3 } as const;

/** Bytes that may be written behind a record, and read behind a key and a value: sixteen go at once. */
export const frameSlack = 16;
/** A record takes at most so much besides its key and value: five lengths and numbers, its time, attributes and headers. */
const headBytes = 40;
/** Longer ones are not its own: the lengths of a shorter one have at most three bytes. */
const longest = 1 << 19;

/** Where the arrays of the rows lie in their memory. An array has a word for each row; a length of -1 is that of no value. */
export interface FrameArrays {
  /** The rows that are to be written, in order, by their number. */
  readonly order: Int32Array;
  readonly keys: { readonly offsets: Int32Array; readonly lengths: Int32Array };
  readonly values: { readonly offsets: Int32Array; readonly lengths: Int32Array };
  /** The bytes of the records' time: their distance from the batch's first as a varint. */
  readonly time: Uint8Array;
  /** Where the first word gets the place behind the last record. */
  readonly end: Int32Array;
}

/**
 * The function (from, to, at, number, timeSize, limit, room) that writes the rows order[from .. to) as records of format v2 without headers from `at` on and
 * gives the place in `order` behind the last that it wrote: it stops behind the one that reaches `limit`, and before one that is long or has no room before
 * `room`. `number`: that of the first in its batch. Source: Kafka's protocol documentation, "Record".
 */
export function frameCode(arrays: FrameArrays, hasKeys: boolean): WasmKernel {
  const w = new WasmBuilder(['the batch', 'keys', 'values', 'rows'], ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'], 'i32');
  // The parameters, in order.
  const next = w.local('next', 'i32');
  const to = w.local('to', 'i32');
  const at = w.local('at', 'i32');
  const number = w.local('number', 'i32');
  const timeSize = w.local('timeSize', 'i32');
  const limit = w.local('limit', 'i32');
  const room = w.local('room', 'i32');
  // What belongs to the row under way.
  const row = w.local('row', 'i32');
  const keyLength = w.local('keyLength', 'i32');
  const valueLength = w.local('valueLength', 'i32');
  const zig = w.local('zig', 'i32');
  const size = w.local('size', 'i32');
  const from = w.local('from', 'i32');
  const end = w.local('end', 'i32');
  const time = w.local('time', 'i64');

  const ofRows = (array: Int32Array | Uint8Array, address: Wasm<'i32'>): Place => ({ memory: frameMemories.rows, address, offset: array.byteOffset });
  const ofRow = (array: Int32Array): Wasm<'i32'> => i32.load(ofRows(array, row.get));
  const here = (): Place => ({ memory: frameMemories.batch, address: at.get, offset: 0 });
  const move = (bytes: Wasm<'i32'>): void => w.set(at, i32.add(at.get, bytes));
  const zero = (): void => {
    w.line(i32.store8(here(), i32.const(0)));
    move(i32.const(1));
  };
  /** Twice a length that is not negative, or 1. */
  const zigzag = (length: Local<'i32'>): Wasm<'i32'> => i32.xor(i32.shl(length.get, i32.const(1)), i32.sub(i32.const(0), i32.shrU(length.get, i32.const(31))));
  const sizeOf = (value: Wasm<'i32'>): Wasm<'i32'> => i32.add(i32.const(1), i32.add(i32.geU(value, i32.const(0x80)), i32.geU(value, i32.const(0x4000))));
  const low = (value: Wasm<'i32'>): Wasm<'i32'> => i32.or(i32.and(value, i32.const(0x7f)), i32.const(0x80));
  /** A varint below 2^21: what is written too much is written over. */
  const varint = (value: Wasm<'i32'>): void => {
    w.set(zig, value);
    w.if(i32.ltU(zig.get, i32.const(0x80)), () => {
      w.line(i32.store8(here(), zig.get));
      move(i32.const(1));
    }, () => {
      w.if(i32.ltU(zig.get, i32.const(0x4000)), () => {
        w.line(i32.store(here(), i32.or(low(zig.get), i32.shl(i32.shrU(zig.get, i32.const(7)), i32.const(8)))));
        move(i32.const(2));
      }, () => {
        const second = i32.shl(low(i32.shrU(zig.get, i32.const(7))), i32.const(8));
        w.line(i32.store(here(), i32.or(low(zig.get), i32.or(second, i32.shl(i32.shrU(zig.get, i32.const(14)), i32.const(16))))));
        move(i32.const(3));
      });
    });
  };
  /** The bytes of a memory from an offset on, sixteen at a time. */
  const copy = (label: string, memory: number, offset: Wasm<'i32'>, length: Local<'i32'>): void => {
    w.set(from, offset);
    w.set(end, i32.add(at.get, length.get));
    w.loop(label, () => {
      w.line(v128.store(here(), v128.load({ memory, address: from.get, offset: 0 })));
      w.set(from, i32.add(from.get, i32.const(16)));
      move(i32.const(16));
      w.leaveIf(label, i32.ltU(at.get, end.get));
    });
    w.set(at, end.get);
  };

  w.set(time, i64.load(ofRows(arrays.time, i32.const(0))));
  w.block('done', () => {
    w.loop('rows', () => {
      w.leaveIf('done', i32.geU(next.get, to.get));
      w.leaveIf('done', i32.geU(at.get, limit.get));
      w.set(row, i32.shl(i32.load(ofRows(arrays.order, i32.shl(next.get, i32.const(2)))), i32.const(2)));
      w.set(valueLength, ofRow(arrays.values.lengths));
      w.set(keyLength, hasKeys ? ofRow(arrays.keys.lengths) : i32.const(-1));
      w.set(size, i32.add(i32.add(valueLength.get, keyLength.get), i32.const(headBytes)));
      w.leaveIf('done', i32.geU(size.get, i32.const(longest)));
      w.leaveIf('done', i32.ltU(room.get, i32.add(at.get, size.get)));
      const present = (length: Local<'i32'>): Wasm<'i32'> => i32.add(length.get, i32.shrU(length.get, i32.const(31)));
      const keyParts = hasKeys ? [sizeOf(zigzag(keyLength)), present(keyLength)] : [i32.const(1)];
      const parts = [...keyParts, sizeOf(zigzag(valueLength)), present(valueLength), sizeOf(i32.shl(number.get, i32.const(1))), timeSize.get];
      // With the attributes and the number of headers.
      w.set(size, parts.reduce((sum, part) => i32.add(sum, part), i32.const(2)));
      varint(i32.shl(size.get, i32.const(1)));
      zero();
      w.line(i64.store(here(), time.get));
      move(timeSize.get);
      varint(i32.shl(number.get, i32.const(1)));
      if (hasKeys) {
        varint(zigzag(keyLength));
        w.if(i32.gtS(keyLength.get, i32.const(0)), () => copy('key', frameMemories.keys, ofRow(arrays.keys.offsets), keyLength));
      } else {
        w.line(i32.store8(here(), i32.const(1)));
        move(i32.const(1));
      }
      varint(zigzag(valueLength));
      w.if(i32.gtS(valueLength.get, i32.const(0)), () => copy('value', frameMemories.values, ofRow(arrays.values.offsets), valueLength));
      zero();
      w.set(number, i32.add(number.get, i32.const(1)));
      w.set(next, i32.add(next.get, i32.const(1)));
      w.leave('rows');
    });
  });
  w.line(i32.store(ofRows(arrays.end, i32.const(0)), at.get));
  w.return(next.get);
  return w.compile('frameRecords');
}
