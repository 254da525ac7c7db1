import assert from 'node:assert/strict';
import test from 'node:test';
import { engineWith } from '../engine/tables.ts';

test('MIN and MAX of a BOOLEAN: FALSE is the least', async () => {
  await using engine = await engineWith([{ k: 'a', v: 1 }, { k: 'a', v: 5 }, { k: 'b', v: 5 }, { k: 'c', v: null }]);
  const { rows } = await engine.collect('SELECT k, MIN(v > 2) AS least, MAX(v > 2) AS most FROM t GROUP BY k');
  assert.deepEqual(rows, [{ k: 'a', least: false, most: true }, { k: 'b', least: true, most: true }, { k: 'c', least: null, most: null }]);
});
