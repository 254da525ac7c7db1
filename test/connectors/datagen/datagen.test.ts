import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocateBatch } from '../../../core/batch.ts';
import { layoutOf } from '../../../core/layout.ts';
import { readValue, type SqlValue } from '../../../core/value.ts';
import { types, type SqlType } from '../../../core/sql-type.ts';
import { Options } from '../../../catalog/option-spec.ts';
import { planFields } from '../../../connectors/datagen/field-plan.ts';
import { fill } from '../../../connectors/datagen/generate.ts';
import { Engine, SqlError } from '../../../index.ts';

const noon = Date.UTC(2024, 1, 29, 12);

/** The first values of a column of `type` with these options. */
function values(type: SqlType, options: Readonly<Record<string, string>> = {}, { seed = 7, first = 0, count = 300 } = {}): SqlValue[] {
  const given = new Map(Object.entries(options).map(([key, value]) => [`fields.c.${key}`, value]));
  const { plans, faults } = planFields([{ name: 'c', type }], new Options(given));
  assert.deepEqual(faults, []);
  const plan = plans.get('c');
  const column = allocateBatch([layoutOf(type)], count).columns[0];
  assert.ok(plan !== undefined && column !== undefined);
  fill(column, plan, seed, 0, first, count, noon);
  return Array.from({ length: count }, (_, row) => readValue(column, type, row));
}

const faultsOf = (type: SqlType, options: Readonly<Record<string, string>>): readonly string[] =>
  planFields([{ name: 'c', type }], new Options(new Map(Object.entries(options)))).faults.map(({ key, code }) => `${code} ${key}`);

test('random numbers lie within their bounds and reach both', () => {
  const dice = values(types.int, { min: '-2', max: '3' });
  assert.deepEqual([...new Set(dice)].toSorted((a, b) => Number(a) - Number(b)), [-2, -1, 0, 1, 2, 3]);
  assert.deepEqual(new Set(values(types.bigint, { min: '9223372036854775806', max: '9223372036854775807' })), new Set([9223372036854775806n, 9223372036854775807n]));
  assert.ok(values(types.bigint).some((value) => Number(value) < -(2 ** 61)) && values(types.bigint).some((value) => Number(value) > 2 ** 61));
  assert.deepEqual(new Set(values(types.decimal(4, 1), { min: '-0.1', max: '0.1' })), new Set([-1n, 0n, 1n]));
  const wide = values(types.decimal(38, 0)).map((value) => value as bigint);
  assert.ok(wide.every((value) => value >= 0n && value < 10n ** 38n) && wide.some((value) => value > 10n ** 37n));
  assert.ok(values(types.double, { min: '1.5', max: '2' }).every((value) => Number(value) >= 1.5 && Number(value) <= 2));
  assert.deepEqual(new Set(values(types.boolean)), new Set([true, false]));
});

test('text has its length', () => {
  assert.ok(values(types.string).every((value) => /^[0-9a-f]{100}$/.test(String(value))));
  assert.ok(values({ kind: 'CHAR', length: 3, nullable: true }).every((value) => String(value).length === 3));
  const lengths = new Set(values(types.string, { length: '4', 'var-len': 'true' }).map((value) => String(value).length));
  assert.deepEqual([...lengths].toSorted(), [1, 2, 3, 4]);
});

test('times are of the moment, or up to max-past before it', () => {
  assert.deepEqual(new Set(values(types.timestamp(3))), new Set([noon]));
  const past = values(types.timestampLtz(3), { 'max-past': '10 s' }).map(Number);
  assert.ok(past.every((time) => time > noon - 10_000 && time <= noon) && new Set(past).size > 100);
  assert.deepEqual(new Set(values({ kind: 'DATE', nullable: true })), new Set([19782]));
});

test('a row is the same however rows are cut into batches', () => {
  for (const type of [types.int, types.bigint, types.double, types.string, types.decimal(30, 2)]) {
    const whole = values(type);
    assert.deepEqual(values(type, {}, { first: 100, count: 50 }), whole.slice(100, 150));
    assert.notDeepEqual(values(type, {}, { seed: 8 }), whole);
  }
});

test('sequences count, as numbers, decimals and text', () => {
  const bounds = { kind: 'sequence', start: '5', end: '400' };
  assert.deepEqual(values(types.int, bounds, { count: 3 }), [5, 6, 7]);
  assert.deepEqual(values(types.decimal(6, 2), bounds, { count: 3 }), [500n, 600n, 700n]);
  assert.deepEqual(values(types.decimal(20, 2), bounds, { count: 2 }), [500n, 600n]);
  assert.deepEqual(values(types.string, bounds, { first: 1, count: 2 }), ['6', '7']);
  assert.deepEqual(values(types.double, bounds, { count: 2 }), [5, 6]);
});

test('options that say nothing of the table are faults', () => {
  assert.deepEqual(faultsOf(types.int, { 'fields.d.min': '1' }), ['E0501 fields.d.min']);
  assert.deepEqual(faultsOf(types.int, { 'fields.c.length': '1' }), ['E0501 fields.c.length']);
  assert.deepEqual(faultsOf(types.int, { 'fields.c.min': '5', 'fields.c.max': '4' }), ['E0504 fields.c.min']);
  assert.deepEqual(faultsOf(types.int, { 'fields.c.min': '1.5' }), ['E0504 fields.c.min']);
  assert.deepEqual(faultsOf(types.int, { 'fields.c.kind': 'sequence', 'fields.c.start': '1' }), ['E0503 fields.c.kind']);
  assert.deepEqual(faultsOf({ ...types.int, nullable: false }, { 'fields.c.null-rate': '0.5' }), ['E0504 fields.c.null-rate']);
  assert.deepEqual(faultsOf({ kind: 'VARCHAR', length: 5, nullable: true }, { 'fields.c.length': '6' }), ['E0504 fields.c.length']);
  assert.deepEqual(faultsOf({ kind: 'INTERVAL_SECOND', nullable: true }, {}), ['E0002 fields.c.kind']);
  assert.deepEqual(faultsOf({ kind: 'ARRAY', element: types.int, nullable: true }, { 'fields.c.kind': 'sequence', 'fields.c.element.kind': 'sequence', 'fields.c.key.min': '1', 'fields.c.length': '-1' }).toSorted(), ['E0501 fields.c.key.min', 'E0504 fields.c.element.kind', 'E0504 fields.c.kind', 'E0504 fields.c.length']);
});

test('a table ends with number-of-rows or its first sequence, and is read as any other', async () => {
  await using engine = await Engine.create();
  await engine.exec(`
    CREATE TABLE few (n INT, s STRING) WITH ('connector' = 'datagen', 'number-of-rows' = '7', 'fields.n.null-rate' = '1');
    CREATE TABLE counted (n BIGINT, m INT) WITH ('connector' = 'datagen', 'rows-per-second' = '5000', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '4000')`);
  assert.deepEqual((await engine.collect('SELECT COUNT(*) AS c, COUNT(n) AS n, MIN(CHAR_LENGTH(s)) AS l FROM few')).rows.at(-1), { c: 7n, n: 0n, l: 100 });
  assert.deepEqual((await engine.collect('SELECT SUM(n) AS s, COUNT(*) AS c FROM counted')).rows.at(-1), { s: 8002000n, c: 4000n });
});

test('all rows of a table without an end cannot be asked for', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE TABLE t (n INT) WITH ('connector' = 'datagen')");
  await assert.rejects(engine.collect('SELECT n FROM t'), (error) => error instanceof SqlError && error.code === 'E0503');
  const rows = [];
  for await (const row of engine.query('SELECT n FROM t LIMIT 3')) rows.push(row);
  assert.equal(rows.length, 3);
});

const array = (element: SqlType): SqlType => ({ kind: 'ARRAY', element, nullable: true });
const nested: SqlType = { kind: 'ROW', fields: [{ name: 'x', type: types.int }, { name: 'l', type: array(types.string) }], nullable: true };

test('an ARRAY, MAP, MULTISET and ROW is made of its parts, each with options of its own', () => {
  assert.ok(values(array(types.int), { length: '4', 'element.min': '1', 'element.max': '6' }).every((value) => Array.isArray(value) && value.length === 4 && value.every((part) => Number(part) >= 1 && Number(part) <= 6)));
  assert.ok(values(array(types.int)).every((value) => (value as readonly SqlValue[]).length === 3));
  const maps = values({ kind: 'MAP', key: types.string, value: types.boolean, nullable: true }, { 'key.length': '8', 'value.null-rate': '0.5' }) as unknown as readonly (readonly (readonly [string, SqlValue])[])[];
  assert.ok(maps.every((entries) => entries.length === 3 && entries.every(([key]) => key.length === 8)));
  assert.deepEqual(new Set(maps.flatMap((entries) => entries.map(([, value]) => value))), new Set([true, false, null]));
  const bags = values({ kind: 'MULTISET', element: types.int, nullable: true }) as unknown as readonly (readonly (readonly [number, number])[])[];
  assert.deepEqual([...new Set(bags.flatMap((entries) => entries.map(([, count]) => count)))].toSorted((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const rows = values(nested, { 'x.min': '-1', 'x.max': '1', 'l.length': '2', 'l.element.length': '1' }) as unknown as readonly (readonly [number, readonly string[]])[];
  assert.deepEqual(new Set(rows.map(([x]) => x)), new Set([-1, 0, 1]));
  assert.ok(rows.every(([, list]) => list.length === 2 && list.every((text) => /^[0-9a-f]$/.test(text))));
  // Parts differ from one another, and are the same however rows are cut.
  assert.ok(new Set((values(array(types.bigint)) as readonly (readonly bigint[])[]).flat()).size === 900);
  assert.deepEqual(values(nested, {}, { first: 100, count: 50 }), values(nested).slice(100, 150));
});

test('a ROW is read whole or by its fields', async () => {
  await using engine = await Engine.create();
  await engine.exec(`CREATE TABLE g (r ROW<x INT, in ROW<s STRING>>, n INT) WITH ('connector' = 'datagen', 'number-of-rows' = '500', 'fields.r.null-rate' = '0.3', 'fields.r.in.null-rate' = '0.3', 'fields.r.in.s.length' = '3')`.replace(' in ROW', ' `in` ROW'));
  const { rows } = await engine.collect('SELECT r.x AS x, r.`in`.s AS s, r.x IS NULL AND r.`in` IS NULL AS gone FROM g');
  assert.ok(rows.some(({ x }) => x === null) && rows.some(({ x, s }) => x !== null && s === null) && rows.every(({ s }) => s === null || /^[0-9a-f]{3}$/.test(String(s))));
  assert.ok(rows.every(({ x, gone }) => (x === null) === gone));
});
