import type { Batch } from '../../core/batch.ts';
import type { StepClock } from '../../core/clock.ts';
import type { SqlType } from '../../core/sql-type.ts';
import type { SplitReader } from '../../catalog/connector.ts';
import type { PhysicalNode } from '../../planner/physical-plan.ts';
import { Calc } from '../operators/calc.ts';

/** A split of a running source: its reader, how far its event time has come, and whether it holds the merged watermark back. */
export class Split {
  readonly reader: SplitReader;
  /** ms: the highest time seen, less the delay that the table declares. Never falls. It orders turns; what rows are measured by is each SplitSet's own. */
  watermark: number;
  isIdle = false;
  /** When (ms of the clock) the first and the last question was asked, since it was last read, whose answer was that it stands at its end. */
  emptySince: number | undefined;
  emptyAt = 0;
  /** The question that is out. */
  fetching: Promise<void> | undefined;
  /** The number of its last turn; 0 for none yet. */
  turn = 0;
  rowsRead = 0;

  constructor(reader: SplitReader, watermark: number) {
    this.reader = reader;
    this.watermark = watermark;
  }
}

/**
 * The splits of one source as one scan sees them, and their merged watermark: the least of those that are not idle or finished, never
 * falling. Gives each row the merged watermark as it arrives. Several scans may see the splits of one source.
 */
export class SplitSet {
  readonly splits: readonly Split[];
  readonly #calc: Calc | undefined;
  /** Takes a part of a batch, where there is nothing to compute. */
  #part: Calc | undefined;
  readonly #makePart: () => Calc;
  readonly #hasWatermark: boolean;
  #merged: number;
  /** ms, by split. */
  readonly #own: Float64Array;
  #watermarks = new Float64Array(0);
  /** The split of whose last batch rows are left to take: it has not ended, though its reader may have. */
  #giving: Split | undefined;

  /** `merged` and `watermarks` (ms, by split): where event time stands at the start. `clock`: what computed columns see of the time of day. */
  constructor(node: PhysicalNode<'TableSourceScan'>, splits: readonly Split[], merged: number, watermarks: readonly number[] = splits.map((split) => split.watermark), clock?: StepClock) {
    this.splits = splits;
    this.#merged = merged;
    this.#own = Float64Array.from(watermarks);
    this.#hasWatermark = node.watermark !== undefined;
    const inputTypes: readonly SqlType[] = node.read.map((read) => read.type);
    const projection = node.projection ?? node.read.map((read, index) => ({ kind: 'column' as const, index, type: read.type }));
    const make = (): Calc => new Calc(`TableSourceScan[${node.id}]`, { inputTypes, condition: undefined, projection, time: node.watermark, clock });
    this.#makePart = make;
    if (node.projection !== undefined || this.#hasWatermark) this.#calc = make();
  }

  get merged(): number {
    return this.#merged;
  }

  /** False: nothing reads the table's watermark, or it has none. */
  get hasEventTime(): boolean {
    return this.#hasWatermark;
  }

  /** True when no split holds event time back: each is idle or finished. */
  get isIdle(): boolean {
    return this.splits.every((split) => split.isIdle || this.#hasGivenAll(split));
  }

  /** True when nothing will come again. */
  get isFinished(): boolean {
    return this.splits.every((split) => split.reader.finished);
  }

  /** ms: how far the event time of a split has come. */
  watermarkOf(split: Split): number {
    return this.#own[this.splits.indexOf(split)] ?? split.watermark;
  }

  get sources(): readonly string[] {
    return this.#calc?.sources ?? [];
  }

  /** What the source emits for the rows [from, to) of a decoded batch of one split, with the watermark of each. */
  take(split: Split, decoded: Batch, from = 0, to = decoded.rowCount): Batch {
    if (this.#calc === undefined) return from === 0 && to === decoded.rowCount ? decoded : (this.#part ??= this.#makePart()).run(decoded, from, to);
    const batch = this.#calc.run(decoded, from, to);
    if (!this.#hasWatermark) return batch;
    this.#giving = to < decoded.rowCount ? split : undefined;
    const at = this.splits.indexOf(split);
    const own = this.#merge(this.#calc, split, at, batch.rowCount);
    this.#own[at] = own;
    if (own > split.watermark) split.watermark = own;
    batch.watermarks = this.#watermarks;
    batch.watermarkAfter = this.update();
    return batch;
  }

  /** For each row the watermark that `take` would give it; undefined without event time. Borrowed until the next call. */
  watermarksOf(split: Split, decoded: Batch): Float64Array | undefined {
    if (this.#calc === undefined || !this.#hasWatermark) return undefined;
    this.#merge(this.#calc, split, this.splits.indexOf(split), this.#calc.run(decoded, 0, decoded.rowCount).rowCount);
    return this.#watermarks;
  }

  /** Fills #watermarks for the rows that were computed last; gives the split's own after them. */
  #merge({ times }: Calc, split: Split, at: number, rows: number): number {
    if (this.#watermarks.length < rows) this.#watermarks = new Float64Array(Math.max(rows, 1024));
    return mergeWatermarks(times, this.#watermarks, rows, this.#own[at] as number, this.#others(split), this.#merged);
  }

  /** Merges anew: after a split has read, or become idle, active or finished. */
  update(): number {
    let least = Infinity;
    let holders = 0;
    for (const [i, split] of this.splits.entries()) {
      if (split.isIdle || this.#hasGivenAll(split)) continue;
      holders++;
      least = Math.min(least, this.#own[i] as number);
    }
    // When nothing holds it back, the furthest split says how far event time has come.
    if (holders === 0) for (const own of this.#own) least = least === Infinity ? own : Math.max(least, own);
    if (least !== Infinity && least > this.#merged) this.#merged = least;
    return this.#merged;
  }

  #hasGivenAll(split: Split): boolean {
    return split.reader.finished && split !== this.#giving;
  }

  #others(self: Split): number {
    let least = Infinity;
    for (const [i, split] of this.splits.entries()) {
      if (split === self || split.isIdle || this.#hasGivenAll(split)) continue;
      least = Math.min(least, this.#own[i] as number);
    }
    return least;
  }
}

/** Row by row: out[i] is the merged watermark before row i. Gives the split's own after the last. */
function mergeWatermarks(times: Float64Array, out: Float64Array, rows: number, own: number, others: number, merged: number): number {
  let mine = own;
  let current = merged;
  for (let i = 0; i < rows; i++) {
    const least = mine < others ? mine : others;
    if (least > current) current = least;
    out[i] = current;
    const time = times[i] as number;
    if (time > mine) mine = time;
  }
  return mine;
}

