import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import type { Clock } from '../../core/clock.ts';
import { Engine } from '../../engine/engine.ts';
import { temporaryFolder } from '../broker/folders.ts';
import { readTopic } from '../broker/topic-reader.ts';
import { failure } from './tables.ts';
import { produce } from './topics.ts';

/** Resolves once `isSo` says so: what a job does meanwhile is not ours to time. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise<void>((resolve) => setImmediate(resolve));
}

const visible = (dir: string): readonly string[] => readdirSync(dir).filter((name) => !name.startsWith('.'));

test('a table that reads one topic more goes on in those it had, and one topic less is refused', async (t) => {
  await using engine = await Engine.create({ kafka: 'embedded', stateDir: temporaryFolder(t) });
  const link = await engine.brokerLink();
  for (const [topic, partitions] of [['a', 2], ['b', 1]] as const) {
    await link.createTopic(topic, partitions);
    for (let partition = 0; partition < partitions; partition++) await produce(link, topic, [{ k: `${topic}${partition}` }], partition);
  }
  await engine.exec("CREATE TABLE counts (k STRING, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'counts', 'key.format' = 'json', 'value.format' = 'json')");
  const run = async (topics: string): Promise<number> => {
    await engine.exec(`DROP TABLE IF EXISTS t; CREATE TABLE t (k STRING) WITH ('connector' = 'kafka', 'topic' = '${topics}', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset')`);
    const job = await engine.submit('INSERT INTO counts SELECT k, COUNT(*) FROM t GROUP BY k', { name: 'job', bounded: true });
    return Number((await job.finished).rowsRead);
  };
  const counts = async (): Promise<unknown> => Object.fromEntries((await readTopic(link, 'counts')).map(({ value }) => Object.values(JSON.parse(value ?? '') as object) as [string, number]));
  assert.equal(await run('a'), 2);
  assert.equal(await run('a;b'), 1);
  assert.equal(await run('b;a'), 0);
  await produce(link, 'a', [{ k: 'a1' }], 1);
  assert.equal(await run('a;b'), 1);
  assert.deepEqual(await counts(), { a0: 1, a1: 2, b0: 1 });
  await assert.rejects(run('a'), failure('E0805', /the topic b \(partition 0 offset 1\)[^]*the topic a/));
  await assert.rejects(run('b'), failure('E0805', /the topic a/));
});

const made = (dir: string): string => `CREATE TABLE made (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '10'); CREATE TABLE files (n BIGINT) WITH ('connector' = 'filesystem', 'path' = '${dir}', 'format' = 'json')`;

test('a job of a state folder has one engine, whatever it reads and writes', async (t) => {
  const [stateDir, out] = [temporaryFolder(t), temporaryFolder(t)];
  const insert = 'INSERT INTO files SELECT n FROM made';
  await using first = await Engine.create({ stateDir });
  await using second = await Engine.create({ stateDir });
  for (const engine of [first, second]) await engine.exec(made(out));
  const job = await first.submit(insert, { name: 'job' });
  const { id } = await job.checkpoint();
  const taken = failure('E0603', new RegExp(`process ${process.pid}`));
  await assert.rejects(second.submit(insert, { name: 'job' }), taken);
  await assert.rejects(second.submit(insert, { name: 'job', fresh: true }), taken);
  // Nothing of it was touched.
  assert.equal((await job.checkpoint()).id, id + 1);
  await (await second.submit(insert, { name: 'other' })).stop();
  await job.stop();
  const again = await second.submit(insert, { name: 'job' });
  assert.equal(again.restoredFrom, id + 2);
  await again.stop();
  const fresh = await second.submit(insert, { name: 'job', fresh: true });
  assert.equal(fresh.restoredFrom, undefined);
  await fresh.stop();
});

test('a job that could not be opened leaves its folder to others', async (t) => {
  const [stateDir, out] = [temporaryFolder(t), temporaryFolder(t)];
  await using first = await Engine.create({ stateDir });
  await using second = await Engine.create({ stateDir });
  for (const engine of [first, second]) await engine.exec(`${made(out)}; CREATE TABLE gone (n BIGINT) WITH ('connector' = 'filesystem', 'path' = '${join(out, 'none')}', 'format' = 'json')`);
  await assert.rejects(first.submit('INSERT INTO files SELECT n FROM gone', { name: 'job' }), failure('E0606'));
  await (await second.submit('INSERT INTO files SELECT n FROM made', { name: 'job' })).stop();
});

test('names that no job can have', async (t) => {
  await using engine = await Engine.create({ stateDir: temporaryFolder(t) });
  await engine.exec(made(temporaryFolder(t)));
  for (const name of ['', '.', '..', '../other', 'a\\b', 'a\0b', 'two\nlines', 'x'.repeat(101)]) {
    await assert.rejects(engine.submit('INSERT INTO files SELECT n FROM made', { name }), failure('E0904', /cannot be the name of a job/));
    await assert.rejects(engine.verdict(engine.check('INSERT INTO files SELECT n FROM made').inserts, name), failure('E0904', /cannot be the name of a job/));
  }
});

class SetClock implements Clock {
  time = Date.parse('2024-05-01T08:00:00Z');

  now(): number {
    return this.time;
  }
}

test('a clock that goes back does not hold back parts of files', async (t) => {
  const [clock, out] = [new SetClock(), temporaryFolder(t)];
  await using engine = await Engine.create({ kafka: 'embedded', stateDir: temporaryFolder(t) }, clock);
  const link = await engine.brokerLink();
  await link.createTopic('t', 1);
  await engine.exec(`CREATE TABLE t (k STRING) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');
    CREATE TABLE files (k STRING) WITH ('connector' = 'filesystem', 'path' = '${out}', 'format' = 'json', 'sink.rolling-policy.rollover-interval' = '20 s', 'sink.rolling-policy.check-interval' = '10 s')`);
  const job = await engine.submit('INSERT INTO files SELECT k FROM t', { name: 'job' });
  await produce(link, 't', [{ k: 'a' }, { k: 'b' }]);
  await until(() => job.stats().rowsRead === 2n);
  clock.time += 15_000;
  await job.checkpoint();
  clock.time -= 3_600_000;
  await job.checkpoint();
  assert.deepEqual(visible(out), []);
  clock.time += 25_000;
  await job.checkpoint();
  assert.equal(visible(out).length, 1);
});

test('a job whose stored checkpoints are damaged does not start, and leaves all as it was, until it is told to start over', async (t) => {
  const [stateDir, out] = [temporaryFolder(t), temporaryFolder(t)];
  await using engine = await Engine.create({ stateDir });
  await engine.exec(`${made(out)}; CREATE TABLE sums (k BIGINT, n BIGINT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'blackhole')`);
  const insert = 'INSERT INTO sums SELECT MOD(n, 3), COUNT(*) FROM made GROUP BY MOD(n, 3)';
  const job = await engine.submit(insert, { name: 'job' });
  await until(() => job.stats().rowsRead > 0n);
  await job.stop();
  const path = join(stateDir, 'jobs', 'job', 'checkpoints.db');
  const database = new Database(path);
  database.exec("UPDATE capture SET bytes = CAST(substr(bytes, 1, length(bytes) - 5) || x'00' || substr(bytes, -4) AS BLOB) WHERE state LIKE 'GroupAggregate%'");
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
  const damaged = readFileSync(path);
  const refused = failure('E0804', /checkpoints\.db[^]*--fresh/);
  await assert.rejects(engine.submit(insert, { name: 'job' }), refused);
  await assert.rejects(engine.submit(insert, { name: 'job', onIncompatible: 'rebuild' }), refused);
  await assert.rejects(engine.verdict(engine.check(insert).inserts, 'job'), refused);
  assert.deepEqual(readFileSync(path), damaged);
  const fresh = await engine.submit(insert, { name: 'job', fresh: true });
  await fresh.stop();
  assert.equal((await engine.submit(insert, { name: 'job' })).restoredFrom, 1);
});
