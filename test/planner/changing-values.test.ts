import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { makePlayer } from '../conformance/play.ts';

const tables = `
  CREATE TABLE people (id INT, k STRING, n INT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'play-retract');
  CREATE TABLE lines (id INT, k STRING, n INT) WITH ('connector' = 'play');
  CREATE TABLE texts (a STRING, b STRING) WITH ('connector' = 'play');
  CREATE TABLE counts (a STRING, b BIGINT) WITH ('connector' = 'play');
  CREATE TABLE latest (a INT, b STRING, PRIMARY KEY (a) NOT ENFORCED) WITH ('connector' = 'play')`;

async function faultsOf(query: string): Promise<readonly string[]> {
  await using engine = await Engine.create({ connectors: makePlayer(new Map()).connectors });
  await engine.exec(tables);
  return engine.check(query).errors.map(({ code }) => code);
}

const refused: readonly string[] = [
  'INSERT INTO texts SELECT k, UUID() FROM people',
  'INSERT INTO texts SELECT k, CAST(CURRENT_TIMESTAMP AS STRING) FROM people',
  "INSERT INTO latest SELECT id, k FROM people WHERE UUID() > '5'",
  'INSERT INTO counts SELECT k, COUNT(DISTINCT UUID()) FROM people GROUP BY k',
  'INSERT INTO counts SELECT UUID(), COUNT(*) FROM people GROUP BY UUID()',
  'INSERT INTO texts SELECT k, UUID() FROM people UNION ALL SELECT k, k FROM lines',
  "INSERT INTO texts SELECT k, r FROM (SELECT k, UUID() AS r FROM people) WHERE r > '5'",
  'INSERT INTO counts SELECT k, COUNT(*) FROM TABLE(TUMBLE(DATA => TABLE clocked, TIMECOL => DESCRIPTOR(p), SIZE => INTERVAL \'1\' HOUR)) GROUP BY k, window_start, window_end',
];

const taken: readonly string[] = [
  'INSERT INTO latest SELECT id, UUID() FROM people',
  'INSERT INTO texts SELECT k, UUID() FROM lines',
  "INSERT INTO counts SELECT k, COUNT(*) FROM lines WHERE UUID() > '5' GROUP BY k",
  'INSERT INTO texts SELECT k, k FROM (SELECT k, UUID() AS r FROM people)',
  'INSERT INTO latest SELECT n, k FROM (SELECT id, n, k, UUID() AS r FROM people ORDER BY n LIMIT 3)',
];

for (const query of refused) {
  test(`a row is not withdrawn by a value that is another each time: ${query}`, async () => {
    assert.deepEqual(await faultsOf(query.includes('clocked') ? `CREATE VIEW clocked AS SELECT *, PROCTIME() AS p FROM people; ${query}` : query), ['E0304']);
  });
}

for (const query of taken) {
  test(`no row is withdrawn by it: ${query}`, async () => assert.deepEqual(await faultsOf(query), []));
}

test('Flink\'s setting lets such rows stay where they are not found', async () => {
  assert.deepEqual(await faultsOf("SET 'table.optimizer.non-deterministic-update.strategy' = 'ignore'; INSERT INTO texts SELECT k, UUID() FROM people"), []);
});
