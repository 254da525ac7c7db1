import { crc32c as native } from '@node-rs/crc32';

/** CRC-32C (Castagnoli) of bytes[start .. end), as an int32. `before`: that of the bytes in front of them, if they go on. */
export function crc32c(bytes: Uint8Array, start: number, end: number, before = 0): number {
  return native(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start), before >>> 0) | 0;
}

/**
 * The checksum of bytes whose beginning was written over, without reading the rest: a checksum is linear, so what changes is the difference
 * of the two beginnings, moved on by what stands behind them. `former` and `now`: the beginning's own checksums; `behind`: bytes.
 */
export function crc32cChanged(whole: number, former: number, now: number, behind: number): number {
  return whole ^ product(zeros(behind), former ^ now);
}

/** That of two stretches of bytes, one behind the other. `length`: bytes of the second. */
export function crc32cJoined(first: number, second: number, length: number): number {
  return product(zeros(length), first) ^ second;
}

/** The polynomial, the highest power in the lowest bit, as in all numbers below. */
const polynomial = 0x82f63b78;

/** Of two polynomials over GF(2), modulo the one above. */
function product(a: number, b: number): number {
  let sum = 0;
  let shifted = b;
  for (let bit = 31; bit >= 0; bit--) {
    if ((a >>> bit) & 1) sum ^= shifted;
    shifted = (shifted >>> 1) ^ (shifted & 1 ? polynomial : 0);
  }
  return sum;
}

/** x to the power of 8 times 2 to the power of the index: what moves a checksum on by so many bytes. */
const powers = [1 << 23];
for (let i = 1; i < 32; i++) powers.push(product(powers[i - 1] as number, powers[i - 1] as number));

/** What moves a checksum on by `bytes` zeros. */
function zeros(bytes: number): number {
  let power = 1 << 31;
  for (let i = 0, rest = bytes; rest > 0; i++, rest >>>= 1) if (rest & 1) power = product(powers[i] as number, power);
  return power;
}
