import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePlayer, type PlayRow } from '../conformance/play.ts';
import { Engine, type Change } from '../../index.ts';
import { engineWith, failure } from './tables.ts';

const rows = [{ k: 'a', v: 1 }, { k: 'b', v: 10 }, { k: 'a', v: 5 }, { k: null, v: 3 }, { k: 'b', v: 1 }];

test('an updating query comes to its latest row of each key', async () => {
  await using engine = await engineWith(rows);
  const { rows: found, complete } = await engine.collect('SELECT k, SUM(v) AS s FROM t GROUP BY k');
  assert.deepEqual(found, [{ k: 'a', s: 6n }, { k: 'b', s: 11n }, { k: null, s: 3n }]);
  assert.equal(complete, true);
});

test('a query without keys has one row', async () => {
  await using engine = await engineWith(rows);
  assert.deepEqual((await engine.collect('SELECT COUNT(*) AS n, SUM(v) AS s FROM t')).rows, [{ n: 5n, s: 20n }]);
});

test('rows of groups that the query does not name stay apart', async () => {
  await using engine = await engineWith(rows);
  const { rows: found, columns } = await engine.collect('SELECT COUNT(*) AS n FROM t GROUP BY k');
  assert.deepEqual(found, [{ n: 2n }, { n: 2n }, { n: 1n }]);
  assert.deepEqual(columns.map(({ name }) => name), ['n']);
});

test('changes of such groups come in pairs, others when asked', async () => {
  await using engine = await engineWith(rows.slice(0, 3));
  const changesOf = async (sql: string, options: { readonly updates?: 'pairs' | 'after' } = {}): Promise<readonly Change[]> => {
    const all: Change[] = [];
    for await (const change of engine.changes(sql, { bounded: true, ...options })) all.push(change);
    return all;
  };
  const pairs = [{ op: '+I', row: { n: 1n } }, { op: '+I', row: { n: 1n } }, { op: '-U', row: { n: 1n } }, { op: '+U', row: { n: 2n } }];
  assert.deepEqual(await changesOf('SELECT COUNT(*) AS n FROM t GROUP BY k'), pairs);
  assert.deepEqual(await changesOf('SELECT COUNT(*) AS n FROM t GROUP BY k', { updates: 'after' }), pairs.filter(({ op }) => op !== '-U'));
  const keyed = 'SELECT k, COUNT(*) AS n FROM t GROUP BY k';
  assert.deepEqual((await changesOf(keyed)).map(({ op }) => op), ['+I', '+I', '+U']);
  assert.deepEqual((await changesOf(keyed, { updates: 'pairs' })).slice(2), [{ op: '-U', row: { k: 'a', n: 1n } }, { op: '+U', row: { k: 'a', n: 2n } }]);
});

test('maxRows cuts rows of both kinds, and complete says whether it did', async () => {
  await using engine = await engineWith(rows);
  for (const [sql, count] of [['SELECT v FROM t', 5], ['SELECT k, SUM(v) AS s FROM t GROUP BY k', 3]] as const) {
    for (const maxRows of [0, 2, count, count + 1]) {
      const { rows: found, complete } = await engine.collect(sql, { maxRows });
      assert.deepEqual([found.length, complete], [Math.min(maxRows, count), maxRows >= count], `${sql}, ${maxRows}`);
    }
  }
});

/** An engine whose table `t` has many rows, and something that is done at each reading. */
async function withReadings(atReading: (readings: number) => void): Promise<Engine> {
  const row: PlayRow = { kind: 0, values: ['a'], phase: 1 };
  let readings = 0;
  const player = makePlayer(new Map([['t', { splits: [Array.from({ length: manyRows }, () => row)] }]]), { onRead: () => atReading(++readings) });
  const engine = await Engine.create({ connectors: player.connectors });
  await engine.exec("CREATE TABLE t (k STRING) WITH ('connector' = 'play')");
  return engine;
}

const manyRows = 100_000;

test('after the timeout there is what was read until then', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  await using engine = await withReadings(() => t.mock.timers.tick(10));
  for (const sql of ['SELECT COUNT(*) AS n FROM t', "SELECT k FROM t WHERE k = 'b'"]) {
    const { complete, stats } = await engine.collect(sql, { timeout: '20ms' });
    assert.equal(complete, false);
    assert.ok(stats.rowsRead > 0n && stats.rowsRead < BigInt(manyRows), String(stats.rowsRead));
    assert.equal((await engine.collect(sql, { timeout: '1min' })).complete, true);
  }
  await assert.rejects(engine.collect('SELECT 1', { timeout: '1 fortnight' as '1s' }), failure('E0904', /is no duration/));
});

test('an abort rejects with its reason', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  await using engine = await withReadings((readings) => { if (readings === 3) controller.abort(reason); });
  await assert.rejects(engine.collect('SELECT COUNT(*) AS n FROM t', { signal: controller.signal }), reason);
  await assert.rejects(engine.collect('SELECT COUNT(*) AS n FROM t', { signal: controller.signal }), reason);
});

test('the settings of a call are that call\'s', async () => {
  await using engine = await engineWith([{ k: 'a', v: 1 }]);
  await assert.rejects(engine.collect('SELECT v FROM t', { settings: { 'no.such': '1' } }), failure('E0508'));
  await engine.collect('SELECT v FROM t', { settings: { 'table.exec.source.idle-timeout': '7 s' } });
  const [listed] = await engine.exec('SET');
  assert.equal(listed?.kind === 'rows' && listed.rows.find((row) => row['key'] === 'table.exec.source.idle-timeout')?.['value'], '5 s');
});
