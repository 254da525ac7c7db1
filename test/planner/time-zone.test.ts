import assert from 'node:assert/strict';
import test from 'node:test';
import { SqlError } from '../../core/diagnostic.ts';
import { Engine } from '../../engine/engine.ts';
import { nodesOf, type PhysicalNode } from '../../planner/physical-plan.ts';

async function codeOf(run: (engine: Engine) => Promise<unknown>): Promise<string | undefined> {
  await using engine = await Engine.create();
  try {
    await run(engine);
    return undefined;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return error.code;
  }
}

/** The texts of expressions in a zone. */
async function textsIn(name: string, ...expressions: readonly string[]): Promise<unknown[]> {
  await using engine = await Engine.create({ settings: { 'table.local-time-zone': name } });
  const { rows } = await engine.collect(`SELECT ${expressions.map((sql, i) => `CAST(${sql} AS STRING) AS c${i}`).join(', ')}`);
  return Object.values(rows[0] ?? {});
}

test('a TIMESTAMP_LTZ is local time of the session zone in texts, casts and functions', async () => {
  const local = (text: string): string => `CAST(CAST(TIMESTAMP '${text}' AS TIMESTAMP_LTZ(3)) AS TIMESTAMP(3))`;
  const instant = (text: string): string => `UNIX_TIMESTAMP('${text}')`;
  assert.deepEqual(await textsIn('Asia/Tokyo', 'TO_TIMESTAMP_LTZ(0, 3)', 'HOUR(TO_TIMESTAMP_LTZ(0, 3))', 'CAST(TO_TIMESTAMP_LTZ(0, 3) AS DATE)', 'FROM_UNIXTIME(0)', instant('1970-01-01 09:00:00')), ['1970-01-01 09:00:00.000', '9', '1970-01-01', '1970-01-01 09:00:00', '0']);
  assert.deepEqual(await textsIn('UTC', 'TO_TIMESTAMP_LTZ(0, 3)', 'FROM_UNIXTIME(0)'), ['1970-01-01 00:00:00.000', '1970-01-01 00:00:00']);
  // On the night of 29 March 2026 the hour after 2 is skipped, on that of 25 October it comes twice.
  assert.deepEqual(await textsIn('Europe/Berlin', local('2026-03-29 02:30:00'), instant('2026-03-29 03:30:00'), instant('2026-10-25 02:30:00'), instant('2026-10-25 03:30:00')), ['2026-03-29 03:30:00.000', '1774747800', '1792888200', '1792895400']);
});

test('windows over TIMESTAMP_LTZ have the zone and state of their own, those over TIMESTAMP have not', async () => {
  const windowOf = async (type: string, setting: string): Promise<PhysicalNode<'WindowAggregate'>> => {
    await using engine = await Engine.create({ settings: { 'table.local-time-zone': setting } });
    await engine.exec(`CREATE TABLE t (k STRING, ts ${type}, WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json'); CREATE TABLE o (k STRING, n BIGINT) WITH ('connector' = 'blackhole')`);
    const { inserts } = engine.check('INSERT INTO o SELECT k, COUNT(*) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL \'1\' DAY)) GROUP BY k, window_start, window_end');
    const node = inserts.flatMap(({ planned }) => nodesOf(planned.physical)).find((candidate) => candidate.kind === 'WindowAggregate');
    assert.ok(node !== undefined);
    return node;
  };
  const [local, other, plain, utc] = [await windowOf('TIMESTAMP_LTZ(3)', 'Asia/Tokyo'), await windowOf('TIMESTAMP_LTZ(3)', 'Europe/Berlin'), await windowOf('TIMESTAMP(3)', 'Asia/Tokyo'), await windowOf('TIMESTAMP_LTZ(3)', 'UTC')];
  assert.deepEqual([local.zone, other.zone, plain.zone, utc.zone], ['Asia/Tokyo', 'Europe/Berlin', undefined, undefined]);
  assert.equal(new Set([local.stateName, other.stateName, utc.stateName]).size, 3);
});

test('a zone that nobody has is an error of the setting; a setting of Flink is not supported yet', async () => {
  assert.equal(await codeOf((engine) => engine.exec("SET 'table.local-time-zone' = 'Mars/Olympus'")), 'E0508');
  assert.equal(await codeOf((engine) => engine.exec("SET 'table.exec.emit.early-fire.enabled' = 'true'")), 'E0002');
  assert.equal(await codeOf((engine) => engine.exec("SET 'no.such.setting' = 'true'")), 'E0508');
});
