import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headedBatch } from '../../wire/headed-batch.ts';
import { readIntactHeader, readRecords, RecordPositions } from '../../wire/record-batch.ts';

const utf8 = { encode: new TextEncoder(), decode: new TextDecoder() };
const bytes = (text: string): Uint8Array => utf8.encode.encode(text);

test('a batch of records with headers is whole, and its headers are as they were given', () => {
  const long = 'v'.repeat(70_000);
  const given = [
    { key: bytes('k'), value: bytes(long), timestamp: 1_700_000_000_123, headers: [['a', bytes('1')], ['b', bytes('é')]] as const },
    { key: null, value: null, timestamp: 1_700_000_000_000, headers: [] },
    { key: bytes(''), value: bytes('x'), timestamp: 1_900_000_000_000, headers: [['c', bytes('')]] as const },
  ];
  const batch = headedBatch(given);
  const header = readIntactHeader(batch, 0, batch.length);
  assert.ok(header !== undefined && header.end === batch.length);
  assert.deepEqual([header.recordCount, header.lastOffset - header.baseOffset, header.maxTimestamp], [3, 2, 1_900_000_000_000]);
  const positions = new RecordPositions();
  readRecords(batch, header, 0, positions);
  const text = (at: number | undefined, length: number | undefined): string | null => ((length ?? -1) < 0 ? null : utf8.decode.decode(batch.subarray(at, (at ?? 0) + (length ?? 0))));
  const read = given.map((_, i) => [text(positions.keyOffsets[i], positions.keyLengths[i]), text(positions.valueOffsets[i], positions.valueLengths[i]), positions.timestamps[i], positions.offsets[i]]);
  assert.deepEqual(read, [['k', long, 1_700_000_000_123, 0], [null, null, 1_700_000_000_000, 1], ['', 'x', 1_900_000_000_000, 2]]);
  // Two headers: their count, then name and value, each with its length before it, as zigzag varints.
  const after = (positions.valueOffsets[0] ?? 0) + long.length;
  assert.deepEqual([...batch.subarray(after, after + 10)], [4, 2, 97, 2, 49, 2, 98, 4, 0xc3, 0xa9]);
});
