/**
 * What a program of the version before wrote instead of a table's capture: version 1, with each record's id before it instead of all ids
 * before all records. Of the same size.
 */
export function formerCapture(capture: Uint8Array): Uint8Array {
  const former = capture.slice();
  const view = new DataView(former.buffer);
  const words = view.getUint16(1, true) * 2;
  const count = view.getUint32(11, true);
  const from = new DataView(capture.buffer, capture.byteOffset, capture.byteLength);
  former[0] = 1;
  for (let i = 0; i < count; i++) {
    const at = 19 + i * (words + 1) * 4;
    view.setUint32(at, from.getUint32(19 + i * 4, true), true);
    for (let word = 0; word < words; word++) view.setUint32(at + 4 + word * 4, from.getUint32(19 + (count + i * words + word) * 4, true), true);
  }
  return former;
}

/** The same of a table with tables below it: each part for itself. The whole had the version 2 then. */
export function formerParts(capture: Uint8Array): Uint8Array {
  const former = capture.slice();
  former[0] = 2;
  const view = new DataView(former.buffer);
  for (let at = 1; at < former.length; ) {
    const end = at + 4 + view.getUint32(at, true);
    former.set(formerCapture(former.subarray(at + 4, end)), at + 4);
    at = end;
  }
  return former;
}
