import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordSpans } from '../../../../catalog/format.ts';
import { SpanTarget } from '../../../../catalog/span-target.ts';
import { allocateBatch, type Batch } from '../../../../core/batch.ts';
import { columnArrays, type I32Column, type I64Column } from '../../../../core/column.ts';
import { types } from '../../../../core/sql-type.ts';
import { msPerDay } from '../../../../core/time.ts';
import { JsonDecoder } from '../../../../connectors/formats/json/decoder.ts';
import { JsonEncoder } from '../../../../connectors/formats/json/encoder.ts';
import { seedFromEnvironment } from '../../../random.ts';
import { allTypes, drawOf, recordBytes, schemas, styles, type Schema } from './records.ts';

const utf8 = new TextEncoder();
const columns = allTypes.map(([name, type]) => ({ name, type }));

function spansOf(records: readonly Uint8Array[]): RecordSpans {
  const spans: RecordSpans = { heap: new Uint8Array(records.reduce((sum, record) => sum + record.length, 64)), slackStart: 0, offsets: new Int32Array(records.length), lengths: new Int32Array(records.length), count: records.length };
  for (const [i, record] of records.entries()) {
    spans.heap.set(record, spans.slackStart);
    spans.offsets[i] = spans.slackStart;
    spans.lengths[i] = record.length;
    spans.slackStart += record.length;
  }
  return spans;
}

const textsOf = ({ bytes, offsets, lengths, count }: SpanTarget): string[] => Array.from({ length: count }, (_, i) => new TextDecoder().decode(bytes.subarray(offsets[i], (offsets[i] as number) + (lengths[i] as number))));
/** What was encoded, as records to decode. */
const recordsOf = ({ bytes, offsets, lengths, count }: SpanTarget): RecordSpans => ({ heap: bytes.slice(), slackStart: bytes.length, offsets, lengths, count });

/** The values, nulls and texts of a batch, copied. */
const contents = (batch: Batch): unknown =>
  batch.columns.map((column) => ({
    nulls: [...(column.nulls ?? new Uint8Array(batch.rowCount))].slice(0, batch.rowCount),
    values: column.layout === 'bytes' ? [...column.lengths.subarray(0, batch.rowCount)].map((length, i) => Buffer.from(column.heap.subarray(column.offsets[i], (column.offsets[i] as number) + length)).toString('hex')) : columnArrays(column).map((array) => [...(array as Int32Array | BigInt64Array).subarray(0, batch.rowCount)]),
  }));

for (const options of [{ isoTimes: false, ignoreNulls: false }, { isoTimes: true, ignoreNulls: true }]) {
  test(`decode(encode(batch)) = batch, ${JSON.stringify(options)}`, (t) => {
    const seed = seedFromEnvironment();
    t.diagnostic(`SLUICE_SEED=${seed}`);
    const draw = drawOf(seed);
    const [flat] = schemas as [Schema, ...Schema[]];
    const encoder = new JsonEncoder(columns, options);
    const again = new JsonDecoder(flat.columns);
    const into = new SpanTarget();
    for (let n = 0; n < 20; n++) {
      const records = Array.from({ length: 1 + draw(200) }, () => recordBytes(draw, flat, styles[0], 'none'));
      const batch = new JsonDecoder(flat.columns).decode(spansOf(records), 0, records.length);
      const from = draw(records.length);
      into.clear();
      encoder.encode(batch, 0, records.length, into);
      assert.equal(into.count, records.length);
      assert.deepEqual(contents(again.decode(recordsOf(into), 0, into.count)), contents(batch));
      into.clear();
      encoder.encode(batch, from, records.length, into);
      for (const text of textsOf(into)) JSON.parse(text);
      assert.equal(into.count, records.length - from);
    }
    assert.ok(options.ignoreNulls || again.taken.fast > again.taken.slow);
  });
}

/** What the encoder writes for records that were read as these columns. */
function rewrite(schema: readonly { readonly name: string; readonly type: (typeof columns)[number]['type'] }[], records: readonly string[], options = { isoTimes: false, ignoreNulls: false }): string[] {
  const batch = new JsonDecoder(schema.map(({ name, type }) => ({ path: [name], type }))).decode(spansOf(records.map((record) => utf8.encode(record))), 0, records.length);
  const into = new SpanTarget();
  new JsonEncoder(schema, options).encode(batch, 0, records.length, into);
  return textsOf(into);
}

test('every type is written as Flink writes it', () => {
  const record = { flag: true, tiny: -128, small: 100, whole: -2147483648, long: 'LONG', single: 1.1, double: 0.1, money: 'MONEY', wide: 'WIDE', text: 'grün "x"', day: '2024-02-29', time: '2024-02-29 00:00:00.120', instant: '0999-12-31T23:59:59' };
  const text = JSON.stringify(record).replace('"LONG"', '-9223372036854775808').replace('"MONEY"', '-0.5').replace('"WIDE"', '1234567890123456789012345678.0000000001');
  const written = '{"flag":true,"tiny":-128,"small":100,"whole":-2147483648,"long":-9223372036854775808,"single":1.1,"double":0.1,"money":-0.50,"wide":1234567890123456789012345678.0000000001,"text":"grün \\"x\\"","day":"2024-02-29","time":"2024-02-29 00:00:00.12","instant":"0999-12-31 23:59:59Z"}';
  assert.deepEqual(rewrite(columns, [text, '{}']), [written, `{${columns.map(({ name }) => `"${name}":null`).join(',')}}`]);
  assert.deepEqual(rewrite(columns, ['{}', '{"text":"","time":"2024-02-29 01:00:00"}'], { isoTimes: true, ignoreNulls: true }), ['{}', '{"text":"","time":"2024-02-29T01:00:00"}']);
});

test('integers of every length are written by their digits', () => {
  const values = Array.from({ length: 19 }, (_, digits) => [10n ** BigInt(digits), 10n ** BigInt(digits) - 1n, -(10n ** BigInt(digits)), 1234567890123456789n / 10n ** BigInt(digits)]).flat();
  assert.deepEqual(rewrite([{ name: 'n', type: types.bigint }], values.map((value) => `{"n":${value}}`)), values.map((value) => `{"n":${value}}`));
});

test('a year that does not have four digits is written with its sign', () => {
  const encoder = new JsonEncoder([{ name: 't', type: types.timestampLtz(3) }, { name: 'd', type: { kind: 'DATE', nullable: true } }], { isoTimes: false, ignoreNulls: false });
  const batch = allocateBatch(['i64', 'i32'], 8);
  const times = [253_402_300_799_999, 253_402_300_800_000, 253_402_300_800_500, -62_167_219_200_000, -62_167_219_200_001];
  const [millis, days] = batch.columns as [I64Column, I32Column];
  for (const [row, time] of times.entries()) {
    millis.values[row] = BigInt(time);
    days.values[row] = Math.floor(time / msPerDay);
  }
  const into = new SpanTarget();
  encoder.encode(batch, 0, times.length, into);
  assert.deepEqual(textsOf(into), [
    '{"t":"9999-12-31 23:59:59.999Z","d":"9999-12-31"}',
    '{"t":"+10000-01-01 00:00:00Z","d":"+10000-01-01"}',
    '{"t":"+10000-01-01 00:00:00.5Z","d":"+10000-01-01"}',
    '{"t":"0000-01-01 00:00:00Z","d":"0000-01-01"}',
    '{"t":"-0001-12-31 23:59:59.999Z","d":"-0001-12-31"}',
  ]);
});

test('a text is escaped wherever in a word its special byte stands', () => {
  const texts = ['"', '\\', '\u0000', '\u001f', '\n', '\u007f', 'é', '😀'].flatMap((special) => Array.from({ length: 20 }, (_, at) => [`${'a'.repeat(at)}${special}`, `${'é'.repeat(at)}${special}${'b'.repeat(at % 5)}`]).flat());
  assert.deepEqual(rewrite([{ name: 't', type: types.string }], texts.map((text) => JSON.stringify({ t: text }))), texts.map((text) => JSON.stringify({ t: text })));
});

test('a heap that ends with its last text is read as one with room behind', () => {
  const encoder = new JsonEncoder([{ name: 't', type: types.string }], { isoTimes: false, ignoreNulls: false });
  const batch = new JsonDecoder([{ path: ['t'], type: types.string }]).decode(spansOf([utf8.encode('{"t":"abcde"}')]), 0, 1);
  const [column] = batch.columns;
  assert.ok(column?.layout === 'bytes');
  column.heap = column.heap.slice(0, (column.offsets[0] as number) + 5);
  const into = new SpanTarget();
  encoder.encode(batch, 0, 1, into);
  assert.deepEqual(textsOf(into), ['{"t":"abcde"}']);
});
