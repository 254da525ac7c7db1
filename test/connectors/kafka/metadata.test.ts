import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SqlError } from '../../../index.ts';
import { engineWith, errorOf, rowsOf, table } from './tables.ts';
import { PartitionReader } from '../../broker/topic-reader.ts';

const json = "'format' = 'json'";
const at = Date.UTC(2024, 4, 6, 7, 8, 9, 10);

test('what is known of a record is in METADATA columns, of their own type or cast to another', async () => {
  await using engine = await engineWith([[null, '{"a":1}', at], [null, '{"a":2}', at + 5]]);
  await engine.exec(table('m', `a INT, topic STRING METADATA VIRTUAL, p BIGINT METADATA FROM 'partition' VIRTUAL, \`offset\` BIGINT METADATA VIRTUAL, text STRING METADATA FROM 'offset' VIRTUAL,
    ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL, kind STRING METADATA FROM 'timestamp-type' VIRTUAL, epoch INT METADATA FROM 'leader-epoch' VIRTUAL, twice AS \`offset\` * 2`, json));
  assert.deepEqual(await rowsOf(engine, 'SELECT a, topic, p, `offset`, text, CAST(ts AS TIMESTAMP(3)), kind, epoch, twice FROM m'), [
    [1, 't', 0n, 0n, '0', '2024-05-06 07:08:09.010', 'CreateTime', 0, 0n],
    [2, 't', 0n, 1n, '1', '2024-05-06 07:08:09.015', 'CreateTime', 0, 2n],
  ]);
  assert.deepEqual(await rowsOf(engine, "SELECT kind || topic FROM m WHERE `offset` > 0"), [['CreateTimet']]);
  assert.deepEqual(await rowsOf(engine, 'SELECT COUNT(*), MAX(`offset`) FROM m'), [[2n, 1n]]);
});

test('a watermark may be over the time of records', async () => {
  const hour = 3_600_000;
  await using engine = await engineWith([0, 1, hour, hour + 1, hour + 2].map((later, a) => [null, `{"a":${a}}`, at + later] as const));
  await engine.exec(table('m', `a INT, ts TIMESTAMP(3) METADATA FROM 'timestamp', WATERMARK FOR ts AS ts - INTERVAL '1' SECOND`, json));
  const sql = "SELECT window_start, COUNT(*), MIN(a) FROM TABLE(TUMBLE(TABLE m, DESCRIPTOR(ts), INTERVAL '1' HOUR)) GROUP BY window_start, window_end";
  assert.deepEqual(await rowsOf(engine, sql), [['2024-05-06 07:00:00.000', 2n, 0], ['2024-05-06 08:00:00.000', 3n, 2]]);
});

test('metadata that is not VIRTUAL is written: the time of a record, NULL is the time of writing', async () => {
  await using engine = await engineWith([], {});
  await engine.exec(table('w', "a INT, ts TIMESTAMP(3) METADATA FROM 'timestamp', b STRING, o BIGINT METADATA FROM 'offset' VIRTUAL", json));
  const before = Date.now();
  await engine.exec("INSERT INTO w VALUES (1, TIMESTAMP '2001-02-03 04:05:06.789', 'x'), (2, NULL, 'y')");
  const records = await new PartitionReader(await engine.brokerLink(), 't', 0).readAll();
  assert.deepEqual(records.map(({ value }) => value), ['{"a":1,"b":"x"}', '{"a":2,"b":"y"}']);
  assert.deepEqual(await rowsOf(engine, 'SELECT ts, o FROM w WHERE a = 1'), [['2001-02-03 04:05:06.789', 0n]]);
  assert.deepEqual(await rowsOf(engine, `SELECT a FROM w WHERE ts >= TIMESTAMP '${new Date(before).toISOString().slice(0, 23).replace('T', ' ')}'`), [[2]]);
  assert.match(await errorOf(engine, "INSERT INTO w VALUES (1, TIMESTAMP '1969-12-31 23:59:59.999', 'x')"), /E0704.*1969-12-31 23:59:59.999Z/);
});

test('keys that are not there, types that cannot be and columns that cannot be written are told', async () => {
  await using engine = await engineWith([]);
  const fault = (column: string): Promise<string> => errorOf(engine, table('f', `a INT, ${column}`, json));
  assert.match(await fault("o BIGINT METADATA FROM 'ofset'"), /E0102.* no metadata 'ofset'[^]*did you mean "offset"\?[^]*'topic', 'partition', 'headers'/);
  assert.match(await fault("h STRING METADATA FROM 'headers'"), /'headers'.*MAP<STRING, BYTES>/);
  assert.match(await fault("o DATE METADATA FROM 'offset' VIRTUAL"), /E0206.*'offset' is a BIGINT, which cannot be cast to DATE/);
  assert.match(await errorOf(engine, "CREATE TABLE f (a INT, b INT METADATA) WITH ('connector' = 'print')"), /E0102.*print has no metadata/);
  await engine.exec(table('r', "a INT, o BIGINT METADATA FROM 'offset'", json));
  assert.match(await errorOf(engine, 'INSERT INTO r VALUES (1, 2)'), /E0504.*o of r is metadata that is only read[^]*METADATA VIRTUAL/);
});

test('a record format of one column may have metadata beside it', async () => {
  await using engine = await engineWith([['k', 'one', at], ['k', null, at], ['k', 'two', at]]);
  await engine.exec(table('r', "v STRING, o BIGINT METADATA FROM 'offset' VIRTUAL, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL", "'format' = 'raw'"));
  assert.deepEqual(await rowsOf(engine, 'SELECT v, o FROM r'), [['one', 0n], [null, 1n], ['two', 2n]]);
});

test('headers are a map, read and written', async () => {
  await using engine = await engineWith([]);
  await engine.exec(table('h', "a INT, h MAP<STRING, BYTES> METADATA FROM 'headers'", json));
  await engine.exec("INSERT INTO h VALUES (1, MAP['x', x'01', 'name', x'00ff']), (2, CAST(NULL AS MAP<STRING, BYTES>)), (3, MAP['y', CAST(NULL AS BYTES)])");
  const long = `CAST('${'v'.repeat(300)}' AS BYTES)`;
  await engine.exec(`INSERT INTO h VALUES (4, MAP['long', ${long}])`);
  assert.deepEqual(await rowsOf(engine, "SELECT a, CARDINALITY(h), h['x'] IS NOT NULL, h['name'] = x'00ff', CHAR_LENGTH(CAST(h['long'] AS STRING)) FROM h"), [
    [1, 2, true, true, null], [2, 0, false, null, null], [3, 0, false, null, null], [4, 1, false, null, 300],
  ]);
  const [[headers] = []] = await rowsOf(engine, 'SELECT h FROM h WHERE a = 1');
  assert.ok(headers instanceof Map);
  assert.deepEqual(new Map([...(headers as Map<string, Uint8Array>)].map(([name, value]) => [name, [...value]])), new Map([['x', [1]], ['name', [0, 255]]]));
});

test('header-list holds headers in their order, of equal names all; it is written in the place of headers', async () => {
  await using engine = await engineWith([]);
  await engine.exec(table('l', "a INT, l ARRAY<ROW<key STRING, `value` BYTES>> METADATA FROM 'header-list', h MAP<STRING, BYTES> METADATA FROM 'headers' VIRTUAL", json));
  await engine.exec("INSERT INTO l VALUES (1, ARRAY[ROW('z', x'01'), ROW('a', x'02'), ROW('z', CAST(NULL AS BYTES))]), (2, CAST(NULL AS ARRAY<ROW<key STRING, `value` BYTES>>)), (3, ARRAY[ROW(CAST(NULL AS STRING), x'09'), ROW('k', x'')])");
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
  assert.deepEqual(await rowsOf(engine, 'SELECT a, l, h FROM l'), [
    [1, [{ key: 'z', value: bytes(1) }, { key: 'a', value: bytes(2) }, { key: 'z', value: null }], new Map([['a', bytes(2)], ['z', null]])],
    [2, [], new Map()],
    [3, [{ key: 'k', value: bytes() }], new Map([['k', bytes()]])],
  ]);
  await engine.exec(table('two', "a INT, l ARRAY<ROW<key STRING, `value` BYTES>> METADATA FROM 'header-list', h MAP<STRING, BYTES> METADATA FROM 'headers'", json));
  await assert.rejects(engine.exec("INSERT INTO two SELECT a, l, h FROM l"), (error: unknown) => error instanceof SqlError && error.code === 'E0504' && /twice/.test(error.message));
});
