import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, SqlError } from '../../../../index.ts';
import { produce } from '../../../engine/topics.ts';

function table(name: string, column: string, options = ''): string {
  return `CREATE TABLE ${name} (${column}) WITH ('connector' = 'kafka', 'topic' = 't', 'scan.startup.mode' = 'earliest-offset', 'format' = 'raw'${options})`;
}

/** What a topic holds as `column` after `value` was written as `type`. */
async function roundTrip(value: string, type: string, column = 'b BYTES', options = '', readOptions = ''): Promise<unknown> {
  await using engine = await Engine.create({ kafka: 'embedded' });
  await engine.exec(`${table('w', `v ${type}`, options)}; ${table('r', column, readOptions)}`);
  await engine.exec(`INSERT INTO w SELECT ${value}`);
  const [row] = (await engine.collect('SELECT * FROM r')).rows;
  const [cell] = Object.values(row ?? {});
  return cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : cell;
}

const faultOf = async (statement: string): Promise<unknown> => {
  await using engine = await Engine.create({ kafka: 'embedded' });
  return await engine.exec(statement).then(() => undefined, (error: unknown) => (error instanceof SqlError ? error.code : error));
};

test('a number is its bytes, the greatest first unless told otherwise', async () => {
  assert.equal(await roundTrip('CAST(-2 AS TINYINT)', 'TINYINT'), 'fe');
  assert.equal(await roundTrip('CAST(258 AS SMALLINT)', 'SMALLINT'), '0102');
  assert.equal(await roundTrip('16909060', 'INT'), '01020304');
  assert.equal(await roundTrip('16909060', 'INT', 'b BYTES', ", 'raw.endianness' = 'little-endian'"), '04030201');
  assert.equal(await roundTrip('CAST(72623859790382856 AS BIGINT)', 'BIGINT'), '0102030405060708');
  assert.equal(await roundTrip('CAST(1 AS DOUBLE)', 'DOUBLE'), '3ff0000000000000');
  assert.equal(await roundTrip('CAST(1 AS FLOAT)', 'FLOAT'), '3f800000');
  assert.equal(await roundTrip('TRUE', 'BOOLEAN'), '01');
});

test('what was written is read', async () => {
  assert.equal(await roundTrip('CAST(-72623859790382856 AS BIGINT)', 'BIGINT', 'v BIGINT'), -72623859790382856n);
  const little = ", 'raw.endianness' = 'little-endian'";
  assert.equal(await roundTrip('CAST(-72623859790382856 AS BIGINT)', 'BIGINT', 'v BIGINT', little, little), -72623859790382856n);
  assert.equal(await roundTrip('CAST(-2.5 AS DOUBLE)', 'DOUBLE', 'v DOUBLE', little, little), -2.5);
  assert.equal(await roundTrip('CAST(-2 AS SMALLINT)', 'SMALLINT', 'v SMALLINT'), -2);
  assert.equal(await roundTrip("'a\"é'", 'STRING', 'v STRING'), 'a"é');
  assert.equal(await roundTrip('FALSE', 'BOOLEAN', 'v BOOLEAN'), false);
});

test('text has a charset', async () => {
  const latin = ", 'raw.charset' = 'ISO-8859-1'";
  assert.equal(await roundTrip("'é€'", 'STRING', 'b BYTES', latin), 'e93f');
  assert.equal(await roundTrip("'é'", 'STRING', 'v STRING', latin, latin), 'é');
  assert.equal(await roundTrip("'é'", 'STRING', 'v STRING', latin), '\ufffd');
  assert.equal(await faultOf(table('t', 'v STRING', ", 'raw.charset' = 'EBCDIC'")), 'E0002');
  for (const [charset, bytes] of [['UTF-16', 'feff006100e9d83dde00'], ['UTF-16BE', '006100e9d83dde00'], ['utf-16le', '6100e9003dd800de']]) {
    const wide = `, 'raw.charset' = '${charset}'`;
    assert.equal(await roundTrip("'aé😀'", 'STRING', 'b BYTES', wide), bytes);
    assert.equal(await roundTrip("'aé😀'", 'STRING', 'v STRING', wide, wide), 'aé😀');
    assert.equal(await roundTrip("''", 'STRING', 'b BYTES', wide), '');
  }
  const wide = ", 'raw.charset' = 'UTF-16'";
  assert.equal(await roundTrip("X'fffe6100'", 'BYTES', 'v STRING', '', wide), 'a');
  assert.equal(await roundTrip("X'0061'", 'BYTES', 'v STRING', '', wide), 'a');
});

test('a record of another size stops the query with its address', async () => {
  await using engine = await Engine.create({ kafka: 'embedded' });
  const link = await engine.brokerLink();
  await link.createTopic('t', 1);
  await produce(link, 't', ['abcd', 'abc']);
  await engine.exec(table('r', 'n INT'));
  await assert.rejects(engine.collect('SELECT n FROM r'), (error) => error instanceof SqlError && error.code === 'E0701' && error.record?.offset === 1n);
  assert.equal((await engine.collect('SELECT COUNT(*) FROM r')).rows.length, 1);
});

test('a table of raw has one column of a type that has bytes; NULL is a record without a value', async () => {
  assert.equal(await faultOf(table('t', 'a INT, b INT')), 'E0504');
  assert.equal(await faultOf(table('t', 'a DATE')), 'E0504');
  assert.equal(await roundTrip('CAST(NULL AS INT)', 'INT'), null);
  assert.equal(await roundTrip('CAST(NULL AS STRING)', 'STRING'), null);
});
