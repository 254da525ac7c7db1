import { SqlError } from './diagnostic.ts';

/** For our own bugs only, never for what a user wrote. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new SqlError({ code: 'E0999', message: `a mistake inside Sluice: ${message}` });
}

/** The end of a switch over a union: the compiler proves that no member is missing. */
export function unreachable(value: never): never {
  throw new SqlError({ code: 'E0999', message: `a mistake inside Sluice: unexpected ${JSON.stringify(value)}` });
}
