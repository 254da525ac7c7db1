import { BadRecord } from '../../../../catalog/bad-record.ts';
import type { RecordSpans } from '../../../../catalog/format.ts';
import { poisonBatch, type Batch } from '../../../../core/batch.ts';
import type { Column } from '../../../../core/column.ts';
import { allocateReachable } from '../../../../core/wasm-memory.ts';
import type { JsonDecoder } from '../../../../connectors/formats/json/decoder.ts';
import { pick, type Draw } from './records.ts';

/** A character a byte. */
export const ascii = { decode: (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('latin1') };

const reachable = allocateReachable(1 << 20);

/** Records one behind the other, with bytes between and behind them that a reader must not take for theirs. */
function spansOf(records: readonly Uint8Array[], draw: Draw): RecordSpans {
  const junk = (): number => pick(draw, [34, 44, 48, 57, 92, 97, 123, 125, 32, 0x80]);
  const size = records.reduce((sum, record) => sum + record.length + 4, 8 + draw(64));
  const shift = draw(100);
  // Half of them where the fast tier can read them as they lie, half where it must copy.
  const heap = draw(2) === 0 && shift + size <= reachable.length ? reachable.subarray(shift, shift + size) : new Uint8Array(size);
  const spans: RecordSpans = { heap, slackStart: 0, offsets: new Int32Array(records.length), lengths: new Int32Array(records.length), count: records.length };
  let at = 0;
  for (const [i, record] of records.entries()) {
    for (let n = draw(4); n > 0; n--) heap[at++] = junk();
    heap.set(record, at);
    spans.offsets[i] = at;
    spans.lengths[i] = record.length;
    at += record.length;
  }
  spans.slackStart = at;
  for (; at < heap.length; at++) heap[at] = junk();
  return spans;
}

/** A row, each value by its digits or bytes; NULL together with what lies under it. */
export function printRow(batch: Batch, row: number): string {
  return batch.columns.map((column) => `${column.nulls?.[row] === 1 ? 'NULL ' : ''}${printValue(column, row)}`).join(' | ');
}

function printValue(column: Column, row: number): string {
  if (column.layout === 'bytes') {
    const offset = column.offsets[row] as number;
    return `'${ascii.decode(column.heap.subarray(offset, offset + (column.lengths[row] as number)))}'`;
  }
  if (column.layout === 'i128') return String(((column.high[row] as bigint) << 64n) | BigInt.asUintN(64, column.values[row] as bigint));
  const value = column.values[row];
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The rows of one batch; what was lent is garbage afterwards. */
export function decodeAll(decoder: JsonDecoder, records: readonly Uint8Array[], draw: Draw): string[] {
  const batch = decoder.decode(spansOf(records, draw), 0, records.length);
  const rows = records.map((_, row) => printRow(batch, row));
  poisonBatch(batch);
  return rows;
}

/** The one row, or undefined when the record is bad: `refused` then learns why. */
export function decodeOne(decoder: JsonDecoder, record: Uint8Array, draw: Draw, refused?: (why: BadRecord) => void): string | undefined {
  try {
    return decodeAll(decoder, [record], draw)[0];
  } catch (error) {
    if (!(error instanceof BadRecord)) throw error;
    refused?.(error);
    return undefined;
  }
}
