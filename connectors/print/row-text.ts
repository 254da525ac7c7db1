import type { Batch } from '../../core/batch.ts';
import { rowKindText } from '../../core/changelog.ts';
import type { SqlType } from '../../core/sql-type.ts';
import { printTimestamp } from '../../core/time.ts';
import { printValue, readValue, type SqlValue } from '../../core/value.ts';

/** A row as Flink's Row.toString writes it: `+I[a, 1, null, 2020-10-10T00:00:05]`. */
export function rowText(batch: Batch, types: readonly SqlType[], row: number): string {
  const values = types.map((type, i) => {
    const column = batch.columns[i];
    return column === undefined ? 'null' : valueText(readValue(column, type, row), type);
  });
  return `${rowKindText[batch.kinds?.[row] ?? 0]}[${values.join(', ')}]`;
}

function valueText(value: SqlValue, type: SqlType): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'BOOLEAN':
      return String(value);
    case 'BINARY':
    case 'VARBINARY':
      // Java's bytes have signs.
      return `[${Array.from(value as Uint8Array, (byte) => (byte << 24) >> 24).join(', ')}]`;
    case 'TIME':
      return clockText(printTimestamp(value as number, 0, 9).slice('1970-01-01 '.length), false);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ': {
      const { millis, nanos } = typeof value === 'object' && 'millis' in value ? value : { millis: Number(value), nanos: 0 };
      const [day = '', clock = ''] = printTimestamp(millis, nanos, 9).split(' ');
      const isInstant = type.kind === 'TIMESTAMP_LTZ';
      return `${day}T${clockText(clock, isInstant)}${isInstant ? 'Z' : ''}`;
    }
    default:
      return printValue(value, type) ?? 'null';
  }
}

/** `HH:mm:ss.fffffffff` as java.time writes it: 3, 6 or 9 digits of fraction or none, and seconds of 0 left out where they may be. */
function clockText(text: string, hasSeconds: boolean): string {
  const short = text.replace(/(?:000){1,3}$/, '').replace(/\.$/, '');
  return hasSeconds ? short : short.replace(/^(\d\d:\d\d):00$/, '$1');
}
