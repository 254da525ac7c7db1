import { noWatermark, type Batch } from '../../../core/batch.ts';
import { CodeBuilder, Js, js, joinJs, type CompiledKernel } from '../../../core/code.ts';
import { columnArrays, type Column } from '../../../core/column.ts';
import { layoutOf } from '../../../core/layout.ts';
import { isStructured, types, withNullable } from '../../../core/sql-type.ts';
import { allocateReachable, memoryOf } from '../../../core/wasm-memory.ts';
import type { BadRecordMode } from '../../../catalog/bad-record.ts';
import type { DecoderListener, ReadColumn, RecordDecoder, RecordSpans } from '../../../catalog/format.ts';
import { reserveSlack } from '../slack.ts';
import { EpochReader, type EpochUnit } from './epoch.ts';
import { FastTier, reachOf, type FastRun, type NestedTarget } from './fast.ts';
import { allocateArrays, type FastArrays } from './fast-arrays.ts';
import type { PlantedBug } from './fast-values.ts';
import { columnParameters, fieldTree, hasLeafWithin, isFast } from './fields.ts';
import { learnShape, type Shape } from './shape.ts';
import { readNested, SlowTier } from './slow.ts';
import { compileTolerant } from './tolerant.ts';

const utf8 = new TextEncoder();

/** After how many records it is looked whether they have the shape, and how often a shape is learned in all. */
const learnAfter = 512;
const mostLearnings = 4;
/** Zero bytes behind the records: they end every scan. */
const guardBytes = 16;
/** Stands where no shape is known: it takes no record. */
const takesNone: FastRun = (row) => row;

export interface JsonDecoderOptions {
  /** What becomes of records that do not fit: 'stop' if not given. */
  readonly bad?: BadRecordMode | undefined;
  /** A field that a record does not name does not fit. */
  readonly failsOnMissing?: boolean;
  /** What numbers mean in a TIMESTAMP_LTZ: 'auto' if not given. */
  readonly epoch?: EpochUnit;
  /** False: records go to the slow tier at once, or to the tolerant one. For tests. */
  readonly fast?: boolean;
  readonly tolerant?: boolean;
  readonly bug?: PlantedBug;
}

/** JSON records to columns, in tiers: what one tier does not take, the next does. */
export class JsonDecoder implements RecordDecoder {
  readonly #columns: readonly ReadColumn[];
  readonly #tolerant: CompiledKernel;
  readonly #records: CompiledKernel;
  readonly #slow: SlowTier;
  readonly #options: JsonDecoderOptions;
  readonly #epoch: EpochReader;
  /** Where free slack begins, what stopped the kernel, and the records that the tolerant tier took. */
  readonly #slack = new Int32Array(3);
  readonly #nested: NestedTarget;
  /** Of structured values, for all tiers. */
  readonly #parts: { readonly failsOnMissing: boolean };
  #fast: FastTier | undefined;
  /** What the fast tier is made for. */
  #shape: Shape | undefined;
  #reach = 8;
  #learnings = 0;
  /** Records decoded since the last look, and those that the fast tier did not take. */
  #since = 0;
  #missed = 0;
  #arrays: FastArrays | undefined;
  #batch: Batch = batchOf([]);
  /** The heap that #run and #delta are for. */
  #heap: Uint8Array | undefined;
  #run: FastRun = takesNone;
  /** From a record's offset to its place in the memory that #run reads. */
  #delta = 0;
  /** Records are copied here when they lie where the fast tier cannot reach. */
  #copy: Uint8Array | undefined;
  /** How many records each tier took: for tests and `--profile`. */
  readonly taken = { fast: 0, tolerant: 0, slow: 0 };

  constructor(columns: readonly ReadColumn[], options: JsonDecoderOptions = {}) {
    // The quick tiers do not tell a null from what is not there: where that counts, they take records that have neither.
    this.#columns = options.failsOnMissing === true ? columns.map((column) => ({ ...column, type: withNullable(column.type, false) })) : columns;
    this.#options = options;
    this.#epoch = new EpochReader(options.epoch ?? 'auto');
    this.#parts = { failsOnMissing: options.failsOnMissing === true };
    this.#nested = { encode: (json, type) => readNested(json, type, this.#epoch, this.#parts), heap: new Uint8Array(0), slack: this.#slack };
    this.#tolerant = options.tolerant === false ? { run: () => -1, source: '' } : compileTolerant(this.#columns, this.#epoch, this.#nested.encode);
    this.#records = compileRecords(this.#columns, this.#tolerant);
    this.#slow = new SlowTier(columns, { bad: options.bad, failsOnMissing: options.failsOnMissing });
  }

  get listener(): DecoderListener | undefined {
    return this.#slow.listener;
  }

  set listener(listener: DecoderListener | undefined) {
    this.#slow.listener = listener;
    this.#epoch.listener = listener;
  }

  /** The generated source of the fast and the tolerant tier; the fast one is there once records were decoded. */
  get source(): string {
    const fast = this.#fast !== undefined
      ? `// the fast tier, for records of the shape that was learned: WebAssembly\n${this.#fast.source}`
      : this.#learnings === 0
        ? '// the fast tier is made after the first records, for the shape they have; till then it takes none'
        : '// the records have no shape in common: the fast tier takes none';
    return `${fast}\n// what it leaves goes to the tolerant tier\n${this.#records.source}\n// the tolerant tier, for any JSON with these columns; what it leaves is read by way of JSON.parse\n${this.#tolerant.source}`;
  }

  decode(records: RecordSpans, from: number, to: number): Batch {
    const arrays = this.#reserve(to - from);
    this.#guard(records);
    this.#learn(records, from, to, arrays);
    const batch = this.#batch;
    const { any, nulls, raw } = arrays;
    any.fill(0);
    raw[0] = 0;
    for (const flags of nulls) flags.fill(0, 0, to - from);
    const slack = this.#slack;
    slack[0] = records.slackStart;
    slack[2] = 0;
    let slow = 0;
    /** The last record for which there was too little slack, and how much it got. */
    let short = -1;
    let wanted = 0;
    this.#heap = undefined;
    for (let i = from; i < to; ) {
      i = this.#decode(records, i, to, from, arrays);
      if (i === to) break;
      const at = records.offsets[i] as number;
      const length = records.lengths[i] as number;
      if (slack[1] === -2) {
        // Encoded arrays and maps may be larger than their text: a record that comes here again gets twice the room.
        wanted = i === short ? wanted * 2 : length + 8;
        short = i;
        reserveSlack(records, slack[0], wanted);
        continue;
      }
      this.#slow.decode(records.heap, at, at + length, i - from, i, batch.columns, nulls, any, {
        epoch: this.#epoch,
        ...this.#parts,
        appendText: (text) => {
          reserveSlack(records, slack[0] as number, text.length * 3);
          const offset = slack[0] as number;
          const written = utf8.encodeInto(text, records.heap.subarray(offset)).written;
          slack[0] = offset + written;
          return { offset, length: written };
        },
        appendBytes: (bytes) => {
          reserveSlack(records, slack[0] as number, bytes.length);
          const offset = slack[0] as number;
          records.heap.set(bytes, offset);
          slack[0] = offset + bytes.length;
          return { offset, length: bytes.length };
        },
      });
      slow++;
      i++;
    }
    records.slackStart = slack[0];
    this.#count(to - from, slack[2], slow);
    // The fast tier takes texts that lie in the record as they are.
    const isPlain = slack[2] === 0 && raw[0] === 0 && slow === 0;
    for (const [i, column] of batch.columns.entries()) {
      column.nulls = any[i] === 1 ? nulls[i] : undefined;
      if (column.layout !== 'bytes') continue;
      column.heap = records.heap;
      column.isPlain = isPlain && !isStructured(this.#columns[i]?.type ?? types.nothing);
    }
    batch.rowCount = to - from;
    batch.kinds = undefined;
    return batch;
  }

  #decode(records: RecordSpans, i: number, to: number, from: number, arrays: FastArrays): number {
    const { heap } = records;
    if (heap !== this.#heap) this.#place(records, from, to, arrays);
    const { any, columns, nulls } = arrays;
    const args: unknown[] = [heap, records.offsets, records.lengths, i, to, from, any, this.#slack, heap.length, this.#run, this.#delta];
    for (const [c, column] of columns.entries()) args.push(...columnArrays(column).slice(column.layout === 'bytes' ? 1 : 0), nulls[c]);
    return (this.#records.run as (...values: unknown[]) => number)(...args);
  }

  /** Puts the fast tier over the records: where they are when it can reach them, else over a copy. */
  #place(records: RecordSpans, from: number, to: number, arrays: FastArrays): void {
    const { heap } = records;
    this.#heap = heap;
    this.#nested.heap = heap;
    this.#run = takesNone;
    if (this.#fast === undefined) return;
    const offsets = records.offsets.subarray(from, to);
    const lengths = records.lengths.subarray(from, to);
    arrays.offsets.set(offsets);
    arrays.lengths.set(lengths);
    let memory = memoryOf(heap);
    this.#delta = heap.byteOffset;
    if (memory === undefined) {
      let low = heap.length;
      let high = 0;
      for (let i = 0; i < offsets.length; i++) {
        const offset = offsets[i] as number;
        low = Math.min(low, offset);
        high = Math.max(high, offset + (lengths[i] as number));
      }
      const wanted = high - low + guardBytes + this.#reach;
      if (this.#copy === undefined || this.#copy.length < wanted) this.#copy = allocateReachable(wanted);
      memory = memoryOf(this.#copy);
      if (memory === undefined) return;
      this.#copy.set(heap.subarray(low, high));
      this.#copy.fill(0, high - low, high - low + guardBytes);
      this.#delta = -low;
    }
    this.#run = this.#fast.over(memory);
  }

  /** Learns the producer's shape from the first records, and anew when more than a quarter of the records miss it. */
  #learn(records: RecordSpans, from: number, to: number, arrays: FastArrays): void {
    if (this.#options.fast === false || this.#learnings >= mostLearnings || from === to) return;
    if (this.#learnings > 0 && this.#since < learnAfter) return;
    const isMissed = this.#missed * 4 >= this.#since;
    this.#since = 0;
    this.#missed = 0;
    if (!isMissed) return;
    this.#learnings++;
    this.#shape = learnShape(records, from, to);
    this.#makeFast(arrays);
    this.#reach = reachOf(this.#shape);
    this.#guard(records);
  }

  /** Puts zero bytes behind the records, and sees that as many as the fast tier looks at can be read. */
  #guard(records: RecordSpans): void {
    reserveSlack(records, records.slackStart, guardBytes + this.#reach);
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

  #makeFast(arrays: FastArrays): void {
    const shape = this.#shape;
    this.#fast = shape === undefined || !this.#columns.every(({ type }) => isFast(type)) || arrays.arena.memory === undefined || hasLeafWithin(fieldTree(this.#columns)) ? undefined : new FastTier(this.#columns, shape, arrays, this.#nested, this.#options.bug);
  }

  #reserve(rows: number): FastArrays {
    const arrays = this.#arrays;
    if (arrays !== undefined && rows <= arrays.offsets.length) return arrays;
    const larger = allocateArrays(this.#columns.map((column) => layoutOf(column.type)), Math.max(1024, rows));
    this.#arrays = larger;
    this.#batch = batchOf(larger.columns);
    this.#makeFast(larger);
    return larger;
  }
}

function batchOf(columns: readonly Column[]): Batch {
  return { rowCount: 0, columns, kinds: undefined, watermarks: undefined, watermarkAfter: noWatermark };
}

/**
 * The loop over the records of one call, a function for one set of columns: what the fast tier leaves goes to the tolerant one. Gives the
 * record it stopped at, `to` when it decoded all; slack[1] then holds what the tolerant tier gave, and slack[2] counts the records that it
 * took.
 */
function compileRecords(columns: readonly ReadColumn[], tolerant: CompiledKernel): CompiledKernel {
  const code = new CodeBuilder();
  const parameters = columnParameters(columns);
  code.block(js`for (let i = from; i < to; i++)`, () => {
    code.line(js`i = (fast((i - first) | 0, (to - first) | 0, delta) + first) | 0;`);
    code.line(js`if (i === to) break;`);
    code.line(js`const at = offsets[i], end = (at + lengths[i]) | 0;`);
    const call = joinJs([js`heap`, js`at`, js`end`, js`(i - first) | 0`, js`any`, js`slack`, js`limit`, ...parameters], ', ');
    code.line(js`const result = ${code.use(tolerant.run, 'tolerant')}(${call}) | 0;`);
    code.line(js`if (result !== 0) { slack[1] = result; return i; }`);
    code.line(js`slack[2]++;`);
  });
  code.line(js`return to;`);
  const head = ['heap', 'offsets', 'lengths', 'from', 'to', 'first', 'any', 'slack', 'limit', 'fast', 'delta'].map((name) => new Js(name));
  return code.compile('decodeJson', [...head, ...parameters]);
}
