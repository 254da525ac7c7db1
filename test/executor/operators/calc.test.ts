import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../../../index.ts';

test('the text of a time is that of its row, whether it is that of the row before or not', async () => {
  await using engine = await Engine.create();
  const times = ['2026-03-01 10:00:00', '2026-03-01 10:00:59', '2026-03-01 10:01:00', undefined, '2026-03-01 10:01:30', '2026-03-02 10:01:30', '2026-03-02 10:01:31', '2026-03-01 10:01:31'];
  const values = times.map((time) => `(${time === undefined ? 'CAST(NULL AS TIMESTAMP(3))' : `TIMESTAMP '${time}'`})`);
  const { rows } = await engine.collect(`SELECT DATE_FORMAT(t, 'yyyy-MM-dd') AS d, DATE_FORMAT(t, 'HH:mm') AS m FROM (VALUES ${values.join(', ')}) AS v(t)`);
  assert.deepEqual(rows, times.map((time) => ({ d: time?.slice(0, 10) ?? null, m: time?.slice(11, 16) ?? null })));
});
