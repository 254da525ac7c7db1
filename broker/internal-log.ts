import { PartitionLog, type PartitionLogOptions } from './partition-log.ts';
import { jsonBatch, jsonRecords } from './json-log.ts';

/** When an internal log is this long, what still holds is written anew and the rest removed. */
const segmentBytes = 8 << 20;

/** A log of JSON values that the broker keeps for itself. The last value about a thing holds. */
export class InternalLog {
  readonly #log: PartitionLog;
  readonly #now: () => number;
  /** All values that hold now: what a new segment begins with. */
  readonly #holding: () => readonly unknown[];

  constructor(dir: string, options: PartitionLogOptions, now: () => number, holding: () => readonly unknown[]) {
    this.#log = new PartitionLog(dir, { ...options, segmentBytes });
    this.#now = now;
    this.#holding = holding;
  }

  /** All values, oldest first. */
  values(): Generator<unknown> {
    return jsonRecords(this.#log);
  }

  append(value: unknown): void {
    const before = this.#log.segmentCount;
    this.#log.append(jsonBatch(value, this.#now()));
    if (this.#log.segmentCount === before) return;
    // What holds may itself fill several segments.
    for (const held of this.#holding()) this.#log.append(jsonBatch(held, this.#now()));
    // Once that is safe, the older segments go.
    this.#log.syncNow();
    this.#log.removeFirst(before);
  }

  sync(): Promise<void> {
    return this.#log.sync();
  }

  syncNow(): void {
    this.#log.syncNow();
  }

  close(): void {
    this.#log.close();
  }
}
