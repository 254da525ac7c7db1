import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { upgradeOf } from '../../engine/verdict.ts';
import { upsertKeysOf } from '../../planner/lower-join.ts';
import { textCases } from '../text-cases.ts';

/** Tables that the cases speak of. */
const tables = `
  CREATE TABLE orders (id INT, customer STRING, item STRING, price DECIMAL(10, 2), at TIMESTAMP(3), WATERMARK FOR at AS at - INTERVAL '2' SECOND)
  WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'json');
  CREATE TABLE payments (order_id BIGINT, amount DECIMAL(10, 2), at TIMESTAMP(3), WATERMARK FOR at AS at - INTERVAL '2' SECOND)
  WITH ('connector' = 'kafka', 'topic' = 'payments', 'format' = 'json');
  CREATE TABLE customers (name STRING, town STRING, PRIMARY KEY (name) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'customers', 'key.format' = 'json', 'value.format' = 'json');
  CREATE TABLE visitors (name STRING, visits INT, PRIMARY KEY (name) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'visitors', 'key.format' = 'json', 'value.format' = 'json');
  CREATE TABLE towns (name STRING, town STRING, n INT, PRIMARY KEY (name) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'towns', 'key.format' = 'json', 'value.format' = 'json');
  CREATE TABLE log (id INT, town STRING) WITH ('connector' = 'kafka', 'topic' = 'log', 'format' = 'json');
  CREATE VIEW paid AS
    SELECT o.id, o.at FROM orders o
    JOIN payments p ON o.id = p.order_id;`;

/** What EXPLAIN prints, or every error. */
async function explain(sql: string): Promise<string> {
  await using engine = await Engine.create();
  await engine.exec(tables);
  const { errors } = engine.check(sql, 'case.sql');
  if (errors.length > 0) return errors.map((error) => error.format()).join('\n\n');
  const last = engine.check(`EXPLAIN ${sql}`).results.at(-1);
  return last?.kind === 'done' ? last.message : '';
}

textCases(new URL('join.txt', import.meta.url), explain);

test('what tells the rows of a join apart', () => {
  const key = (left: number, right: number) => ({ left, right, nullsMatch: false });
  // The left side has columns 0 to 2 and the key 0; so has the right one, whose columns are 3 to 5.
  assert.deepEqual(upsertKeysOf('INNER', [[0]], [[0]], [key(0, 0)], 3), [[0], [3], [0, 3]]);
  assert.deepEqual(upsertKeysOf('LEFT', [[0]], [[0]], [key(0, 0)], 3), [[0], [0, 3]]);
  assert.deepEqual(upsertKeysOf('RIGHT', [[0]], [[0]], [key(0, 0)], 3), [[3], [0, 3]]);
  assert.deepEqual(upsertKeysOf('FULL', [[0]], [[0]], [key(0, 0)], 3), [[0, 3]]);
  // The row of the left key may move to another key of the join: what is updated is not where it was.
  assert.deepEqual(upsertKeysOf('INNER', [[0]], [[0]], [key(1, 0)], 3), []);
  assert.deepEqual(upsertKeysOf('INNER', [[0, 1]], [[0]], [key(1, 0)], 3), [[0, 1], [0, 3], [0, 1, 3]]);
  // Each with each: a row of one side for each of the other; one where a side is one row.
  assert.deepEqual(upsertKeysOf('INNER', [[0]], [[1]], [], 3), [[0, 4]]);
  assert.deepEqual(upsertKeysOf('INNER', [[0]], [[]], [], 3), [[0]]);
  assert.deepEqual(upsertKeysOf('INNER', [], [[0]], [key(0, 0)], 3), []);
});

/** What becomes of the states of one query when another takes its place. */
async function verdicts(before: string, after: string): Promise<readonly string[]> {
  await using engine = await Engine.create();
  await engine.exec(tables);
  const [old = [], next = []] = [before, after].map((query) => {
    const { inserts, errors } = engine.check(`INSERT INTO log ${query}`);
    assert.deepEqual(errors.map((error) => error.format()), []);
    return inserts.map(({ planned }) => planned.physical);
  });
  return upgradeOf(old, next).states.map(({ verdict }) => verdict);
}

test('what a join keeps goes on where it is the same rows under other names, and nowhere else', async () => {
  const query = 'SELECT o.id, o.item FROM orders o JOIN payments p ON o.id = p.order_id WHERE p.amount > 1';
  assert.deepEqual(await verdicts(query, 'SELECT a.id AS number, a.item FROM orders a, payments b WHERE b.amount > 1 AND b.order_id = a.id'), ['reuse', 'reuse']);
  const others = [
    'SELECT o.id, o.customer FROM orders o JOIN payments p ON o.id = p.order_id WHERE p.amount > 1',
    'SELECT o.id, o.item FROM orders o JOIN payments p ON o.id = p.order_id WHERE p.amount > 2',
    'SELECT o.id, o.item FROM orders o JOIN payments p ON o.id IS NOT DISTINCT FROM p.order_id WHERE p.amount > 1',
    'SELECT o.id, o.item FROM orders o JOIN payments p ON o.id = p.order_id AND o.price > p.amount WHERE p.amount > 1',
  ];
  for (const other of others) assert.deepEqual(await verdicts(query, other), ['drop', 'drop', 'drop', 'drop'], other);
});
