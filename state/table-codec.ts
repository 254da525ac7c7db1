import { SqlError } from '../core/diagnostic.ts';
import type { Layout } from '../core/layout.ts';
import { rewriteParts, type Capture } from './rewrite.ts';
import { captureSet, restoreSet } from './set-codec.ts';
import type { RecordShape, Table } from './table.ts';
import { ValueSet } from './value-set.ts';

/** The version of the bytes of a table; of a table with bags below. A reader knows all older ones. */
const tableCodecVersion = 1;
const bagsCodecVersion = 2;

const headerBytes = 19;

/**
 * What a table must store for one epoch: the records written in it, and those whose id falls into the epoch's part of the rolling rewrite,
 * so that checkpoints older than `rewriteParts` are never needed. Copied at once, at memory speed.
 *
 * Format: version u8, quads u16, epoch u32, limit u32, record count u32, count of deleted ids u32; then per record: id u32, `quads` * 8
 * bytes; then the deleted ids, u32 each; then for each bytes field of each record in order: its bytes. Little-endian.
 */
export function captureTable(table: Table, checkpoint: number): Uint8Array {
  return table.bags.length === 0 ? written(captureOne(table, checkpoint)) : written(joined([table, ...table.bags].map((part) => (part instanceof ValueSet ? captureSet(part, checkpoint) : captureOne(part, checkpoint)))));
}

function written({ size, write }: Capture): Uint8Array {
  const out = new Uint8Array(size);
  write(out, 0);
  return out;
}

/** A table with bags: version u8, then for it and each of its bags: length u32 and the bytes. */
function joined(parts: readonly Capture[]): Capture {
  return {
    size: parts.reduce((size, part) => size + 4 + part.size, 1),
    write: (out, from) => {
      const view = new DataView(out.buffer, out.byteOffset + from);
      view.setUint8(0, bagsCodecVersion);
      let at = 1;
      for (const part of parts) {
        view.setUint32(at, part.size, true);
        part.write(out, from + at + 4);
        at += 4 + part.size;
      }
    },
  };
}

function partsOf(capture: Uint8Array, count: number): readonly Uint8Array[] {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.byteLength);
  if (view.getUint8(0) > bagsCodecVersion) throw new SqlError({ code: 'E0802', message: `the stored state has version ${view.getUint8(0)}, this program knows ${bagsCodecVersion}` });
  let at = 1;
  return Array.from({ length: count }, () => {
    const length = view.getUint32(at, true);
    at += 4 + length;
    return capture.subarray(at - length, at);
  });
}

function captureOne(table: Table, checkpoint: number): Capture {
  const { shape, r32 } = table;
  const words = shape.quads * 2;
  const dirty = table.dirtyIds();
  const listed = new Int32Array(dirty.length + Math.ceil(table.limit / rewriteParts));
  let count = 0;
  // A record that was written and taken out again within the epoch is only deleted.
  for (const id of dirty) if (r32[id * words] !== 0) listed[count++] = id;
  const deleted = table.deletedIds();
  for (let id = checkpoint % rewriteParts; id < table.limit; id += rewriteParts) {
    if (r32[id * words] !== table.epoch && r32[id * words] !== 0) listed[count++] = id;
  }
  const ids = listed.subarray(0, count);
  const byteFields = bytesFieldsOf(shape);
  let size = headerBytes + ids.length * (4 + words * 4) + deleted.length * 4;
  for (const id of ids) for (const offset of byteFields) size += r32[id * words + offset * 2 + 1] as number;
  return { size, write: (out, from) => writeRecords(table, ids, deleted, out, from) };
}

function writeRecords(table: Table, ids: Int32Array, deleted: readonly number[], out: Uint8Array, from: number): void {
  const { shape, r32 } = table;
  const words = shape.quads * 2;
  const byteFields = bytesFieldsOf(shape);
  const view = new DataView(out.buffer, out.byteOffset + from);
  view.setUint8(0, tableCodecVersion);
  view.setUint16(1, shape.quads, true);
  view.setUint32(3, table.epoch, true);
  view.setUint32(7, table.limit, true);
  view.setUint32(11, ids.length, true);
  view.setUint32(15, deleted.length, true);
  let at = headerBytes;
  for (const id of ids) {
    view.setUint32(at, id, true);
    at += 4;
    // Word by word, as records are short: a view of each would cost more than its bytes.
    for (let word = id * words, to = word + words; word < to; word++, at += 4) view.setInt32(at, r32[word] as number, true);
  }
  for (const id of deleted) {
    view.setUint32(at, id, true);
    at += 4;
  }
  for (const id of ids) {
    for (const offset of byteFields) {
      const slot = r32[id * words + offset * 2] as number;
      const length = r32[id * words + offset * 2 + 1] as number;
      const page = table.bytes.pages[slot >>> 16];
      if (page !== undefined) copyBytes(page, (slot & 0xffff) * 16, length, out, from + at);
      at += length;
    }
  }
}

/** A loop for what is short, as a view of it would cost more than its bytes. */
function copyBytes(bytes: Uint8Array, offset: number, length: number, to: Uint8Array, at: number): void {
  if (length > 64) to.set(bytes.subarray(offset, offset + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = bytes[offset + i] as number;
}

/** Fills an empty table from its captures, newest first: the newest capture of an id holds. */
export function restoreTable(table: Table, captures: Iterable<Uint8Array>): void {
  if (table.bags.length === 0) {
    restoreOne(table, captures);
    return;
  }
  const tables = [table, ...table.bags];
  const parts = Array.from(captures, (capture) => partsOf(capture, tables.length));
  for (const [i, part] of tables.entries()) {
    const list = parts.map((of) => of[i] ?? new Uint8Array(0));
    if (part instanceof ValueSet) restoreSet(part, list);
    else restoreOne(part, list);
  }
}

function restoreOne(table: Table, captures: Iterable<Uint8Array>): void {
  const { shape } = table;
  const words = shape.quads * 2;
  const stride = words + 1;
  const byteFields = bytesFieldsOf(shape);
  const list = Array.from(captures, (bytes) => ({ bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }));
  let limit = 0;
  let newestEpoch = 0;
  for (const { view } of list) {
    if (view.getUint8(0) > tableCodecVersion) throw new SqlError({ code: 'E0802', message: `the stored state has version ${view.getUint8(0)}, this program knows ${tableCodecVersion}` });
    if (view.getUint16(1, true) !== shape.quads) throw new SqlError({ code: 'E0801', message: `a stored record has ${view.getUint16(1, true) * 8} bytes, the query's has ${shape.quads * 8}` });
    newestEpoch = Math.max(newestEpoch, view.getUint32(3, true));
    limit = Math.max(limit, view.getUint32(7, true));
  }
  /** By id: 1 once a capture has said what became of it. A set could hold no more than 2^24 ids. */
  const seen = new Uint8Array(limit);
  table.reserve(limit);
  for (const { bytes, view } of list) {
    const count = view.getUint32(11, true);
    const deletedAt = headerBytes + count * 4 * stride;
    const deletedCount = view.getUint32(15, true);
    const records = new Int32Array(count * stride);
    new Uint8Array(records.buffer).set(bytes.subarray(headerBytes, deletedAt));
    let bytesAt = deletedAt + deletedCount * 4;
    for (let at = 0; at < records.length; at += stride) {
      const id = (records[at] as number) >>> 0;
      const isNew = seen[id] === 0;
      const { r32 } = table;
      if (isNew) {
        seen[id] = 1;
        table.restoreAt(id);
        for (let k = 0, to = id * words; k < words; k++) r32[to + k] = records[at + 1 + k] as number;
      }
      for (const offset of byteFields) {
        const length = records[at + 1 + offset * 2 + 1] as number;
        if (isNew) r32[id * words + offset * 2] = table.bytes.put(bytes, bytesAt, length);
        bytesAt += length;
      }
    }
    for (let i = 0; i < deletedCount; i++) seen[view.getUint32(deletedAt + i * 4, true)] = 1;
  }
  table.epoch = newestEpoch + 1;
  for (let id = 0; id < table.limit; id++) if (table.r32[id * words] !== 0) table.enter(id);
  table.freeHoles();
}

function bytesFieldsOf(shape: RecordShape): readonly number[] {
  return shape.fields.map((field, i) => ({ layout: field.layout satisfies Layout, offset: shape.offsets[i] ?? 0 })).filter((field) => field.layout === 'bytes').map((field) => field.offset);
}
