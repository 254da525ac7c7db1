import { SqlError } from '../core/diagnostic.ts';

/** What the operating system says of a write, as E0606 with its place; our own mistakes stay what they are. `name`: of what is written. */
export function notWritten(name: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SqlError || !('code' in error)) return error;
  return new SqlError({ code: 'E0606', message: `${name} cannot be written: ${error.message}`, hint: 'make room on the disk, or mend it; the job then goes on from its last checkpoint', retryable: true, cause: error });
}
