import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, SqlError } from '../../../../index.ts';
import { produce } from '../../../engine/topics.ts';

/** The rows of a query over a topic, or the error that stopped it. */
async function read(sql: string, ...records: readonly string[]): Promise<unknown> {
  await using engine = await Engine.create({ kafka: 'embedded' });
  await engine.exec(`
    CREATE TABLE orders (id STRING, n INT NOT NULL, item ROW<code INT NOT NULL, name STRING>, buyer ROW<city STRING NOT NULL> NOT NULL)
    WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset')`);
  const link = await engine.brokerLink();
  await link.createTopic('orders', 1);
  await produce(link, 'orders', records);
  try {
    return (await engine.collect(sql)).rows;
  } catch (error) {
    assert.ok(error instanceof SqlError);
    return [error.code, error.record, /does not fit: (.*)/.exec(error.message)?.[1]];
  }
}

const at = (offset: bigint): unknown => ({ topic: 'orders', partition: 0, offset });

test('a record without a value for a NOT NULL column stops the query with its address', async () => {
  const why = 'n is not an INT: it is null or missing, and the column is NOT NULL';
  assert.deepEqual(await read('SELECT id, n FROM orders', '{"id":"a","n":1}', '{"id":"b","n":null}'), ['E0701', at(1n), why]);
  assert.deepEqual(await read('SELECT n FROM orders', '{"n":1}', '{"n":2}', '{"id":"a"}'), ['E0701', at(2n), why]);
});

test('a field is required where every object around it is: NOT NULL within a nullable ROW is nullable', async () => {
  const records = ['{"item":{"code":7},"buyer":{"city":"Graz"}}', '{"item":null,"buyer":{"city":"Brno"}}'];
  assert.deepEqual(await read('SELECT orders.item.code AS code, orders.buyer.city AS city FROM orders', ...records), [{ code: 7, city: 'Graz' }, { code: null, city: 'Brno' }]);
  const why = 'buyer.city is not a STRING: it is null or missing, and the column is NOT NULL';
  assert.deepEqual(await read('SELECT orders.buyer.city AS city FROM orders', ...records, '{"buyer":null}'), ['E0701', at(2n), why]);
});

test('a column that the query does not read is not looked at', async () => {
  assert.deepEqual(await read('SELECT id FROM orders', '{"id":"a"}', '{"id":"b","n":null}'), [{ id: 'a' }, { id: 'b' }]);
});
