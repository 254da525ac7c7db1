import { wasmApi, type WasmMemory } from '../../core/wasm-api.ts';
import { WasmBuilder, type WasmKernel } from '../../core/wasm-code.ts';
import { memoryOf } from '../../core/wasm-memory.ts';
import { i32, i64, type Place, type Wasm } from '../../core/wasm-ops.ts';
import type { FramedRows } from '../../wire/framed-rows.ts';
import { partitionOfKey } from './murmur2.ts';

const keyMemory = 0;
const rowMemory = 1;

/** Writes the partitions of the first so many rows. */
type Divide = (rows: number) => number;

/** Rows in the order of their partitions, which their keys pick, and within one in their own. */
export class DividedRows {
  readonly #rows: FramedRows;
  readonly #partitions: number;
  readonly #kernel: WasmKernel;
  /** Where the rows of each partition begin in the order; behind the last, how many there are. */
  readonly starts: Int32Array;
  readonly #next: Int32Array;
  #memory: WasmMemory | undefined;
  #divide: Divide | undefined;

  constructor(rows: FramedRows, partitions: number) {
    this.#rows = rows;
    this.#partitions = partitions;
    this.#kernel = divideCode(rows, partitions);
    this.starts = new Int32Array(partitions + 1);
    this.#next = new Int32Array(partitions);
  }

  /** Orders the first `count` rows that were loaded, all of which have a key. */
  order(count: number): void {
    const { groups, arrays } = this.#rows;
    this.#hash(count);
    const { starts } = this;
    const next = this.#next;
    starts.fill(0);
    for (let row = 0; row < count; row++) {
      const behind = (groups[row] as number) + 1;
      starts[behind] = (starts[behind] as number) + 1;
    }
    for (let partition = 0; partition < next.length; partition++) {
      const start = starts[partition] as number;
      next[partition] = start;
      starts[partition + 1] = start + (starts[partition + 1] as number);
    }
    const { order } = arrays;
    for (let row = 0; row < count; row++) {
      const partition = groups[row] as number;
      const place = next[partition] as number;
      order[place] = row;
      next[partition] = place + 1;
    }
  }

  #hash(count: number): void {
    const { keys, groups, memory } = this.#rows;
    if (keys === undefined) return;
    const keysIn = memoryOf(keys.bytes);
    if (keysIn === undefined || memory === undefined) {
      for (let row = 0; row < count; row++) groups[row] = partitionOfKey(keys.bytes, keys.offsets[row] as number, keys.lengths[row] as number, this.#partitions);
      return;
    }
    if (this.#divide === undefined || keysIn !== this.#memory) {
      const instance = new wasmApi.Instance(this.#kernel.module, { memory: { [keyMemory]: keysIn, [rowMemory]: memory } });
      this.#divide = instance.exports['run'] as Divide;
      this.#memory = keysIn;
    }
    this.#divide(count);
  }
}

/** What `partitionOfKey` says of each row's key, four bytes at a time. */
function divideCode({ arrays, groups }: FramedRows, partitions: number): WasmKernel {
  const w = new WasmBuilder(['keys', 'rows'], ['i32'], 'i32');
  const rows = w.local('rows', 'i32');
  const [row, at, length, left, hash, part] = [w.local('row', 'i32'), w.local('at', 'i32'), w.local('length', 'i32'), w.local('left', 'i32'), w.local('hash', 'i32'), w.local('part', 'i32')];
  const ofRow = (array: Int32Array): Place => ({ memory: rowMemory, address: i32.shl(row.get, i32.const(2)), offset: array.byteOffset });
  const key = (offset: number): Place => ({ memory: keyMemory, address: at.get, offset });
  const m = i32.const(0x5bd1e995);
  const mixed = (value: Wasm<'i32'>, bits: number): Wasm<'i32'> => i32.xor(value, i32.shrU(value, i32.const(bits)));
  const rest = (bytes: number, shift: number): void => w.if(i32.gtS(left.get, i32.const(bytes)), () => w.set(hash, i32.xor(hash.get, i32.shl(i32.load8(key(bytes)), i32.const(shift)))));

  w.block('done', () => {
    w.loop('rows', () => {
      w.leaveIf('done', i32.geU(row.get, rows.get));
      w.set(at, i32.load(ofRow(arrays.keys.offsets)));
      w.set(length, i32.load(ofRow(arrays.keys.lengths)));
      w.set(hash, i32.xor(i32.const(0x9747b28c | 0), length.get));
      w.set(left, length.get);
      w.block('whole', () => {
        w.loop('four', () => {
          w.leaveIf('whole', i32.ltS(left.get, i32.const(4)));
          w.set(part, i32.mul(i32.load(key(0)), m));
          w.set(part, i32.mul(mixed(part.get, 24), m));
          w.set(hash, i32.xor(i32.mul(hash.get, m), part.get));
          w.set(at, i32.add(at.get, i32.const(4)));
          w.set(left, i32.sub(left.get, i32.const(4)));
          w.leave('four');
        });
      });
      rest(2, 16);
      rest(1, 8);
      w.if(i32.gtS(left.get, i32.const(0)), () => w.set(hash, i32.mul(i32.xor(hash.get, i32.load8(key(0))), m)));
      w.set(hash, i32.mul(mixed(hash.get, 13), m));
      w.set(hash, i32.and(mixed(hash.get, 15), i32.const(0x7fffffff)));
      w.line(i32.store(ofRow(groups), i32.wrap(i64.remS(i64.extend(hash.get), i64.const(BigInt(partitions))))));
      w.set(row, i32.add(row.get, i32.const(1)));
      w.leave('rows');
    });
  });
  w.return(rows.get);
  return w.compile('partitionsOfKeys');
}
