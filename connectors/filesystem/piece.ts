import { allocateReachable, memoryOf } from '../../core/wasm-memory.ts';
import type { RecordFraming, RecordSpans } from '../../catalog/format.ts';
import type { FileBytes } from './file-bytes.ts';

const pieceBytes = 1 << 20;
/** Room behind the bytes of the file for text that is unescaped. */
const slackBytes = 64 << 10;

/**
 * The records of the piece of a file that is at hand. What is left of a record that goes beyond the piece stands before the next one; a
 * record that is larger than the piece makes it larger.
 */
export class FilePiece {
  readonly spans: RecordSpans = { heap: allocateReachable(pieceBytes + slackBytes), slackStart: 0, offsets: new Int32Array(1024), lengths: new Int32Array(1024), count: 0 };
  readonly #framing: RecordFraming | undefined;
  /** By record, the place in the heap behind its line break. */
  #ends = new Int32Array(1024);
  /** By record, the number of its first line, from 1. */
  #lines = new Float64Array(1024);
  /** The offset in the file of the heap's first byte. */
  #base = 0;
  /** Where the bytes begin that are no record yet, and where the bytes of the file end. */
  #start = 0;
  #end = 0;
  /** The number of the line that `#start` stands in. */
  #line = 1;
  /** Bytes of the file that may be at hand. The heap may be larger: decoders put one with more slack in its place. */
  #room = pieceBytes;
  /** True: nothing stands in the file behind `#end`. */
  #isLast = false;

  constructor(framing: RecordFraming | undefined) {
    this.#framing = framing;
  }

  /** Forgets what is at hand, for another file: `offset` in bytes, at the begin of a record, and the number of its line. */
  begin(offset: number, line: number): void {
    this.spans.count = 0;
    this.#base = offset;
    this.#start = this.#end = 0;
    this.#line = line;
    this.#isLast = false;
  }

  /** True: the file has no more records than those at hand. */
  get isLast(): boolean {
    return this.#isLast && this.#start === this.#end;
  }

  /** The place behind record `index`, and the line that begins there; for -1 the place of the first. */
  placeBehind(index: number): { readonly offset: number; readonly line: number } {
    if (index < 0 && this.spans.count > 0) return this.placeOf(0);
    if (index === this.spans.count - 1) return { offset: this.#base + this.#start, line: this.#line };
    return { offset: this.#base + (this.#ends[index] as number), line: this.#lines[index + 1] as number };
  }

  /** Of the first byte of a record, in the file, and the number of its line. */
  placeOf(index: number): { readonly offset: number; readonly line: number } {
    return { offset: this.#base + (this.spans.offsets[index] as number), line: this.#lines[index] as number };
  }

  /** Reads on until there are records, or the file has ended. What was at hand is gone. */
  async read(file: FileBytes): Promise<void> {
    const { spans } = this;
    spans.count = 0;
    while (spans.count === 0 && !this.isLast) {
      this.#makeRoom();
      const read = await file.read(spans.heap, this.#end, this.#room);
      if (this.#base === 0 && this.#end === 0 && read >= 3) this.#skipMark();
      this.#end += read;
      this.#isLast = this.#end < this.#room;
      spans.slackStart = this.#end + 8;
      this.#frame();
    }
  }

  /** Moves what is left to the front. */
  #makeRoom(): void {
    const { spans } = this;
    const left = this.#end - this.#start;
    let { heap } = spans;
    if (left > this.#room / 2) this.#room *= 2;
    if (heap.length < this.#room + slackBytes) {
      const size = this.#room + slackBytes;
      heap = memoryOf(heap) === undefined ? new Uint8Array(size) : allocateReachable(size);
    }
    heap.set(spans.heap.subarray(this.#start, this.#end));
    spans.heap = heap;
    this.#base += this.#start;
    this.#start = 0;
    this.#end = left;
  }

  /** The mark that some editors put before UTF-8. */
  #skipMark(): void {
    const { heap } = this.spans;
    if (heap[0] === 0xef && heap[1] === 0xbb && heap[2] === 0xbf && this.#framing?.hasEmpty !== true) this.#start = 3;
  }

  #frame(): void {
    const { spans } = this;
    const { heap } = spans;
    const own = this.#framing?.recordEnd;
    const hasEmpty = this.#framing?.hasEmpty ?? false;
    const end = this.#end;
    const bytes = Buffer.from(heap.buffer, heap.byteOffset, end);
    let at = this.#start;
    while (at < end) {
      let to = own === undefined ? bytes.indexOf(10, at) : own(heap, at, end);
      if (to < 0 || (heap[to] === 13 && to + 1 === end)) {
        if (!this.#isLast) break;
        if (to < 0) to = end;
      }
      let behind = to + 1;
      if (heap[to] === 13 && heap[behind] === 10 && behind < end) behind++;
      if (behind > end) behind = end;
      const line = this.#line;
      this.#line += own === undefined ? 1 : lineBreaks(heap, at, to) + 1;
      if (own === undefined && to > at && heap[to - 1] === 13) to--;
      if (to > at || hasEmpty) this.#add(at, to - at, behind, line);
      at = behind;
    }
    this.#start = at;
  }

  #add(at: number, length: number, behind: number, line: number): void {
    const { spans } = this;
    const i = spans.count++;
    if (i === this.#ends.length) {
      const grown = <T extends Int32Array | Float64Array>(array: T, into: T): T => (into.set(array), into);
      spans.offsets = grown(spans.offsets, new Int32Array(i * 2));
      spans.lengths = grown(spans.lengths, new Int32Array(i * 2));
      this.#ends = grown(this.#ends, new Int32Array(i * 2));
      this.#lines = grown(this.#lines, new Float64Array(i * 2));
    }
    spans.offsets[i] = at;
    spans.lengths[i] = length;
    this.#ends[i] = behind;
    this.#lines[i] = line;
  }
}

/** Line breaks within quotes: \n alone is counted. */
function lineBreaks(heap: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let p = from; p < to; p++) if (heap[p] === 10) count++;
  return count;
}
