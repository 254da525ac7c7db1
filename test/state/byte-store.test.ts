import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteStore } from '../../state/byte-store.ts';
import { Random, seedFromEnvironment } from '../random.ts';

const utf8 = { encode: new TextEncoder(), decode: new TextDecoder() };
const put = (store: ByteStore, text: string): number => store.put(utf8.encode.encode(text), 0, text.length);
const get = (store: ByteStore, slot: number, length: number): string => utf8.decode.decode(store.pages[slot >>> 16]?.subarray((slot & 0xffff) * 16, (slot & 0xffff) * 16 + length));

test('values stay where they are while others come and go, up to more than a page', (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const random = new Random(seed);
  const store = new ByteStore();
  const live: { readonly slot: number; readonly text: string }[] = [];
  for (let i = 0; i < 4000; i++) {
    if (live.length > 200 || (live.length > 0 && random.chance(0.4))) {
      const [gone] = live.splice(random.int(0, live.length - 1), 1);
      if (gone !== undefined) store.free(gone.slot, gone.text.length);
    } else {
      const length = random.chance(0.002) ? (1 << 20) + random.int(1, 1000) : random.chance(0.1) ? random.int(257, 70_000) : random.int(0, 256);
      const text = String.fromCharCode(97 + (i % 26)).repeat(length);
      live.push({ slot: put(store, text), text });
    }
  }
  for (const { slot, text } of live) assert.equal(get(store, slot, text.length), text);
});

test('a freed slot is used again by a value of its class: memory does not grow', () => {
  const store = new ByteStore();
  let slots = Array.from({ length: 1000 }, () => put(store, 'x'.repeat(300)));
  const before = store.allocatedBytes;
  for (let round = 0; round < 20; round++) {
    const length = 300 + round;
    for (const slot of slots) store.free(slot, round === 0 ? 300 : length - 1);
    slots = slots.map(() => put(store, 'y'.repeat(length)));
  }
  assert.equal(store.allocatedBytes, before);
});

test('a cleared store begins anew with one page', () => {
  const store = new ByteStore();
  for (let i = 0; i < 50; i++) put(store, 'x'.repeat(100_000));
  assert.ok(store.allocatedBytes > 4 << 20);
  store.clear();
  assert.equal(store.allocatedBytes, 1 << 20);
  const slot = put(store, 'new');
  assert.equal(get(store, slot, 3), 'new');
  assert.equal(store.allocatedBytes, 1 << 20);
});

test('a store of few values is small, one of many has few pages', () => {
  const store = new ByteStore();
  for (let i = 0; i < 20; i++) put(store, `value ${i}`);
  assert.ok(store.allocatedBytes <= 1024, `${store.allocatedBytes} bytes`);
  const slots = Array.from({ length: 200_000 }, (_, i) => put(store, String(i)));
  assert.ok(store.pages.length <= 16, `${store.pages.length} pages`);
  assert.ok(store.allocatedBytes <= 2 * 200_020 * 16, `${store.allocatedBytes} bytes`);
  for (const i of [0, 40, 100, 1000, 65_535, 65_536, 199_999]) assert.equal(get(store, slots[i] ?? 0, String(i).length), String(i));
});

test('a value that is longer than the next page finds room in one that is large enough', () => {
  const store = new ByteStore();
  const texts = ['a', 'b'.repeat(5000), 'c', 'd'.repeat(200_000), 'e', 'f'.repeat(3 << 20), 'g'];
  const slots = texts.map((text) => put(store, text));
  for (const [i, text] of texts.entries()) assert.equal(get(store, slots[i] ?? 0, text.length), text);
  store.clear();
  assert.ok(store.allocatedBytes <= 1 << 20, 'the page of the longest is not kept');
  const again = texts.map((text) => put(store, text));
  for (const [i, text] of texts.entries()) assert.equal(get(store, again[i] ?? 0, text.length), text);
});

test('eight bytes behind any value can be read: decoders read in words', () => {
  const store = new ByteStore();
  for (const length of [1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1]) {
    const slot = put(store, 'x'.repeat(length));
    const page = store.pages[slot >>> 16];
    assert.ok(page !== undefined && page.length >= (slot & 0xffff) * 16 + length + 8);
  }
});
