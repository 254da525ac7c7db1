import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';

async function valueOf(sql: string): Promise<unknown> {
  await using engine = await Engine.create();
  return (await engine.collect(`SELECT ${sql} AS x`)).rows[0]?.['x'];
}

test('periods overlap where they have a moment in common; their ends may stand in either order', async () => {
  assert.equal(await valueOf("(DATE '2026-01-01', DATE '2026-01-31') OVERLAPS (DATE '2026-01-31', INTERVAL '1' MONTH)"), true);
  assert.equal(await valueOf("(DATE '2026-01-31', DATE '2026-01-10') OVERLAPS (DATE '2026-01-05', INTERVAL '1' DAY)"), false);
  assert.equal(await valueOf("(TIMESTAMP '2026-01-01 10:00:00', INTERVAL '-2' HOUR) OVERLAPS (TIMESTAMP '2026-01-01 09:00:00', TIMESTAMP '2026-01-01 09:00:00')"), true);
  assert.equal(await valueOf("(TIME '09:00:00', CAST(NULL AS TIME)) OVERLAPS (TIME '09:00:00', TIME '10:00:00')"), null);
});

test('what is no period', async () => {
  await assert.rejects(valueOf("(DATE '2026-01-01', DATE '2026-01-31', DATE '2026-01-31') OVERLAPS (DATE '2026-01-31', DATE '2026-02-01')"), { code: 'E0208' });
  await assert.rejects(valueOf("(DATE '2026-01-01', 7) OVERLAPS (DATE '2026-01-31', DATE '2026-02-01')"), { code: 'E0208' });
});

test('CASE with several values before one THEN', async () => {
  assert.equal(await valueOf("CASE 3 WHEN 1, 2 THEN 'few' WHEN 3, 4 THEN 'some' ELSE 'many' END"), 'some');
  await assert.rejects(valueOf('CASE WHEN TRUE, FALSE THEN 1 END'), { code: 'E0001' });
});
