/** The partition of a key as Kafka's Java client chooses it. Source: Kafka's Utils.murmur2, after Austin Appleby's MurmurHash2. */
export function partitionOfKey(heap: Uint8Array, offset: number, length: number, partitions: number): number {
  const m = 0x5bd1e995;
  let h = 0x9747b28c ^ length;
  let i = offset;
  const wholeEnd = offset + (length & ~3);
  for (; i < wholeEnd; i += 4) {
    let k = (heap[i] as number) | ((heap[i + 1] as number) << 8) | ((heap[i + 2] as number) << 16) | ((heap[i + 3] as number) << 24);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    h = Math.imul(h, m) ^ Math.imul(k, m);
  }
  const left = length & 3;
  if (left > 2) h ^= (heap[i + 2] as number) << 16;
  if (left > 1) h ^= (heap[i + 1] as number) << 8;
  if (left > 0) h = Math.imul(h ^ (heap[i] as number), m);
  h ^= h >>> 13;
  h = Math.imul(h, m);
  h ^= h >>> 15;
  return (h & 0x7fffffff) % partitions;
}
