import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { allocateBatch } from '../../../core/batch.ts';
import { RowKind } from '../../../core/changelog.ts';
import { UpsertBuffer } from '../../../connectors/kafka/upsert-buffer.ts';
import { Engine } from '../../../index.ts';
import { seedFromEnvironment } from '../../random.ts';
import { drawOf } from '../formats/json/records.ts';

const sink = (options: string): string => `CREATE TABLE o (id INT, n BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'o', 'key.format' = 'json', 'value.format' = 'json'${options})`;
const buffered = ", 'sink.buffer-flush.max-rows' = '3', 'sink.buffer-flush.interval' = '1 h'";

/** The records of topic `o`, as id and n; a deletion has null. */
async function recordsOf(engine: Engine): Promise<unknown[][]> {
  await engine.exec(`CREATE TEMPORARY TABLE IF NOT EXISTS r (k STRING, v STRING) WITH ('connector' = 'kafka', 'topic' = 'o', 'format' = 'raw', 'key.format' = 'raw', 'key.fields' = 'k', 'value.fields-include' = 'EXCEPT_KEY', 'scan.startup.mode' = 'earliest-offset')`);
  const { rows } = await engine.collect('SELECT k, v FROM r');
  return rows.map(({ k, v }) => [(JSON.parse(String(k)) as { id: number }).id, v === null ? null : (JSON.parse(String(v)) as { n: number }).n]);
}

async function written(options: string, values: string): Promise<{ readonly records: unknown[][]; readonly notices: readonly string[] }> {
  const notices: string[] = [];
  await using engine = await Engine.create({ kafka: 'embedded', onNotice: ({ code, message }) => notices.push(`${code} ${message}`) });
  await engine.exec(sink(options));
  await engine.exec(`INSERT INTO o VALUES ${values}`);
  return { records: await recordsOf(engine), notices };
}

test('of a key the last row is written, once so many keys are held', async () => {
  const values = '(1, 10), (2, 20), (1, 11), (1, 12), (3, 30), (3, 31), (4, 40), (3, 32)';
  assert.deepEqual((await written(buffered, values)).records, [[2, 20], [1, 12], [3, 30], [4, 40], [3, 32]]);
  assert.deepEqual((await written('', values)).records.length, 8);
});

test('deletions are held too; what is held is written with the checkpoint, exactly once', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'sluice-buffer-'));
  try {
    for (const guarantee of ['at-least-once', 'exactly-once']) {
      await using engine = await Engine.create({ kafka: 'embedded', stateDir: join(stateDir, guarantee) });
      await engine.exec(`${sink(`, 'sink.delivery-guarantee' = '${guarantee}', 'sink.buffer-flush.max-rows' = '100', 'sink.buffer-flush.interval' = '1 h'`)};
        CREATE TABLE i (id INT, n BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'i', 'key.format' = 'json', 'value.format' = 'json');
        INSERT INTO i VALUES (1, 5), (2, 5), (1, 50), (2, 7)`);
      const query = 'INSERT INTO o SELECT id, n FROM i WHERE n < 10';
      await (await engine.submit(query, { name: 'j', bounded: true })).finished;
      assert.deepEqual(await recordsOf(engine), [[1, null], [2, 7]], guarantee);
      await engine.exec('INSERT INTO i VALUES (2, 8), (2, 70), (3, 1)');
      await (await engine.submit(query, { name: 'j', bounded: true })).finished;
      assert.deepEqual(await recordsOf(engine), [[1, null], [2, 7], [2, null], [3, 1]], guarantee);
    }
  } finally {
    rmSync(stateDir, { recursive: true });
  }
});

test('one option without the other holds nothing back, and is told', async () => {
  const { records, notices } = await written(", 'sink.buffer-flush.max-rows' = '3'", '(1, 1), (1, 2)');
  assert.deepEqual(records, [[1, 1], [1, 2]]);
  assert.ok(notices.some((notice) => /^N0605.*'sink[.]buffer-flush[.]max-rows'.*'sink[.]buffer-flush[.]interval'/.test(notice)), notices.join('\n'));
});

test('after its time what is held is written without a checkpoint', async () => {
  await using engine = await Engine.create({ kafka: 'embedded' });
  await engine.exec(`${sink(", 'sink.buffer-flush.max-rows' = '1000', 'sink.buffer-flush.interval' = '20 ms'")}; CREATE TABLE m (id INT, n BIGINT) WITH ('connector' = 'memory'); INSERT INTO m VALUES (1, 1), (1, 2), (2, 3); SET 'execution.checkpointing.interval' = '1 h'`);
  const job = await engine.submit('INSERT INTO o SELECT * FROM m');
  for await (const { row } of engine.changes('SELECT id, n FROM o')) if (row['id'] === 2) break;
  assert.deepEqual(await recordsOf(engine), [[1, 2], [2, 3]]);
  await job.stop();
});

test('the buffer is a map that keeps the order of last rows', (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const draw = drawOf(seed);
  const buffer = new UpsertBuffer(['i32', 'bytes'], [0]);
  const batch = allocateBatch(['i32', 'bytes'], 1);
  const [key, text] = batch.columns;
  assert.ok(key?.layout === 'i32' && text?.layout === 'bytes');
  batch.rowCount = 1;
  batch.kinds = new Uint8Array(1);
  for (let round = 0; round < 3; round++) {
    const expected = new Map<number, string>();
    for (let n = 0; n < 20_000; n++) {
      const id = draw(3) === 0 ? draw(3000) : draw(5);
      const kind = draw(4) as RowKind;
      key.values[0] = id;
      text.heap = Buffer.from(`row${n}\0\0\0\0\0\0\0\0`);
      text.lengths[0] = text.heap.length - 8;
      batch.kinds[0] = kind;
      buffer.put(batch, 0);
      expected.delete(id);
      expected.set(id, `${kind === RowKind.delete || kind === RowKind.updateBefore ? '-' : '+'}row${n}`);
    }
    assert.equal(buffer.size, expected.size);
    const drained: [number, string][] = [];
    buffer.drain((rows, from, to) => {
      const [ids, texts] = rows.columns;
      assert.ok(ids?.layout === 'i32' && texts?.layout === 'bytes');
      for (let row = from; row < to; row++) {
        const offset = texts.offsets[row] as number;
        drained.push([ids.values[row] as number, `${rows.kinds?.[row] === RowKind.delete ? '-' : '+'}${Buffer.from(texts.heap.subarray(offset, offset + (texts.lengths[row] as number))).toString()}`]);
      }
    });
    assert.deepEqual(drained, [...expected]);
    assert.equal(buffer.size, 0);
  }
});
