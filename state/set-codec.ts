import { assert } from '../core/assert.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { WordRows } from './packing.ts';
import { rewriteParts, type Capture } from './rewrite.ts';
import type { ValueSet } from './value-set.ts';

/** The version of the bytes of a set. The one before had columns in place of entries. Still earlier programs kept sets as tables, whose bytes have the version 1. */
const setCodecVersion = 4;
const inColumnsVersion = 3;
const asTableVersion = 1;

const headerBytes = 8;

/**
 * What a set must store for one epoch: the bits that were set in it, and all of the entries that are in the epoch's part of the rolling
 * rewrite, which are noted in its list of changes too. An entry may come more than once: its bits are those of all captures together.
 *
 * Format: version u8, three bytes of zero, count u32; then the entries: owner, bits, low and high word of the value, i32 each. Little-endian.
 */
export function captureSet(set: ValueSet, checkpoint: number): Capture {
  const { changes } = set;
  set.eachOf(checkpoint % rewriteParts, rewriteParts, (owner, bits, low, high) => changes.add(owner, bits, low, high));
  return {
    size: headerBytes + changes.size * 16,
    write: (out, at) => {
      const view = new DataView(out.buffer, out.byteOffset + at);
      view.setUint32(0, setCodecVersion, true);
      view.setUint32(4, changes.size, true);
      changes.copyTo(out, at + headerBytes);
    },
  };
}

/** Where entries lie in the capture of a set; undefined in other bytes. */
export function entriesOf(capture: Uint8Array): WordRows | undefined {
  if (capture.length < headerBytes || capture[0] !== setCodecVersion) return undefined;
  const count = new DataView(capture.buffer, capture.byteOffset).getUint32(4, true);
  return headerBytes + count * 16 === capture.length ? { at: headerBytes, count, width: 4, isRising: false } : undefined;
}

/** Fills an empty set from its captures, in any order. */
export function restoreSet(set: ValueSet, captures: Iterable<Uint8Array>): void {
  for (const bytes of captures) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const version = view.getUint8(0);
    if (version === asTableVersion) restoreTableOf(set, view);
    else if (version === setCodecVersion || version === inColumnsVersion) {
      const count = view.getUint32(4, true);
      const [entry, column] = version === setCodecVersion ? [16, 4] : [4, count * 4];
      for (let n = 0, at = headerBytes; n < count; n++, at += entry) {
        set.restore(view.getInt32(at, true), view.getInt32(at + column, true), view.getInt32(at + 2 * column, true), view.getInt32(at + 3 * column, true));
      }
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
