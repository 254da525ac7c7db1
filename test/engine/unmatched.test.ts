import assert from 'node:assert/strict';
import test from 'node:test';
import { RowKind } from '../../core/changelog.ts';
import { Engine } from '../../index.ts';
import { makePlayer } from '../conformance/play.ts';

test('withdrawals that find nothing are dropped and counted in the stats', async () => {
  const row = (kind: number, key: string, value: number): { kind: number; values: readonly (string | number)[]; phase: number } => ({ kind, values: [key, value], phase: 1 });
  const rows = [row(RowKind.insert, 'a', 1), row(RowKind.delete, 'ghost', 5), row(RowKind.insert, 'a', 2), row(RowKind.delete, 'ghost', 6)];
  const player = makePlayer(new Map([['t', { splits: [rows] }]]));
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec("CREATE TABLE t (k STRING, v INT) WITH ('connector' = 'play-retract'); CREATE TABLE o (k STRING, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'play');");
  const job = await engine.submit('INSERT INTO o SELECT k, COUNT(*) FROM t GROUP BY k', { bounded: true });
  const { unmatched, rowsRead } = await job.finished;
  assert.deepEqual([rowsRead, unmatched], [4n, 2n]);
  assert.deepEqual(player.taken.get('o')?.filter(({ values }) => values[0] === 'ghost'), []);
});
