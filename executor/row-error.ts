import { SqlError } from '../core/diagnostic.ts';

/** What a kernel throws when a row cannot be computed: the operator, the row within its batch, and why. */
export function rowError(operator: string, row: number, cause: unknown): SqlError {
  if (cause instanceof SqlError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const isOurs = !(cause instanceof RangeError);
  return new SqlError({ code: isOurs ? 'E0999' : 'E0207', message: `${operator}: ${reason} (row ${row} of its batch)`, cause });
}
