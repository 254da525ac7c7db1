import { SqlError } from '../core/diagnostic.ts';
import type { Layout } from '../core/layout.ts';
import { takeBytes } from './capture-buffers.ts';
import type { WordRows } from './packing.ts';
import { rewriteParts, type Capture } from './rewrite.ts';
import { captureSet, entriesOf, restoreSet } from './set-codec.ts';
import type { RecordShape, Table } from './table.ts';
import { ValueSet } from './value-set.ts';

/** The version of the bytes of a table; of a table with bags below, which was 2 while it was told from that of a table by what the reader expects. A reader knows all older ones. */
const tableCodecVersion = 2;
const bagsCodecVersion = 3;
/** A table of version 1 had each record's id before it. */
const idsBetween = 1;

const headerBytes = 19;

/**
 * What a table must store for one epoch: the records written in it, and those whose id falls into the epoch's part of the rolling rewrite,
 * so that checkpoints older than `rewriteParts` are never needed. Copied at once, at memory speed.
 *
 * Format: version u8, quads u16, epoch u32, limit u32, record count u32, count of deleted ids u32; then the records' ids, u32 each; then
 * the records, `quads` * 8 bytes each; then the deleted ids, u32 each; then for each bytes field of each record in order: its bytes. Little-endian.
 */
export function captureTable(table: Table, checkpoint: number): Uint8Array {
  return table.bags.length === 0 ? written(captureOne(table, checkpoint)) : written(joined([table, ...table.bags].map((part) => (part instanceof ValueSet ? captureSet(part, checkpoint) : captureOne(part, checkpoint)))));
}

function written({ size, write }: Capture): Uint8Array {
  const out = takeBytes(size);
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

/** Where rows of words lie in a capture that `captureTable` made now; in other bytes, nowhere. */
export function wordRowsOf(capture: Uint8Array): WordRows[] {
  if (capture[0] !== bagsCodecVersion) return rowsOfOne(capture, 0);
  const view = new DataView(capture.buffer, capture.byteOffset, capture.byteLength);
  const rows: WordRows[] = [];
  for (let at = 1; at + 4 <= capture.length; ) {
    const end = at + 4 + view.getUint32(at, true);
    if (end > capture.length) return [];
    rows.push(...rowsOfOne(capture.subarray(at + 4, end), at + 4));
    at = end;
  }
  return rows;
}

/** Of a table or a set whose capture begins at `from`. */
function rowsOfOne(capture: Uint8Array, from: number): WordRows[] {
  const entries = entriesOf(capture);
  if (entries !== undefined) return [{ ...entries, at: from + entries.at }];
  if (capture[0] !== tableCodecVersion || capture.length < headerBytes) return [];
  const view = new DataView(capture.buffer, capture.byteOffset);
  const width = view.getUint16(1, true) * 2;
  const count = view.getUint32(11, true);
  if (headerBytes + count * (width + 1) * 4 > capture.length) return [];
  return [{ at: from + headerBytes, count, width: 1, isRising: true }, { at: from + headerBytes + count * 4, count, width, isRising: false }];
}

function captureOne(table: Table, checkpoint: number): Capture {
  const { shape, r32 } = table;
  const words = shape.quads * 2;
  const deleted = table.deletedIds();
  const ids = idsToStore(table, checkpoint);
  const byteFields = bytesFieldsOf(shape);
  let size = headerBytes + ids.length * (4 + words * 4) + deleted.length * 4;
  for (const offset of byteFields) size += lengthsOf(r32, ids, words, offset * 2 + 1);
  return { size, write: (out, from) => writeRecords(table, ids, deleted, out, from) };
}

/** The records written in the epoch, and those of its part of the rewrite, each once. A record that was written and taken out again is only deleted. */
function idsToStore(table: Table, checkpoint: number): Int32Array {
  const { r32, limit, epoch } = table;
  const words = table.shape.quads * 2;
  const part = checkpoint % rewriteParts;
  const dirty = table.dirtyIds();
  const ids = new Int32Array(Math.min(limit, dirty.length + Math.ceil(limit / rewriteParts)));
  let count = 0;
  // Where many were written, one walk finds them in order: neighbours are then copied at once.
  if (dirty.length * 8 >= limit) {
    for (let id = 0; id < limit; id++) {
      const written = r32[id * words] as number;
      if (written === epoch || (written !== 0 && id % rewriteParts === part)) ids[count++] = id;
    }
  } else {
    for (let i = 0; i < dirty.length; i++) if (r32[(dirty[i] as number) * words] !== 0) ids[count++] = dirty[i] as number;
    for (let id = part; id < limit; id += rewriteParts) if (r32[id * words] !== epoch && r32[id * words] !== 0) ids[count++] = id;
  }
  return ids.subarray(0, count);
}

/** Bytes of the records' fields whose length is the word `lengthAt` of each. */
function lengthsOf(r32: Int32Array, ids: Int32Array, words: number, lengthAt: number): number {
  let sum = 0;
  for (let i = 0; i < ids.length; i++) sum += r32[(ids[i] as number) * words + lengthAt] as number;
  return sum;
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
  out.set(bytesOf(ids, 0, ids.length), from + at);
  at += ids.length * 4;
  for (let i = 0, end = 0; i < ids.length; i = end) {
    end = runEnd(ids, i);
    const length = (end - i) * words;
    const first = (ids[i] as number) * words;
    if (length > longRun) out.set(bytesOf(r32, first, length), from + at);
    else copyWords(r32, first, length, view, at);
    at += length * 4;
  }
  for (const id of deleted) {
    view.setUint32(at, id, true);
    at += 4;
  }
  if (byteFields.length === 0) return;
  const { pages } = table.bytes;
  for (let i = 0; i < ids.length; i++) at = copyTexts(pages, r32, (ids[i] as number) * words, byteFields, out, from + at) - from;
}

/** Words from which on a view of them costs less than a loop over them. */
const longRun = 48;

/** Where the ids that follow one another from `i` on end. */
function runEnd(ids: Int32Array, i: number): number {
  let end = i + 1;
  while (end < ids.length && ids[end] === (ids[end - 1] as number) + 1) end++;
  return end;
}

function bytesOf(words: Int32Array, from: number, length: number): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset + from * 4, length * 4);
}

function copyWords(words: Int32Array, from: number, length: number, to: DataView, at: number): void {
  for (let i = 0; i < length; i++) to.setInt32(at + i * 4, words[from + i] as number, true);
}

/** Gives where the texts of the record whose words begin at `base` end. */
function copyTexts(pages: readonly Uint8Array[], r32: Int32Array, base: number, fields: readonly number[], to: Uint8Array, at: number): number {
  let end = at;
  for (let i = 0; i < fields.length; i++) {
    const word = base + (fields[i] as number) * 2;
    const slot = r32[word] as number;
    const length = r32[word + 1] as number;
    const page = pages[slot >>> 16];
    if (page !== undefined) copyBytes(page, (slot & 0xffff) * 16, length, to, end);
    end += length;
  }
  return end;
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
    const deletedAt = headerBytes + count * 4 * (words + 1);
    const deletedCount = view.getUint32(15, true);
    const stored = new Int32Array(count * (words + 1));
    new Uint8Array(stored.buffer).set(bytes.subarray(headerBytes, deletedAt));
    const isBetween = view.getUint8(0) === idsBetween;
    let bytesAt = deletedAt + deletedCount * 4;
    for (let i = 0; i < count; i++) {
      const id = (stored[isBetween ? i * (words + 1) : i] as number) >>> 0;
      const at = isBetween ? i * (words + 1) + 1 : count + i * words;
      const isNew = seen[id] === 0;
      const { r32 } = table;
      if (isNew) {
        seen[id] = 1;
        table.restoreAt(id);
        for (let k = 0, to = id * words; k < words; k++) r32[to + k] = stored[at + k] as number;
      }
      for (const offset of byteFields) {
        const length = stored[at + offset * 2 + 1] as number;
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
