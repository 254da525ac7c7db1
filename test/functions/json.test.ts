import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { textsOf } from './evaluate.ts';

const errorOf = (sql: string): Promise<unknown> => textsOf(sql).then(() => 'none', (error: { readonly code?: string }) => error.code);

test('objects have their names in order, numbers are as Java prints them', async () => {
  assert.deepEqual(
    await textsOf(`JSON_QUERY('{"b": {"z": 1e5, "a": 1.50, "10": -0}}', '$.b')`, `JSON_QUERY('[{"y": 2, "x": 1}]', '$' RETURNING ARRAY<STRING>)`, "JSON_OBJECT('k' VALUE 1, 'a' VALUE JSON_OBJECT('c' VALUE 2, 'b' VALUE 3))", `JSON_VALUE('{"a": 12E-9}', '$.a')`, 'JSON_STRING(1.5E10)', 'JSON_STRING(CAST(0.1 AS FLOAT))', 'JSON_STRING(CAST(0.0000001 AS DECIMAL(10, 7)))'),
    ['{"10":0,"a":1.50,"z":1E+5}', '[{"x":1,"y":2}]', '{"a":{"b":3,"c":2},"k":1}', '1.2E-8', '1.5E+10', '0.10000000149011612', '1E-7'],
  );
});

test('times are those of ISO 8601, bytes are Base64, whatever the parts they stand in', async () => {
  assert.deepEqual(
    await textsOf("JSON_STRING(ROW(TIMESTAMP '2026-02-28 07:08:00', TIMESTAMP '2026-02-28 07:08:00.1234567', x'ff00'))", "JSON_OBJECT('at' VALUE TO_TIMESTAMP_LTZ(1500, 3))", "JSON_ARRAY(DATE '2026-02-28', TRUE, MAP['b', 1, 'a', 2])"),
    ['{"EXPR$0":"2026-02-28T07:08:00","EXPR$1":"2026-02-28T07:08:00.1234567","EXPR$2":"/wA="}', '{"at":"1970-01-01T00:00:01.500Z"}'.replace('500', '5'), '["2026-02-28",true,{"a":2,"b":1}]'],
  );
});

test('a strict path that leads nowhere, or to null, is an error; a lax one is empty', async () => {
  assert.deepEqual(
    await textsOf("CAST(JSON_EXISTS('{}', '$.a' TRUE ON ERROR) AS STRING)", "JSON_EXISTS('{}', 'lax $.a' TRUE ON ERROR)", "JSON_EXISTS('{}', '$.a' UNKNOWN ON ERROR)", `JSON_EXISTS('{"a": {}}', '$.a.b[*]')`, `JSON_EXISTS('{"a": []}', '$.a[*]')`, `JSON_VALUE('{"a": null}', '$.a' DEFAULT 'e' ON EMPTY DEFAULT 'x' ON ERROR)`, `JSON_VALUE('{"a": null}', 'lax $.a' DEFAULT 'e' ON EMPTY DEFAULT 'x' ON ERROR)`, "JSON_VALUE('no JSON', 'lax $' DEFAULT 'e' ON EMPTY)"),
    ['TRUE', 'FALSE', null, 'FALSE', 'TRUE', 'x', 'e', 'e'],
  );
  assert.equal(await errorOf("JSON_EXISTS('{}', '$.a' ERROR ON ERROR)"), 'E0207');
});

test('RETURNING makes numbers of what is found; what is none is an error of the call', async () => {
  assert.deepEqual(
    await textsOf(`JSON_VALUE('{"a": 7.9}', '$.a' RETURNING BIGINT)`, `JSON_VALUE('{"a": 300}', '$.a' RETURNING TINYINT)`, `JSON_VALUE('{"a": "x"}', '$.a' RETURNING INT DEFAULT 5 ON ERROR)`, `JSON_VALUE('{}', 'lax $.a' RETURNING INT DEFAULT 5 ON ERROR)`, `JSON_VALUE('{"a": 7.125}', '$.a' RETURNING DECIMAL(5, 2))`, `JSON_QUERY('7', '$' RETURNING ARRAY<STRING> WITHOUT WRAPPER EMPTY ARRAY ON ERROR)`),
    ['7', null, '5', null, '7.13', '[]'],
  );
  assert.equal(await errorOf(`JSON_VALUE('{"a": "x"}', '$.a' RETURNING INT ERROR ON ERROR)`), 'E0207');
  assert.equal(await errorOf(`JSON_QUERY('[]', '$' RETURNING ARRAY<STRING> EMPTY OBJECT ON EMPTY)`), 'E0208');
});

test('JSON(text) is a value of JSON_OBJECT and JSON_ARRAY, and nothing else', async () => {
  assert.deepEqual(await textsOf(`JSON_OBJECT('a' VALUE JSON('{"c": 1, "b": [ ]}'))`, "JSON_ARRAY(JSON('1'), '1', JSON(''))", "JSON_ARRAY(JSON(CAST(NULL AS STRING)) NULL ON NULL)"), ['{"a":{"b":[],"c":1}}', '[1,"1"]', '[null]']);
  assert.deepEqual(await Promise.all(["JSON('1')", "JSON_OBJECT(JSON('1') VALUE 1)", "JSON_ARRAY(JSON('{'))"].map(errorOf)), ['E0208', 'E0208', 'E0207']);
});

test('names that JSON_OBJECTAGG takes from a column are escaped as any text', async () => {
  await using engine = await Engine.create();
  assert.deepEqual((await engine.collect("SELECT JSON_OBJECTAGG(KEY k VALUE 1) AS j FROM (VALUES ('a\"'), (CHR(31))) AS t(k)")).rows, [{ j: '{"\\u001F":1,"a\\"":1}' }]);
});
