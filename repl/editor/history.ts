import { appendFileSync, chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { scan } from './scan.ts';

/** Entries that are kept. */
const mostEntries = 1000;
/** A longer entry is not kept: the file is read at every start. UTF-16 code units. */
const longestEntry = 64 << 10;

/** The keys of options whose values nobody else may read. */
const secretKey = /pass(word|wd|phrase)?\b|password|secret|token|credential|jaas|api-?key|private-?key/i;

/** True when a text gives the value of a password, or an address with one: it is never written down. */
export function holdsSecret(text: string): boolean {
  const pieces = scan(text).filter((piece) => piece.kind !== 'comment');
  return pieces.some((piece, i) => (piece.kind === 'string' || piece.kind === 'name') && ((secretKey.test(piece.text) && pieces[i + 1]?.text === '=') || /\/\/[^/\s'@]*:[^/\s'@]+@/.test(piece.text)));
}

/**
 * What was typed, an entry for each text however many lines it has, oldest first. With a file it outlives the process: one JSON text a line,
 * readable by its owner alone. A file that cannot be read or written makes a history of this session only.
 */
export class History {
  readonly #file: string | undefined;
  readonly #entries: string[];

  constructor(file?: string) {
    this.#file = file;
    this.#entries = file === undefined ? [] : load(file);
  }

  get entries(): readonly string[] {
    return this.#entries;
  }

  /** Keeps a text, unless it is empty, the same as the one before, or holds a secret. */
  add(text: string): void {
    if (text.trim() === '' || text.length > longestEntry || text === this.#entries.at(-1) || holdsSecret(text)) return;
    this.#entries.push(text);
    if (this.#entries.length > mostEntries) this.#entries.shift();
    if (this.#file === undefined) return;
    try {
      appendFileSync(this.#file, `${JSON.stringify(text)}\n`, { mode: 0o600 });
    } catch {
      // The history of this session goes on in memory.
    }
  }

  /** The newest entry older than `from` that begins with `prefix`, or holds `part`; undefined when there is none. */
  older(from: number, fits: { readonly prefix: string } | { readonly part: string }): number | undefined {
    for (let i = Math.min(from, this.#entries.length) - 1; i >= 0; i--) if (this.#fits(i, fits)) return i;
    return undefined;
  }

  newer(from: number, fits: { readonly prefix: string }): number | undefined {
    for (let i = from + 1; i < this.#entries.length; i++) if (this.#fits(i, fits)) return i;
    return undefined;
  }

  #fits(i: number, fits: { readonly prefix: string } | { readonly part: string }): boolean {
    const entry = this.#entries[i] ?? '';
    return 'prefix' in fits ? entry.startsWith(fits.prefix) : entry.toLowerCase().includes(fits.part.toLowerCase());
  }
}

function load(file: string): string[] {
  let lines: string[];
  try {
    lines = readFileSync(file, 'utf8').split('\n').filter((line) => line !== '');
  } catch {
    return [];
  }
  try {
    chmodSync(file, 0o600);
  } catch {
    // Somebody else's file, which can be read.
  }
  const entries = lines.slice(-mostEntries).flatMap((line) => {
    try {
      const entry: unknown = JSON.parse(line);
      return typeof entry === 'string' ? [entry] : [];
    } catch {
      return [];
    }
  });
  // Cut now and then, so that the file stays bounded though it is only ever appended to.
  if (lines.length > 2 * mostEntries) {
    try {
      writeFileSync(`${file}.new`, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch {
      // It is cut the next time.
    }
  }
  return entries;
}
