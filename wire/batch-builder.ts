import { batchHeaderBytes, controlBit, transactionalBit } from './record-batch.ts';
import { allocateReachable } from '../core/wasm-memory.ts';
import { crc32c, crc32cJoined } from './crc32c.ts';
import type { FramedParts, FramedRows } from './framed-rows.ts';
import { frameSlack } from './frame-code.ts';

/** Buffers that builders of one capacity keep for later, all of them together: each may take any. */
export interface SpareBuffers {
  /** At the most. */
  readonly limit: number;
  readonly buffers: Uint8Array[];
}

/** For so many builders: at 256 KiB a buffer, some more than an exactly-once epoch holds back; of many builders few are filled at once. */
export function spareBuffers(builders = 1): SpareBuffers {
  return { limit: 160 * Math.min(4, builders), buffers: [] };
}

/** Records are summed when so many bytes of them stand there: while they are still near the processor. */
const summedBytes = 16 << 10;
/** A record of a lower number is one that `FramedRows` writes. */
const mostFramed = 1 << 20;

/** Builds batches, record by record, in a buffer that is used again. */
export class BatchBuilder {
  /** Of the records that are begun from now on, as `writeHeaders` gives them; undefined for none. */
  headers: Uint8Array | undefined;
  readonly #allocate: (bytes: number) => Uint8Array;
  readonly #capacity: number;
  readonly #spare: SpareBuffers;
  #bytes: Uint8Array;
  #view: DataView;
  #at = batchHeaderBytes;
  #count = 0;
  #baseTimestamp = 0;
  #maxTimestamp = 0;
  /** A time's distance from the first. */
  readonly #time = new Uint8Array(8);
  /** The checksum of the records before `#summedTo`. */
  #sum = 0;
  #summedTo = batchHeaderBytes;
  /** Of the record under way: its time, where what follows its length begins, and where the length of its value goes. */
  #timestamp = 0;
  #body = 0;
  #valueLengthAt = 0;
  /** Bytes of the two lengths that are known only at a record's end, as the record before had them. */
  #recordLengthSize = 2;
  #valueLengthSize = 2;

  /** `isReachable`: generated WebAssembly can write into it (core/wasm-memory.ts). `spare`: shared with builders of the same capacity. */
  constructor(capacity = 1 << 16, isReachable = false, spare = spareBuffers()) {
    this.#spare = spare;
    this.#allocate = isReachable ? allocateReachable : (bytes) => new Uint8Array(bytes);
    this.#capacity = capacity;
    this.#bytes = this.#allocate(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get recordCount(): number {
    return this.#count;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#at;
  }

  /** What the value of the record under way is written into. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Over `bytes`. */
  get view(): DataView {
    return this.#view;
  }

  /** Appends a record. A length of -1 makes a null key or value. `timestamp` in ms. */
  append(keyHeap: Uint8Array, keyOffset: number, keyLength: number, heap: Uint8Array, offset: number, length: number, timestamp: number): void {
    const keyAt = this.#head(keyLength, length < 0 ? 0 : length, timestamp);
    if (keyLength > 0) copy(this.#bytes, keyAt, keyHeap, keyOffset, keyLength);
    if (length < 0) {
      this.endNull();
      return;
    }
    const at = this.#valueLengthAt + this.#valueLengthSize;
    copy(this.#bytes, at, heap, offset, length);
    this.end(at + length);
  }

  /**
   * Appends the rows order[from .. to) until there are `limit` bytes, and gives the place in the order behind the last of them: the same bytes as one call of
   * `append` for each. There are fewer than `limit` bytes before, and no headers.
   */
  appendRows(rows: FramedRows, from: number, to: number, timestamp: number, limit: number): number {
    if (this.#count === 0) {
      this.#baseTimestamp = timestamp;
      this.#maxTimestamp = timestamp;
    }
    const timeSize = writeLong(this.#time, 0, timestamp - this.#baseTimestamp);
    let next = from;
    while (next < to && this.#at < limit) {
      const frame = this.#count + to - next < mostFramed ? rows.over(this.#bytes, this.#time) : undefined;
      const behind = frame?.(next, to, this.#at, this.#count, timeSize, Math.min(limit, this.#summedTo + summedBytes), this.#bytes.length - frameSlack) ?? next;
      if (behind === next) {
        this.#appendRow(rows, rows.arrays.order[next++] as number, timestamp);
        continue;
      }
      if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
      this.#at = rows.arrays.end[0] as number;
      this.#count += behind - next;
      next = behind;
      if (this.#at - this.#summedTo >= summedBytes) this.#addToSum();
    }
    return next;
  }

  #appendRow({ keys, values }: FramedRows, row: number, timestamp: number): void {
    const { bytes, offsets, lengths } = values as FramedParts;
    this.append(keys?.bytes ?? bytes, keys?.offsets[row] ?? 0, keys?.lengths[row] ?? -1, bytes, offsets[row] as number, lengths[row] as number, timestamp);
  }

  /**
   * Starts a record without a key and gives the place for its value, with room for `room` bytes and 8 more. The lengths before it are left
   * open, as wide as the last record's; `end` moves the record when that was a wrong guess.
   */
  begin(room: number, timestamp: number): number {
    this.#head(-1, room, timestamp);
    return this.#valueLengthAt + this.#valueLengthSize;
  }

  /** The same with a key, which has 7 readable bytes behind it. */
  beginWithKey(key: DataView, keyOffset: number, keyLength: number, room: number, timestamp: number): number {
    const at = this.#head(keyLength, room, timestamp);
    const view = this.#view;
    for (let k = 0; k < keyLength; k += 8) {
      view.setInt32(at + k, key.getInt32(keyOffset + k, true), true);
      view.setInt32(at + k + 4, key.getInt32(keyOffset + k + 4, true), true);
    }
    return this.#valueLengthAt + this.#valueLengthSize;
  }

  /** Writes a record up to its key, and gives the key's place. */
  #head(keyLength: number, room: number, timestamp: number): number {
    if (this.#count === 0) {
      this.#baseTimestamp = timestamp;
      this.#maxTimestamp = timestamp;
    }
    this.#timestamp = timestamp;
    const keyBytes = keyLength < 0 ? 0 : keyLength;
    this.#reserve(keyBytes + room + 64 + (this.headers?.length ?? 0));
    const bytes = this.#bytes;
    let at = this.#at + this.#recordLengthSize;
    this.#body = at;
    bytes[at++] = 0;
    const delta = timestamp - this.#baseTimestamp;
    if (delta === 0) bytes[at++] = 0;
    else at = writeLong(bytes, at, delta);
    at = writeInt(bytes, at, this.#count);
    if (keyLength < 0) bytes[at++] = 1;
    else at = writeInt(bytes, at, keyLength);
    this.#valueLengthAt = at + keyBytes;
    return at;
  }

  /** Ends the record under way, whose value ends before `end`. */
  end(end: number): void {
    const bytes = this.#bytes;
    const length = end - this.#valueLengthAt - this.#valueLengthSize;
    const valueLengthSize = intSize(length);
    const size = this.#valueLengthAt - this.#body + valueLengthSize + length + (this.headers?.length ?? 1);
    const recordLengthSize = intSize(size);
    if (recordLengthSize !== this.#recordLengthSize || valueLengthSize !== this.#valueLengthSize) this.#resize(end, recordLengthSize, valueLengthSize);
    writeInt(bytes, this.#valueLengthAt, length);
    this.#finishRecord(size);
  }

  /** Ends the record under way with a null for its value. */
  endNull(): void {
    const size = this.#valueLengthAt - this.#body + 1 + (this.headers?.length ?? 1);
    const recordLengthSize = intSize(size);
    if (recordLengthSize !== this.#recordLengthSize) this.#resize(this.#valueLengthAt + this.#valueLengthSize, recordLengthSize, this.#valueLengthSize);
    this.#bytes[this.#valueLengthAt] = 1;
    this.#finishRecord(size);
  }

  #finishRecord(size: number): void {
    const bytes = this.#bytes;
    writeInt(bytes, this.#at, size);
    this.#at = this.#body + size;
    if (this.headers === undefined) bytes[this.#at - 1] = 0;
    else bytes.set(this.headers, this.#at - this.headers.length);
    if (this.#timestamp > this.#maxTimestamp) this.#maxTimestamp = this.#timestamp;
    this.#count++;
    if (this.#at - this.#summedTo >= summedBytes) this.#addToSum();
  }

  #addToSum(): void {
    this.#sum = crc32c(this.#bytes, this.#summedTo, this.#at, this.#sum);
    this.#summedTo = this.#at;
  }

  /** Moves the record under way, which ends before `end`, so that its two lengths have these sizes. */
  #resize(end: number, recordLengthSize: number, valueLengthSize: number): void {
    const bytes = this.#bytes;
    const grown = recordLengthSize - this.#recordLengthSize;
    const valueAt = this.#valueLengthAt + this.#valueLengthSize;
    const newValueAt = this.#valueLengthAt + grown + valueLengthSize;
    if (newValueAt > valueAt) {
      bytes.copyWithin(newValueAt, valueAt, end);
      bytes.copyWithin(this.#body + grown, this.#body, this.#valueLengthAt);
    } else {
      bytes.copyWithin(this.#body + grown, this.#body, this.#valueLengthAt);
      bytes.copyWithin(newValueAt, valueAt, end);
    }
    this.#body += grown;
    this.#valueLengthAt += grown;
    this.#recordLengthSize = recordLengthSize;
    this.#valueLengthSize = valueLengthSize;
  }

  /**
   * The finished batch; the builder starts anew. The broker assigns offsets. A batch that fills most of the buffer is handed out as it
   * lies, and the builder goes on with a buffer that was given back (`recycle`) or a new one.
   */
  finish(): Uint8Array {
    const view = this.#view;
    view.setBigInt64(0, 0n);
    view.setInt32(8, this.#at - 12);
    view.setInt32(12, -1);
    view.setInt8(16, 2);
    view.setInt16(21, 0);
    view.setInt32(23, this.#count - 1);
    view.setBigInt64(27, BigInt(this.#baseTimestamp));
    view.setBigInt64(35, BigInt(this.#maxTimestamp));
    view.setBigInt64(43, -1n);
    view.setInt16(51, -1);
    view.setInt32(53, -1);
    view.setInt32(57, this.#count);
    this.#addToSum();
    view.setInt32(17, crc32cJoined(crc32c(this.#bytes, 21, batchHeaderBytes), this.#sum, this.#at - batchHeaderBytes));
    const isFull = this.#at * 2 > this.#bytes.length;
    const out = isFull ? this.#bytes.subarray(0, this.#at) : this.#bytes.slice(0, this.#at);
    if (isFull) {
      this.#bytes = this.#spare.buffers.pop() ?? this.#allocate(this.#capacity);
      this.#view = new DataView(this.#bytes.buffer);
    }
    this.#at = batchHeaderBytes;
    this.#count = 0;
    this.#sum = 0;
    this.#summedTo = batchHeaderBytes;
    return out;
  }

  /** Gives back a batch that nobody reads any more. A buffer that grew for a long record is not kept. */
  recycle(batch: Uint8Array): void {
    const { buffer } = batch;
    const { limit, buffers } = this.#spare;
    if (buffers.length < limit && buffer.byteLength >= this.#capacity && buffer.byteLength <= 2 * this.#capacity) buffers.push(new Uint8Array(buffer as ArrayBuffer));
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const grown = this.#allocate(Math.max(this.#bytes.length * 2, this.#at + bytes));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/** A loop for the shortest, memmove for the rest: measured, a call costs what 20 steps of the loop do. */
function copy(to: Uint8Array, at: number, from: Uint8Array, offset: number, length: number): void {
  if (length > 24) {
    to.set(from.subarray(offset, offset + length), at);
    return;
  }
  for (let i = 0; i < length; i++) to[at + i] = from[offset + i] as number;
}

function intSize(value: number): number {
  const zig = (value << 1) ^ (value >> 31);
  return zig >>> 0 < 0x80 ? 1 : zig >>> 0 < 0x4000 ? 2 : zig >>> 0 < 0x200000 ? 3 : zig >>> 0 < 0x10000000 ? 4 : 5;
}

function writeInt(bytes: Uint8Array, at: number, value: number): number {
  let zig = ((value << 1) ^ (value >> 31)) >>> 0;
  let position = at;
  while (zig >= 0x80) {
    bytes[position++] = (zig & 0x7f) | 0x80;
    zig >>>= 7;
  }
  bytes[position++] = zig;
  return position;
}

function writeLong(bytes: Uint8Array, at: number, value: number): number {
  let zig = value < 0 ? -2 * value - 1 : 2 * value;
  let position = at;
  while (zig >= 0x80) {
    bytes[position++] = (zig % 128) | 0x80;
    zig = Math.floor(zig / 128);
  }
  bytes[position++] = zig;
  return position;
}

/** The batch that ends a transaction: one control record. */
export function controlBatch(producer: { readonly producerId: bigint; readonly epoch: number }, commit: boolean, timestamp: number): Uint8Array {
  const builder = new BatchBuilder(256);
  const key = new Uint8Array([0, 0, 0, commit ? 1 : 0]);
  const value = new Uint8Array(6);
  builder.append(key, 0, 4, value, 0, 6, timestamp);
  const bytes = builder.finish();
  const view = new DataView(bytes.buffer);
  view.setInt16(21, transactionalBit | controlBit);
  view.setBigInt64(43, producer.producerId);
  view.setInt16(51, producer.epoch);
  view.setInt32(17, crc32c(bytes, 21, bytes.length));
  return bytes;
}
