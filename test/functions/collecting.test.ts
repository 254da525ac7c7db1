import assert from 'node:assert/strict';
import test from 'node:test';
import { printType, types, withNullable } from '../../core/sql-type.ts';
import { Engine } from '../../engine/engine.ts';
import { checkSchema } from '../../executor/runtime/state-schema.ts';
import { aggregateOverload } from '../../functions/registry.ts';
import { makePlayer, type PlayRow } from '../conformance/play.ts';
import { Random, seedFromEnvironment } from '../random.ts';

const calls = "ARRAY_AGG(v) AS a, COLLECT(v) AS c, LISTAGG(v) AS l, LISTAGG(v, ' / ') AS m, JSON_ARRAYAGG(v) AS j, JSON_ARRAYAGG(v NULL ON NULL) AS k, JSON_OBJECTAGG(KEY w VALUE v) AS o, JSON_OBJECTAGG(w VALUE v ABSENT ON NULL) AS p";

async function collected(rows: readonly PlayRow[], connector: string, sql: string, step: number): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const player = makePlayer(new Map([['t', { splits: [rows] }]]), { cut: () => step });
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec(`CREATE TABLE t (g INT, v STRING, w STRING) WITH ('connector' = '${connector}')`);
  return (await engine.collect(sql)).rows;
}

const insert = (...values: readonly (number | string | null)[]): PlayRow => ({ kind: 0, values, phase: 1 });

test('values in the order in which they came; NULL where the function keeps it', async () => {
  const rows = [insert(1, 'x', 'b'), insert(1, null, 'a'), insert(1, 'w', 'c'), insert(1, 'x', 'b'), insert(2, null, 'z')];
  assert.deepEqual(await collected(rows, 'play', `SELECT g, ${calls} FROM t GROUP BY g`, 100), [
    { g: 1, a: ['x', null, 'w', 'x'], c: new Map([['w', 1], ['x', 2]]), l: 'x,w,x', m: 'x / w / x', j: '["x","w","x"]', k: '["x",null,"w","x"]', o: '{"a":null,"b":"x","c":"w"}', p: '{"b":"x","c":"w"}' },
    { g: 2, a: [null], c: new Map(), l: null, m: null, j: '[]', k: '[null]', o: '{"z":null}', p: '{}' },
  ]);
  assert.deepEqual(await collected(rows, 'play', 'SELECT ARRAY_AGG(DISTINCT v) AS a, COLLECT(DISTINCT v) AS c, LISTAGG(v) FILTER (WHERE w > \'b\') AS l FROM t WHERE g = 1', 1), [{ a: ['x', null, 'w'], c: new Map([['w', 1], ['x', 1]]), l: 'w' }]);
});

test('in a window', async () => {
  const player = makePlayer(new Map([['t', { splits: [[insert('2021-03-04 00:00:01', 'x'), insert('2021-03-04 00:00:02', 'y'), insert('2021-03-04 00:00:11', 'z')]] }]]));
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec("CREATE TABLE t (ts TIMESTAMP(3), v STRING, WATERMARK FOR ts AS ts) WITH ('connector' = 'play')");
  const { rows } = await engine.collect("SELECT window_end, LISTAGG(v) AS l, ARRAY_AGG(v) AS a, COLLECT(v) AS c FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end");
  assert.deepEqual(rows.map(({ l, a, c }) => [l, a, c]), [['x,y', ['x', 'y'], new Map([['x', 1], ['y', 1]])], ['z', ['z'], new Map([['z', 1]])]]);
});

test('what is taken back was never there: inserts and withdrawals leave what the rows that stay give', async (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const random = new Random(seed);
  let withdrawn = 0;
  for (let n = 0; n < 20; n++) {
    const changes: PlayRow[] = [];
    const left: (readonly (number | string | null)[])[] = [];
    for (let i = random.int(1, 40); i > 0; i--) {
      if (left.length > 0 && random.chance(0.4)) {
        // The first of equal rows goes, as it does in a list.
        const wanted = random.pick(left).slice(0, 2).join();
        const [gone] = left.splice(left.findIndex((row) => row.slice(0, 2).join() === wanted), 1);
        changes.push({ kind: 3, values: gone as (number | string | null)[], phase: 1 });
        withdrawn++;
        continue;
      }
      const row = [random.int(1, 2), random.pick(['x', 'y', null]), `k${i}`];
      left.push(row);
      changes.push(insert(...row));
    }
    const sql = `SELECT g, ${calls} FROM t GROUP BY g`;
    const byGroup = (rows: readonly Readonly<Record<string, unknown>>[]): unknown => new Map(rows.map((row) => [row['g'], row]).toSorted(([a], [b]) => Number(a) - Number(b)) as [unknown, unknown][]);
    assert.deepEqual(byGroup(await collected(changes, 'play-retract', sql, random.int(1, 10))), byGroup(await collected(left.map((row) => insert(...row)), 'play', sql, 100)));
  }
  assert.ok(withdrawn > 20);
});

test('lists and multisets that an earlier build stored as values are not taken for what is kept now: E0801', () => {
  const args = [types.string, types.string];
  for (const [name, overload, before] of [['ARRAY_AGG', 'values', 'ARRAY<STRING>'], ['LISTAGG', 'texts', 'ARRAY<STRING>'], ['COLLECT', 'values', 'MULTISET<STRING NOT NULL>'], ['JSON_OBJECTAGG', 'json', 'MAP<STRING, STRING>']] as const) {
    const { lanes, updating } = aggregateOverload(name, overload, 1);
    for (const kinds of [lanes(args), updating?.lanes(args) ?? []]) {
      const kept = `${name} 1`;
      const [type] = kinds.map((lane) => printType(withNullable(lane, true)));
      assert.throws(() => checkSchema('g', { fields: [{ name: kept, type: before }] }, { fields: [{ name: kept, type: type ?? '' }] }), { code: 'E0801', message: /^the stored state g holds / });
      // The type of the values is still part of what is stored.
      const [other] = lanes([types.bigint, types.string]).map((lane) => printType(withNullable(lane, true)));
      assert.equal(other !== type, name === 'ARRAY_AGG' || name === 'COLLECT');
    }
  }
});
