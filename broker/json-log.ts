import { BatchBuilder } from '../wire/batch-builder.ts';
import { readBatchHeader, readRecords, RecordPositions } from '../wire/record-batch.ts';
import type { PartitionLog } from './partition-log.ts';

/** The internal logs hold JSON values, one record each: what transactions and groups stand at. */

const utf8 = { encode: new TextEncoder(), decode: new TextDecoder() };

/** One value as a record batch. `timestamp` in ms. */
export function jsonBatch(value: unknown, timestamp: number): Uint8Array {
  const bytes = utf8.encode.encode(JSON.stringify(value));
  const builder = new BatchBuilder(bytes.length + 128);
  builder.append(bytes, 0, -1, bytes, 0, bytes.length, timestamp);
  return builder.finish();
}

/** All values of a log, oldest first. */
export function* jsonRecords(log: PartitionLog): Generator<unknown> {
  let offset = log.startOffset;
  while (offset < log.endOffset) {
    const { bytes, length } = log.read(offset, log.endOffset, 1 << 20, undefined);
    const positions = new RecordPositions();
    let at = 0;
    for (let header = readBatchHeader(bytes, 0, length); header !== undefined; header = readBatchHeader(bytes, at, length)) {
      readRecords(bytes, header, 0, positions);
      at = header.end;
      offset = header.lastOffset + 1;
    }
    for (let i = 0; i < positions.count; i++) {
      const start = positions.valueOffsets[i] ?? 0;
      yield JSON.parse(utf8.decode.decode(bytes.subarray(start, start + (positions.valueLengths[i] ?? 0))));
    }
    if (length === 0) return;
  }
}
