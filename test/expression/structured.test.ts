import assert from 'node:assert/strict';
import test from 'node:test';
import { SqlError } from '../../core/diagnostic.ts';
import { Engine } from '../../engine/engine.ts';
import { textsOf } from '../functions/evaluate.ts';

test('structured values come out as arrays, Maps and objects', async () => {
  await using engine = await Engine.create();
  const { rows, columns } = await engine.collect("SELECT ARRAY[1, NULL] AS a, MAP['k', CAST(5 AS BIGINT)] AS m, CAST((1, 'x', ARRAY[(2.50, DATE '2021-03-04')]) AS ROW<n INT, s STRING, l ARRAY<ROW<d DECIMAL(4, 2), day DATE>>>) AS r");
  assert.deepEqual(rows, [{ a: [1, null], m: new Map([['k', 5n]]), r: { n: 1, s: 'x', l: [{ d: '2.50', day: '2021-03-04' }] } }]);
  assert.deepEqual(columns.map(({ type }) => type), ['ARRAY<INT>', 'MAP<CHAR(1) NOT NULL, BIGINT NOT NULL>', 'ROW<`n` INT, `s` STRING, `l` ARRAY<ROW<`d` DECIMAL(4, 2), `day` DATE>>>']);
});

test('fields and elements of what is computed, deep and NULL', async () => {
  const found = await textsOf(
    "CAST(('p', ('q', CAST(7 AS BIGINT))) AS ROW<a STRING, b ROW<c STRING, d BIGINT>>).b.d",
    "CAST((NULLIF('p', 'p'), 'r') AS ROW<a STRING, b STRING>).b",
    'CAST(NULL AS ROW<a INT>).a',
    "ARRAY[MAP['k', ARRAY[10, 20]]][1]['k'][2]",
    'ARRAY[1, 2][3]',
    'ARRAY[1, 2][NULLIF(1, 1)]',
    "CAST((1, 2) AS ROW<a INT, b INT>)['b']",
    "CASE WHEN TRUE THEN ARRAY['x'] ELSE ARRAY['longer'] END[1]",
  );
  assert.deepEqual(found, ['7', 'r', null, '20', null, null, '2', 'x']);
});

test('casts go part by part; TRY_CAST is NULL as a whole where a part fails', async () => {
  const found = await textsOf(
    "CAST(ARRAY['1', '22', NULL] AS ARRAY<INT>)",
    'CAST(MAP[2, 1.5, 1, 2.5] AS MAP<STRING, DOUBLE>)',
    "CAST((1, ARRAY[TRUE]) AS ROW<a STRING, b ARRAY<STRING>>)",
    "TRY_CAST(ARRAY['1', 'x'] AS ARRAY<INT>)",
    "TRY_CAST(('1', 'x') AS ROW<a INT, b STRING>)",
    "CAST(ARRAY[X'6869'] AS STRING)",
    "CAST(ARRAY['abcdef'] AS VARCHAR(4))",
  );
  assert.deepEqual(found, ['[1, 22, NULL]', '{1=2.5, 2=1.5}', '(1, [TRUE])', null, '(1, x)', '[hi]', '[abc']);
  const codeOf = (sql: string): Promise<string> => textsOf(sql).then(() => 'none', (error: unknown) => (error instanceof SqlError ? error.code : String(error)));
  assert.equal(await codeOf('CAST((1, 2) AS ROW<a INT>)'), 'E0206');
  assert.equal(await codeOf('CAST(ARRAY[1] AS MAP<INT, INT>)'), 'E0206');
  assert.equal(await codeOf("CAST(ARRAY['x'] AS ARRAY<INT>)"), 'E0207');
  assert.equal(await codeOf('(1, 2).c'), 'E0102');
});

test('a time within a structured value is text in the session\'s zone', async () => {
  await using engine = await Engine.create();
  await engine.exec("SET 'table.local-time-zone' = 'Asia/Tokyo'");
  const { rows } = await engine.collect("SELECT CAST(ARRAY[TO_TIMESTAMP_LTZ(0, 3)] AS STRING) AS a");
  assert.deepEqual(rows, [{ a: '[1970-01-01 09:00:00.000]' }]);
});

test('equal values are one key, whatever the order of a map', async () => {
  await using engine = await Engine.create();
  const { rows } = await engine.collect("SELECT m, COUNT(*) AS n, COUNT(DISTINCT a) AS d FROM (VALUES (MAP['x', 1, 'y', 2], ARRAY[1]), (MAP['y', 2, 'x', 1], ARRAY[1]), (MAP['x', 1], ARRAY[2])) AS t(m, a) GROUP BY m");
  assert.deepEqual(rows.map((row) => [[...(row['m'] as Map<string, number>)], row['n'], row['d']]), [[[['x', 1], ['y', 2]], 2n, 1n], [[['x', 1]], 1n, 1n]]);
  const equal = await engine.collect('SELECT ARRAY[1, 2] = ARRAY[1, 2] AS a, (1, 2) <> (1, 3) AS b, ARRAY[1] IS DISTINCT FROM CAST(NULL AS ARRAY<INT>) AS c, ARRAY[1] = NULL AS d');
  assert.deepEqual(equal.rows, [{ a: true, b: true, c: true, d: null }]);
});
