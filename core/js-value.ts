import { printDecimal } from './decimal.ts';
import { SqlError } from './diagnostic.ts';
import type { SqlType } from './sql-type.ts';
import { printDate, printTimestamp } from './time.ts';
import type { SqlValue } from './value.ts';

/** How SQL values become JavaScript values. */
export interface JsTypeChoice {
  readonly bigint: 'bigint' | 'number' | 'string';
  readonly decimal: 'string' | 'number';
  readonly timestamp: 'string' | 'date' | 'millis';
  readonly ltz: 'date' | 'string' | 'millis';
}

export const defaultJsTypes: JsTypeChoice = { bigint: 'bigint', decimal: 'string', timestamp: 'string', ltz: 'date' };

export type JsValue = null | boolean | number | bigint | string | Date | Uint8Array;

/** A SQL value as JavaScript sees it. Throws E0207 for a BIGINT beyond 2^53 that is asked for as a number: nothing is rounded in silence. */
export function toJsValue(value: SqlValue, type: SqlType, choice: JsTypeChoice): JsValue {
  if (value === null) return null;
  switch (type.kind) {
    case 'BIGINT': {
      const exact = value as bigint;
      if (choice.bigint === 'bigint') return exact;
      if (choice.bigint === 'string') return String(exact);
      if (!Number.isSafeInteger(Number(exact))) throw new SqlError({ code: 'E0207', message: `${exact} is beyond what a JavaScript number holds exactly`, hint: "types: { bigint: 'bigint' }" });
      return Number(exact);
    }
    case 'DECIMAL': {
      const text = printDecimal(value as bigint, type.scale);
      return choice.decimal === 'string' ? text : Number(text);
    }
    case 'DATE':
      return printDate(value as number);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const instant = typeof value === 'object' && 'millis' in value ? value : { millis: value as number, nanos: 0 };
      const wanted = type.kind === 'TIMESTAMP' ? choice.timestamp : choice.ltz;
      if (wanted === 'millis') return instant.millis;
      return wanted === 'date' ? new Date(instant.millis) : printTimestamp(instant.millis, instant.nanos, type.precision);
    }
    default:
      return value as JsValue;
  }
}
