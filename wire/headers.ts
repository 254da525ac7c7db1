/** The headers of a record: how many, then of each the name and the value (null: a length of -1), with zigzag varints before them. Source: Kafka's protocol documentation, "Record". */
export type Headers = readonly (readonly [name: string, value: Uint8Array | null])[];

const utf8 = { encode: new TextEncoder(), decode: new TextDecoder() };

export function writeHeaders(headers: Headers): Uint8Array {
  const bytes: number[] = [];
  writeVarint(bytes, headers.length);
  for (const [name, value] of headers) {
    writeSized(bytes, utf8.encode.encode(name));
    writeSized(bytes, value);
  }
  return Uint8Array.from(bytes);
}

/** The headers at `at`: where the value of a record ends. */
export function readHeaders(heap: Uint8Array, at: number): Headers {
  let p = at;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = heap[p++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
  };
  const sized = (): Uint8Array | null => {
    const length = next();
    if (length < 0) return null;
    p += length;
    return heap.slice(p - length, p);
  };
  return Array.from({ length: next() }, () => [utf8.decode.decode(sized() ?? new Uint8Array(0)), sized()] as const);
}

/** A zigzag varint. */
function writeVarint(into: number[], value: number): void {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) into.push((rest % 128) | 128);
  into.push(rest);
}

/** Bytes with their length before them; null has the length -1. */
function writeSized(into: number[], bytes: Uint8Array | null): void {
  writeVarint(into, bytes === null ? -1 : bytes.length);
  if (bytes !== null) for (const byte of bytes) into.push(byte);
}
