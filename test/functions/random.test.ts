import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { textsOf } from './evaluate.ts';

test('a written seed begins one sequence for all rows, any other seed one for each row', async () => {
  await using engine = await Engine.create();
  const { rows } = await engine.collect('SELECT RAND_INTEGER(42, 100) AS a, RAND_INTEGER(n, 100) AS b, RAND() < 1 AS c FROM (VALUES (42), (42), (42)) AS t(n)');
  // java.util.Random(42).nextInt() is -1170105035, 234785527, -1360544799: the remainders of their upper 31 bits.
  assert.deepEqual(rows, [{ a: 30, b: 30, c: true }, { a: 63, b: 30, c: true }, { a: 48, b: 30, c: true }]);
});

test('bounds that are powers of two, negative seeds, NULL, and a bound that is none', async () => {
  assert.deepEqual(await textsOf('RAND_INTEGER(42, 16)', 'RAND_INTEGER(-7, 1)', 'RAND(CAST(NULL AS INT))', 'RAND_INTEGER(7, CAST(NULL AS INT))'), ['11', '0', null, null]);
  await assert.rejects(textsOf('RAND_INTEGER(0)'), { code: 'E0207' });
});
