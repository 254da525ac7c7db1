import type { Batch } from '../core/batch.ts';

/** What becomes of a record that does not fit: the job stops, it is left out, or its fields that do not fit are NULL. */
export type BadRecordMode = 'stop' | 'leave-out' | 'null-fields';

/**
 * A record that gives no row: which one of the call, which column, what was expected. `stop`: the job ends; `leave-out`: the options pass
 * over it, and it counts; `nothing`: it holds none, as a comment does.
 */
export class BadRecord extends Error {
  override readonly name = 'BadRecord';
  readonly record: number;
  readonly column: string | undefined;
  readonly expected: string;
  readonly fate: 'stop' | 'leave-out' | 'nothing';
  /** The value that does not fit as it stands in the record, for messages that cannot show the whole record; undefined for the record itself. */
  readonly found: string | undefined;
  /** What to do about it, where the format knows more than that it does not fit. */
  readonly advice: string | undefined;

  constructor(record: number, column: string | undefined, expected: string, fate: 'stop' | 'leave-out' | 'nothing' = 'stop', found?: string, advice?: string) {
    super(`record ${record}: ${column ?? 'the record'} is not ${expected}`);
    this.record = record;
    this.column = column;
    this.expected = expected;
    this.fate = fate;
    this.found = found;
    this.advice = advice;
  }
}

/**
 * Decodes the first records of [from, to) that give rows: those before the first bad one, behind any that stand at the start. `take` gets
 * each bad record that is passed over, once, and throws where the job is to stop. Gives the rows, the record of the first, and the one to go
 * on with. A bad record costs those before it a second time.
 */
export function decodeGood(decode: (from: number, to: number) => Batch | undefined, from: number, to: number, take: (bad: BadRecord) => void): { readonly batch: Batch | undefined; readonly first: number; readonly next: number } {
  let first = from;
  let next = to;
  while (first < next) {
    try {
      return { batch: decode(first, next), first, next };
    } catch (error) {
      if (!(error instanceof BadRecord)) throw error;
      if (error.record === first) {
        take(error);
        first++;
      } else next = error.record;
    }
  }
  return { batch: undefined, first, next };
}
