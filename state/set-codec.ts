import { assert } from '../core/assert.ts';
import { SqlError } from '../core/diagnostic.ts';
import { rewriteParts, type Capture } from './rewrite.ts';
import type { ValueSet } from './value-set.ts';

/** The version of the bytes of a set. Earlier programs kept sets as tables, whose bytes have the version 1. */
const setCodecVersion = 3;
const asTableVersion = 1;

const headerBytes = 8;

/**
 * What a set must store for one epoch: the bits that were set in it, and all of the entries whose hash falls into the epoch's part of the rolling
 * rewrite. An entry may come more than once: its bits are those of all captures together.
 *
 * Format: version u8, three bytes of zero, count u32; then, of all entries in order: their owners, their bits, the low words of their values,
 * the high words, i32 each. Little-endian.
 */
export function captureSet(set: ValueSet, checkpoint: number): Capture {
  const part = checkpoint % rewriteParts;
  let count = set.changes.size;
  set.eachOf(part, rewriteParts, () => count++);
  return {
    size: headerBytes + count * 16,
    write: (out, at) => {
      const view = new DataView(out.buffer, out.byteOffset + at);
      view.setUint8(0, setCodecVersion);
      view.setUint32(4, count, true);
      const column = count * 4;
      let to = headerBytes;
      const add = (owner: number, bits: number, low: number, high: number): void => {
        view.setInt32(to, owner, true);
        view.setInt32(to + column, bits, true);
        view.setInt32(to + 2 * column, low, true);
        view.setInt32(to + 3 * column, high, true);
        to += 4;
      };
      set.changes.each((words) => {
        for (let i = 0; i < words.length; i += 4) add(words[i] as number, words[i + 1] as number, words[i + 2] as number, words[i + 3] as number);
      });
      set.eachOf(part, rewriteParts, add);
    },
  };
}

/** Fills an empty set from its captures, in any order. */
export function restoreSet(set: ValueSet, captures: Iterable<Uint8Array>): void {
  for (const bytes of captures) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const version = view.getUint8(0);
    if (version === asTableVersion) restoreTableOf(set, view);
    else if (version === setCodecVersion) {
      const count = view.getUint32(4, true);
      const word = (column: number, n: number): number => view.getInt32(headerBytes + (column * count + n) * 4, true);
      set.reserve(count);
      for (let n = 0; n < count; n++) set.restore(word(0, n), word(1, n), word(2, n), word(3, n));
    } else throw new SqlError({ code: 'E0802', message: `the stored state has version ${version}, this program knows ${setCodecVersion}` });
  }
}

/** A set as earlier programs stored it (table-codec.ts): records of three quads, each behind its id u32: epoch, flags (two of its keys, then the bits), owner, 0, two words of value. */
function restoreTableOf(set: ValueSet, view: DataView): void {
  assert(view.getUint16(1, true) === 3, 'a stored set has records of another length');
  const count = view.getUint32(11, true);
  const isDouble = set.shape.fields[1].layout === 'f32' || set.shape.fields[1].layout === 'f64';
  for (let i = 0, at = 19; i < count; i++, at += 28) {
    // Any NaN was one value; now that is one pattern of bits.
    if (isDouble && Number.isNaN(view.getFloat64(at + 20, true))) view.setFloat64(at + 20, NaN, true);
    set.restore(view.getInt32(at + 12, true), view.getInt32(at + 8, true) >>> 2, view.getInt32(at + 20, true), view.getInt32(at + 24, true));
  }
}
