import { SqlError } from '../core/diagnostic.ts';
import { parseDuration } from '../core/time.ts';
import type { Duration } from './api.ts';

/** A duration of the library's options in ms. Throws E0904. */
export function millisOf(duration: Duration): number {
  const millis = parseDuration(String(duration));
  if (millis === undefined) throw new SqlError({ code: 'E0904', message: `'${duration}' is no duration`, hint: "a number of ms, or a text such as '5s' or '1min'" });
  // The longest that a timer takes: 24 days.
  return Math.min(millis, 2 ** 31 - 1);
}
