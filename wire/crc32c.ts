import { crc32c as native } from '@node-rs/crc32';

/** CRC-32C (Castagnoli) of bytes[start .. end), as an int32. */
export function crc32c(bytes: Uint8Array, start: number, end: number): number {
  return native(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)) | 0;
}
