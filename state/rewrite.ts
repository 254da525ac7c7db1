/** How many parts a full rewrite of a state is spread over: each checkpoint rewrites one, so that no older checkpoint is ever needed. */
export const rewriteParts = 64;

/** What a state stores for one epoch, once its size is known: nothing may change it before it is written. */
export interface Capture {
  readonly size: number;
  /** Writes it from the byte `at` on: all of its bytes. */
  readonly write: (out: Uint8Array, at: number) => void;
}
