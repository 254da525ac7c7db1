import { SqlError } from '../core/diagnostic.ts';
import { crc32c, crc32cChanged } from './crc32c.ts';

/**
 * Kafka record batches, format v2 (magic 2), uncompressed.
 * Source: Kafka's protocol documentation, "Record Batch".
 *
 *   0 baseOffset i64 | 8 batchLength i32 | 12 partitionLeaderEpoch i32 | 16 magic i8 | 17 crc u32 (of all from 21) | 21 attributes i16
 *   23 lastOffsetDelta i32 | 27 baseTimestamp i64 | 35 maxTimestamp i64 | 43 producerId i64 | 51 producerEpoch i16 | 53 baseSequence i32
 *   57 record count i32 | 61 records: length varint, attributes i8, timestampDelta varlong, offsetDelta varint, key, value, headers
 */
export const batchHeaderBytes = 61;
/** Of the attributes. */
export const transactionalBit = 0x10;
export const controlBit = 0x20;
const logAppendBit = 0x08;

export interface BatchHeader {
  /** Where the batch lies. */
  readonly start: number;
  readonly end: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly recordCount: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  /** True: the broker's time, `maxTimestamp`, is that of all records. */
  readonly isLogAppendTime: boolean;
  /** -1 for none. */
  readonly leaderEpoch: number;
}

/** Reads the header of the batch at `start`, or undefined when the bytes up to `end` do not hold the whole batch. */
export function readBatchHeader(bytes: Uint8Array, start: number, end: number): BatchHeader | undefined {
  if (end - start < batchHeaderBytes) return undefined;
  const view = viewOf(bytes);
  const length = view.getInt32(start + 8) + 12;
  if (length < batchHeaderBytes || start + length > end) return undefined;
  if (view.getInt8(start + 16) !== 2) throw new SqlError({ code: 'E0703', message: `a stored batch has format ${view.getInt8(start + 16)}, only 2 is read` });
  const attributes = view.getInt16(start + 21);
  if ((attributes & 7) !== 0) throw new SqlError({ code: 'E0002', message: 'not supported yet: compressed record batches' });
  const baseOffset = Number(view.getBigInt64(start));
  return {
    start,
    end: start + length,
    baseOffset,
    lastOffset: baseOffset + view.getInt32(start + 23),
    recordCount: view.getInt32(start + 57),
    baseTimestamp: Number(view.getBigInt64(start + 27)),
    maxTimestamp: Number(view.getBigInt64(start + 35)),
    producerId: view.getBigInt64(start + 43),
    producerEpoch: view.getInt16(start + 51),
    baseSequence: view.getInt32(start + 53),
    isTransactional: (attributes & transactionalBit) !== 0,
    isControl: (attributes & controlBit) !== 0,
    isLogAppendTime: (attributes & logAppendBit) !== 0,
    leaderEpoch: view.getInt32(start + 12),
  };
}

/** The header of the batch at `start` when it lies there whole and undamaged: for the tail of a file that may be cut or torn. */
export function readIntactHeader(bytes: Uint8Array, start: number, end: number): BatchHeader | undefined {
  if (end - start < batchHeaderBytes) return undefined;
  const view = viewOf(bytes);
  const length = view.getInt32(start + 8) + 12;
  if (length < batchHeaderBytes || start + length > end || view.getInt8(start + 16) !== 2) return undefined;
  if (view.getInt32(start + 17) !== crc32c(bytes, start + 21, start + length)) return undefined;
  return readBatchHeader(bytes, start, end);
}

/** Writes what the broker decides: the first offset and the leader epoch. Neither is under the checksum. */
export function assignOffset(bytes: Uint8Array, start: number, baseOffset: number): void {
  const view = viewOf(bytes);
  view.setBigInt64(start, BigInt(baseOffset));
  view.setInt32(start + 12, 0);
}

/**
 * Writes a producer into a finished batch, as transactional when asked, and what that changes into its checksum: records are not read again,
 * and a checksum that did not fit them still does not.
 */
export function assignProducer(bytes: Uint8Array, start: number, end: number, producer: { readonly producerId: bigint; readonly epoch: number; readonly sequence: number; readonly transactional: boolean }): void {
  const view = viewOf(bytes);
  const attributes = view.getInt16(start + 21);
  const former = crc32c(bytes, start + 21, start + batchHeaderBytes);
  view.setInt16(start + 21, producer.transactional ? attributes | transactionalBit : attributes);
  view.setBigInt64(start + 43, producer.producerId);
  view.setInt16(start + 51, producer.epoch);
  view.setInt32(start + 53, producer.sequence);
  const now = crc32c(bytes, start + 21, start + batchHeaderBytes);
  view.setInt32(start + 17, crc32cChanged(view.getInt32(start + 17), former, now, end - start - batchHeaderBytes));
}

/** The last DataView made: walking one buffer makes one view. */
let lastView: DataView = new DataView(new ArrayBuffer(0));
let lastBytes: Uint8Array | undefined;
function viewOf(bytes: Uint8Array): DataView {
  if (lastBytes !== bytes) {
    lastView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    lastBytes = bytes;
  }
  return lastView;
}

/** Where the parts of records lie in the bytes they were fetched into. Length -1 is null. */
export class RecordPositions {
  count = 0;
  keyOffsets = new Int32Array(0);
  keyLengths = new Int32Array(0);
  valueOffsets = new Int32Array(0);
  valueLengths = new Int32Array(0);
  /** Record offsets and timestamps (ms). */
  offsets = new Float64Array(0);
  timestamps = new Float64Array(0);

  reserve(rows: number): void {
    if (rows <= this.valueOffsets.length) return;
    const capacity = Math.max(1024, rows, this.valueOffsets.length * 2);
    for (const name of ['keyOffsets', 'keyLengths', 'valueOffsets', 'valueLengths'] as const) {
      const grown = new Int32Array(capacity);
      grown.set(this[name].subarray(0, this.count));
      this[name] = grown;
    }
    for (const name of ['offsets', 'timestamps'] as const) {
      const grown = new Float64Array(capacity);
      grown.set(this[name].subarray(0, this.count));
      this[name] = grown;
    }
  }
}

/** Appends the records of a batch from offset `fromOffset` on. Throws E0703 when a record reaches past the batch. */
export function readRecords(bytes: Uint8Array, header: BatchHeader, fromOffset: number, into: RecordPositions): void {
  into.reserve(into.count + header.recordCount);
  const end = walkRecords(bytes, header.start + batchHeaderBytes, header.end, header.recordCount, header.baseOffset, header.baseTimestamp, fromOffset, into);
  if (end !== header.end) throw damaged(header);
}

/** An error of reading batches, told where they were fetched from; another, and one that says so already, as it is. */
export function atPartition(error: unknown, topic: string, partition: number): unknown {
  const place = `topic ${topic} partition ${partition}`;
  if (!(error instanceof SqlError) || error.code !== 'E0703' || error.message.startsWith(place)) return error;
  return new SqlError({ ...error.diagnostic, message: `${place}: ${error.message}` });
}

function damaged(header: BatchHeader): SqlError {
  return new SqlError({ code: 'E0703', message: `the record batch at offset ${header.baseOffset} is damaged: its records do not fill it` });
}

/** Where the last varint ended. */
let cursor = 0;

function zigzag(bytes: Uint8Array, at: number): number {
  let byte = bytes[at] as number;
  if (byte < 0x80) {
    cursor = at + 1;
    return (byte >>> 1) ^ -(byte & 1);
  }
  let value = byte & 0x7f;
  let shift = 7;
  let position = at + 1;
  do {
    byte = bytes[position++] as number;
    value |= (byte & 0x7f) << shift;
    shift += 7;
  } while (byte >= 0x80 && shift < 35);
  cursor = position;
  return (value >>> 1) ^ -(value & 1);
}

/** A varlong as a number; deltas of timestamps are below 2^53. */
function zigzagLong(bytes: Uint8Array, at: number): number {
  let value = 0;
  let scale = 1;
  let position = at;
  let byte: number;
  do {
    byte = bytes[position++] as number;
    value += (byte & 0x7f) * scale;
    scale *= 128;
  } while (byte >= 0x80 && position - at < 10);
  cursor = position;
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/** Varints of one and two bytes, which are nearly all, are read in place. */
function walkRecords(bytes: Uint8Array, start: number, end: number, count: number, baseOffset: number, baseTimestamp: number, fromOffset: number, into: RecordPositions): number {
  const { keyOffsets, keyLengths, valueOffsets, valueLengths, offsets, timestamps } = into;
  let at = start;
  let row = into.count;
  for (let i = 0; i < count; i++) {
    if (at >= end) return -1;
    let low = bytes[at] as number;
    let high = bytes[at + 1] as number;
    let length: number;
    if (low < 0x80) {
      length = (low >>> 1) ^ -(low & 1);
      at += 1;
    } else if (high < 0x80) {
      length = ((low & 0x7f) | (high << 7)) >>> 1 ^ -(low & 1);
      at += 2;
    } else {
      length = zigzag(bytes, at);
      at = cursor;
    }
    const recordEnd = at + length;
    if (length < 0 || recordEnd > end) return -1;
    // The attributes of a record are one byte that means nothing yet.
    at += 1;
    low = bytes[at] as number;
    let timeDelta = 0;
    if (low < 0x80) {
      timeDelta = (low >>> 1) ^ -(low & 1);
      at += 1;
    } else if ((bytes[at + 1] as number) < 0x80 || (bytes[at + 2] as number) < 0x80 || (bytes[at + 3] as number) < 0x80) {
      timeDelta = zigzag(bytes, at);
      at = cursor;
    } else {
      timeDelta = zigzagLong(bytes, at);
      at = cursor;
    }
    low = bytes[at] as number;
    high = bytes[at + 1] as number;
    let offset = baseOffset;
    if (low < 0x80) {
      offset += (low >>> 1) ^ -(low & 1);
      at += 1;
    } else if (high < 0x80) {
      offset += ((low & 0x7f) | (high << 7)) >>> 1 ^ -(low & 1);
      at += 2;
    } else {
      offset += zigzag(bytes, at);
      at = cursor;
    }
    const keyLength = bytes[at] === 1 ? -1 : zigzag(bytes, at);
    const keyAt = keyLength === -1 ? at + 1 : cursor;
    at = keyAt + (keyLength < 0 ? 0 : keyLength);
    low = bytes[at] as number;
    high = bytes[at + 1] as number;
    let valueLength: number;
    if (low < 0x80) {
      valueLength = (low >>> 1) ^ -(low & 1);
      at += 1;
    } else if (high < 0x80) {
      valueLength = ((low & 0x7f) | (high << 7)) >>> 1 ^ -(low & 1);
      at += 2;
    } else {
      valueLength = zigzag(bytes, at);
      at = cursor;
    }
    if (at + (valueLength < 0 ? 0 : valueLength) > recordEnd) return -1;
    if (offset >= fromOffset) {
      keyOffsets[row] = keyAt;
      keyLengths[row] = keyLength;
      valueOffsets[row] = at;
      valueLengths[row] = valueLength;
      offsets[row] = offset;
      timestamps[row] = baseTimestamp + timeDelta;
      row++;
    }
    at = recordEnd;
  }
  into.count = row;
  return at;
}

/** Of a control batch: true when it commits. */
export function isCommit(bytes: Uint8Array, header: BatchHeader): boolean {
  const positions = new RecordPositions();
  readRecords(bytes, header, 0, positions);
  const at = positions.keyOffsets[0] ?? 0;
  return (bytes[at + 3] ?? 0) === 1;
}
