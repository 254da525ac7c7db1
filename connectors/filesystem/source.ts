import { join } from 'node:path';
import type { Batch } from '../../core/batch.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { decodeGood } from '../../catalog/bad-record.ts';
import type { Position, Source, SourceRequest, SplitReader } from '../../catalog/connector.ts';
import type { RecordDecoder } from '../../catalog/format.ts';
import { BadLines, modeOf, type FoundLine } from './bad-lines.ts';
import { FileColumns } from './file-columns.ts';
import { openFile, type FileBytes } from './file-bytes.ts';
import { listFiles, localPath } from './location.ts';
import { wholePattern } from './option-texts.ts';
import { recordColumns } from './partitions.ts';
import { FilePiece } from './piece.ts';

const split = '0';

/**
 * The files of a folder, or one file, one after the other in the order of their names: one split. The files that were read whole are part of
 * the position, so that only others are read after a restart. Throws E0606 when there is no such file or folder.
 */
export async function openFilesystemSource(request: SourceRequest): Promise<Source> {
  const { table, services } = request;
  const path = localPath(table.options.text('path') ?? '');
  const regex = table.options.text('source.path.regex-pattern');
  const interval = table.options.duration('source.monitor-interval');
  const folder = new WatchedFolder(path, regex === undefined ? undefined : wholePattern(regex));
  const stored = request.positions?.[split];
  if (stored !== undefined) refuseOther(stored, path, table.name);
  const files = new FileColumns(table, request.read);
  const format = table.format?.forTable?.(recordColumns(table)) ?? table.format;
  const decoder = format?.decoder(request.read.filter((_, place) => !files.has(place)), table.formatOptions, modeOf(table));
  if (decoder === undefined) throw new SqlError({ code: 'E0503', message: `${table.name} has no format` });
  const reader = new FolderReader({ folder, decoder, request, files, interval: services.bounded ? undefined : interval });
  return {
    splits: async () => [split],
    open: async (_, position) => {
      await reader.open(position);
      return reader;
    },
    close: () => reader.close(),
  };
}

function refuseOther(position: Position, path: string, table: string): void {
  if (position['path'] === path) return;
  throw new SqlError({ code: 'E0805', message: `the checkpoint goes on in ${position['path']}, and ${table} now reads ${path}`, hint: 'start over with --fresh, or give the job another name' });
}

/** The files of a table that were not read yet. */
class WatchedFolder {
  readonly path: string;
  readonly #pattern: RegExp | undefined;
  readonly #done = new Set<string>();
  #doneText: string | undefined;
  #waiting: readonly string[] = [];
  #folder = '';

  constructor(path: string, pattern: RegExp | undefined) {
    this.path = path;
    this.#pattern = pattern;
  }

  /** Looks for files again. Throws E0606. */
  async look(): Promise<void> {
    const { folder, names } = await listFiles(this.path, this.#pattern);
    this.#folder = folder;
    this.#waiting = names.filter((name) => !this.#done.has(name));
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** The next file. */
  take(): string | undefined {
    const [name] = this.#waiting;
    this.#waiting = this.#waiting.slice(1);
    return name;
  }

  /** That file comes next. False when it is not among those that are waiting. */
  putFirst(name: string): boolean {
    if (!this.#waiting.includes(name)) return false;
    this.#waiting = [name, ...this.#waiting.filter((other) => other !== name)];
    return true;
  }

  pathOf(name: string): string {
    return join(this.#folder, name);
  }

  finish(name: string): void {
    this.#done.add(name);
    this.#doneText = undefined;
  }

  /** The files that were read, as JSON. */
  get done(): string {
    this.#doneText ??= JSON.stringify([...this.#done]);
    return this.#doneText;
  }

  set done(text: string) {
    for (const name of JSON.parse(text) as readonly string[]) this.#done.add(name);
  }
}

interface Reading {
  readonly folder: WatchedFolder;
  readonly decoder: RecordDecoder;
  readonly request: SourceRequest;
  readonly files: FileColumns;
  /** ms between two looks at the folder; undefined to look once. */
  readonly interval: number | undefined;
}

class FolderReader implements SplitReader {
  readonly id = split;
  readonly #reading: Reading;
  readonly #piece: FilePiece;
  /** The file under way. */
  #file: { readonly name: string; readonly path: string; readonly bytes: FileBytes } | undefined;
  /** Where the first file is gone on with. */
  #start: { readonly name: string; readonly offset: number; readonly line: number } | undefined;
  /** The next record at hand. */
  #next = 0;
  /** When (ms) to look for files again. */
  #nextLook = 0;
  #closed = false;
  readonly #bad: BadLines;
  /** The last record at hand of which a field became NULL. */
  #lastNulled = -1;

  constructor(reading: Reading) {
    this.#reading = reading;
    const { format, formatOptions } = reading.request.table;
    this.#piece = new FilePiece(format?.framing?.(formatOptions));
    this.#bad = new BadLines(reading.request.table, reading.request.services);
    reading.decoder.listener = {
      nulled: (bad) => {
        // Told again when it is decoded again.
        if (bad.record <= this.#lastNulled) return;
        this.#lastNulled = bad.record;
        this.#bad.nulled(bad, this.#found(bad.record));
      },
      guessed: (message) => reading.request.services.notice('N0701', message),
    };
  }

  /** Throws E0606, or E0805 when the file that `position` goes on in is not there. */
  async open(position: Position | undefined): Promise<void> {
    const { folder, request } = this.#reading;
    if (position !== undefined) {
      refuseOther(position, folder.path, request.table.name);
      folder.done = String(position['done']);
      if (position['file'] !== '') this.#start = { name: String(position['file']), offset: Number(position['offset']), line: Number(position['line']) };
    }
    await this.#look();
    if (this.#start === undefined || folder.putFirst(this.#start.name)) return;
    throw new SqlError({ code: 'E0805', message: `the checkpoint goes on in the file ${this.#start.name} of ${folder.path}, at byte ${this.#start.offset}, and there is no such file`, hint: 'put it back, or start over with --fresh' });
  }

  get bad(): number {
    return this.#bad.count;
  }

  get ready(): boolean {
    return this.#next < this.#piece.spans.count;
  }

  get atEnd(): boolean {
    return !this.ready && this.#file === undefined && this.#reading.folder.isEmpty;
  }

  get finished(): boolean {
    return this.#reading.interval === undefined && this.atEnd;
  }

  async fetch(waitMs: number): Promise<void> {
    const { folder, interval, request } = this.#reading;
    const { clock } = request.services;
    while (!this.ready && !this.finished && !this.#closed) {
      if (this.#file === undefined && folder.isEmpty) {
        if (interval === undefined) return;
        // A clock that has gone back begins the interval anew.
        this.#nextLook = Math.min(this.#nextLook, clock.now() + interval);
        const left = this.#nextLook - clock.now();
        if (left > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, left)));
        if (clock.now() < this.#nextLook) return;
        await this.#look();
        if (folder.isEmpty) return;
      }
      if (this.#file === undefined) await this.#openNext();
      if (this.#file === undefined) continue;
      this.#next = 0;
      this.#lastNulled = -1;
      await this.#piece.read(this.#file.bytes);
      if (!this.ready) this.#finishFile();
    }
  }

  async #look(): Promise<void> {
    const { folder, interval, request } = this.#reading;
    await folder.look();
    this.#nextLook = request.services.clock.now() + (interval ?? 0);
  }

  async #openNext(): Promise<void> {
    const { folder, files } = this.#reading;
    const name = folder.take();
    if (name === undefined) return;
    const { offset, line } = this.#start ?? { offset: 0, line: 1 };
    const path = folder.pathOf(name);
    await files.describe(path, name);
    const bytes = await openFile(path, offset);
    if (this.#closed) {
      await bytes.close();
      return;
    }
    // A checkpoint may fall at each await above: until here, what is to be gone on with is the start.
    this.#piece.begin(offset, line);
    this.#next = 0;
    this.#file = { name, path, bytes };
    this.#start = undefined;
  }

  /** All records of the file have been read. */
  #finishFile(): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#reading.folder.finish(file.name);
    this.#file = undefined;
    // What was read of it is decoded; that it cannot be closed changes nothing.
    file.bytes.close().catch(() => undefined);
  }

  read(maxRows: number): Batch {
    const { decoder } = this.#reading;
    const { spans } = this.#piece;
    const to = Math.min(spans.count, this.#next + maxRows);
    const { batch, next } = decodeGood((from, end) => decoder.decode(spans, from, end), this.#next, to, (bad) => this.#bad.leaveOut(bad, this.#found(bad.record)));
    const rows = this.#withFile(batch ?? decoder.decode(spans, next, next));
    this.#next = next;
    if (next === spans.count && this.#piece.isLast) this.#finishFile();
    return rows;
  }

  /** The batch with the columns of the file in their places. */
  #withFile(batch: Batch): Batch {
    const { files, request } = this.#reading;
    if (files.isEmpty) return batch;
    let own = 0;
    const columns = request.read.map((_, i) => files.take(i, batch.rowCount) ?? batch.columns[own++]);
    return { ...batch, columns: columns.filter((column) => column !== undefined) };
  }

  /** Where a record at hand stands. */
  #found(record: number): FoundLine {
    const { spans } = this.#piece;
    const start = spans.offsets[record] as number;
    return { path: this.#file?.path ?? '', ...this.#piece.placeOf(record), bytes: spans.heap.subarray(start, start + (spans.lengths[record] as number)) };
  }

  position(): Position {
    const { folder } = this.#reading;
    const { path, done } = folder;
    if (this.#file !== undefined) return { path, done, file: this.#file.name, ...this.#piece.placeBehind(this.#next - 1) };
    if (this.#start !== undefined) return { path, done, file: this.#start.name, offset: this.#start.offset, line: this.#start.line };
    return { path, done, file: '', offset: 0, line: 1 };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#bad.close();
    await this.#file?.bytes.close();
    this.#file = undefined;
  }
}
