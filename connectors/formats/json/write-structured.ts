import { decodeValue } from '../../../core/collection-value.ts';
import { entryTypes } from '../../../core/collection.ts';
import { SqlError } from '../../../core/diagnostic.ts';
import { printDecimal } from '../../../core/decimal.ts';
import type { SqlType } from '../../../core/sql-type.ts';
import { instantOf, type SqlValue } from '../../../core/value.ts';
import * as time from '../write-time.ts';
import * as write from '../write-value.ts';

/** What becomes of an entry of a MAP whose key is NULL. */
export interface MapNullKey {
  readonly mode: 'fail' | 'drop' | 'literal';
  readonly literal: string;
}

export interface StructuredOptions {
  readonly isoTimes: boolean;
  readonly ignoreNulls: boolean;
  /** As of JsonEncoderOptions. */
  readonly plainDecimals?: boolean;
  readonly nullKey: MapNullKey;
}

const utf8 = new TextEncoder();
const ascii = new TextDecoder();
const scratch = new Uint8Array(64);
const view = new DataView(scratch.buffer);
const millis = new BigInt64Array(1);
const words = new Int32Array(millis.buffer);
const highs = new BigInt64Array(1);
const nanos = new Int32Array(1);

/** Writes encoded values of one type as JSON. For each value strings are made. */
export function structuredWriter(type: SqlType, options: StructuredOptions): (heap: Uint8Array, at: number, length: number) => Uint8Array {
  const minute = new time.MinuteText(options.isoTimes ? 84 : 32);
  const written = (end: number): string => ascii.decode(scratch.subarray(0, end));
  const print = (value: SqlValue, of: SqlType): string => {
    if (value === null) return 'null';
    const parts = value as readonly SqlValue[];
    switch (of.kind) {
      case 'ARRAY':
        return `[${parts.map((part) => print(part, of.element)).join(',')}]`;
      case 'ROW':
        return `{${of.fields.flatMap(({ name, type: field }, i) => (options.ignoreNulls && parts[i] === null ? [] : [`${JSON.stringify(name)}:${print(parts[i] ?? null, field)}`])).join(',')}}`;
      case 'MAP':
      case 'MULTISET': {
        const [key, part] = entryTypes(of);
        const entries = parts as readonly (readonly [SqlValue, SqlValue])[];
        return `{${entries.flatMap(([name, each]) => {
          const label = name === null ? nullKey(options.nullKey) : print(name, key);
          return label === undefined ? [] : [`${label}:${print(each, part)}`];
        }).join(',')}}`;
      }
      case 'CHAR':
      case 'VARCHAR':
        return JSON.stringify(value);
      case 'DECIMAL':
        if (options.plainDecimals !== false) return printDecimal(value as bigint, of.scale);
        millis[0] = BigInt.asIntN(64, value as bigint);
        highs[0] = (value as bigint) >> 64n;
        return written(write.writeShortDecimal(scratch, view, 0, words, highs, millis, 0, of.scale, true));
      case 'FLOAT':
        return written(write.writeFloat(scratch, view, 0, value as number));
      case 'DOUBLE':
        return written(write.writeDouble(scratch, view, 0, value as number));
      case 'DATE':
        return written(time.writeDay(scratch, view, 0, value as number));
      case 'TIME':
        return written(time.writeClock(scratch, 0, value as number));
      case 'BINARY':
      case 'VARBINARY':
        return `"${Buffer.from(value as Uint8Array).toString('base64')}"`;
      case 'TIMESTAMP':
      case 'TIMESTAMP_LTZ':
        millis[0] = BigInt(instantOf(value).millis);
        nanos[0] = instantOf(value).nanos;
        if (of.precision > 3) return written(time.writeNanoTimestamp(scratch, view, 0, words, nanos, 0, of.kind === 'TIMESTAMP_LTZ', minute));
        return written(time.writeTimestamp(scratch, view, 0, words, 0, of.kind === 'TIMESTAMP_LTZ', minute));
      default:
        return String(value);
    }
  };
  return (heap, at, length) => utf8.encode(print(decodeValue(heap, at, length, type), type));
}

function nullKey({ mode, literal }: MapNullKey): string | undefined {
  if (mode === 'fail') throw new SqlError({ code: 'E0207', message: 'JSON has no key for an entry of a MAP whose key is NULL', hint: "'json.map-null-key.mode' = 'DROP', or 'LITERAL'" });
  return mode === 'drop' ? undefined : JSON.stringify(literal);
}
