import { allocateBatch, type Batch } from '../../../core/batch.ts';
import type { Clock } from '../../../core/clock.ts';
import type { I64Column } from '../../../core/column.ts';
import { types } from '../../../core/sql-type.ts';
import type { Position, SinkWriter, Source, SplitReader } from '../../../catalog/connector.ts';
import { windowAggregateOperator } from '../../../executor/operators/window-aggregate.ts';
import { JobRunner, type JobRunnerOptions } from '../../../executor/runtime/job-runner.ts';
import type { Pipeline } from '../../../executor/runtime/pipeline.ts';
import { JobState } from '../../../executor/runtime/job-state.ts';
import type { Feed, PipelineInput } from '../../../executor/runtime/feed.ts';
import { Split, SplitSet } from '../../../executor/runtime/split.ts';
import { Stage, type Consumer } from '../../../executor/runtime/stage.ts';
import type { PhysicalNode } from '../../../planner/physical-plan.ts';
import { memoryCheckpoints } from '../../../state/memory-checkpoints.ts';

export const noKeys = { changelog: { inserts: true, updates: false, deletes: false, before: false, fullDeletes: false }, upsertKeys: [], state: 'none' } as const;
export const windowSize = 10_000;

/** A clock that stands still until it is moved. */
export class HandClock implements Clock {
  time = 1_000_000;

  now(): number {
    return this.time;
  }
}

/** Rows (a key and a time in ms) that a test adds while the job runs. What is added is there for the next fetch, and not before. */
export class LiveReader implements SplitReader {
  readonly id: string;
  /** Called after each read with the number of reads so far. */
  onRead: (reads: number) => void = () => undefined;
  fetches = 0;
  reads = 0;
  /** True: nothing comes any more. */
  isEnded = false;
  readonly #rows: (readonly [key: number, time: number])[] = [];
  #fetched = 0;
  #next = 0;

  constructor(id: string) {
    this.id = id;
  }

  add(...rows: readonly (readonly [key: number, time: number])[]): void {
    for (const row of rows) this.#rows.push(row);
  }

  get ready(): boolean {
    return this.#next < this.#fetched;
  }

  get atEnd(): boolean {
    return !this.ready && this.fetches > 0;
  }

  get finished(): boolean {
    return this.isEnded && this.#next === this.#rows.length;
  }

  async fetch(waitMs: number): Promise<void> {
    this.fetches++;
    this.#fetched = this.#rows.length;
    if (!this.ready && waitMs > 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  read(maxRows: number): Batch {
    const rows = this.#rows.slice(this.#next, Math.min(this.#fetched, this.#next + maxRows));
    this.#next += rows.length;
    const batch = allocateBatch(['i64', 'i64'], rows.length);
    batch.rowCount = rows.length;
    for (const [i, row] of rows.entries()) for (const k of [0, 1] as const) (batch.columns[k] as I64Column).values[i] = BigInt(row[k]);
    this.onRead(++this.reads);
    return batch;
  }

  position(): Position {
    return { row: this.#next };
  }

  async close(): Promise<void> {
    return undefined;
  }
}

/** A sink that only counts. `room` is how many rows it takes before it has to be drained; `drain` makes room again. */
export class CountingSink implements SinkWriter {
  readonly batches: number[] = [];
  readonly firstKeys: bigint[] = [];
  readonly prepared: { readonly checkpoint: number; readonly rows: number }[] = [];
  rows = 0;
  waiting = 0;
  most = 0;
  room = Infinity;
  drain: () => Promise<void> = async () => undefined;

  get hasCredit(): boolean {
    return this.waiting < this.room;
  }

  async drained(): Promise<void> {
    await this.drain();
  }

  write(batch: Batch): void {
    this.batches.push(batch.rowCount);
    this.firstKeys.push((batch.columns[0] as I64Column).values[0] ?? -1n);
    this.rows += batch.rowCount;
    this.waiting += batch.rowCount;
    this.most = Math.max(this.most, this.waiting);
  }

  async prepare(checkpoint: number): Promise<undefined> {
    this.prepared.push({ checkpoint, rows: this.rows });
    return undefined;
  }

  async commit(): Promise<void> {
    return undefined;
  }

  async recover(): Promise<void> {
    return undefined;
  }

  async close(): Promise<void> {
    return undefined;
  }
}

export const scan: PhysicalNode<'TableSourceScan'> = {
  kind: 'TableSourceScan',
  id: 1,
  table: 't',
  columns: [{ name: 'k', type: types.bigint }, { name: 'ts', type: types.timestampLtz(3), time: 'rowtime' }],
  properties: noKeys,
  read: [{ path: ['k'], type: types.bigint }, { path: ['ts'], type: types.timestampLtz(3) }],
  projection: undefined,
  watermark: { kind: 'column', index: 1, type: types.timestampLtz(3) },
};

/** What a sink is given, and the watermarks it is told. */
export function consumer(sink: CountingSink, watermarks: number[] = []): Consumer {
  return {
    accept: (batch) => sink.write(batch),
    advance: (watermark) => {
      if (watermark > (watermarks.at(-1) ?? -Infinity)) watermarks.push(watermark);
      return false;
    },
    flush: () => undefined,
    end: () => undefined,
  };
}

/** The keys of each window of 10 s, into the consumer. */
export function windowStage(state: ReturnType<JobState['of']>, next: Consumer): Stage {
  const timestamp = types.timestampLtz(3);
  return new Stage('WindowAggregate[2]', state, next, () => undefined, (context) =>
    windowAggregateOperator(context, {
      inputTypes: [types.bigint, timestamp],
      window: { kind: 'TUMBLE', size: windowSize, offset: 0 },
      timeColumn: 1,
      timeSpan: undefined,
      timeName: 'ts',
      keys: [0],
      calls: [],
      outputTypes: [types.bigint, timestamp, timestamp, timestamp],
      stateName: 'w',
    }));
}

/** A pipeline and the sources of its inputs. */
export interface FedPipeline extends Pipeline {
  readonly feeds: readonly Feed[];
}

/** One pipeline; `withEventTime: false` for one that has no watermark. `watermarks` are where its splits stand at the start. */
export function pipelineOf(name: string, readers: readonly LiveReader[], head: Consumer, sink: CountingSink, options: { readonly watermarks?: readonly number[]; readonly withEventTime?: boolean } = {}): FedPipeline {
  const source: Source = { splits: async () => [], open: async () => new LiveReader('0'), close: async () => undefined };
  const node = options.withEventTime === false ? { ...scan, watermark: undefined } : scan;
  const splits = readers.map((reader, i) => new Split(reader, options.watermarks?.[i] ?? -Infinity));
  const input: PipelineInput = { key: name, prefix: '', splits: new SplitSet(node, splits, -Infinity), head, connector: 'live', give: undefined, port: undefined };
  return { name, inputs: [input], stages: [], unions: [], sink, feeds: [{ source, splits, inputs: [input] }] };
}

export function runnerOf(pipelines: readonly FedPipeline[], options: Partial<JobRunnerOptions> = {}): JobRunner {
  return new JobRunner({ pipelines, feeds: pipelines.flatMap(({ feeds }) => feeds), state: new JobState(), store: memoryCheckpoints, clock: new HandClock(), checkpointInterval: 0, idleTimeout: 0, incarnation: 'first', restored: 0, ...options });
}
