import type { Dialect } from './dialect.ts';

/** What `splitRecord` gives besides a count of fields. */
export const noRecord = 0;
export const noRoom = -1;
export const malformed = -2;
export const tooManyFields = -3;

/**
 * Finds the fields of heap[at .. end): field k is heap[fields[base + 2k] .. fields[base + 2k + 1]). Fields with doubled quotes or escapes are
 * written without them from slack[0] on, which moves; `limit` ends the room there. Gives how many fields there are, at most `width`, or one
 * of the constants above. As Jackson's parser, which Flink reads CSV with: the record ends with its first line outside of quotes, white
 * space behind a closing quote is passed over, a quote inside of an unquoted field is text, one empty field too many is no fault.
 */
export function splitRecord(heap: Uint8Array, at: number, end: number, dialect: Dialect, fields: Int32Array, base: number, width: number, slack: Int32Array, limit: number): number {
  const { delimiter, quote, escape } = dialect;
  let p = dialect.allowsComments ? skipComments(heap, at, end) : at;
  if (p === end) return noRecord;
  for (let count = 0; ; ) {
    let from = p;
    let to: number;
    if (p < end && quote >= 0 && heap[p] === quote) {
      from = ++p;
      // The plain case first: no quote and no escape before the closing one.
      while (p < end && heap[p] !== quote && heap[p] !== escape) p++;
      to = p;
      if (p === end) return malformed;
      if (heap[p] === escape || heap[p + 1] === quote) {
        if (slack[0] as number + (end - from) > limit) return noRoom;
        p = writeMeant(heap, from, end, dialect, true, slack);
        if (p < 0) return malformed;
        from = slack[1] as number;
        to = slack[0] as number;
      } else p++;
      while (p < end && heap[p] !== delimiter && heap[p] !== 10 && heap[p] !== 13 && (heap[p] as number) <= 32) p++;
      if (p < end && heap[p] !== delimiter && heap[p] !== 10 && heap[p] !== 13) return malformed;
    } else {
      while (p < end && heap[p] !== delimiter && heap[p] !== 10 && heap[p] !== 13 && heap[p] !== escape) p++;
      to = p;
      if (p < end && heap[p] === escape) {
        if (slack[0] as number + (end - from) > limit) return noRoom;
        p = writeMeant(heap, from, end, dialect, false, slack);
        if (p < 0) return malformed;
        from = slack[1] as number;
        to = slack[0] as number;
      }
    }
    const isLast = p >= end || heap[p] !== delimiter;
    if (count < width) {
      fields[base + 2 * count] = from;
      fields[base + 2 * count + 1] = to;
      count++;
    } else return isLast && from === to ? width : tooManyFields;
    if (isLast) return count;
    p++;
  }
}

function skipComments(heap: Uint8Array, at: number, end: number): number {
  let p = at;
  for (;;) {
    let first = p;
    while (first < end && (heap[first] as number) <= 32 && heap[first] !== 10 && heap[first] !== 13) first++;
    if (first === end || heap[first] !== 35) return p;
    p = first;
    while (p < end && heap[p] !== 10 && heap[p] !== 13) p++;
    while (p < end && (heap[p] === 10 || heap[p] === 13)) p++;
    if (p === end) return end;
  }
}

/**
 * Writes the text of a field without its quotes and escapes from slack[0] on and moves it; slack[1] is where the text begins. Gives the place
 * behind the closing quote, or of the delimiter or record's end where the field is not quoted; -1 where neither comes.
 */
function writeMeant(heap: Uint8Array, from: number, end: number, { delimiter, quote, escape }: Dialect, isQuoted: boolean, slack: Int32Array): number {
  let to = (slack[1] = slack[0] as number);
  let p = from;
  for (; p < end; p++) {
    const c = heap[p] as number;
    if (c === escape) {
      if (++p === end) return -1;
      heap[to++] = meant(heap[p] as number);
    } else if (isQuoted ? c !== quote : c !== delimiter && c !== 10 && c !== 13) heap[to++] = c;
    else if (isQuoted && p + 1 < end && heap[p + 1] === quote) heap[to++] = heap[++p] as number;
    else break;
  }
  slack[0] = to;
  if (!isQuoted) return p;
  return p === end ? -1 : p + 1;
}

/** The byte that an escaped one stands for: itself, but for `0`, `n`, `r` and `t`. */
function meant(c: number): number {
  return c === 48 ? 0 : c === 110 ? 10 : c === 114 ? 13 : c === 116 ? 9 : c;
}
