import assert from 'node:assert/strict';
import type { PartitionLog } from '../../broker/partition-log.ts';
import { readBatchHeader, readRecords, RecordPositions } from '../../wire/record-batch.ts';
import { batchOf } from './folders.ts';

export const options = { segmentBytes: 1 << 20, onSync: undefined };
export const small = { segmentBytes: 600, onSync: undefined };

/** All values from an offset on, in as many reads as it takes. */
export function valuesOf(log: PartitionLog, from = log.startOffset, maxBytes = 100): string[] {
  const values: string[] = [];
  for (let offset = from; offset < log.endOffset; ) {
    const { bytes, length } = log.read(offset, log.endOffset, maxBytes, undefined);
    const positions = new RecordPositions();
    const start = offset;
    for (let header = readBatchHeader(bytes, 0, length); header !== undefined; header = readBatchHeader(bytes, header.end, length)) {
      if (!header.isControl) readRecords(bytes, header, start, positions);
      offset = header.lastOffset + 1;
    }
    assert.ok(offset > start, 'a read goes on');
    for (let i = 0; i < positions.count; i++) values.push(Buffer.from(bytes.subarray(positions.valueOffsets[i] ?? 0, (positions.valueOffsets[i] ?? 0) + (positions.valueLengths[i] ?? 0))).toString());
  }
  return values;
}

/** Appends so many batches of one to three records and gives their values. */
export const fill = (log: PartitionLog, batches: number): string[] => {
  const all: string[] = [];
  for (let i = 0; i < batches; i++) {
    const values = Array.from({ length: 1 + (i % 3) }, (_, k) => `value ${i}.${k} ${'x'.repeat((i * 37) % 90)}`);
    assert.equal(log.append(batchOf(values)), all.length);
    all.push(...values);
  }
  return all;
};
