import { SqlError } from '../core/diagnostic.ts';

/** sysexits.h, EX_USAGE. */
export const usageExit = 64;

/** Something failed while it ran. */
export const failedExit = 2;

/** The exit code of a failure: 3 when state does not fit the SQL, 2 when it came while running or from outside, 1 when nothing was started. */
export function exitCodeOf(error: unknown, isStarted: boolean): 1 | 2 | 3 {
  if (error instanceof SqlError) {
    // E0804 is also what a checkpoint that cannot be stored gives, while the job runs.
    if (error.code.startsWith('E08') && !(error.code === 'E0804' && isStarted)) return 3;
    if (error.domain === 'external') return 2;
    return isStarted || error.domain === 'internal' ? 2 : 1;
  }
  return 2;
}
