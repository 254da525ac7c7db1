import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import { Engine } from '../../index.ts';
import { temporaryFolder } from '../broker/folders.ts';
import { readTopic } from '../broker/topic-reader.ts';
import { createTopics, inputPartitions, settings, tables, workloads, writeMissing } from './workload.ts';

async function openEngine(stateDir?: string): Promise<Engine> {
  const engine = await Engine.create({ kafka: 'embedded', settings, ...(stateDir === undefined ? {} : { stateDir }) });
  await engine.exec(tables);
  return engine;
}

/** Makes the input hold at least `count` records in each partition. */
async function feed(engine: Engine, count: number): Promise<void> {
  const link = await engine.brokerLink();
  await createTopics(link);
  for (let partition = 0; partition < inputPartitions; partition++) await writeMissing(link, partition, count, count);
}

const insertOf = (job: string): string => workloads.find((workload) => workload.job === job)?.insert ?? '';
const valuesOf = async (engine: Engine, topic: string): Promise<(string | null)[]> => (await readTopic(await engine.brokerLink(), topic)).map((record) => record.value).toSorted();
/** What readers of an upsert topic end up with; of another topic, its records. How partitions interleave is of no account. */
async function outcomeOf(engine: Engine, topic: string): Promise<unknown> {
  if (topic !== 'counts') return valuesOf(engine, topic);
  return Object.fromEntries((await readTopic(await engine.brokerLink(), topic)).map(({ key, value }) => [key, value] as const));
}

const runBounded = async (engine: Engine, job: string, options: { readonly fresh?: boolean } = {}) => {
  const running = await engine.submit(insertOf(job), { name: job, bounded: true, ...options });
  const { rowsRead } = await running.finished;
  return { rowsRead: Number(rowsRead), restoredFrom: running.restoredFrom };
};

test('a state folder has one owner; another is told who and what to do', async (t) => {
  const dir = temporaryFolder(t);
  const first = await openEngine(dir);
  await feed(first, 10);
  await using second = await openEngine(dir);
  await assert.rejects(second.brokerLink(), (error: Error & { readonly code?: string; readonly diagnostic?: { readonly hint?: string } }) => error.code === 'E0603' && error.message.includes(String(process.pid)) && (error.diagnostic?.hint ?? '').includes('stop it'));
  await first.close();
  await using third = await openEngine(dir);
  assert.deepEqual(await (await third.brokerLink()).offsets('readings', 0), { start: 0, end: 10, stable: 10 });
});

for (const job of ['counts', 'filtered']) {
  test(`${job}: each run goes on where the last ended`, async (t) => {
    const dir = temporaryFolder(t);
    let expected = 0;
    for (const count of [50, 50, 80]) {
      const engine = await openEngine(dir);
      await feed(engine, count);
      const { rowsRead, restoredFrom } = await runBounded(engine, job);
      assert.equal(rowsRead, count * inputPartitions - expected);
      assert.equal(restoredFrom === undefined, expected === 0);
      expected = count * inputPartitions;
      await engine.close();
    }
    await using once = await openEngine();
    await feed(once, 80);
    await runBounded(once, job);
    await using again = await openEngine(dir);
    assert.deepEqual(await outcomeOf(again, job), await outcomeOf(once, job));
  });

  test(`${job}: to start over is to read all again, once, whatever was published before`, async (t) => {
    const dir = temporaryFolder(t);
    const engine = await openEngine(dir);
    await feed(engine, 30);
    await runBounded(engine, job);
    const first = await valuesOf(engine, job);
    assert.deepEqual(await runBounded(engine, job, { fresh: true }), { rowsRead: 60, restoredFrom: undefined });
    assert.deepEqual(await valuesOf(engine, job), [...first, ...first].toSorted());
    assert.equal((await runBounded(engine, job)).rowsRead, 0);
    await engine.close();
  });

  test(`${job}: positions past the end of the topic are an error, not a silent end`, async (t) => {
    const dir = temporaryFolder(t);
    const engine = await openEngine(dir);
    await feed(engine, 40);
    await runBounded(engine, job);
    await engine.close();
    // The topic is made anew behind the job's back.
    for (let partition = 0; partition < inputPartitions; partition++) {
      rmSync(join(dir, 'broker', 'topics', `readings-${partition}`), { recursive: true });
      mkdirSync(join(dir, 'broker', 'topics', `readings-${partition}`));
    }
    await using again = await openEngine(dir);
    await feed(again, 20);
    await assert.rejects(runBounded(again, job), { code: 'E0805' });
  });
}

test('a state folder that is older than the topic is refused, and says what to do', async (t) => {
  const dir = temporaryFolder(t);
  const engine = await openEngine(dir);
  await feed(engine, 20);
  await runBounded(engine, 'counts');
  rmSync(join(dir, 'jobs'), { recursive: true });
  await assert.rejects(runBounded(engine, 'counts'), { code: 'E0803' });
  assert.equal((await runBounded(engine, 'counts', { fresh: true })).rowsRead, 40);
  await engine.close();
});

test('an engine that stores nothing runs an exactly-once job again from the start', async () => {
  await using engine = await openEngine();
  await feed(engine, 20);
  for (const job of ['counts', 'filtered']) for (let round = 0; round < 2; round++) assert.deepEqual(await runBounded(engine, job), { rowsRead: 40, restoredFrom: undefined });
});

test('a checkpoint that cannot be stored ends the job, none behind it is stored, and the next run makes it good', async (t) => {
  const dir = temporaryFolder(t);
  const engine = await openEngine(dir);
  await feed(engine, 100);
  const job = await engine.submit(insertOf('counts'), { name: 'counts' });
  let { id } = await job.checkpoint();
  while (job.stats().rowsRead < 200) ({ id } = await job.checkpoint());
  ({ id } = await job.checkpoint());
  const database = new Database(join(dir, 'jobs', 'counts', 'checkpoints.db'));
  database.exec("CREATE TRIGGER refuse BEFORE INSERT ON checkpoint BEGIN SELECT RAISE(ABORT, 'refused by the test'); END");
  await feed(engine, 200);
  // Two at once: the second is open while the first fails.
  const results = await Promise.allSettled([job.checkpoint(), job.checkpoint()]);
  assert.deepEqual(results.map((result) => result.status), ['rejected', 'rejected']);
  await assert.rejects(job.finished, { code: 'E0804' });
  assert.equal(database.prepare('SELECT max(id) FROM checkpoint').pluck().get(), id);
  database.exec('DROP TRIGGER refuse');
  database.close();
  assert.equal((await runBounded(engine, 'counts')).restoredFrom, id);
  await using once = await openEngine();
  await feed(once, 200);
  await runBounded(once, 'counts');
  assert.deepEqual(await outcomeOf(engine, 'counts'), await outcomeOf(once, 'counts'));
  assert.equal((await valuesOf(engine, 'counts')).length, 400, 'one change for each row, none twice');
  await engine.close();
});

for (const { job, insert } of workloads) {
  test(`${job}: a state folder that is removed while the job runs ends it with what happened`, async (t) => {
    const dir = temporaryFolder(t);
    await using engine = await openEngine(dir);
    await feed(engine, 50);
    const running = await engine.submit(insert, { name: job });
    let { rowsRead } = running.stats();
    for (; Number(rowsRead) < 100; { rowsRead } = running.stats()) await running.checkpoint();
    rmSync(join(dir, 'jobs'), { recursive: true });
    await feed(engine, 100);
    await assert.rejects(running.finished, { code: 'E0804', message: /was removed/, hint: /--fresh/ });
    await assert.rejects(running.checkpoint(), { code: 'E0904' });
  });
}

test('a checkpoint of a job that has ended, or ends, is refused', async () => {
  await using engine = await openEngine();
  await feed(engine, 10);
  const running = await engine.submit(insertOf('copied'), { name: 'copied' });
  const stopped = running.stop();
  // Asked for while the job ends: either the last checkpoint serves it, or it is refused; it does not hang.
  const [asked] = await Promise.allSettled([running.checkpoint()]);
  if (asked.status === 'rejected') assert.equal((asked.reason as { readonly code?: string }).code, 'E0904');
  await stopped;
  await assert.rejects(running.checkpoint(), { code: 'E0904' });
});

for (const job of ['counts', 'filtered']) {
  test(`${job}: checkpoints that overtake one another publish each row once`, async (t) => {
    const dir = temporaryFolder(t);
    await using engine = await openEngine(dir);
    await feed(engine, 1);
    const running = await engine.submit(insertOf(job), { name: job });
    const asked: Promise<unknown>[] = [];
    const rows = 30;
    for (let count = 1; count <= rows; count++) {
      await feed(engine, count);
      asked.push(running.checkpoint());
    }
    await Promise.all(asked);
    await running.stop();
    await runBounded(engine, job);
    await using once = await openEngine();
    await feed(once, rows);
    await runBounded(once, job);
    assert.deepEqual(await outcomeOf(engine, job), await outcomeOf(once, job));
    assert.equal((await valuesOf(engine, job)).length, (await valuesOf(once, job)).length);
  });
}
