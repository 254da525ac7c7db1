import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../../../engine/engine.ts';
import { nodesOf } from '../../../planner/physical-plan.ts';
import { BatchBuilder } from '../../../wire/batch-builder.ts';
import { PartitionReader } from '../../broker/topic-reader.ts';

const encoder = new TextEncoder();

/** An engine with the upsert-kafka table `p` (id INT, team STRING, points BIGINT) over records of (key, value); undefined is null. */
async function engineWith(records: readonly (readonly [unknown, unknown])[], stateDir?: string): Promise<Engine> {
  const engine = await Engine.create({ kafka: 'embedded', ...(stateDir === undefined ? {} : { stateDir }) });
  const link = await engine.brokerLink();
  await link.createTopic('p', 1);
  const builder = new BatchBuilder();
  for (const [key, value] of records) {
    const [k, v] = [key, value].map((part) => encoder.encode(part === undefined ? '' : JSON.stringify(part))) as [Uint8Array, Uint8Array];
    builder.append(k, 0, key === undefined ? -1 : k.length, v, 0, value === undefined ? -1 : v.length, 1_700_000_000_000);
  }
  await link.produce({ batches: [{ topic: 'p', partition: 0, bytes: builder.finish() }] });
  await engine.exec(`CREATE TABLE p (id INT, team STRING, points BIGINT, PRIMARY KEY (id) NOT ENFORCED)
    WITH ('connector' = 'upsert-kafka', 'topic' = 'p', 'key.format' = 'json', 'value.format' = 'json')`);
  return engine;
}

const player = (id: number, team: string, points: number): readonly [unknown, unknown] => [{ id }, { id, team, points }];
const gone = (id: number): readonly [unknown, unknown] => [{ id }, undefined];
const history = [player(1, 'red', 5), player(2, 'red', 7), player(3, 'blue', 1), player(2, 'blue', 7), player(1, 'red', 5), gone(3), gone(9), player(1, 'red', 6)];

test('changes of an upsert topic name the rows that they replace', async () => {
  await using engine = await engineWith(history);
  const told: unknown[] = [];
  for await (const { op, row } of engine.changes('SELECT id, team, points FROM p', { bounded: true })) told.push([op, ...Object.values(row)]);
  assert.deepEqual(told, [
    ['+I', 1, 'red', 5n], ['+I', 2, 'red', 7n], ['+I', 3, 'blue', 1n], ['-U', 2, 'red', 7n], ['+U', 2, 'blue', 7n], ['-D', 3, 'blue', 1n], ['-U', 1, 'red', 5n], ['+U', 1, 'red', 6n],
  ]);
});

test('groups over an upsert topic lose what has gone, though the query does not read the key', async () => {
  await using engine = await engineWith(history);
  const { rows } = await engine.collect('SELECT team, COUNT(*) AS n, SUM(points) AS total, MAX(points) AS best FROM p GROUP BY team');
  assert.deepEqual(rows, [{ team: 'blue', n: 1n, total: 7n, best: 7n }, { team: 'red', n: 1n, total: 6n, best: 6n }]);
});

test('a deletion goes on by its key alone where nobody needs the row', async () => {
  await using engine = await engineWith([player(1, 'red', 5), gone(1), [undefined, undefined]]);
  await engine.exec(`CREATE TABLE q (id INT, points BIGINT NOT NULL, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'q', 'key.format' = 'json', 'value.format' = 'json')`);
  const insert = 'INSERT INTO q SELECT id, points FROM p';
  const plan = engine.check(insert).inserts[0]?.planned.physical;
  assert.ok(plan !== undefined && !nodesOf(plan).some((node) => node.kind === 'ChangelogNormalize'));
  const job = await engine.submit(insert, { bounded: true });
  await job.finished;
  const { rows } = await engine.collect('SELECT COUNT(*) AS n FROM q');
  assert.deepEqual(rows, []);
});

/** An engine with the upsert-kafka table `u` (n INT NOT NULL, k STRING, v STRING) in these formats, into which rows were put and one of them changed. */
async function changedIn(options: string): Promise<{ readonly engine: Engine; readonly records: readonly (readonly [string | null, string | null])[] }> {
  const engine = await Engine.create({ kafka: 'embedded' });
  await engine.exec(`CREATE TABLE u (n INT NOT NULL, k STRING, v STRING, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'u', ${options});
    CREATE TABLE p (id INT, team STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'p', 'key.format' = 'json', 'value.format' = 'json')`);
  await engine.exec("INSERT INTO p VALUES (1, 'red'), (2, 'blue'), (3, 'red'), (2, 'red'), (4, 'green')");
  // Blue loses its only row, so that its group goes.
  const job = await engine.submit("INSERT INTO u SELECT CAST(COUNT(*) AS INT), team, 'x' FROM p GROUP BY team", { bounded: true });
  await job.finished;
  const records = await new PartitionReader(await engine.brokerLink(), 'u', 0).readAll();
  return { engine, records: records.map(({ key, value }) => [key, value] as const) };
}

for (const [options, key, value, gone] of [
  ["'key.format' = 'raw', 'value.format' = 'json'", 'red', '{"n":3,"k":"red","v":"x"}', 'blue'],
  ["'key.format' = 'json', 'value.format' = 'csv', 'value.fields-include' = 'EXCEPT_KEY'", '{"k":"red"}', '3,x', '{"k":"blue"}'],
  ["'key.format' = 'csv', 'value.format' = 'csv'", 'red', '3,red,x', 'blue'],
  ["'key.format' = 'csv', 'value.format' = 'json', 'key.fields-prefix' = 'k', 'value.fields-include' = 'EXCEPT_KEY'", 'red', '{"n":3,"v":"x"}', 'blue'],
] as const) {
  test(`keys and values in formats of their own, deletions too: ${options}`, async () => {
    const { engine, records } = await changedIn(options);
    try {
      assert.deepEqual(records.findLast(([k]) => k === key), [key, value]);
      assert.ok(records.some(([k, v]) => k === gone && v === null), 'a deletion is a key without a value');
      const { rows } = await engine.collect('SELECT k, SUM(n) AS n FROM u GROUP BY k');
      assert.deepEqual(rows.map(({ k, n }) => [k, n]).toSorted(), [['green', 1], ['red', 3]]);
      const told: unknown[] = [];
      for await (const { op, row } of engine.changes("SELECT k, n, v FROM u WHERE k = 'blue'", { bounded: true })) told.push([op, ...Object.values(row)]);
      assert.deepEqual(told, [['+I', 'blue', 1, 'x'], ['-D', 'blue', 1, 'x']]);
    } finally {
      await engine.close();
    }
  });
}

test('metadata of an upsert topic is that of the record, and of a deletion nothing else is there', async () => {
  await using engine = await engineWith(history);
  await engine.exec(`CREATE TABLE m (id INT, points BIGINT, o BIGINT METADATA FROM 'offset' VIRTUAL, PRIMARY KEY (id) NOT ENFORCED)
    WITH ('connector' = 'upsert-kafka', 'topic' = 'p', 'key.format' = 'json', 'value.format' = 'json')`);
  const { rows } = await engine.collect('SELECT id, MAX(o) AS o FROM m GROUP BY id');
  assert.deepEqual(rows.map(({ id, o }) => [id, o]).toSorted(), [[1, 7n], [2, 3n]]);
});
