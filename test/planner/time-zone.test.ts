import assert from 'node:assert/strict';
import test from 'node:test';
import { SqlError } from '../../core/diagnostic.ts';
import { Engine } from '../../engine/engine.ts';

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

const zone = "SET 'table.local-time-zone' = 'Asia/Tokyo';";

test('another time zone than UTC is refused only where it would show', async () => {
  assert.equal(await codeOf((engine) => engine.exec(`${zone} SELECT TO_TIMESTAMP_LTZ(0, 3), 1 + 1, CAST(TIMESTAMP '2020-01-01 00:00:00' AS STRING)`)), undefined);
  assert.equal(await codeOf((engine) => engine.exec(`${zone} SELECT CAST(TO_TIMESTAMP_LTZ(0, 3) AS STRING)`)), 'E0002');
  assert.equal(await codeOf((engine) => engine.exec(`${zone} SELECT CAST(TO_TIMESTAMP_LTZ(0, 3) AS TIMESTAMP(3))`)), 'E0002');
  assert.equal(await codeOf((engine) => engine.exec(`SELECT CAST(TO_TIMESTAMP_LTZ(0, 3) AS STRING)`)), undefined);
});

test('windows over TIMESTAMP_LTZ follow the zone, those over TIMESTAMP do not', async () => {
  const ddl = (type: string): string => `CREATE TABLE t (k STRING, ts ${type}, WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json');`;
  const query = "EXPLAIN SELECT k, COUNT(*) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY)) GROUP BY k, window_start, window_end";
  assert.equal(await codeOf((engine) => engine.exec(`${zone} ${ddl('TIMESTAMP_LTZ(3)')} ${query}`)), 'E0002');
  assert.equal(await codeOf((engine) => engine.exec(`${zone} ${ddl('TIMESTAMP(3)')} ${query}`)), undefined);
});

test('a zone that nobody has is an error of the setting; a setting of Flink is not supported yet', async () => {
  assert.equal(await codeOf((engine) => engine.exec("SET 'table.local-time-zone' = 'Mars/Olympus'")), 'E0508');
  assert.equal(await codeOf((engine) => engine.exec("SET 'table.exec.emit.early-fire.enabled' = 'true'")), 'E0002');
  assert.equal(await codeOf((engine) => engine.exec("SET 'no.such.setting' = 'true'")), 'E0508');
});
