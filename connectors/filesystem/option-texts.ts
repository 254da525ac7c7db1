/** The scheme of a path that is a URL, in lower case: `s3`, `file`. A drive letter is none. */
export function schemeOf(path: string): string | undefined {
  return /^([a-z][a-z0-9+.-]+):/i.exec(path)?.[1]?.toLowerCase();
}

const units: Readonly<Record<string, number>> = { '': 1, b: 1, bytes: 1, k: 1 << 10, kb: 1 << 10, kibibytes: 1 << 10, m: 1 << 20, mb: 1 << 20, mebibytes: 1 << 20, g: 2 ** 30, gb: 2 ** 30, gibibytes: 2 ** 30, t: 2 ** 40, tb: 2 ** 40, tebibytes: 2 ** 40 };

/** Bytes, from a text as Flink's MemorySize reads it: `128MB`, `1 kb`, `4096`. Undefined for what is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)\s*([a-z]*)$/i.exec(text.trim());
  const unit = units[(match?.[2] ?? '').toLowerCase()];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

/** The pattern that the whole of a path matches. Throws SyntaxError. */
export function wholePattern(text: string): RegExp {
  return new RegExp(`^(?:${text})$`);
}
