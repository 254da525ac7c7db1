import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SqlError } from '../../core/diagnostic.ts';
import { DurableFile, makeFolder, syncFolder, type SyncListener } from '../../state/durable-file.ts';
import { fileError, isHidden } from './location.ts';

/** A part of a table: its name once it can be seen, behind those of its partition's folders, and how many of its bytes count. */
export interface Part {
  readonly name: string;
  readonly length: number;
}

const hiddenEnding = '.inprogress';

/** What readers pass over, as the name says. */
function hiddenName(name: string): string {
  const at = name.lastIndexOf('/') + 1;
  return `${name.slice(0, at)}.${name.slice(at)}${hiddenEnding}`;
}

/** Files that are held open at the most: a system has no more than some thousand for a process. */
const mostFiles = 256;

/** The parts whose files are held open, the one that was opened first in front. */
export class HeldFiles {
  readonly #parts = new Set<OpenPart>();
  readonly onSync: SyncListener | undefined;

  constructor(onSync?: SyncListener) {
    this.onSync = onSync;
  }

  add(part: OpenPart): void {
    const [first] = this.#parts;
    if (this.#parts.size >= mostFiles) first?.park();
    this.#parts.add(part);
  }

  delete(part: OpenPart): void {
    this.#parts.delete(part);
  }
}

/** A part that is written, under a hidden name. Its file is held open while few others are. */
export class OpenPart {
  readonly name: string;
  readonly #path: string;
  readonly #held: HeldFiles;
  /** Undefined while it is not held open: all of it is synced then. */
  #file: DurableFile | undefined;
  #length = 0;
  /** ms. */
  created: number;
  written: number;

  constructor(folder: string, name: string, now: number, held: HeldFiles) {
    this.name = name;
    if (name.includes('/')) makeFolder(dirname(join(folder, name)));
    this.#path = join(folder, hiddenName(name));
    this.#held = held;
    // What a run that died has left under the name of this part is in no checkpoint.
    this.#open().truncate(0);
    this.created = this.written = now;
  }

  #open(): DurableFile {
    if (this.#file !== undefined) return this.#file;
    this.#held.add(this);
    this.#file = new DurableFile(this.#path, this.#held.onSync);
    return this.#file;
  }

  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    const file = this.#open();
    file.append(bytes);
    this.#length = file.length;
  }

  /** Resolves when all that was appended before is safe. */
  async sync(): Promise<void> {
    await this.#file?.sync();
  }

  /** Holds the file no longer open until more is appended. */
  park(): void {
    this.#file?.syncNow();
    this.close();
  }

  close(): void {
    this.#held.delete(this);
    this.#file?.close();
    this.#file = undefined;
  }

  /** No time of it lies behind `now`, in ms: the clock has gone back. */
  notAfter(now: number): void {
    this.created = Math.min(this.created, now);
    this.written = Math.min(this.written, now);
  }

  get part(): Part {
    return { name: this.name, length: this.#length };
  }
}

/**
 * Makes parts visible, as a stored checkpoint says: cut to the bytes that count, under their names. A part that has no hidden file any more
 * was made visible before; whoever uses it may have taken it away. Throws E0606, E0803 when a file of that name is there already, E0804 when bytes are lost.
 */
export function publishParts(folder: string, parts: readonly Part[]): void {
  const changed = new Set<string>();
  try {
    for (const { name, length } of parts) {
      const hidden = join(folder, hiddenName(name));
      const there = statSync(hidden, { throwIfNoEntry: false });
      if (there === undefined) continue;
      if (length === 0) {
        rmSync(hidden);
        continue;
      }
      if (there.size < length) throw new SqlError({ code: 'E0804', message: `${hidden} has ${there.size} bytes, and the stored checkpoint counts on ${length}`, hint: 'start over with --fresh' });
      if (existsSync(join(folder, name))) throw ahead(folder, name);
      if (there.size > length) cut(hidden, length);
      renameSync(hidden, join(folder, name));
      changed.add(dirname(hidden));
    }
    for (const one of changed) syncFolder(one);
  } catch (error) {
    throw fileError(`parts in ${folder} cannot be made visible`, error);
  }
}

/** Takes parts away that are not visible. */
export function dropParts(folder: string, parts: readonly Part[]): void {
  for (const { name } of parts) rmSync(join(folder, hiddenName(name)), { force: true });
}

/** The visible files of the table or, if `parts` are given, of the folders of their partitions: absolute paths. */
export function formerFiles(folder: string, parts: readonly Part[] | undefined): readonly string[] {
  const folders = parts === undefined ? [folder] : [...new Set(parts.map(({ name }) => dirname(join(folder, name))))];
  return folders.flatMap((one) => readdirSync(one, { withFileTypes: true }).filter((entry) => entry.isFile() && !isHidden(entry.name)).map(({ name }) => join(one, name)));
}

function cut(path: string, length: number): void {
  const file = new DurableFile(path);
  try {
    file.truncate(length);
    file.syncNow();
  } finally {
    file.close();
  }
}

/**
 * Takes away what the run that wrote parts of these names had under way, from number `next` on, in the folder and those of its partitions.
 * Throws E0803 when such parts are visible: they come after those of the stored checkpoint.
 */
export function dropLaterParts(folder: string, prefix: string, next: number): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      if (entry.name.includes('=')) dropLaterParts(join(folder, entry.name), prefix, next);
      continue;
    }
    const isHidden = entry.name.startsWith('.') && entry.name.endsWith(hiddenEnding);
    const name = isHidden ? entry.name.slice(1, -hiddenEnding.length) : entry.name;
    if (!name.startsWith(prefix) || !(Number(name.slice(prefix.length)) >= next)) continue;
    if (!isHidden) throw ahead(folder, name);
    rmSync(join(folder, entry.name));
  }
}

function ahead(folder: string, name: string): SqlError {
  return new SqlError({
    code: 'E0803',
    message: `${folder} already holds ${name}, which this job wrote after the stored checkpoint`,
    hint: 'the state folder is another one, or older than the output: use the right one, or start over with --fresh (the folder then holds the output of both)',
  });
}
