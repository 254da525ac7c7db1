import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadRecord } from '../../../../catalog/bad-record.ts';
import type { ReadColumn, RecordSpans } from '../../../../catalog/format.ts';
import { SpanTarget } from '../../../../catalog/span-target.ts';
import type { Column } from '../../../../core/column.ts';
import { defaultJsTypes, toJsValue } from '../../../../core/js-value.ts';
import { types, type SqlType } from '../../../../core/sql-type.ts';
import { allocateReachable } from '../../../../core/wasm-memory.ts';
import { readValue } from '../../../../core/value.ts';
import { JsonDecoder } from '../../../../connectors/formats/json/decoder.ts';
import { JsonEncoder } from '../../../../connectors/formats/json/encoder.ts';

const columns: readonly { readonly name: string; readonly type: SqlType }[] = [
  { name: 'list', type: { kind: 'ARRAY', element: types.string, nullable: true } },
  { name: 'prices', type: { kind: 'MAP', key: types.string, value: types.decimal(20, 2), nullable: true } },
  { name: 'deep', type: { kind: 'ROW', fields: [{ name: 'n', type: types.bigint }, { name: 'points', type: { kind: 'ARRAY', element: { kind: 'ROW', fields: [{ name: 'at', type: types.timestamp(3) }, { name: 'x', type: types.double }], nullable: true }, nullable: true } }], nullable: true } },
  { name: 'times', type: { kind: 'ARRAY', element: { kind: 'ROW', fields: [{ name: 't', type: { kind: 'TIME', precision: 3, nullable: true } }, { name: 'n', type: types.timestamp(9) }, { name: 'b', type: { kind: 'VARBINARY', length: 2147483647, nullable: true } }], nullable: true }, nullable: true } },
  { name: 'bag', type: { kind: 'MULTISET', element: types.string, nullable: true } },
];
const read: readonly ReadColumn[] = columns.map(({ name, type }) => ({ path: [name], type }));

function spansOf(records: readonly string[]): RecordSpans {
  const heap = new Uint8Array(4096);
  const spans: RecordSpans = { heap, slackStart: 0, offsets: new Int32Array(records.length), lengths: new Int32Array(records.length), count: records.length };
  for (const [i, record] of records.entries()) {
    const { written } = new TextEncoder().encodeInto(record, heap.subarray(spans.slackStart));
    spans.offsets[i] = spans.slackStart;
    spans.lengths[i] = written;
    spans.slackStart += written;
  }
  return spans;
}

type Tier = 'fast' | 'tolerant' | 'slow';

function rowsOf(records: readonly string[], of = read, tier: Tier = 'tolerant'): unknown {
  const decoder = new JsonDecoder(of, { fast: tier === 'fast', tolerant: tier !== 'slow' });
  const batch = decoder.decode(spansOf(records), 0, records.length);
  // A ROW that is read as a whole and by a field is for the slow tier.
  if (of === read) assert.deepEqual(decoder.taken, { fast: 0, tolerant: 0, slow: 0, [tier]: records.length });
  return records.map((_, row) => of.map(({ type }, i) => toJsValue(readValue(batch.columns[i] as Column, type, row), type, defaultJsTypes)));
}

const records = [
  '{"list":["a","\\u00e9\\"",null,5,{"x":1}],"prices":{"q":12345678901234567.89,"p":null},"deep":{"n":9007199254740993,"points":[{"at":"2021-03-04 05:06:07.5","x":1e2},null,{}]},"times":[{"t":"05:06:07.8","n":"2021-03-04 05:06:07.123456789","b":"aGk="}],"bag":{"z":2,"y":1}}',
  '{"list":[],"prices":{},"deep":{},"bag":null}',
  '{"deep":null}',
];

test('arrays, objects and nulls within them; digits are exact', () => {
  assert.deepEqual(rowsOf(records, read, 'slow'), rowsOf(records));
  assert.deepEqual(rowsOf(records), [
    [['a', 'é"', null, '5', '{"x":1}'], new Map([['p', null], ['q', '12345678901234567.89']]), { n: 9007199254740993n, points: [{ at: '2021-03-04 05:06:07.500', x: 100 }, null, { at: null, x: null }] }, [{ t: '05:06:07.800', n: '2021-03-04 05:06:07.123456789', b: Uint8Array.of(104, 105) }], new Map([['y', 1], ['z', 2]])],
    [[], new Map(), { n: null, points: null }, null, null],
    [null, null, null, null, null],
  ]);
});

test('records of one shape are read by the fast tier, also where they lie out of its reach', () => {
  const alike = [records[0] ?? '', (records[0] ?? '').replace('"list":["a",', '"list":[').replace('12345678901234567.89', '1'), '{"list":null,"prices":{"k":2},"deep":{"n":1},"times":[],"bag":{}}'];
  assert.deepEqual(rowsOf(alike, read, 'fast'), rowsOf(alike, read, 'slow'));
  const decoder = new JsonDecoder(read);
  const spans = spansOf(alike);
  const near = { ...spans, heap: allocateReachable(4096) };
  near.heap.set(spans.heap);
  const batch = decoder.decode(near, 0, 3);
  assert.equal(decoder.taken.fast, 3);
  assert.deepEqual(alike.map((_, row) => read.map(({ type }, i) => toJsValue(readValue(batch.columns[i] as Column, type, row), type, defaultJsTypes))), rowsOf(alike));
  assert.throws(() => rowsOf([...alike, alike[2]?.replace('[]', '{}') ?? ''], read, 'fast'), (error: unknown) => error instanceof BadRecord && error.column === 'times' && error.record === 3);
});

test('a field that is missing within a row does not fit where that fails, in every tier', () => {
  const of: readonly ReadColumn[] = [{ path: ['r'], type: { kind: 'ARRAY', element: { kind: 'ROW', fields: [{ name: 'x', type: types.int }, { name: 'y', type: types.int }], nullable: true }, nullable: true } }];
  for (const tiers of [{}, { fast: false }, { fast: false, tolerant: false }]) {
    const whole = ['{"r":[{"x":1,"y":null},null]}', '{"r":null}'];
    assert.equal(new JsonDecoder(of, { failsOnMissing: true, ...tiers }).decode(spansOf(whole), 0, 2).rowCount, 2);
    assert.throws(() => new JsonDecoder(of, { failsOnMissing: true, ...tiers }).decode(spansOf([...whole, '{"r":[{"x":1}]}']), 0, 3), (error: unknown) => error instanceof BadRecord && error.column === 'r' && error.record === 2);
  }
});

test('a row and its fields may be read beside each other', () => {
  const deep = columns[2]?.type as SqlType;
  assert.deepEqual(rowsOf([records[0] ?? ''], [{ path: ['deep', 'n'], type: types.bigint }, { path: ['deep'], type: deep }]), [[9007199254740993n, { n: 9007199254740993n, points: [{ at: '2021-03-04 05:06:07.500', x: 100 }, null, { at: null, x: null }] }]]);
});

test('what does not fit is told with its column', () => {
  const misfits: readonly (readonly [string, string])[] = [['list', '{"list":{}}'], ['list', '{"list":"x"}'], ['prices', '{"prices":[1]}'], ['prices', '{"prices":{"q":"x"}}'], ['deep', '{"deep":{"points":[{"at":"today"}]}}'], ['bag', '{"bag":{"x":1.5}}']];
  for (const [column, record] of misfits) assert.throws(() => rowsOf([record]), (error: unknown) => error instanceof BadRecord && error.column === column, record);
});

test('decode(encode(batch)) = batch', () => {
  const batch = new JsonDecoder(read).decode(spansOf(records), 0, records.length);
  const into = new SpanTarget();
  new JsonEncoder(columns, { isoTimes: false, ignoreNulls: false }).encode(batch, 0, records.length, into);
  const texts = Array.from({ length: into.count }, (_, i) => new TextDecoder().decode(into.bytes.subarray(into.offsets[i], (into.offsets[i] as number) + (into.lengths[i] as number))));
  assert.deepEqual(rowsOf(texts), rowsOf(records));
  assert.equal(texts[0], '{"list":["a","é\\"",null,"5","{\\"x\\":1}"],"prices":{"p":null,"q":12345678901234567.89},"deep":{"n":9007199254740993,"points":[{"at":"2021-03-04 05:06:07.5","x":100.0},null,{"at":null,"x":null}]},"times":[{"t":"05:06:07.8","n":"2021-03-04 05:06:07.123456789","b":"aGk="}],"bag":{"y":1,"z":2}}');
  assert.equal(texts[2], '{"list":null,"prices":null,"deep":null,"times":null,"bag":null}');
});

test('a key that is NULL is an error, left out, or a text of its own', () => {
  const type: SqlType = { kind: 'MAP', key: types.string, value: types.int, nullable: true };
  const batch = new JsonDecoder([{ path: ['m'], type }]).decode(spansOf(['{"m":{"":1,"b":2}}']), 0, 1);
  const column = batch.columns[0] as Column & { heap: Uint8Array };
  // The vector of the keys follows the map's first four bytes: its first key becomes NULL.
  column.heap = column.heap.slice();
  const at = (column as unknown as { offsets: Int32Array }).offsets[0] as number;
  column.heap[at + 8] = (column.heap[at + 8] as number) | 1;
  const encoded = (mode: 'fail' | 'drop' | 'literal'): string => {
    const into = new SpanTarget();
    new JsonEncoder([{ name: 'm', type }], { isoTimes: false, ignoreNulls: false, nullKey: { mode, literal: 'none' } }).encode(batch, 0, 1, into);
    return new TextDecoder().decode(into.bytes.subarray(into.offsets[0], (into.offsets[0] as number) + (into.lengths[0] as number)));
  };
  assert.throws(() => encoded('fail'), /NULL/);
  assert.equal(encoded('drop'), '{"m":{"b":2}}');
  assert.equal(encoded('literal'), '{"m":{"none":1,"b":2}}');
});

for (const tier of ['fast', 'tolerant'] as const) test(`an encoding that is larger than its text finds room without leaving the tier: ${tier}`, () => {
  const type: SqlType = { kind: 'ARRAY', element: types.bigint, nullable: true };
  const list = Array.from({ length: 500 }, (_, i) => i % 10);
  const record = new TextEncoder().encode(`{"a":[${list.join(',')}],"b":[${list.join(',')}],"c":[${list.join(',')}]}`);
  const spans: RecordSpans = { heap: record.slice(), slackStart: record.length, offsets: Int32Array.of(0), lengths: Int32Array.of(record.length), count: 1 };
  const decoder = new JsonDecoder(['a', 'b', 'c'].map((name) => ({ path: [name], type })), { fast: tier === 'fast' });
  const batch = decoder.decode(spans, 0, 1);
  for (const column of batch.columns) assert.deepEqual(readValue(column, type, 0), list.map(BigInt));
  assert.deepEqual(decoder.taken, { fast: 0, tolerant: 0, slow: 0, [tier]: 1 });
});

test('a whole number is one however JSON writes it', () => {
  const records = ['1.0', '1e2', '-15.00e1', '0.0', '-0e5', '1.230e2', '9223372036854775807.0', '100e-2', '0.5', '1.5', '1e19', '1e400', '5e-1', '9223372036854775808.0'];
  const values = records.map((text) => {
    const spans = spansOf([`{"n":${text}}`]);
    try {
      return readValue(new JsonDecoder([{ path: ['n'], type: types.bigint }]).decode(spans, 0, 1).columns[0] as Column, types.bigint, 0);
    } catch (error) {
      assert.ok(error instanceof BadRecord);
      return undefined;
    }
  });
  assert.deepEqual(values, [1n, 100n, -150n, 0n, 0n, 123n, 9223372036854775807n, 1n, undefined, undefined, undefined, undefined, undefined, undefined]);
});

test('where fields that do not fit are NULL, so are the parts of a value, one by one', () => {
  const array = (element: SqlType): SqlType => ({ kind: 'ARRAY', element, nullable: true });
  const of: readonly ReadColumn[] = [
    { path: ['a'], type: array(types.int) },
    { path: ['m'], type: { kind: 'MAP', key: types.string, value: types.int, nullable: true } },
    { path: ['r'], type: { kind: 'ROW', fields: [{ name: 'x', type: types.int }, { name: 'y', type: array({ kind: 'DATE', nullable: true }) }], nullable: true } },
    { path: ['l'], type: array(array(types.int)) },
  ];
  const spoiled = ['{"a":[1,"x",3,{}],"m":{"k":"z","j":2},"r":{"x":"q","y":["2024-01-01","no"]},"l":[[1],2,["u",3]]}', '{"a":"no","m":[],"r":1,"l":{}}'];
  const decoder = new JsonDecoder(of, { bad: 'null-fields' });
  const told: string[] = [];
  decoder.listener = { nulled: ({ record, column, expected }) => told.push(`${record} ${column}: ${expected}`), guessed: () => undefined };
  const batch = decoder.decode(spansOf(spoiled), 0, 2);
  assert.deepEqual(spoiled.map((_, row) => of.map(({ type }, i) => toJsValue(readValue(batch.columns[i] as Column, type, row), type, defaultJsTypes))), [
    [[1, null, 3, null], new Map([['j', 2], ['k', null]]), { x: null, y: ['2024-01-01', null] }, [[1], null, [null, 3]]],
    [null, null, null, null],
  ]);
  assert.equal(told[0], '0 a: an ARRAY<INT>: a part is not an INT');
  assert.ok(told.includes('1 m: a MAP<STRING, INT>'));
  assert.throws(() => new JsonDecoder(of).decode(spansOf(spoiled), 0, 1), (error: unknown) => error instanceof BadRecord && error.column === 'a' && error.expected === 'an ARRAY<INT>');
});
