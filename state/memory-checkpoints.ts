import type { CheckpointStore } from './checkpoint.ts';

/** Stores nothing: for engines without a state folder. A file of its own, so that such an engine loads no SQLite. */
export const memoryCheckpoints: CheckpointStore = {
  latest: () => undefined,
  commit: async () => undefined,
  close: async () => undefined,
};
