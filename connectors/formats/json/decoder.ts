import { allocateBatch, type Batch } from '../../../core/batch.ts';
import { columnArrays } from '../../../core/column.ts';
import type { CompiledKernel } from '../../../core/code.ts';
import { layoutOf } from '../../../core/layout.ts';
import type { ReadColumn, RecordDecoder, RecordSpans } from '../../../catalog/connector.ts';
import { compileRecords, reachOf, type PlantedBug } from './fast.ts';
import { learnShape, type Shape } from './shape.ts';
import { SlowTier } from './slow.ts';
import { compileTolerant } from './tolerant.ts';

const utf8 = new TextEncoder();

/** After how many records it is looked whether they have the shape, and how often a shape is learned in all. */
const learnAfter = 512;
const mostLearnings = 4;
/** Zero bytes behind the records: they end every scan. */
const guardBytes = 16;

export interface JsonDecoderTiers {
  /** False: records go to the slow tier at once, or to the tolerant one. For tests. */
  readonly fast?: boolean;
  readonly tolerant?: boolean;
  readonly bug?: PlantedBug;
}

/** JSON records to columns, in tiers: what one tier does not take, the next does. */
export class JsonDecoder implements RecordDecoder {
  readonly #columns: readonly ReadColumn[];
  readonly #tolerant: CompiledKernel;
  readonly #slow: SlowTier;
  readonly #tiers: JsonDecoderTiers;
  readonly #any: Uint8Array;
  /** Where free slack begins, what stopped the kernel, the records that the tolerant tier took, and 1 when the fast one gave a text as raw JSON. */
  readonly #slack = new Int32Array(4);
  #records: CompiledKernel;
  /** What the fast tier is made for. */
  #shape: Shape | undefined;
  #reach = 8;
  #learnings = 0;
  /** Records decoded since the last look, and those that the fast tier did not take. */
  #since = 0;
  #missed = 0;
  #batch: Batch;
  #nulls: Uint8Array[] = [];
  #capacity = 0;
  #heap: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#heap.buffer);
  /** How many records each tier took: for tests and `--profile`. */
  readonly taken = { fast: 0, tolerant: 0, slow: 0 };

  constructor(columns: readonly ReadColumn[], tiers: JsonDecoderTiers = {}) {
    this.#columns = columns;
    this.#tiers = tiers;
    this.#tolerant = tiers.tolerant === false ? { run: () => -1, source: '' } : compileTolerant(columns);
    this.#slow = new SlowTier(columns);
    this.#records = compileRecords(columns, undefined, this.#tolerant);
    this.#any = new Uint8Array(columns.length);
    this.#batch = allocateBatch([], 0);
  }

  /** The generated source of both tiers; the fast one is there once records were decoded. */
  get source(): string {
    const fast = this.#learnings === 0
      ? 'the fast tier is made after the first records, for the shape they have; till then this loop gives each record to the tolerant tier'
      : this.#shape === undefined
        ? 'the records have no shape in common: this loop gives each to the tolerant tier'
        : 'the fast tier, for records of the shape that was learned';
    return `// ${fast}\n${this.#records.source}\n// the tolerant tier, for any JSON with these columns; what it leaves is read by way of JSON.parse\n${this.#tolerant.source}`;
  }

  decode(records: RecordSpans, from: number, to: number): Batch {
    this.#reserve(to - from);
    this.#guard(records);
    this.#learn(records, from, to);
    const batch = this.#batch;
    const any = this.#any.fill(0);
    for (const nulls of this.#nulls) nulls.fill(0, 0, to - from);
    const slack = this.#slack;
    slack[0] = records.slackStart;
    slack[2] = 0;
    slack[3] = 0;
    let slow = 0;
    for (let i = from; i < to; ) {
      i = this.#run(records, i, to, from);
      if (i === to) break;
      const at = records.offsets[i] as number;
      const length = records.lengths[i] as number;
      if (slack[1] === -2) {
        growHeap(records, slack[0], length + 8);
        continue;
      }
      this.#slow.decode(records.heap, at, at + length, i - from, i, batch.columns, this.#nulls, any, {
        appendText: (text) => {
          growHeap(records, slack[0] as number, text.length * 3);
          const offset = slack[0] as number;
          const written = utf8.encodeInto(text, records.heap.subarray(offset)).written;
          slack[0] = offset + written;
          return { offset, length: written };
        },
      });
      slow++;
      i++;
    }
    records.slackStart = slack[0];
    this.#count(to - from, slack[2], slow);
    // The fast tier takes texts that lie in the record as they are.
    const isPlain = slack[2] === 0 && slack[3] === 0 && slow === 0;
    for (const [i, column] of batch.columns.entries()) {
      column.nulls = any[i] === 1 ? this.#nulls[i] : undefined;
      if (column.layout !== 'bytes') continue;
      column.heap = records.heap;
      column.isPlain = isPlain;
    }
    batch.rowCount = to - from;
    batch.kinds = undefined;
    return batch;
  }

  #run(records: RecordSpans, i: number, to: number, from: number): number {
    const { heap } = records;
    if (heap !== this.#heap) {
      this.#heap = heap;
      this.#view = new DataView(heap.buffer, heap.byteOffset, heap.byteLength);
    }
    const args: unknown[] = [heap, this.#view, records.offsets, records.lengths, i, to, from, this.#any, this.#slack, heap.length];
    for (const [c, column] of this.#batch.columns.entries()) {
      const arrays = columnArrays(column);
      args.push(...(column.layout === 'bytes' ? arrays.slice(1) : arrays), this.#nulls[c]);
    }
    return (this.#records.run as (...values: unknown[]) => number)(...args);
  }

  /** Learns the producer's shape from the first records, and anew when more than a quarter of the records miss it. */
  #learn(records: RecordSpans, from: number, to: number): void {
    if (this.#tiers.fast === false || this.#learnings >= mostLearnings || from === to) return;
    if (this.#learnings > 0 && this.#since < learnAfter) return;
    const isMissed = this.#missed * 4 >= this.#since;
    this.#since = 0;
    this.#missed = 0;
    if (!isMissed) return;
    this.#learnings++;
    this.#shape = learnShape(records, from, to);
    this.#records = compileRecords(this.#columns, this.#shape, this.#tolerant, this.#tiers.bug);
    this.#reach = reachOf(this.#shape);
    this.#guard(records);
  }

  /** Puts zero bytes behind the records, and sees that as many as the fast tier looks at can be read. */
  #guard(records: RecordSpans): void {
    growHeap(records, records.slackStart, guardBytes + this.#reach);
    records.heap.fill(0, records.slackStart, records.slackStart + guardBytes);
    records.slackStart += guardBytes;
  }

  #count(records: number, tolerant: number, slow: number): void {
    this.#since += records;
    this.#missed += tolerant + slow;
    this.taken.fast += records - tolerant - slow;
    this.taken.tolerant += tolerant;
    this.taken.slow += slow;
  }

  #reserve(rows: number): void {
    if (rows <= this.#capacity && this.#capacity > 0) return;
    this.#capacity = Math.max(1024, rows);
    const layouts = this.#columns.map((column) => layoutOf(column.type));
    this.#batch = allocateBatch(layouts, this.#capacity);
    this.#nulls = layouts.map(() => new Uint8Array(this.#capacity));
  }
}

/** Makes room for `bytes` more behind `used`; offsets into the heap stay right. */
function growHeap(records: RecordSpans, used: number, bytes: number): void {
  if (used + bytes + 16 <= records.heap.length) return;
  const grown = new Uint8Array(Math.max(records.heap.length * 2, used + bytes + 16));
  grown.set(records.heap.subarray(0, used));
  records.heap = grown;
}
