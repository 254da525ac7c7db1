import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, SqlError } from '../../../../index.ts';
import { consume, produce } from '../../../engine/topics.ts';

const columns = 'a STRING, n INT, d DOUBLE, m DECIMAL(10, 2), b BOOLEAN, day DATE, ts TIMESTAMP(3)';

/** The rows of `sql` over a topic of CSV records, or the code, address and reason of the error. */
async function read(records: readonly string[], { options = '', table = columns, sql = 'SELECT * FROM t' }: { options?: string; table?: string; sql?: string } = {}): Promise<unknown> {
  await using engine = await Engine.create({ kafka: 'embedded' });
  const link = await engine.brokerLink();
  await link.createTopic('t', 1);
  await produce(link, 't', records);
  try {
    await engine.exec(`CREATE TABLE t (${table}) WITH ('connector' = 'kafka', 'topic' = 't', 'scan.startup.mode' = 'earliest-offset', 'format' = 'csv'${options})`);
    return (await engine.collect(sql)).rows.map((row) => Object.values(row));
  } catch (error) {
    assert.ok(error instanceof SqlError);
    return [error.code, error.record?.offset, /(?:does not fit: |: )?(.*)/.exec(error.message)?.[1]];
  }
}

/** The records that INSERT of `values` writes. */
async function written(values: string, table: string, options = ''): Promise<unknown> {
  await using engine = await Engine.create({ kafka: 'embedded' });
  await engine.exec(`CREATE TABLE t (${table}) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'csv'${options})`);
  await engine.exec(`INSERT INTO t SELECT ${values}`);
  return await consume(await engine.brokerLink(), 't');
}

test('fields are columns by place, in any projection', async () => {
  const records = ['x,1,0.5,12.5,true,2024-02-29,2024-02-29 10:00:01.5', '"a ""b"", c" , +7 ,1e3,-0.005,False,2024-03-01,2024-03-01T00:00:00Z'];
  assert.deepEqual(await read(records), [
    ['x', 1, 0.5, '12.50', true, '2024-02-29', '2024-02-29 10:00:01.500'],
    ['a "b", c', 7, 1000, '-0.01', false, '2024-03-01', '2024-03-01 00:00:00.000'],
  ]);
  assert.deepEqual(await read(records, { sql: 'SELECT m, a FROM t' }), [['12.50', 'x'], ['-0.01', 'a "b", c']]);
});

test('quotes, escapes, comments, delimiters and the NULL literal are options', async () => {
  const table = 'a STRING, b STRING';
  assert.deepEqual(await read(["'x|''y'|z"], { table, options: ", 'csv.field-delimiter' = '|', 'csv.quote-character' = ''''" }), [["x|'y", 'z']]);
  assert.deepEqual(await read(['a\tb'], { table, options: ", 'csv.field-delimiter' = '\\t'" }), [['a', 'b']]);
  assert.deepEqual(await read(['"x",y"'], { table, options: ", 'csv.disable-quote-character' = 'true'" }), [['"x"', 'y"']]);
  assert.deepEqual(await read(['a\\,b,"c\\"d"'], { table, options: ", 'csv.escape-character' = '\\'" }), [['a,b', 'c"d']]);
  assert.deepEqual(await read(['#a,b', '# c\nx,y'], { table, options: ", 'csv.allow-comments' = 'true'" }), [['x', 'y']]);
  assert.deepEqual(await read([',n/a'], { table, options: ", 'csv.null-literal' = 'n/a'" }), [['', null]]);
  assert.deepEqual(await read([',1'], { table: 'a INT, b INT', options: ", 'csv.null-literal' = ''" }), [[null, 1]]);
});

test('a line ends the record, a line within quotes does not; one empty field too many is no fault', async () => {
  assert.deepEqual(await read(['a,"b\nc"\nd,e', 'a,b,', ''], { table: 'a STRING, b STRING' }), [['a', 'b\nc'], ['a', 'b']]);
});

test('a record that does not fit stops the query with its address', async () => {
  const table = 'a STRING, n INT';
  const code = async (record: string, given = table): Promise<unknown> => (await read(['a,1', record], { table: given }) as unknown[]).slice(0, 2);
  for (const record of ['a,', 'a,1.5', 'a,2147483648', 'a', 'a,1,2', '"a,1', '"a"b,1']) assert.deepEqual(await code(record), ['E0701', 1n], record);
  assert.deepEqual(await read(['a,1', 'a,x'], { table, sql: 'SELECT a FROM t' }), [['a'], ['a']]);
  const required = { table: 'a STRING, n INT NOT NULL', options: ", 'csv.null-literal' = '-'" };
  assert.deepEqual((await read(['a,1', 'a,-'], required) as unknown[]).slice(0, 2), ['E0701', 1n]);
});

test('ignore-parse-errors makes fields NULL and leaves out what is no record', async () => {
  const options = ", 'csv.ignore-parse-errors' = 'true'";
  assert.deepEqual(await read(['a,x', '"b', 'c', 'd,1,2', 'e,5'], { table: 'a STRING, n INT', options }), [['a', null], ['c', null], ['e', 5]]);
  assert.deepEqual(await read(['a,x', 'b,1'], { table: 'a STRING, n INT NOT NULL', options }), [['b', 1]]);
});

test('text in many batches and larger than the room behind it is read whole', async () => {
  const long = '"",'.repeat(40_000);
  const rows = (await read(['a,1', `"${long.replaceAll('"', '""')}",2`, 'é,3'], { table: 'a STRING, n INT', sql: 'SELECT CHAR_LENGTH(a) FROM t' })) as unknown[][];
  assert.deepEqual(rows, [[1], [long.length], [1]]);
});

test('values are written as they are read, quoted where they may have to be', async () => {
  const row = "'plain', CAST(-3 AS INT), CAST(0.1 AS DOUBLE), CAST(1200.50 AS DECIMAL(10, 2)), TRUE, DATE '2024-02-29', TIMESTAMP '2024-02-29 10:00:01.500'";
  assert.deepEqual(await written(row, columns), ['plain,-3,0.1,1200.5,true,2024-02-29,"2024-02-29 10:00:01.5"']);
  assert.deepEqual(await written("'a b', 'say \"x\"', CAST(NULL AS STRING), '', 'abcdefghijklmnopqrstuvwxy'", 'a STRING, b STRING, c STRING, d STRING, e STRING'), ['"a b","say ""x""",,,"abcdefghijklmnopqrstuvwxy"']);
  assert.deepEqual(await written("'a b', CAST(NULL AS INT)", 'a STRING, b INT', ", 'csv.disable-quote-character' = 'true', 'csv.null-literal' = 'null', 'csv.field-delimiter' = ';'"), ['a b;null']);
});

test('decimals have an exponent unless told otherwise', async () => {
  const row = 'CAST(100000 AS DECIMAL(20, 2)), CAST(1.50 AS DECIMAL(4, 2)), CAST(0 AS DECIMAL(4, 2)), CAST(-0.00000012 AS DECIMAL(10, 8)), CAST(12345678901234567890123000 AS DECIMAL(38, 2))';
  const table = 'a DECIMAL(20, 2), b DECIMAL(4, 2), c DECIMAL(4, 2), d DECIMAL(10, 8), e DECIMAL(38, 2)';
  assert.deepEqual(await written(row, table), ['1E+5,1.5,0,-1.2E-7,1.2345678901234567890123E+25']);
  assert.deepEqual(await written(row, table, ", 'csv.write-bigdecimal-in-scientific-notation' = 'false'"), ['100000,1.5,0,-0.00000012,12345678901234567890123000']);
});

test('wrong options are told before anything runs', async () => {
  const fault = async (options: string): Promise<unknown> => (await read([], { options }) as unknown[])[0];
  assert.equal(await fault(", 'csv.field-delimiter' = '||'"), 'E0504');
  assert.equal(await fault(", 'csv.quote-character' = '''', 'csv.disable-quote-character' = 'true'"), 'E0504');
  assert.equal(await fault(", 'csv.escape-character' = 'é'"), 'E0002');
  assert.equal(await fault(", 'csv.array-element-delimiter' = ';'"), 'E0002');
  assert.equal((await read([], { table: 'r ROW<a INT>' }) as unknown[])[0], 'E0002');
});
