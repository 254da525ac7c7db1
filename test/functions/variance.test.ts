import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { makePlayer, type PlayRow } from '../conformance/play.ts';

const row = (kind: number, g: number, n: number | null, d: string | null): PlayRow => ({ kind, values: [g, n, n, d], phase: 1 });
const calls = 'VAR_POP(n) AS vp, VAR_SAMP(n) AS vs, STDDEV_POP(x) AS sp, STDDEV(x) AS ss, VARIANCE(d) AS dv, FIRST_VALUE(d) AS f, LAST_VALUE(d) AS l';

async function grouped(rows: readonly PlayRow[], connector = 'play'): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const player = makePlayer(new Map([['t', { splits: [rows] }]]));
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec(`CREATE TABLE t (g INT, n INT, x DOUBLE, d DECIMAL(6, 2)) WITH ('connector' = '${connector}')`);
  return (await engine.collect(`SELECT g, ${calls} FROM t GROUP BY g`)).rows;
}

test('variances have the type of AVG, and integers are cut at each division; NULL counts nowhere', async () => {
  assert.deepEqual(await grouped([row(0, 1, 2, '1.00'), row(0, 1, null, null), row(0, 1, 5, '1.50'), row(0, 1, 9, '2.25'), row(0, 2, 4, '7.00'), row(0, 3, null, null)]), [
    // 110 - 16 * 16 / 3 is 25, a third of it 8; of doubles it is 8.22.
    { g: 1, vp: 8, vs: 12, sp: 2.8674417556808756, ss: 3.5118845842842465, dv: '0.395834', f: '1.00', l: '2.25' },
    { g: 2, vp: 0, vs: null, sp: 0, ss: null, dv: null, f: '7.00', l: '7.00' },
    { g: 3, vp: null, vs: null, sp: null, ss: null, dv: null, f: null, l: null },
  ]);
});

test('what is taken back was never there', async () => {
  const changes = [row(0, 1, 100, '9.00'), row(0, 1, 2, '1.00'), row(0, 1, 5, '1.50'), row(3, 1, 100, '9.00'), row(0, 1, 9, '2.25'), row(0, 1, 7, '5.00'), row(3, 1, 7, '5.00')];
  assert.deepEqual(await grouped(changes, 'play-retract'), await grouped([row(0, 1, 2, '1.00'), row(0, 1, 5, '1.50'), row(0, 1, 9, '2.25')]));
});

test('windows that share rows merge variances, and have first and last values and percentiles of their own', async () => {
  const at = (second: number, n: number): PlayRow => ({ kind: 0, values: [`2026-03-04 00:00:${String(second).padStart(2, '0')}`, n], phase: 1 });
  const player = makePlayer(new Map([['t', { splits: [[at(1, 1), at(6, 3), at(7, 8)]] }]]));
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec("CREATE TABLE t (ts TIMESTAMP(3), n BIGINT, WATERMARK FOR ts AS ts) WITH ('connector' = 'play')");
  const over = (calls: string): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }> => engine.collect(`SELECT SECOND(window_end) AS e, ${calls} FROM TABLE(HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND)) GROUP BY window_start, window_end`);
  assert.deepEqual((await over('VAR_POP(n) AS v')).rows, [{ e: 5n, v: 0n }, { e: 10n, v: 8n }, { e: 15n, v: 6n }]);
  assert.deepEqual((await over('PERCENTILE(n, 0.5) AS p')).rows, [{ e: 5n, p: 1 }, { e: 10n, p: 3 }, { e: 15n, p: 5.5 }]);
  assert.deepEqual((await over('FIRST_VALUE(n) AS f, LAST_VALUE(n) AS l')).rows, [{ e: 5n, f: 1n, l: 1n }, { e: 10n, f: 1n, l: 8n }, { e: 15n, f: 3n, l: 8n }]);
});
