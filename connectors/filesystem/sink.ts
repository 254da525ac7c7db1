import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import type { Batch } from '../../core/batch.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { makeFolder, syncLogFromEnvironment } from '../../state/durable-file.ts';
import type { SinkRequest, SinkToken, SinkWriter } from '../../catalog/connector.ts';
import type { RecordEncoder } from '../../catalog/format.ts';
import { tellParallelism } from '../parallelism.ts';
import { fileError, localPath } from './location.ts';
import { parseSize } from './option-texts.ts';
import { PartLines, type PartMaker } from './part-lines.ts';
import { PartitionRouter } from './partition-router.ts';
import { recordColumns } from './partitions.ts';
import { dropLaterParts, dropParts, formerFiles, HeldFiles, OpenPart, publishParts, type Part } from './parts.ts';

/** Bytes that are gathered before they are written: of a table without partitions, and of each partition. */
const chunkBytes = 256 << 10;
const partitionChunkBytes = 16 << 10;
/** What a partition begins with: there may be many with few rows. */
const partitionFirstBytes = 1 << 10;

/** What a stored checkpoint says of the sink. */
interface FilesToken extends SinkToken {
  readonly delivery: 'files';
  readonly epoch: number;
  readonly path: string;
  /** Begins the names of this job's parts; a number follows. */
  readonly prefix: string;
  /** The number of the next part. */
  readonly next: number;
  /** Parts that are whole, which the checkpoint makes visible. */
  readonly parts: readonly Part[];
  /** The parts under way: one for each partition. */
  readonly open: readonly Part[];
}

/**
 * Rows as lines of files in a folder, exactly once. A part is written under a hidden name; once it is large or old enough it is whole, and
 * the next checkpoint that is stored makes it visible by a rename. The checkpoint knows how many bytes of the part under way count: after a
 * failure it is cut there and becomes visible, and the rows behind come again in another one. Where the job ends with its last checkpoint
 * stored, the part under way becomes visible too. INSERT OVERWRITE makes all parts visible when the input has ended, and takes away the
 * files that were there: of a partitioned table those of the partitions that it wrote, as Flink's dynamic overwrite. Throws E0606 when the folder cannot be made.
 */
export async function openFilesystemSink(request: SinkRequest): Promise<SinkWriter> {
  const { table } = request;
  const path = localPath(table.options.text('path') ?? '');
  tellParallelism(table, request.services, 'sink.parallelism');
  try {
    makeFolder(path);
  } catch (error) {
    throw new SqlError({ code: 'E0606', message: `${table.name} cannot be written: ${error instanceof Error ? error.message : String(error)}`, hint: "'path' of a table that is written is a folder" });
  }
  if (request.overwrite === true && !(request.services.bounded && request.services.fresh)) {
    throw new SqlError({ code: 'E0002', message: `not supported yet: INSERT OVERWRITE of ${table.name} in a job that may go on later: what it wrote before would go`, hint: 'exec, or sluice run --bounded --fresh' });
  }
  return new FilesSink(request, path);
}

class FilesSink implements SinkWriter, PartMaker {
  readonly hasCredit = true;
  readonly #request: SinkRequest;
  readonly #path: string;
  readonly #encoder: RecordEncoder;
  readonly #router: PartitionRouter;
  readonly #files = new HeldFiles(syncLogFromEnvironment());
  /** By the folders of their partition; '' without one. */
  readonly #lines = new Map<string, PartLines>();
  /** ms and bytes; see connectors/filesystem/options.ts. */
  readonly #rolloverAfter: number;
  readonly #inactiveAfter: number;
  readonly #checkEvery: number;
  readonly #sizeLimit: number;
  #lastCheck: number;
  #prefix = `part-${randomUUID()}-0-`;
  #next = 0;
  /** Parts that are whole since the last checkpoint. */
  #whole: OpenPart[] = [];
  /** Parts of INSERT OVERWRITE, which are made visible all at once. */
  readonly #held: Part[] = [];

  constructor(request: SinkRequest, path: string) {
    const { table, columns, services } = request;
    const { options } = table;
    const inRecords = recordColumns(table);
    const format = table.format?.forTable?.(inRecords) ?? table.format;
    if (format === undefined) throw new SqlError({ code: 'E0503', message: `${table.name} has no format` });
    this.#request = request;
    this.#path = path;
    this.#rolloverAfter = options.duration('sink.rolling-policy.rollover-interval') ?? Infinity;
    this.#inactiveAfter = options.duration('sink.rolling-policy.inactivity-interval') ?? Infinity;
    this.#checkEvery = options.duration('sink.rolling-policy.check-interval') ?? 0;
    this.#sizeLimit = parseSize(options.text('sink.rolling-policy.file-size') ?? '') ?? Infinity;
    this.#lastCheck = services.clock.now();
    this.#router = new PartitionRouter(table, columns);
    this.#encoder = format.encoder(inRecords, table.formatOptions);
  }

  async drained(): Promise<void> {}

  write(batch: Batch, from: number, to: number): void {
    if (from === to) return;
    const now = this.#request.services.clock.now();
    try {
      this.#checkAge(now);
      this.#router.route(batch, from, to, (folders, rows, start, end) => this.#linesOf(folders).write(rows, start, end, now));
    } catch (error) {
      throw fileError(`${this.#request.table.name} cannot be written`, error);
    }
  }

  #linesOf(folders: string): PartLines {
    let lines = this.#lines.get(folders);
    if (lines === undefined) {
      lines = new PartLines(this.#encoder, { limit: this.#sizeLimit, folders, chunkBytes: folders === '' ? chunkBytes : partitionChunkBytes, firstBytes: folders === '' ? chunkBytes : partitionFirstBytes, maker: this });
      this.#lines.set(folders, lines);
    }
    return lines;
  }

  open(folders: string): OpenPart {
    const name = `${this.#prefix}${this.#next++}`;
    return new OpenPart(this.#path, folders === '' ? name : `${folders}/${name}`, this.#request.services.clock.now(), this.#files);
  }

  whole(part: OpenPart): void {
    this.#whole.push(part);
  }

  /** Ends the parts under way that the policy says so of. */
  #checkAge(now: number): void {
    // A clock that has gone back begins intervals anew.
    if (now >= this.#lastCheck && now - this.#lastCheck < this.#checkEvery) return;
    this.#lastCheck = now;
    for (const [folders, lines] of this.#lines) {
      // A part begins with its first flush, perhaps here: its age counts from then.
      lines.flush();
      const { open } = lines;
      const after = this.#request.services.clock.now();
      open?.notAfter(after);
      if (open === undefined || (after - open.created < this.#rolloverAfter && after - open.written < this.#inactiveAfter)) continue;
      lines.roll();
      this.#lines.delete(folders);
    }
  }

  async prepare(checkpoint: number): Promise<SinkToken> {
    try {
      this.#checkAge(this.#request.services.clock.now());
      for (const lines of this.#lines.values()) lines.flush();
    } catch (error) {
      throw fileError(`${this.#request.table.name} cannot be written`, error);
    }
    const whole = this.#whole;
    this.#whole = [];
    const open = this.#openParts();
    const token: FilesToken = { delivery: 'files', epoch: checkpoint, path: this.#path, prefix: this.#prefix, next: this.#next, parts: whole.map(({ part }) => part), open: open.map(({ part }) => part) };
    try {
      await Promise.all([...whole, ...open].map((part) => part.sync()));
    } catch (error) {
      throw fileError(`${this.#request.table.name} cannot be written`, error);
    }
    for (const part of whole) part.close();
    return token;
  }

  #openParts(): readonly OpenPart[] {
    return [...this.#lines.values()].flatMap(({ open }) => (open === undefined ? [] : [open]));
  }

  async commit(token: SinkToken): Promise<void> {
    if (!isFilesToken(token)) return;
    if (this.#request.overwrite === true) this.#held.push(...token.parts);
    else publishParts(token.path, token.parts);
  }

  async recover(tokens: readonly SinkToken[]): Promise<void> {
    const known = tokens.filter(isFilesToken);
    const last = known.at(-1);
    if (last === undefined) return;
    // Of a part that several epochs speak of, the last knows how long it is.
    const parts = new Map<string, { readonly path: string; readonly part: Part }>();
    for (const { path, parts: whole, open } of known) for (const part of [...whole, ...open]) parts.set(`${path}\n${part.name}`, { path, part });
    for (const { path, part } of parts.values()) publishParts(path, [part]);
    dropLaterParts(last.path, last.prefix, last.next);
    this.#prefix = last.prefix;
    this.#next = last.next;
  }

  async finish(hasEnded: boolean): Promise<void> {
    const parts = [...this.#held, ...this.#openParts().map(({ part }) => part)];
    if (this.#request.overwrite !== true) {
      // All of it is in the last checkpoint, which says the same of it where the next run finds it.
      publishParts(this.#path, parts);
      return;
    }
    if (!hasEnded) return;
    const isPartitioned = (this.#request.table.partitionedBy ?? []).length > 0;
    const former = formerFiles(this.#path, isPartitioned ? parts : undefined);
    publishParts(this.#path, parts);
    for (const file of former) rmSync(file);
  }

  async close(): Promise<void> {
    const parts = [...this.#whole, ...this.#openParts()];
    for (const part of parts) part.close();
    // No later run goes on with them.
    if (this.#request.overwrite === true) dropParts(this.#path, [...this.#held, ...parts.map(({ part }) => part)]);
    this.#lines.clear();
  }
}

function isFilesToken(token: SinkToken): token is FilesToken {
  return token['delivery'] === 'files';
}
