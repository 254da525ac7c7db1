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
  assert.equal(await fault(", 'csv.array-element-delimiter' = ''"), 'E0504');
  assert.equal(await fault(", 'csv.field-delimiter' = '\\n'"), 'E0504');
  assert.equal(await fault(`, 'csv.field-delimiter' = '"'`), 'E0504');
  assert.equal(await fault(", 'csv.field-delimiter' = '|', 'csv.escape-character' = '|'"), 'E0504');
});

const parted = 'n INT, a ARRAY<INT>, s ARRAY<STRING>, r ROW<x INT, y STRING, d DECIMAL(5, 2)>';

test('an ARRAY and a ROW are one field, whose parts stand between delimiters of their own', async () => {
  const table = { table: parted };
  assert.deepEqual(await read(['1,1; 2 ;3,x;y z;,4;abc;1.5', '2,," ",', '3,7,"q""r;s",5;;0'], table), [
    [1, [1, 2, 3], ['x', 'y z', ''], { x: 4, y: 'abc', d: '1.50' }],
    [2, [], [], null],
    [3, [7], ['q"r', 's'], { x: 5, y: '', d: '0.00' }],
  ]);
  assert.deepEqual(await read(['1,1||2,a|b||c,5||y||1'], { ...table, options: ", 'csv.array-element-delimiter' = '||'" }), [[1, [1, 2], ['a|b', 'c'], { x: 5, y: 'y', d: '1.00' }]]);
  assert.deepEqual(await read(['1,1;2,a,5;yy;2.5', '2,,,'], { ...table, sql: 'SELECT r.d, n, r.y FROM t' }), [['2.50', 1, 'yy'], [null, 2, null]]);
});

test('the text for NULL is told part by part; of a ROW also as a whole', async () => {
  const options = ", 'csv.null-literal' = '-'";
  assert.deepEqual(await read(['1,-,-;a,-', '2,1;-,-,5;-;-'], { table: parted, options }), [[1, [null], [null, 'a'], null], [2, [1, null], [null], { x: 5, y: null, d: null }]]);
});

test('a header line, JSON and another delimiter are told as such', async () => {
  const table = 'id INT, temp_c DOUBLE, place STRING';
  const told = async (record: string, options = ''): Promise<unknown> => (await read(['1,2,x', record], { table, options }) as unknown[])[2];
  const at = 'the record at t partition 0 offset 1 does not fit: ';
  for (const header of ['ID,Temp C,place', 'place,"temp_c",other', '#id, temp_c, place', 'id;temp_c;place', 'id,temp_c']) assert.match(String(await told(header)), /; it looks like a header line$/, header);
  assert.match(String(await told('id|temp_c|place', ", 'csv.field-delimiter' = ','")), /it has 1 field and the table 3 columns; it looks like a header line$/);
  assert.match(String(await told('{"id": 1, "temp_c": 2}')), /; it looks like JSON$/);
  assert.match(String(await told('1;2.5;y')), /; parted by ';' it would have 3$/);
  for (const record of ['id,x,y', '{x},1,y', 'x,1,id']) assert.equal(await told(record), `${at}id is not an INT`, record);
});

test('a part that does not fit is told by its number, and NULL where the options say so', async () => {
  assert.deepEqual(await read(['1,1;x,,'], { table: parted }), ['E0701', 0n, 'the record at t partition 0 offset 0 does not fit: a[2] is not an INT']);
  assert.deepEqual(await read(['1,,,2;3'], { table: parted }), ['E0701', 0n, 'the record at t partition 0 offset 0 does not fit: r is not a ROW of 3 fields: it has 2']);
  assert.deepEqual(await read(['1,1;x,,z;3'], { table: parted, options: ", 'csv.ignore-parse-errors' = 'true'" }), [[1, [1, null], [], { x: null, y: '3', d: null }]]);
});

test('every type comes back out of an ARRAY that was written', async () => {
  const types = 'b ARRAY<BOOLEAN>, l ARRAY<BIGINT>, f ARRAY<DOUBLE>, e ARRAY<DECIMAL(30, 3)>, d ARRAY<DATE>, m ARRAY<TIME>, z ARRAY<TIMESTAMP(9)>, y ARRAY<BYTES>, r ROW<at TIMESTAMP(3), s STRING>';
  const values = "ARRAY[TRUE, CAST(NULL AS BOOLEAN)], ARRAY[9007199254740993, -1], ARRAY[1.5e0, 1e300], ARRAY[100.000, 0.001], ARRAY[DATE '2024-02-29'], ARRAY[TIME '10:11:12'], ARRAY[TIMESTAMP '2024-01-02 03:04:05.123456789'], ARRAY[x'0102'], ROW(TIMESTAMP '2024-01-02 03:04:05', 'he,llo')";
  const options = ", 'csv.null-literal' = '-'";
  const records = (await written(values, types, options)) as readonly string[];
  assert.deepEqual(records, ['true;-,9007199254740993;-1,"1.5;1e+300","1E+2;0.001",2024-02-29,10:11:12,"2024-01-02 03:04:05.123456789",AQI=,"2024-01-02 03:04:05;he,llo"']);
  assert.deepEqual(await read(records, { table: types, options }), [
    [[true, null], [9007199254740993n, -1n], [1.5, 1e300], ['100.000', '0.001'], ['2024-02-29'], ['10:11:12'], ['2024-01-02 03:04:05.123456789'], [new Uint8Array([1, 2])], { at: '2024-01-02 03:04:05.000', s: 'he,llo' }],
  ]);
});

test('values within values, and maps, have no form in a field', async () => {
  for (const type of ['ARRAY<ARRAY<INT>>', 'ROW<x ROW<y INT>>', 'MAP<STRING, INT>']) assert.equal(((await read([], { table: `a ${type}` })) as readonly unknown[])[0], 'E0002');
});

test('a quote as the escape character is what doubled quotes are', async () => {
  const options = `, 'csv.escape-character' = '"'`;
  assert.deepEqual(await read(['1,"a ""b"""', '2,c'], { table: 'n INT, s STRING', options }), [[1, 'a "b"'], [2, 'c']]);
  assert.deepEqual(await written(`1, 'a "b"'`, 'n INT, s STRING', options), ['1,"a ""b"""']);
});
