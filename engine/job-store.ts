import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckpointStore } from '../state/checkpoint.ts';
import { memoryCheckpoints } from '../state/memory-checkpoints.ts';
import { isLockFile, lockFolder } from './state-lock.ts';

/**
 * The checkpoints of a job in a folder of its own, for this engine alone until they are closed: two that stored in one place would each take
 * the other's for its own. `fresh`: what an earlier run left there is removed. Without a folder nothing is stored. Throws E0603, E0801, E0802, E0804.
 */
export async function openJobStore(dir: string | undefined, fresh: boolean): Promise<CheckpointStore> {
  if (dir === undefined) return memoryCheckpoints;
  const unlock = await lockFolder(dir);
  try {
    if (fresh) for (const name of readdirSync(dir)) if (!isLockFile(name)) rmSync(join(dir, name), { recursive: true, force: true });
    const { openCheckpoints } = await import('../state/checkpoint-store.ts');
    const store = openCheckpoints(join(dir, 'checkpoints.db'));
    return {
      latest: () => store.latest(),
      commit: (data) => store.commit(data),
      close: async () => {
        try {
          await store.close();
        } finally {
          unlock();
        }
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
