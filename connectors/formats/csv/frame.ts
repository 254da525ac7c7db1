import type { Dialect } from './dialect.ts';

/**
 * The place of the line break that ends the CSV record which begins at `at`; -1 when it is not in heap[at .. end). A break within quotes ends
 * nothing. What is a quote is told as `splitRecord` tells it: one at the begin of a field.
 */
export function csvRecordEnd({ delimiter, quote, escape, allowsComments }: Dialect, heap: Uint8Array, at: number, end: number): number {
  let p = at;
  if (allowsComments) {
    while (p < end && (heap[p] as number) <= 32 && heap[p] !== 10 && heap[p] !== 13) p++;
    if (heap[p] === 35 && p < end) return breakIn(heap, p, end);
    p = at;
  }
  for (;;) {
    if (p < end && quote >= 0 && heap[p] === quote) {
      p++;
      for (; p < end; p++) {
        if (heap[p] === escape) p++;
        else if (heap[p] !== quote) continue;
        else if (p + 1 < end && heap[p + 1] === quote) p++;
        else break;
      }
      // The quote may be the first of two.
      if (p + 1 >= end) return -1;
      p++;
    }
    for (; p < end && heap[p] !== delimiter && heap[p] !== 10 && heap[p] !== 13; p++) if (heap[p] === escape) p++;
    if (p >= end) return -1;
    if (heap[p] !== delimiter) return p;
    p++;
  }
}

function breakIn(heap: Uint8Array, from: number, end: number): number {
  for (let p = from; p < end; p++) if (heap[p] === 10 || heap[p] === 13) return p;
  return -1;
}
