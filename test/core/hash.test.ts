import assert from 'node:assert/strict';
import test from 'node:test';
import { compareBytes, equalBytes, equalText, hashBytes, hashDouble, hashFinish, hashNull, hashSeed, hashText, hashWord, keyGroupOf } from '../../core/hash.ts';
import { layouts, type Layout } from '../../core/layout.ts';

/** The words of an i64, low half first: what its Int32Array over the same buffer holds. */
function hashLong(hash: number, value: bigint): number {
  const words = new Int32Array(new BigInt64Array([value]).buffer);
  return hashWord(hashWord(hash, words[0] ?? 0), words[1] ?? 0);
}

function hashOf(hash: number, text: string): number {
  const bytes = new TextEncoder().encode(text);
  return hashBytes(hash, bytes, 0, bytes.length);
}

const feed: Readonly<Record<Layout, readonly (() => number)[]>> = {
  u8: [() => hashWord(hashSeed, 0), () => hashWord(hashSeed, 1)],
  i32: [() => hashWord(hashSeed, 42), () => hashWord(hashSeed, -1), () => hashWord(hashSeed, -2147483648)],
  i64: [() => hashLong(hashSeed, 42n), () => hashLong(hashSeed, -1n), () => hashLong(hashSeed, 9223372036854775807n)],
  i64n: [() => hashWord(hashLong(hashSeed, 1763712000000n), 999_999)],
  i128: [() => hashLong(hashLong(hashSeed, 5n), 0n), () => hashLong(hashLong(hashSeed, -5n), -1n)],
  // A FLOAT is fed as the DOUBLE that it is.
  f32: [() => hashDouble(hashSeed, 1.5), () => hashDouble(hashSeed, Math.fround(0.1))],
  f64: [() => hashDouble(hashSeed, 1.5), () => hashDouble(hashSeed, 0), () => hashDouble(hashSeed, NaN), () => hashDouble(hashSeed, -1e300)],
  bytes: [() => hashOf(hashSeed, ''), () => hashOf(hashSeed, 'a'), () => hashOf(hashSeed, 'abcd'), () => hashOf(hashSeed, 'sensor-1'), () => hashOf(hashSeed, 'Grün 温度')],
};

/** Part of the state format: a difference here makes stored state unreadable. */
const golden: Readonly<Record<Layout, readonly number[]>> = {
  u8: [1412967430, 2051525362],
  i32: [669295285, -383652719, -1835421322],
  i64: [2017570781, -399606906, -435205783],
  i64n: [-1839810243],
  i128: [-1810460412, -1879525392],
  f32: [-581385767, -1576081401],
  f64: [-581385767, -621813992, 2088764254, -1435363909],
  bytes: [1412967430, -1703667014, 549603052, -1074217968, -1633188341],
};

for (const layout of layouts) {
  test(`the hash of layout ${layout} is frozen`, () => assert.deepEqual(feed[layout].map((value) => hashFinish(value())), golden[layout]));
}

test('a NULL has a hash of its own, and the order of columns counts', () => {
  assert.equal(hashFinish(hashNull(hashSeed)), 1552766012);
  assert.notEqual(hashFinish(hashNull(hashSeed)), hashFinish(hashWord(hashSeed, 0)));
  assert.notEqual(hashWord(hashNull(hashSeed), 1), hashNull(hashWord(hashSeed, 1)));
});

test('-0 hashes as 0, and every NaN as one', () => {
  assert.equal(hashDouble(hashSeed, -0), hashDouble(hashSeed, 0));
  const odd = new Float64Array(new BigInt64Array([0x7ff8000000000001n]).buffer)[0] ?? 0;
  assert.equal(hashDouble(hashSeed, odd), hashDouble(hashSeed, NaN));
});

test('bytes hash by their values, wherever they lie, and by their length', () => {
  const heap = new TextEncoder().encode('xxsensor-1yy');
  assert.equal(hashBytes(hashSeed, heap, 2, 8), hashOf(hashSeed, 'sensor-1'));
  assert.notEqual(hashOf(hashSeed, 'a'), hashOf(hashSeed, 'a\0'));
});

test('the key group is the top seven bits', () => {
  assert.equal(keyGroupOf(0), 0);
  assert.equal(keyGroupOf(-1), 127);
  assert.equal(keyGroupOf(1 << 25), 1);
  const groups = new Set(Array.from({ length: 4000 }, (_, i) => keyGroupOf(hashFinish(hashWord(hashSeed, i)))));
  assert.equal(groups.size, 128);
});

test('bytes compare without a sign, shorter first', () => {
  const compare = (a: readonly number[], b: readonly number[]): number => Math.sign(compareBytes(new Uint8Array(a), 0, a.length, new Uint8Array(b), 0, b.length));
  assert.equal(compare([0x7f], [0x80]), -1);
  assert.equal(compare([1, 2], [1, 2, 0]), -1);
  assert.equal(compare([], []), 0);
  assert.equal(compare([2], [1, 255]), 1);
  assert.equal(equalBytes(new Uint8Array([9, 1, 2]), 1, 2, new Uint8Array([1, 2]), 0, 2), true);
  assert.equal(equalBytes(new Uint8Array([1, 2]), 0, 2, new Uint8Array([1, 2, 3]), 0, 3), false);
});

test('text is hashed and compared by words as by bytes, without a byte beside it', () => {
  for (let length = 0; length < 40; length++) {
    // Exactly as long as the value that ends it, and with others before it.
    const heap = Uint8Array.from({ length: length + 5 }, (_, i) => (i * 89 + length) & 0xff);
    const view = new DataView(heap.buffer, 2, length + 3);
    assert.equal(hashText(hashSeed, view, 3, length), hashBytes(hashSeed, heap, 5, length));
    const words = new Int32Array(16).fill(-1);
    new Uint8Array(words.buffer).set(heap.subarray(5), 8);
    assert.ok(equalText(words, 2, view, 3, length));
    for (let at = 0; at < length; at++) {
      new Uint8Array(words.buffer)[8 + at] = (heap[5 + at] ?? 0) ^ 0x80;
      assert.ok(!equalText(words, 2, view, 3, length), `${at} of ${length}`);
      new Uint8Array(words.buffer)[8 + at] = heap[5 + at] ?? 0;
    }
  }
});
