import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpanTarget } from '../../../catalog/span-target.ts';
import { JsonEncoder } from '../../../connectors/formats/json/encoder.ts';
import { RawEncoder } from '../../../connectors/formats/raw/encoder.ts';
import { BatchWriter } from '../../../connectors/kafka/batch-writer.ts';
import { allocateBatch, type Batch } from '../../../core/batch.ts';
import { RowKind } from '../../../core/changelog.ts';
import { layoutOf } from '../../../core/layout.ts';
import { types } from '../../../core/sql-type.ts';
import { readIntactHeader, readRecords, RecordPositions } from '../../../wire/record-batch.ts';
import { Random, seedFromEnvironment } from '../../random.ts';

const columns = [{ name: 'key', type: types.string }, { name: 'n', type: types.bigint }, { name: 'd', type: types.double }, { name: 'text', type: types.string }];
const plain = { isoTimes: false, ignoreNulls: false };
const keys = [0];

/** Rows of all kinds; texts of any bytes, some long, in heaps that end with them. */
function drawRows(random: Random, rows: number): Batch {
  const batch = allocateBatch(columns.map(({ type }) => layoutOf(type)), rows);
  batch.rowCount = rows;
  batch.kinds = random.chance(0.5) ? Uint8Array.from({ length: rows }, () => random.int(0, 3)) : undefined;
  for (const [i, column] of batch.columns.entries()) {
    const nulls = random.chance(0.5) ? Uint8Array.from({ length: rows }, () => (random.chance(0.2) ? 1 : 0)) : undefined;
    column.nulls = nulls;
    if (column.layout === 'bytes') {
      const parts = Array.from({ length: rows }, (_, row) => {
        const length = nulls?.[row] === 1 ? 0 : i > 0 && random.chance(0.01) ? random.int(0, 70_000) : random.int(0, 12);
        return random.chance(0.3) ? Uint8Array.from({ length }, () => random.int(0, 255)) : new Uint8Array(length).fill(random.int(97, 122));
      });
      column.heap = Buffer.concat(parts);
      for (let row = 0, at = 0; row < rows; at += (parts[row] as Uint8Array).length, row++) {
        column.offsets[row] = at;
        column.lengths[row] = (parts[row] as Uint8Array).length;
      }
      continue;
    }
    for (let row = 0; row < rows; row++) {
      if (nulls?.[row] === 1) continue;
      if (column.layout === 'i64') column.values[row] = random.chance(0.2) ? -(2n ** 63n) : BigInt(random.int(0, 10 ** random.int(0, 15)));
      else if (column.layout === 'f64') column.values[row] = random.pick([0, -0, NaN, Infinity, 1e300, random.next()]);
    }
  }
  return batch;
}

/** What is in a batch is another's as soon as the call returns. */
function poison(batch: Batch): void {
  for (const column of batch.columns) {
    if (column.layout === 'bytes') column.heap.fill(34);
    else if (column.layout === 'i64') column.values.fill(-7n);
    column.nulls?.fill(1);
  }
}

const textOf = (bytes: Uint8Array, offset: number, length: number): string => (length < 0 ? 'null' : Buffer.from(bytes.subarray(offset, offset + length)).toString('latin1'));

function encoded(batch: Batch, from: number, to: number): string[] {
  const [key, value] = [new SpanTarget(), new SpanTarget()];
  new JsonEncoder(keys.map((i) => columns[i] as (typeof columns)[number]), plain).encode({ ...batch, columns: batch.columns.slice(0, 1) }, from, to, key);
  new JsonEncoder(columns, plain).encode(batch, from, to, value);
  return Array.from({ length: to - from }, (_, i) => {
    const kind = batch.kinds?.[from + i] ?? RowKind.insert;
    const isGone = kind === RowKind.delete || kind === RowKind.updateBefore;
    return `${textOf(key.bytes, key.offsets[i] ?? 0, key.lengths[i] ?? 0)} ${isGone ? 'null' : textOf(value.bytes, value.offsets[i] ?? 0, value.lengths[i] ?? 0)}`;
  });
}

test('records in batches are what the encoders make of the rows by themselves: by partition, with tombstones, in buffers that are filled anew', (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const random = new Random(seed);
  let fast = 0;
  for (let n = 0; n < 30; n++) {
    const wanted: string[] = [];
    const found: string[] = [];
    const partitionOf = new Map<string, number>();
    const encoder = new JsonEncoder(columns, plain);
    const writer: BatchWriter = new BatchWriter({
      value: { encoder, columns: undefined },
      key: { encoder: new JsonEncoder(columns.slice(0, 1), plain), columns: keys },
      timeColumn: undefined,
      headers: undefined,
      partitions: random.pick([1, 2, 5]),
      isFixed: false,
      take: (batch) => {
        const { partition, bytes } = batch;
        const header = readIntactHeader(bytes, 0, bytes.length);
        assert.equal(header?.end, bytes.length);
        const positions = new RecordPositions();
        if (header !== undefined) readRecords(bytes, header, 0, positions);
        for (let i = 0; i < positions.count; i++) {
          const key = textOf(bytes, positions.keyOffsets[i] ?? 0, positions.keyLengths[i] ?? 0);
          assert.equal(partitionOf.get(key) ?? partition, partition, 'a key stays in its partition');
          partitionOf.set(key, partition);
          found.push(`${key} ${textOf(bytes, positions.valueOffsets[i] ?? 0, positions.valueLengths[i] ?? 0)}`);
        }
        bytes.fill(0xdd);
        if (random.chance(0.7)) writer.recycle(batch);
      },
    });
    for (let k = 0; k < 3; k++) {
      const rows = random.pick([1, 15, 16, 257, 900]);
      const batch = drawRows(random, rows);
      const from = random.int(0, rows - 1);
      wanted.push(...encoded(batch, from, rows));
      writer.write(batch, from, rows, 1000);
      poison(batch);
    }
    writer.flush();
    assert.deepEqual(found.toSorted(), wanted.toSorted());
    if (encoder.hasFastTier) fast++;
  }
  assert.ok(fast >= 10, `${fast} encoders had a fast tier`);
});

/** The batches of each partition, in order. */
function batchesOf(batches: readonly { readonly partition: number; readonly bytes: Uint8Array }[], partitions: number): readonly string[][] {
  return Array.from({ length: partitions }, (_, of) => batches.filter(({ partition }) => partition === of).map(({ bytes }) => Buffer.from(bytes).toString('latin1')));
}

test('rows that are written many at once make, byte by byte, the batches that they make one by one', (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const random = new Random(seed);
  let full = 0;
  for (let n = 0; n < 24; n++) {
    const partitions = random.pick([1, 1, 2, 7, 300]);
    const isFixed = random.chance(0.1);
    const hasKey = random.chance(0.7);
    const made = [0, 1].map(() => {
      const batches: { partition: number; bytes: Uint8Array }[] = [];
      const writer: BatchWriter = new BatchWriter({
        value: { encoder: new JsonEncoder(columns, plain), columns: undefined },
        key: hasKey ? { encoder: new JsonEncoder([columns[0], columns[1]].flatMap((column) => column ?? []), plain), columns: [0, 1] } : undefined,
        timeColumn: undefined,
        headers: undefined,
        partitions,
        isFixed,
        take: ({ partition, bytes }) => {
          batches.push({ partition, bytes: bytes.slice() });
          writer.recycle({ partition, bytes });
        },
      });
      return { writer, batches };
    });
    const [many, each] = made as [(typeof made)[number], (typeof made)[number]];
    for (let k = 0; k < 5; k++) {
      const rows = random.pick([16, 255, 256, 257, 1500]);
      const batch = drawRows(random, rows);
      const time = 1_700_000_000_000 + random.int(-200, 10_000);
      many.writer.write(batch, 0, rows, time);
      for (let from = 0; from < rows; ) {
        const to = Math.min(rows, from + random.int(1, 15));
        each.writer.write(batch, from, to, time);
        from = to;
      }
    }
    full += many.batches.length;
    for (const { writer } of made) writer.flush();
    assert.deepEqual(batchesOf(many.batches, partitions), batchesOf(each.batches, partitions));
  }
  t.diagnostic(`${full} full batches`);
  assert.ok(full > 8);
});

test('rows of which some have no key go where they go one by one: into the batch that is under way', () => {
  const random = new Random(3);
  const found = [1000, 7].map((step) => {
    const batches: { partition: number; bytes: Uint8Array }[] = [];
    const writer: BatchWriter = new BatchWriter({
      value: { encoder: new JsonEncoder(columns, plain), columns: undefined },
      key: { encoder: new RawEncoder({ name: 'key', type: types.string }, { charset: 'utf-8', isLittleEndian: false }), columns: keys },
      timeColumn: undefined,
      headers: undefined,
      partitions: 3,
      isFixed: false,
      take: ({ partition, bytes }) => batches.push({ partition, bytes: bytes.slice() }),
    });
    return { step, writer, batches };
  });
  for (let k = 0; k < 12; k++) {
    const batch = drawRows(random, 1000);
    for (const { step, writer } of found) for (let from = 0; from < 1000; from += step) writer.write(batch, from, Math.min(1000, from + step), 5);
  }
  for (const { writer } of found) writer.flush();
  const [many, each] = found.map(({ batches }) => batchesOf(batches, 3));
  assert.deepEqual(many, each);
  assert.ok(many?.every((batches) => batches.length > 0));
});
