/** A range of one SQL text, in UTF-16 code units: `start` is the first, `end` the one after the last. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** The table or view in whose definition the range lies; absent for the text of the statement itself. */
  readonly of?: string;
}
