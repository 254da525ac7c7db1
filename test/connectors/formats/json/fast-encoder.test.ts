import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordTarget } from '../../../../catalog/format.ts';
import { SpanTarget } from '../../../../catalog/span-target.ts';
import { allocateBatch, type Batch } from '../../../../core/batch.ts';
import type { BytesColumn } from '../../../../core/column.ts';
import { layoutOf } from '../../../../core/layout.ts';
import { types, type SqlType } from '../../../../core/sql-type.ts';
import { allocateReachable } from '../../../../core/wasm-memory.ts';
import { JsonEncoder } from '../../../../connectors/formats/json/encoder.ts';
import { Random, seedFromEnvironment } from '../../../random.ts';
import { allTypes } from './records.ts';

const utf8 = new TextEncoder();

/**
 * Values one behind the other in buffers of which some can be reached by WebAssembly; `size`: bytes after which it goes on in the next. The bytes
 * behind a value are filled anew before each, so that what was not written is seen.
 */
class ManyBuffers implements RecordTarget {
  readonly values: string[] = [];
  reachable = 0;
  readonly #buffers: readonly Uint8Array[];
  readonly #size: number;
  #index = 0;
  #at = 0;
  bytes: Uint8Array;
  view: DataView;

  constructor(buffers: readonly boolean[], size: number) {
    this.#size = size;
    // A page more than a value may need.
    this.#buffers = buffers.map((isReachable) => (isReachable ? allocateReachable(size + (1 << 16)) : new Uint8Array(size + (1 << 16))));
    this.bytes = this.#buffers[0] as Uint8Array;
    this.view = new DataView(this.bytes.buffer);
  }

  begin(_row: number, room: number): number {
    if (this.#at > this.#size) {
      this.#at = 0;
      this.#index = (this.#index + 1) % this.#buffers.length;
      this.bytes = this.#buffers[this.#index] as Uint8Array;
      this.view = new DataView(this.bytes.buffer);
    }
    assert.ok(this.#at + room + 8 <= this.bytes.length);
    this.bytes.fill(0xee, this.#at, this.#at + room + 8);
    // Room is asked for once more than before where a row is begun anew.
    return this.#at;
  }

  end(_row: number, at: number): void {
    this.values.push(Buffer.from(this.bytes.subarray(this.#at, at)).toString('latin1'));
    this.#at = at;
  }
}

const integers = [0n, 1n, 9n, 10n, 99n, 100n, 999n, 1000n, 9999n, 10_000n, 10_001n, 99_999n, 100_000n, 123_456n, 9_999_999n, 10_000_000n, 12_340_000n, 99_999_999n, 100_000_000n, 999_999_999n, 4_294_967_295n, 4_294_967_296n, 100_000_000_000n, 1_000_000_000_000n, 9_999_999_900_000_001n, 9_999_999_999_999_999n, 10n ** 16n, 2n ** 53n, 2n ** 63n - 1n, -1n, -9_999n, -(2n ** 31n), -(2n ** 63n)];
/** Random words are no dates. */
const drawn = allTypes.filter(([, { kind }]) => kind !== 'DATE');
/** ms: the first and last times of years with four digits, 1970, and what lies about them. */
const borders = [-62_167_219_200_000, 253_402_300_800_000, 0, 60_000, -60_000, 1_700_000_000_000];

/** Times that often share their minute with the one before. */
function drawTime(random: Random, before: number): number {
  if (random.chance(0.7)) return Math.floor(before / 60_000) * 60_000 + (random.chance(0.3) ? random.pick([0, 1, 10, 100, 990, 1000, 59_999]) : random.int(0, 59_999));
  if (random.chance(0.5)) return random.pick(borders) + random.int(-61_000, 61_000);
  return random.int(-8e13, 2.6e14);
}
const pieces = ['', 'a', 'channel', '"', '\\', '\n', '\u0000', '\u001f', '\u007f', 'é', '😀', '!', '~', ' '];

function drawText(random: Random): string {
  if (random.chance(0.1)) return '';
  const length = random.int(0, random.chance(0.1) ? 90 : 20);
  let text = 'x'.repeat(length);
  for (let n = random.chance(0.6) ? 0 : random.int(1, 3); n > 0; n--) {
    const at = random.int(0, text.length);
    text = text.slice(0, at) + random.pick(pieces) + text.slice(at);
  }
  return text;
}

/** Random values; texts lie in heaps that columns share or not, near each other or far apart. */
function drawBatch(random: Random, columnTypes: readonly SqlType[], rows: number): Batch {
  const layouts = columnTypes.map((type) => layoutOf(type));
  const batch = allocateBatch(layouts, rows);
  const shared = { heap: new Uint8Array(1 << 19), at: random.int(0, 40) };
  const isShared = random.chance(0.5);
  for (const [i, column] of batch.columns.entries()) {
    const isTime = columnTypes[i]?.kind.startsWith('TIMESTAMP') === true;
    let time = random.pick(borders);
    if (random.chance(0.5)) column.nulls = Uint8Array.from({ length: rows }, () => (random.chance(0.2) ? 1 : 0));
    const isNull = (row: number): boolean => column.nulls?.[row] === 1;
    if (column.layout === 'bytes') fillTexts(random, column, isShared ? shared : { heap: new Uint8Array(1 << 19), at: random.int(0, 40) }, rows, isNull);
    for (let row = 0; row < rows; row++) {
      if (isNull(row)) continue;
      const integer = random.chance(0.5) ? random.pick(integers) : BigInt(random.int(0, 10 ** random.int(1, 15)));
      if (isTime && column.layout === 'i64') column.values[row] = BigInt((time = drawTime(random, time)));
      else if (column.layout === 'i64' || column.layout === 'i128') column.values[row] = integer;
      else if (column.layout === 'i32') column.values[row] = Number(BigInt.asIntN(32, integer));
      else if (column.layout === 'u8') column.values[row] = random.int(0, 1);
      else if (column.layout === 'f64' || column.layout === 'f32') column.values[row] = random.pick([0, -0, 1.5, 1e300, NaN, Infinity, 0.1, random.next()]);
    }
    // A DECIMAL's high half is the sign's.
    if (column.layout === 'i128') for (let row = 0; row < rows; row++) column.high[row] = (column.values[row] as bigint) < 0n ? -1n : 0n;
  }
  return batch;
}

function fillTexts(random: Random, column: BytesColumn, space: { heap: Uint8Array; at: number }, rows: number, isNull: (row: number) => boolean): void {
  const gap = random.chance(0.3) ? random.pick([200, 3000]) : 3;
  const times = random.chance(0.35) ? 12 : 1;
  for (let row = 0; row < rows; row++) {
    const bytes = isNull(row) ? new Uint8Array(0) : utf8.encode(drawText(random).repeat(times));
    if (space.at + bytes.length + 8 > space.heap.length) space.at = 0;
    // What is written over is text of rows that are then others: both encoders see the same.
    space.heap.set(bytes, space.at);
    column.offsets[row] = bytes.length === 0 ? random.pick([0, space.at]) : space.at;
    column.lengths[row] = bytes.length;
    space.at += bytes.length + random.int(0, gap);
  }
  column.heap = space.heap;
}

function textsOf({ bytes, offsets, lengths, count }: SpanTarget): string[] {
  return Array.from({ length: count }, (_, i) => Buffer.from(bytes.subarray(offsets[i], (offsets[i] as number) + (lengths[i] as number))).toString('latin1'));
}

test('the fast tier writes what the generated JavaScript writes, row by row', (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const random = new Random(seed);
  let fast = 0;
  let rows = 0;
  for (let n = 0; n < 40; n++) {
    const columns = Array.from({ length: random.int(1, 8) }, (_, i) => {
      const [name, type] = random.pick(drawn);
      return { name: random.pick([name, 'é', `${name} "${i}"`, `a_long_name_of_a_column_${i}`]), type };
    });
    const options = { isoTimes: random.chance(0.3), ignoreNulls: false, plainDecimals: random.chance(0.5) };
    const encoder = new JsonEncoder(columns, options);
    const buffers = Array.from({ length: random.int(1, 4) }, (_, i) => i === 0 || random.chance(0.7));
    const into = new ManyBuffers(buffers, random.int(100, 5000));
    const plain = new SpanTarget();
    const behind = new SpanTarget(true);
    for (let k = 0; k < 3; k++) {
      const count = random.int(16, 700);
      const batch = drawBatch(random, columns.map(({ type }) => type), count);
      const from = random.int(0, count - 16);
      plain.clear();
      into.values.length = 0;
      new JsonEncoder(columns, options).encode(batch, from, count, plain);
      encoder.encode(batch, from, count, into);
      const expected = textsOf(plain);
      assert.deepEqual(into.values, expected);
      // One behind the other, where there is a place for many at once.
      behind.clear();
      encoder.encode(batch, from, count, behind);
      assert.deepEqual(textsOf(behind), expected);
      rows += count - from;
    }
    if (encoder.hasFastTier) fast++;
  }
  t.diagnostic(`${rows} rows, ${fast} encoders with a fast tier`);
  assert.ok(fast >= 20, `${fast} encoders had a fast tier`);
});

test('what is written into memory that cannot be reached, and few rows, need no fast tier', () => {
  const columns = [{ name: 'n', type: types.bigint }];
  const encoder = new JsonEncoder(columns, { isoTimes: false, ignoreNulls: false });
  // EXPLAIN prints what no row has come for.
  assert.match(encoder.source, /func \$encodeRow[^]*function encodeJson/);
  const batch = allocateBatch(['i64'], 300);
  encoder.encode(batch, 0, 300, new ManyBuffers([false], 1000));
  const reachable = new ManyBuffers([true], 1000);
  encoder.encode(batch, 0, 3, reachable);
  assert.equal(encoder.hasFastTier, false);
  encoder.encode(batch, 0, 300, reachable);
  assert.equal(encoder.hasFastTier, true);
  assert.deepEqual([...new Set(reachable.values)], ['{"n":0}']);
  assert.match(encoder.source, /func \$encodeRow[^]*function encodeJson/);
});

test('an error that a value throws reaches the caller, and the next rows are written', () => {
  const columns = [{ name: 'n', type: types.bigint }, { name: 'd', type: types.double }];
  const encoder = new JsonEncoder(columns, { isoTimes: false, ignoreNulls: false });
  const batch = allocateBatch(['i64', 'f64'], 40);
  const into = new ManyBuffers([true], 1000);
  let isBroken = true;
  const breaking: RecordTarget = {
    get bytes() {
      return into.bytes;
    },
    get view() {
      return into.view;
    },
    begin: (row, room) => into.begin(row, room),
    end: (row, at) => {
      if (isBroken && row === 20) throw new RangeError('full');
      into.end(row, at);
    },
  };
  assert.throws(() => encoder.encode(batch, 0, 40, breaking), /full/);
  isBroken = false;
  into.values.length = 0;
  encoder.encode(batch, 0, 40, breaking);
  assert.equal(into.values.length, 40);
  assert.equal(into.values[39], '{"n":0,"d":0.0}');
});
