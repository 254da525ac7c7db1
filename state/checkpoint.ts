/** What one checkpoint adds: captures of tables (a window's slice is a part of its state), slices that are gone, and the rest as JSON. */
export interface CheckpointData {
  readonly id: number;
  /** Positions, watermarks, sink tokens, schemas: plain JSON. */
  readonly meta: object;
  readonly captures: readonly { readonly state: string; readonly part: string; readonly bytes: Uint8Array }[];
  readonly dropped: readonly { readonly state: string; readonly part: string }[];
}

export interface StoredCheckpoint {
  readonly id: number;
  readonly meta: unknown;
  /** State -> part -> captures, newest first. */
  readonly states: ReadonlyMap<string, ReadonlyMap<string, readonly Uint8Array[]>>;
}

/** Where a job's checkpoints lie. */
export interface CheckpointStore {
  latest(): StoredCheckpoint | undefined;
  /** Resolves when the checkpoint is stored for good: from then on a restart goes on from it. Captures are handed over. */
  commit(data: CheckpointData): Promise<void>;
  /** Nothing is stored from then on. */
  close(): Promise<void>;
}
