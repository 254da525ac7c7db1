import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';

test('CURRENT_DATABASE is the database of whoever reads, wherever it stands', async () => {
  await using engine = await Engine.create();
  const answer = async (query: string): Promise<unknown> => (await engine.collect(query)).rows;
  await engine.exec("CREATE VIEW here AS SELECT CURRENT_DATABASE() AS d, n FROM (VALUES (1), (2)) AS t (n) WHERE CURRENT_DATABASE() <> 'none'; CREATE DATABASE other");
  assert.deepEqual(await answer('SELECT * FROM here'), [{ d: 'default_database', n: 1 }, { d: 'default_database', n: 2 }]);
  await engine.exec('USE other');
  assert.deepEqual(await answer('SELECT d, COUNT(*) AS c FROM default_database.here GROUP BY d'), [{ d: 'other', c: 2n }]);
  assert.deepEqual(await answer("SELECT COUNT(*) FILTER (WHERE CURRENT_DATABASE() = 'other') AS c, MAX(CURRENT_DATABASE()) AS m FROM (VALUES (1), (2)) AS t (n) GROUP BY CURRENT_DATABASE() HAVING CURRENT_DATABASE() LIKE 'o%'"), [{ c: 2n, m: 'other' }]);
  assert.deepEqual(await answer("SELECT a.n FROM (VALUES (1), (2)) AS a (n) JOIN (VALUES (2)) AS b (n) ON a.n = b.n AND CURRENT_DATABASE() = 'other'"), [{ n: 2 }]);
});

test('where no database is in use, CURRENT_DATABASE is E0106', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE CATALOG bare WITH ('type' = 'generic_in_memory', 'default-database' = 'first'); DROP DATABASE bare.first; USE CATALOG bare");
  await assert.rejects(engine.collect('SELECT CURRENT_DATABASE() AS d'), { code: 'E0106' });
});
