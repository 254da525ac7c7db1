import type { DurableFile } from '../state/durable-file.ts';
import { batchHeaderBytes, readIntactHeader, type BatchHeader } from '../wire/record-batch.ts';

/** Bytes that are read at once. */
const chunkBytes = 8 << 20;
const lengthBytes = 12;

/** Where the batches of a file stop following one another, and what stands there instead. */
export interface Damage {
  readonly position: number;
  /** The offset that a batch should begin with there. */
  readonly offset: number;
  readonly found: string;
}

/**
 * Calls `visit` with each batch of a file, from its first on, as long as they follow one another; `bytes` is borrowed. Each one
 * is summed up: readers do not. Gives where that ended before the end of the file.
 */
export function scanBatches(file: DurableFile, baseOffset: number, visit: (header: BatchHeader, position: number, bytes: Uint8Array) => void): Damage | undefined {
  const size = file.length;
  let bytes = new Uint8Array(Math.min(Math.max(size, 1), chunkBytes));
  let next = baseOffset;
  let position = 0;
  while (position < size) {
    const read = file.read(position, bytes.length, bytes);
    let at = 0;
    for (let header = readIntactHeader(bytes, at, read); header?.baseOffset === next; header = readIntactHeader(bytes, at, read)) {
      visit(header, position + at, bytes);
      next = header.lastOffset + 1;
      at = header.end;
    }
    position += at;
    if (at > 0) continue;
    const claimed = claimedLength(bytes, read);
    const isWholeThere = claimed >= batchHeaderBytes && position + claimed <= size;
    if (!isWholeThere || claimed <= bytes.length) return { position, offset: next, found: whatStands(bytes, read, size - position, next) };
    bytes = new Uint8Array(claimed);
  }
  return undefined;
}

/** The place of the first whole, undamaged batch behind `position` whose records follow `offset`; undefined when there is none. */
export function intactBatchBehind(file: DurableFile, position: number, offset: number): number | undefined {
  const size = file.length;
  const bytes = new Uint8Array(Math.min(Math.max(size - position, 1), chunkBytes));
  for (let start = position + 1; start + batchHeaderBytes <= size; ) {
    const read = file.read(start, bytes.length, bytes);
    const view = new DataView(bytes.buffer);
    const last = read - batchHeaderBytes;
    for (let at = 0; at <= last; at++) {
      // The cheap signs first: format 2, and an offset of which the upper half is small.
      if (bytes[at + 16] !== 2 || bytes[at] !== 0 || bytes[at + 1] !== 0) continue;
      if (Number(view.getBigInt64(at)) < offset) continue;
      const length = view.getInt32(at + 8) + lengthBytes;
      if (length < batchHeaderBytes || start + at + length > size) continue;
      const batch = new Uint8Array(length);
      if (readIntactHeader(batch, 0, file.read(start + at, length, batch)) !== undefined) return start + at;
    }
    start += last + 1;
  }
  return undefined;
}

/** The length that the bytes say their batch has, or 0. */
function claimedLength(bytes: Uint8Array, read: number): number {
  return read < lengthBytes ? 0 : new DataView(bytes.buffer).getInt32(8) + lengthBytes;
}

function whatStands(bytes: Uint8Array, read: number, left: number, next: number): string {
  if (read < batchHeaderBytes) return `${left} bytes, less than a record batch has`;
  const claimed = claimedLength(bytes, read);
  if (bytes[16] !== 2 || claimed < batchHeaderBytes) return 'bytes that are no record batch';
  if (claimed > left) return `a record batch that says it has ${claimed} bytes, of which ${left} are there`;
  const header = readIntactHeader(bytes, 0, read);
  return header === undefined || header.baseOffset === next ? 'a record batch whose checksum does not fit' : `a record batch that says it begins with offset ${header.baseOffset}`;
}
