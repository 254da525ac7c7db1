/** Smaller ones are not worth keeping. */
const leastBytes = 1 << 16;
/** What is kept at most, in all. */
const mostBytes = 1 << 24;

/** Buffers that captures lay in and that nobody needs any more, the last at the end. */
const spare: ArrayBuffer[] = [];
let spareBytes = 0;

/**
 * `size` bytes to write a capture into, whatever they are, at the start of a buffer of their own. Those of an earlier capture are taken where they fit: memory that nobody has
 * written to before costs several times what is then copied into it, and all waits for a capture.
 */
export function takeBytes(size: number): Uint8Array {
  if (size < leastBytes) return new Uint8Array(size);
  for (let i = spare.length - 1; i >= 0; i--) {
    const buffer = spare[i] as ArrayBuffer;
    if (buffer.byteLength < size || buffer.byteLength > size * 4) continue;
    spare.splice(i, 1);
    spareBytes -= buffer.byteLength;
    return new Uint8Array(buffer, 0, size);
  }
  // Somewhat more, as states grow.
  return new Uint8Array(new ArrayBuffer(size + (size >>> 3)), 0, size);
}

/** Takes back buffers of captures that are stored. */
export function giveBack(buffers: Iterable<ArrayBuffer>): void {
  for (const buffer of buffers) {
    if (buffer.byteLength < leastBytes || buffer.byteLength > mostBytes) continue;
    spare.push(buffer);
    spareBytes += buffer.byteLength;
  }
  // Those that no capture has fitted into for the longest time go.
  while (spareBytes > mostBytes) spareBytes -= spare.shift()?.byteLength ?? 0;
}
