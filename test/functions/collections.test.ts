import assert from 'node:assert/strict';
import test from 'node:test';
import { SqlError } from '../../core/diagnostic.ts';
import { Engine } from '../../engine/engine.ts';
import { textsOf } from './evaluate.ts';

async function check(expected: Readonly<Record<string, string | null>>): Promise<void> {
  const found = await textsOf(...Object.keys(expected));
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((sql, i) => [sql, found[i]])), expected);
}

async function codeOf(sql: string): Promise<string> {
  return textsOf(sql).then(() => 'none', (error: unknown) => (error instanceof SqlError ? error.code : String(error)));
}

test('a function of an array is NULL of NULL, and elements may be NULL', () =>
  check({
    'ARRAY_APPEND(ARRAY[7], NULLIF(1, 1))': '[7, NULL]',
    'ARRAY_APPEND(CAST(NULL AS ARRAY<INT>), 7)': null,
    "ARRAY_PREPEND(ARRAY['b'], 'abc')": '[abc, b]',
    'ARRAY_APPEND(ARRAY[1], 2.5)': '[1.0, 2.5]',
    'ARRAY_CONTAINS(ARRAY[7, NULL], NULLIF(1, 1))': 'TRUE',
    'ARRAY_CONTAINS(ARRAY[7], NULLIF(1, 1))': 'FALSE',
    'ARRAY_CONTAINS(CAST(NULL AS ARRAY<INT>), 7)': null,
    'ARRAY_POSITION(ARRAY[7, 8, 8], 8)': '2',
    'ARRAY_POSITION(ARRAY[7], 9)': '0',
    'ARRAY_POSITION(ARRAY[7, NULL], NULLIF(1, 1))': null,
    'ARRAY_POSITION(CAST(NULL AS ARRAY<INT>), 7)': null,
    'ARRAY_CONTAINS(ARRAY[1.5, 2], 2)': 'TRUE',
    "CAST(ARRAY_MAX(ARRAY[X'0a', X'0b00']) = X'0b00' AS STRING)": 'TRUE',
    'ARRAY_REMOVE(ARRAY[7, NULL, 8, NULL], NULLIF(1, 1))': '[7, 8]',
    'ARRAY_DISTINCT(ARRAY[NULL, 8, NULL, 7, 8])': '[NULL, 8, 7]',
    'ARRAY_UNION(ARRAY[8, 8, NULL], ARRAY[NULL, 7])': '[8, NULL, 7]',
    'ARRAY_INTERSECT(ARRAY[8, NULL, 8, 7], ARRAY[NULL, 8])': '[8, NULL]',
    'ARRAY_EXCEPT(ARRAY[8, NULL, 7, 7], ARRAY[8])': '[NULL, 7]',
    'ARRAY_CONCAT(ARRAY[1], CAST(NULL AS ARRAY<INT>))': null,
  }));

test('elements of structured types are compared as wholes', () =>
  check({
    'ARRAY_CONTAINS(ARRAY[ROW(1, TRUE), ROW(2, FALSE)], ROW(2, FALSE))': 'TRUE',
    "ARRAY_EXCEPT(ARRAY[ARRAY['q'], ARRAY['r', 's']], ARRAY[ARRAY['r', 's']])": '[[q]]',
    'ARRAY_DISTINCT(ARRAY[MAP[2, 3, 1, 4], MAP[1, 4, 2, 3]])': '[{1=4, 2=3}]',
  }));

test('a slice counts from either end', () =>
  check({
    "ARRAY_SLICE(ARRAY['p', 'q', 'r', 's'], 2, 3)": '[q, r]',
    "ARRAY_SLICE(ARRAY['p', 'q', 'r', 's'], -2)": '[r, s]',
    "ARRAY_SLICE(ARRAY['p', 'q', 'r', 's'], 3, 2)": '[]',
    "ARRAY_SLICE(ARRAY['p', 'q', 'r', 's'], 0, 2)": '[p, q]',
    "ARRAY_SLICE(ARRAY['p', 'q', 'r', 's'], 3, 99)": '[r, s]',
    "ARRAY_SLICE(ARRAY['p', 'q', 'r', 's'], -99, -4)": '[p]',
    "ARRAY_SLICE(ARRAY['p'], NULLIF(1, 1))": null,
  }));

test('least and greatest, and the order of each type', () =>
  check({
    'ARRAY_MIN(ARRAY[-1, 3, -200])': '-200',
    'ARRAY_MAX(ARRAY[CAST(-1 AS BIGINT), 3000000000])': '3000000000',
    "ARRAY_MAX(ARRAY['z', 'zz', NULL])": 'zz',
    "ARRAY_MIN(ARRAY[DATE '2021-03-04', DATE '1969-03-04'])": '1969-03-04',
    'ARRAY_MAX(ARRAY[1.25, 10])': '10.00',
    'ARRAY_MIN(ARRAY[NULLIF(1, 1)])': null,
    'ARRAY_SORT(ARRAY[5, NULL, -5], TRUE, FALSE)': '[-5, 5, NULL]',
    'ARRAY_SORT(ARRAY[5, NULL, -5], FALSE, TRUE)': '[NULL, 5, -5]',
    'ARRAY_SORT(ARRAY[1E0, -2E0, 3.5E0])': '[-2.0, 1.0, 3.5]',
  }));

test('maps: the last of equal keys stays, entries in the order of keys', () =>
  check({
    "MAP['k', 1, 'j', 2, 'k', 3]": '{j=2, k=3}',
    'MAP_VALUES(MAP[10, CAST(NULL AS INT), 9, 4])': '[4, NULL]',
    "MAP_UNION(MAP['k', 1], MAP['k', 2, 'l', 3], MAP['l', 4])": '{k=2, l=4}',
    "MAP_ENTRIES(MAP['k', MAP[1, 2]])": '[(k, {1=2})]',
    "MAP['k', 1]['k'] + MAP[2, 5][2]": '6',
    'MAP[NULLIF(1, 1), 5][NULLIF(1, 1)]': null,
    'CARDINALITY(MAP[1, 2, 3, 4])': '2',
    "STR_TO_MAP('a:1;;b', ';', ':')": '{=NULL, a=1, b=NULL}',
    "STR_TO_MAP('')": '{}',
    "SPLIT('x--y-', '-')": '[x, , y, ]',
    "SPLIT('aé', '')": '[a, é]',
  }));

test('every match of a pattern', () =>
  check({
    "REGEXP_EXTRACT_ALL('t1=20;t2=21', 't(\\d)=(\\d+)', 2)": '[20, 21]',
    "REGEXP_EXTRACT_ALL('t1', 't(\\d)|(x)', 2)": '[NULL]',
    "REGEXP_EXTRACT_ALL('t1', 't', 1)": null,
    "REGEXP_EXTRACT_ALL('t1', 'z', 0)": '[]',
    "REGEXP_EXTRACT_ALL('t1', '(', 0)": null,
  }));

test('what does not go together is refused before it runs; what is wrong with a value when it runs', async () => {
  assert.equal(await codeOf("ARRAY_APPEND(ARRAY['x'], 1)"), 'E0208');
  assert.equal(await codeOf('ARRAY_MIN(ARRAY[TRUE])'), 'E0208');
  assert.equal(await codeOf('ARRAY_MAX(ARRAY[ARRAY[1]])'), 'E0208');
  assert.equal(await codeOf('ARRAY_SLICE(ARRAY[1], 1.5)'), 'E0208');
  assert.equal(await codeOf("ARRAY[1, 'x']"), 'E0208');
  assert.equal(await codeOf("MAP['x']"), 'E0208');
  assert.equal(await codeOf('ARRAY[1][0]'), 'E0207');
  assert.equal(await codeOf('ARRAY[1] < ARRAY[2]'), 'E0208');
  assert.notEqual(await codeOf('ELEMENT(ARRAY[1, 2])'), 'none');
  assert.notEqual(await codeOf('MAP_FROM_ARRAYS(ARRAY[1, 2], ARRAY[3])'), 'none');
});

test('JSON: clauses say what becomes of nothing and of errors', async () => {
  await check({
    "JSON_VALUE('{\"n\": 5}', 'lax $.m' DEFAULT 'none' ON EMPTY)": 'none',
    "JSON_VALUE('{\"n\": 5}', 'strict $.m' NULL ON EMPTY DEFAULT 'bad' ON ERROR)": 'bad',
    "JSON_VALUE('{', '$.m' DEFAULT 'bad' ON ERROR)": 'bad',
    "JSON_VALUE('{\"n\": 5}', '$.n' RETURNING DOUBLE)": '5.0',
    "JSON_QUERY('{\"n\": [5]}', '$.n' WITH CONDITIONAL ARRAY WRAPPER)": '[5]',
    "JSON_QUERY('{\"n\": [5]}', '$.n' WITH ARRAY WRAPPER)": '[[5]]',
    "JSON_QUERY('{}', 'lax $.n' EMPTY ARRAY ON EMPTY)": '[]',
    "JSON_EXISTS('{', '$.n' UNKNOWN ON ERROR)": null,
    "JSON_OBJECT('a' VALUE ARRAY[TRUE], KEY 'b' VALUE 'say \"x\"')": '{"a":[true],"b":"say \\"x\\""}',
    'JSON_ARRAY(NULLIF(1, 1), 2 NULL ON NULL)': '[null,2]',
    "JSON_STRING(MAP['k', 1.50])": '{"k":1.50}',
  });
  assert.notEqual(await codeOf("JSON_VALUE('{}', 'lax $.n' ERROR ON EMPTY)"), 'none');
  assert.equal(await codeOf("JSON_VALUE('{}', '$' RETURNING DATE)"), 'E0208');
});

test('identifiers differ, and are not computed twice', async () => {
  await using engine = await Engine.create();
  const values = Array.from({ length: 200 }, (_, i) => `(${i})`).join(', ');
  const { rows } = await engine.collect(`SELECT u, u = u AS same FROM (SELECT UUID() AS u FROM (VALUES ${values}) AS t(a)) AS s WHERE u < '8'`);
  const ids = rows.map((row) => String(row['u']));
  assert.ok(ids.length > 0 && new Set(ids).size === ids.length);
  assert.deepEqual(ids.filter((id) => !/^[0-7][0-9a-f-]{35}$/.test(id)), []);
  assert.ok(rows.every((row) => row['same'] === true));
});

test('parts of intervals', () =>
  check({
    "EXTRACT(HOUR FROM INTERVAL '2 03:04:05.678' DAY TO SECOND)": '3',
    "EXTRACT(DAY FROM INTERVAL '-49' HOUR)": '-2',
    "EXTRACT(MONTH FROM INTERVAL '1-02' YEAR TO MONTH)": '2',
    "TIMESTAMPADD(MINUTE, 5, DATE '2021-03-04')": '2021-03-04 00:05:00.000000',
    'CAST(CAST(NULL AS INTERVAL DAY TO SECOND) AS STRING)': null,
  }));
