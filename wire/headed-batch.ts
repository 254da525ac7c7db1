import { BatchBuilder } from './batch-builder.ts';
import { writeHeaders, type Headers } from './headers.ts';

/** A record with headers: null where there is no key or value; `timestamp` in ms. */
export interface HeadedRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestamp: number;
  readonly headers: Headers;
}

const none = new Uint8Array(0);

/** One record batch of records with headers. */
export function headedBatch(records: readonly HeadedRecord[]): Uint8Array {
  const builder = new BatchBuilder();
  for (const { key, value, timestamp, headers } of records) {
    builder.headers = writeHeaders(headers);
    builder.append(key ?? none, 0, key?.length ?? -1, value ?? none, 0, value?.length ?? -1, timestamp);
  }
  return builder.finish();
}
