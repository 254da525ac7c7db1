import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, type EngineOptions } from '../../../../index.ts';
import { consume, produce } from '../../../engine/topics.ts';

async function engineOver(records: readonly string[], columns: string, options = '', format = 'json', given: EngineOptions = {}): Promise<Engine> {
  const engine = await Engine.create({ kafka: 'embedded', ...given });
  const link = await engine.brokerLink();
  await link.createTopic('t', 1);
  if (records.length > 0) await produce(link, 't', records);
  await engine.exec(`CREATE TABLE t (${columns}) WITH ('connector' = 'kafka', 'topic' = 't', 'scan.startup.mode' = 'earliest-offset', 'format' = '${format}'${options})`);
  return engine;
}

async function read(records: readonly string[], columns: string, sql: string, options = '', format = 'json'): Promise<unknown[][]> {
  await using engine = await engineOver(records, columns, options, format);
  return (await engine.collect(sql)).rows.map((row) => Object.values(row));
}

async function written(values: string, columns: string, options = '', format = 'json'): Promise<readonly string[]> {
  await using engine = await engineOver([], columns, options, format);
  await engine.exec(`INSERT INTO t SELECT ${values}`);
  return await consume(await engine.brokerLink(), 't');
}

const shown = "SELECT CAST(a AS STRING) FROM t";

test('times of up to nine digits are read and written with all of them', async () => {
  const texts = ['2024-05-06 07:08:09', '2024-05-06T07:08:09.1', '2024-05-06 07:08:09.123456789', '1969-12-31T23:59:59.9999999', '2024-05-06 07:08:09.000001Z', '2024-05-06T09:08:09.5+02:00'];
  const records = texts.map((text) => `{"a":"${text}"}`);
  assert.deepEqual((await read(records, 'a TIMESTAMP(9)', shown)).flat(), ['2024-05-06 07:08:09.000000000', '2024-05-06 07:08:09.100000000', '2024-05-06 07:08:09.123456789', '1969-12-31 23:59:59.999999900', '2024-05-06 07:08:09.000001000', '2024-05-06 07:08:09.500000000']);
  assert.deepEqual((await read(records, 'a TIMESTAMP(6)', shown)).flat(), ['2024-05-06 07:08:09.000000', '2024-05-06 07:08:09.100000', '2024-05-06 07:08:09.123456', '1969-12-31 23:59:59.999999', '2024-05-06 07:08:09.000001', '2024-05-06 07:08:09.500000']);
  const time = (text: string, precision: number): string => `CAST('${text}' AS TIMESTAMP(${precision}))`;
  const texts9 = ['07:08:09', '07:08:09.1', '07:08:09.120003', '07:08:09.000000001'];
  for (const text of texts9) assert.deepEqual(await written(time(`2024-05-06 ${text}`, 9), 'a TIMESTAMP(9)'), [`{"a":"2024-05-06 ${text}"}`]);
  assert.deepEqual(await written(time('2024-05-06 07:08:09.12', 6), 'a TIMESTAMP(6)', ", 'json.timestamp-format.standard' = 'ISO-8601'"), ['{"a":"2024-05-06T07:08:09.12"}']);
});

test('times of day and bytes', async () => {
  assert.deepEqual((await read(['{"a":"01:02:03"}', '{"a":"23:59:59.7"}', '{"a":null}'], 'a TIME', shown)).flat(), ['01:02:03', '23:59:59', null]);
  assert.deepEqual(await written("TIME '10:20:00'", 'a TIME'), ['{"a":"10:20:00"}']);
  assert.deepEqual(await written("x'00ff10'", 'a BYTES'), ['{"a":"AP8Q"}']);
  assert.deepEqual(await written("x'00ff'", 'a BYTES'), ['{"a":"AP8="}']);
  assert.deepEqual((await read(['{"a":"AP8Q"}', '{"a":"AP8="}', '{"a":""}'], 'a BYTES', 'SELECT a FROM t')).flat().map((bytes) => Buffer.from(bytes as Uint8Array).toString('hex')), ['00ff10', '00ff', '']);
});

test('a TIMESTAMP_LTZ may be a number since 1970, in the unit that is given or seen', async () => {
  const notices: string[] = [];
  const records = ['{"a":1715065689}', '{"a":1715065689012}', '{"a":1715065689012345}', '{"a":"2024-05-07 07:08:09.012Z"}', '{"a":1715065689.5}', '{"a":-1}'];
  const all = ['2024-05-07 07:08:09.000', '2024-05-07 07:08:09.012', '2024-05-07 07:08:09.012', '2024-05-07 07:08:09.012', '2024-05-07 07:08:09.500', '1969-12-31 23:59:59.000'];
  await using engine = await engineOver(records, 'a TIMESTAMP_LTZ(3)', '', 'json', { settings: { 'table.local-time-zone': 'UTC' }, onNotice: ({ code, message }) => void (code === 'N0702' && notices.push(message)) });
  assert.deepEqual((await engine.collect(shown)).rows.map((row) => Object.values(row)[0]), all);
  assert.equal(notices.length, 3, notices.join('\n'));
  assert.match(notices[1] ?? '', /^t: times that are numbers are taken for milliseconds, as 1715065689012 for 2024-05-07 07:08:09\.012Z; 'json\.epoch-unit'/);
  assert.deepEqual((await read(['{"a":5}'], 'a TIMESTAMP_LTZ(3)', 'SELECT a = TO_TIMESTAMP_LTZ(5000, 3) FROM t', ", 'json.epoch-unit' = 's'")).flat(), [true]);
  assert.deepEqual((await read(['{"a":5}'], 'a TIMESTAMP_LTZ(3)', 'SELECT a = TO_TIMESTAMP_LTZ(5, 3) FROM t', ", 'json.epoch-unit' = 'ms'")).flat(), [true]);
  await assert.rejects(read(['{"a":5}'], 'a TIMESTAMP(3)', shown), { code: 'E0701', message: /a is not a TIMESTAMP\(3\), as "2026-01-02 03:04:05\.6" or "2026-01-02T03:04:05\.6Z"$/ });
});

test('decimals with all digits of their scale, or the shortest way', async () => {
  const all = 'CAST(100000 AS DECIMAL(20, 2)), CAST(1.50 AS DECIMAL(5, 2)), CAST(0.000000027 AS DECIMAL(10, 9)), CAST(0 AS DECIMAL(5, 2))';
  const columns = 'a DECIMAL(20, 2), b DECIMAL(5, 2), c DECIMAL(10, 9), d DECIMAL(5, 2)';
  assert.deepEqual(await written(all, columns), ['{"a":100000.00,"b":1.50,"c":0.000000027,"d":0.00}']);
  assert.deepEqual(await written(all, columns, ", 'json.encode.decimal-as-plain-number' = 'false'"), ['{"a":1E+5,"b":1.5,"c":2.7E-8,"d":0}']);
  const array = 'ARRAY[CAST(100000 AS DECIMAL(38, 2)), CAST(1.50 AS DECIMAL(38, 2)), CAST(-12345678901234567890123456.70 AS DECIMAL(38, 2))]';
  assert.deepEqual(await written(array, 'a ARRAY<DECIMAL(38, 2)>'), ['{"a":[100000.00,1.50,-12345678901234567890123456.70]}']);
  assert.deepEqual(await written(array, 'a ARRAY<DECIMAL(38, 2)>', ", 'json.encode.decimal-as-plain-number' = 'false'"), ['{"a":[1E+5,1.5,-12345678901234567890123456.7]}']);
});

test('an option of a format is told by the name that it was given by, and two names of one format may not differ', async () => {
  const fault = async (options: string): Promise<string> => {
    try {
      await using engine = await engineOver([], 'a INT, k STRING', options);
      return `none of ${engine.constructor.name}`;
    } catch (error) {
      return error instanceof Error ? `${error.message}` : String(error);
    }
  };
  assert.match(await fault(", 'json.epoch-unit' = 'h'"), /'json[.]epoch-unit' is 'auto'/);
  assert.match(await fault(", 'value.json.ignore-parse-error' = 'true'"), /no option 'value[.]json[.]ignore-parse-error'/);
  assert.match(await fault(", 'key.format' = 'csv', 'key.fields' = 'k', 'key.csv.ignore-parse-errors' = 'yes'"), /'key[.]csv[.]ignore-parse-errors' is true or false/);
  assert.match(await fault(", 'value.format' = 'csv'"), /'value[.]format' is another name of 'format'/);
});

test('csv holds the same times and bytes', async () => {
  const columns = 'a TIMESTAMP(9), b TIME, c BYTES';
  assert.deepEqual(await written("CAST('2024-05-06 07:08:09.120003' AS TIMESTAMP(9)), TIME '10:20:00', x'00ff10'", columns, '', 'csv'), ['"2024-05-06 07:08:09.120003",10:20:00,AP8Q']);
  const rows = await read(['2024-05-06 07:08:09.120003,10:20:00,AP8Q', '2024-05-06T07:08:09Z,"10:20:01",AP8='], columns, 'SELECT CAST(a AS STRING), CAST(b AS STRING), c FROM t', '', 'csv');
  assert.deepEqual(rows.map(([a, b, c]) => [a, b, Buffer.from(c as Uint8Array).toString('hex')]), [['2024-05-06 07:08:09.120003000', '10:20:00', '00ff10'], ['2024-05-06 07:08:09.000000000', '10:20:01', '00ff']]);
});
