import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchBuilder, controlBatch, spareBuffers } from '../../wire/batch-builder.ts';
import { crc32c as sum, crc32cChanged, crc32cJoined } from '../../wire/crc32c.ts';
import { writeHeaders } from '../../wire/headers.ts';
import { assignOffset, assignProducer, isCommit, readBatchHeader, readIntactHeader, readRecords, RecordPositions } from '../../wire/record-batch.ts';
import { Random } from '../random.ts';

const utf8 = { encode: new TextEncoder(), decode: new TextDecoder() };
type Row = readonly [key: string | null, value: string | null, timestamp: number];

function build(rows: readonly Row[]): Uint8Array {
  const builder = new BatchBuilder(64);
  for (const [key, value, timestamp] of rows) {
    const keyBytes = utf8.encode.encode(key ?? '');
    const valueBytes = utf8.encode.encode(value ?? '');
    builder.append(keyBytes, 0, key === null ? -1 : keyBytes.length, valueBytes, 0, value === null ? -1 : valueBytes.length, timestamp);
  }
  return builder.finish();
}

function rowsOf(bytes: Uint8Array, fromOffset = 0): { readonly rows: Row[]; readonly offsets: number[] } {
  const positions = new RecordPositions();
  for (let header = readBatchHeader(bytes, 0, bytes.length); header !== undefined; header = readBatchHeader(bytes, header.end, bytes.length)) readRecords(bytes, header, fromOffset, positions);
  const text = (at: number | undefined, size: number | undefined): string | null => (at === undefined || size === undefined || size < 0 ? null : utf8.decode.decode(bytes.subarray(at, at + size)));
  const rows: Row[] = [];
  const offsets: number[] = [];
  for (let i = 0; i < positions.count; i++) {
    rows.push([text(positions.keyOffsets[i], positions.keyLengths[i]), text(positions.valueOffsets[i], positions.valueLengths[i]), positions.timestamps[i] ?? 0]);
    offsets.push(positions.offsets[i] ?? 0);
  }
  return { rows, offsets };
}

test('the bytes of a batch are those of the protocol', () => {
  const bytes = build([['k', 'v1', 1000], [null, null, 1003]]);
  const expected = [
    '0000000000000000', // baseOffset
    '00000042', // batchLength: 66 bytes behind it
    'ffffffff', // partitionLeaderEpoch
    '02', // magic
    Buffer.from(bytes.subarray(17, 21)).toString('hex'), // crc, below
    '0000', // attributes
    '00000001', // lastOffsetDelta
    '00000000000003e8', // baseTimestamp
    '00000000000003eb', // maxTimestamp
    'ffffffffffffffff', // producerId
    'ffff', // producerEpoch
    'ffffffff', // baseSequence
    '00000002', // record count
    '12' + '00' + '00' + '00' + '02' + '6b' + '04' + '7631' + '00', // length 9, attributes, time +0, offset +0, key, value, no headers
    '0c' + '00' + '06' + '02' + '01' + '01' + '00', // length 6, attributes, time +3, offset +1, null key, null value, no headers
  ].join('');
  assert.equal(Buffer.from(bytes).toString('hex'), expected);
});

/** Bit by bit, from the polynomial: slow, and nothing like the one that is tested. */
function crc32c(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return ~crc;
}

test('the checksum is CRC-32C of everything behind it, and any damaged bit under it is noticed', () => {
  assert.equal(crc32c(utf8.encode.encode('123456789')) >>> 0, 0xe3069283);
  const bytes = build([['key', 'value', 1_700_000_000_000]]);
  assert.equal(new DataView(bytes.buffer).getInt32(17), crc32c(bytes.subarray(21)));
  assert.notEqual(readIntactHeader(bytes, 0, bytes.length), undefined);
  for (let at = 16; at < bytes.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
      assert.equal(readIntactHeader(damaged, 0, damaged.length), undefined, `byte ${at} bit ${bit}`);
    }
  }
});

test('what is built is read again: keys, nulls, empty and long values, times far apart and falling', () => {
  const rows: Row[] = [
    ['a', 'x'.repeat(63), 0], ['', '', 4_102_444_800_000], [null, 'y'.repeat(64), -62_135_596_800_000], ['schlüssel', null, 1],
    ['k'.repeat(8191), 'z'.repeat(8192), 2 ** 40], [null, 'w'.repeat(1 << 20), -1],
  ];
  assert.deepEqual(rowsOf(build(rows)).rows, rows);
});

test('every size of a varint comes back', () => {
  for (const size of [0, 1, 63, 64, 8191, 8192, 1 << 20, (1 << 20) + 1]) {
    for (const delta of [0, 1, -1, 63, -64, 64, 8192, 2 ** 31, -(2 ** 31), 2 ** 45, -(2 ** 45)]) {
      const rows: Row[] = [[null, 'b', 1000], ['k', 'v'.repeat(size), 1000 + delta]];
      assert.deepEqual(rowsOf(build(rows)).rows, rows, `value of ${size} bytes, time ${delta}`);
    }
  }
});

test('many records: offsets count up from the base', () => {
  const rows = Array.from({ length: 20_000 }, (_, i): Row => [i % 3 === 0 ? null : `k${i}`, i % 7 === 0 ? null : `v${i}`, 1_700_000_000_000 + i]);
  const bytes = build(rows);
  assignOffset(bytes, 0, 2 ** 40);
  const { rows: found, offsets } = rowsOf(bytes);
  assert.deepEqual(found, rows);
  assert.deepEqual(offsets, rows.map((_, i) => 2 ** 40 + i));
});

test('walking: a batch that the bytes end within is not there; reading starts within a batch', () => {
  const first = build([['a', '1', 0], ['b', '2', 0]]);
  const second = build([['c', '3', 0], ['d', '4', 0]]);
  assignOffset(second, 0, 2);
  const both = new Uint8Array([...first, ...second]);
  for (let end = 0; end <= both.length; end++) {
    const expected = end >= both.length ? 4 : end >= first.length ? 2 : 0;
    assert.equal(rowsOf(both.subarray(0, end)).rows.length, expected, `${end} bytes`);
  }
  assert.deepEqual(rowsOf(both, 1).offsets, [1, 2, 3]);
  assert.deepEqual(rowsOf(both, 3).rows, [['d', '4', 0]]);
});

test('a record that reaches past its batch is damage, never bytes of another', () => {
  const bytes = build([['a', '1', 0]]);
  for (let at = 61; at < bytes.length; at++) {
    const damaged = bytes.slice();
    damaged[at] = 0x7e;
    const header = readBatchHeader(damaged, 0, damaged.length);
    assert.ok(header !== undefined);
    const positions = new RecordPositions();
    try {
      readRecords(damaged, header, 0, positions);
    } catch (error) {
      assert.equal((error as { readonly code?: string }).code, 'E0703');
      continue;
    }
    const end = (positions.valueOffsets[0] ?? 0) + Math.max(0, positions.valueLengths[0] ?? 0);
    assert.ok(end <= damaged.length, `byte ${at}`);
  }
});

test('a producer is written into a finished batch, its checksum fits again', () => {
  const bytes = build([['a', '1', 5]]);
  assignProducer(bytes, 0, bytes.length, { producerId: 7n, epoch: 3, sequence: 11, transactional: true });
  const header = readIntactHeader(bytes, 0, bytes.length);
  assert.ok(header !== undefined);
  const { producerId, producerEpoch, baseSequence, isTransactional, isControl } = header;
  assert.deepEqual({ producerId, producerEpoch, baseSequence, isTransactional, isControl }, { producerId: 7n, producerEpoch: 3, baseSequence: 11, isTransactional: true, isControl: false });
});

test('control batches say commit or abort', () => {
  for (const commit of [true, false]) {
    const bytes = controlBatch({ producerId: 9n, epoch: 1 }, commit, 1000);
    const header = readIntactHeader(bytes, 0, bytes.length);
    assert.ok(header?.isControl === true && header.isTransactional);
    assert.equal(isCommit(bytes, header), commit);
  }
});

test('another format and compression are named, not misread', () => {
  const old = build([['a', '1', 0]]);
  old[16] = 1;
  assert.throws(() => readBatchHeader(old, 0, old.length), { code: 'E0703' });
  const compressed = build([['a', '1', 0]]);
  compressed[22] = 4;
  assert.throws(() => readBatchHeader(compressed, 0, compressed.length), { code: 'E0002' });
});

test('a value written in place makes the same bytes as one appended, whatever lengths the record before had', () => {
  const lengths = [0, 70, 5, 8192, 8190, 1, 63, 64, 20_000, 3];
  const appended = new BatchBuilder(256);
  const inPlace = new BatchBuilder(256);
  const key = new Uint8Array(9000).fill(107);
  const keyView = new DataView(key.buffer);
  for (const [i, length] of lengths.entries()) {
    for (const keyLength of [-1, 0, 3, 64, 8200]) {
      const value = new Uint8Array(length).fill(97 + i);
      const time = 1000 + i * 100;
      appended.append(key, 0, keyLength, value, 0, length, time);
      const at = keyLength < 0 ? inPlace.begin(length, time) : inPlace.beginWithKey(keyView, 0, keyLength, length, time);
      inPlace.bytes.set(value, at);
      if (i % 3 === 0) {
        appended.append(key, 0, keyLength, value, 0, -1, time);
        inPlace.end(at + length);
        if (keyLength < 0) inPlace.begin(100, time);
        else inPlace.beginWithKey(keyView, 0, keyLength, 100, time);
        inPlace.endNull();
      } else inPlace.end(at + length);
    }
  }
  assert.deepEqual(inPlace.finish(), appended.finish());
});

test('checksums of parts are joined, and what is written over a beginning is changed in the sum of the whole', () => {
  const random = new Random(5);
  for (let i = 0; i < 300; i++) {
    const bytes = Uint8Array.from({ length: random.int(1, i < 20 ? 40 : 4000) }, () => random.int(0, 255));
    const cut = random.int(0, bytes.length);
    const whole = crc32c(bytes);
    const first = sum(bytes, 0, cut);
    assert.equal(sum(bytes, cut, bytes.length, first), whole);
    assert.equal(crc32cJoined(first, sum(bytes, cut, bytes.length), bytes.length - cut), whole);
    for (let k = 0; k < cut; k++) bytes[k] = random.int(0, 255);
    assert.equal(crc32cChanged(whole, first, sum(bytes, 0, cut), bytes.length - cut), crc32c(bytes));
  }
});

test('a batch of many pieces has the checksum of all its bytes, before and after it got a producer; one that was wrong stays wrong', () => {
  const bytes = build(Array.from({ length: 900 }, (_, i): Row => [`key ${i}`, 'v'.repeat(i % 200), i]));
  assert.ok(bytes.length > 5 * (16 << 10));
  const sumOf = (batch: Uint8Array): number => new DataView(batch.buffer, batch.byteOffset).getInt32(17);
  assert.equal(sumOf(bytes), crc32c(bytes.subarray(21)));
  const producer = { producerId: 70_000_000_001n, epoch: 3, sequence: 11, transactional: true };
  const damaged = bytes.slice();
  assignProducer(bytes, 0, bytes.length, producer);
  assert.equal(sumOf(bytes), crc32c(bytes.subarray(21)));
  damaged[40_000] = (damaged[40_000] ?? 0) ^ 4;
  assignProducer(damaged, 0, damaged.length, producer);
  assert.equal(readIntactHeader(damaged, 0, damaged.length), undefined);
});

test('batches of any records, one after the other in buffers that are filled anew, have the checksum of their bytes and the records', () => {
  const random = new Random(11);
  const builder = new BatchBuilder(random.int(64, 4096), true);
  const noise = Uint8Array.from({ length: 80_000 }, () => random.int(0, 255));
  const key = new DataView(noise.buffer);
  for (let n = 0; n < 150; n++) {
    const wanted: string[] = [];
    for (let count = random.int(1, random.chance(0.1) ? 3000 : 30); count > 0; count--) {
      builder.headers = random.chance(0.3) ? writeHeaders([['h', noise.slice(0, random.int(0, 200))]]) : undefined;
      const keyLength = random.chance(0.5) ? -1 : random.int(0, 70);
      const length = random.chance(0.2) ? -1 : random.chance(0.02) ? random.int(0, 70_000) : random.int(0, 200);
      const from = random.int(0, 5000);
      const time = 1000 + random.int(-3, 1 << random.int(0, 30));
      wanted.push(`${keyLength} ${length} ${time} ${length > 0 ? noise[from] : ''}`);
      if (random.chance(0.5)) {
        builder.append(noise, 7, keyLength, noise, from, length, time);
        continue;
      }
      // Room that is not used, and a record that is begun and given up.
      if (random.chance(0.1)) builder.begin(random.int(0, 300), time);
      const room = Math.max(0, length) + random.int(0, 100);
      const at = keyLength < 0 ? builder.begin(room, time) : builder.beginWithKey(key, 7, keyLength, room, time);
      if (length < 0) builder.endNull();
      else {
        builder.bytes.set(noise.subarray(from, from + length), at);
        builder.end(at + length);
      }
    }
    const bytes = builder.finish();
    assert.equal(new DataView(bytes.buffer, bytes.byteOffset).getInt32(17), crc32c(bytes.subarray(21)));
    const header = readIntactHeader(bytes, 0, bytes.length);
    assert.equal(header?.end, bytes.length);
    const found = new RecordPositions();
    if (header !== undefined) readRecords(bytes, header, 0, found);
    const at = (of: Int32Array | Float64Array, i: number): number => of[i] ?? NaN;
    assert.deepEqual(wanted.map((_, i) => `${at(found.keyLengths, i)} ${at(found.valueLengths, i)} ${at(found.timestamps, i)} ${at(found.valueLengths, i) > 0 ? bytes[at(found.valueOffsets, i)] : ''}`), wanted);
    bytes.fill(0xdd);
    if (random.chance(0.7)) builder.recycle(bytes);
  }
});

test('builders side by side take the buffers that any of them got back, and keep no more of them the more they are', () => {
  const spare = spareBuffers(200);
  const builders = Array.from({ length: 200 }, () => new BatchBuilder(512, false, spare));
  const finished = (builder: BatchBuilder): Uint8Array => {
    builder.append(new Uint8Array(0), 0, -1, new Uint8Array(300), 0, 300, 0);
    return builder.finish();
  };
  const first = finished(builders[0] as BatchBuilder);
  assert.equal(first.buffer.byteLength, 512, 'handed out as it lies');
  builders[0]?.recycle(first);
  finished(builders[1] as BatchBuilder);
  assert.equal(finished(builders[1] as BatchBuilder).buffer, first.buffer);
  // Each gets many at once, one builder after the other.
  for (const builder of builders) for (const batch of Array.from({ length: 10 }, () => finished(builder))) builder.recycle(batch);
  for (const builder of builders.slice(0, 4)) for (let i = 0; i < 300; i++) builder.recycle(new Uint8Array(512));
  assert.equal(spare.buffers.length, spare.limit);
  assert.equal(spare.limit, spareBuffers(4).limit);
});
