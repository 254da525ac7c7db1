/** A range of one SQL text, in UTF-16 code units: `start` is the first, `end` the one after the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** The table or view in whose definition the range lies; absent for the text of the statement itself. */
  readonly of?: string;
}

/** The smallest span that covers both. */
export function cover(a: Span, b: Span): Span {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}
