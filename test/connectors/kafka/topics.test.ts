import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, type Job, type Notice } from '../../../index.ts';
import { consume, produce } from '../../engine/topics.ts';
import { errorOf, rowsOf, table } from './tables.ts';

const json = "'format' = 'json'";

/** An engine with these topics of one partition, each with records of one column n. */
async function engineOf(topics: Readonly<Record<string, readonly number[]>>, notices: Notice[] = [], stateDir?: string): Promise<Engine> {
  const engine = await Engine.create({ kafka: 'embedded', onNotice: (notice) => notices.push(notice), ...(stateDir === undefined ? {} : { stateDir }) });
  for (const [topic, numbers] of Object.entries(topics)) await put(engine, topic, ...numbers);
  return engine;
}

async function put(engine: Engine, topic: string, ...numbers: readonly number[]): Promise<void> {
  const link = await engine.brokerLink();
  await link.createTopic(topic, 1);
  await produce(link, topic, numbers.map((n) => `{"n":${n}}`));
}

const pattern = (name: string, text: string, options = ''): string => `CREATE TABLE ${name} (n INT, topic STRING METADATA VIRTUAL) WITH ('connector' = 'kafka', 'topic-pattern' = '${text}', 'scan.startup.mode' = 'earliest-offset', ${json}${options})`;

test('topic-pattern reads the topics whose whole name matches', async () => {
  await using engine = await engineOf({ 'in-b': [3], 'in-a': [1, 2], 'in-ab': [4], 'not-in-a': [5] });
  await engine.exec(pattern('p', 'in-[a-z]'));
  assert.deepEqual(await rowsOf(engine, 'SELECT * FROM p ORDER BY n'), [[1, 'in-a'], [2, 'in-a'], [3, 'in-b']]);
  await engine.exec(pattern('none', 'out-.*'));
  await assert.rejects(engine.collect('SELECT * FROM none'), /no topic matches 'topic-pattern' = 'out-[.][*]'/);
});

test('topics that keep the bad records of a table are none that its pattern stands for', async () => {
  await using engine = await engineOf({ 'in-a': [1], 'in-b': [2], errors: [9] });
  await produce(await engine.brokerLink(), 'in-b', ['bad']);
  for (const [name, options, letters] of [['p', '', 'in-b.errors'], ['q', ", 'error-handling.log.target' = 'in-letters'", 'in-letters']] as const) {
    await engine.exec(pattern(name, name === 'p' ? '(in-.|errors).*' : 'in-[ab]|in-letters', `, 'error-handling.mode' = 'log'${options}`));
    for (let run = 0; run < 2; run++) {
      assert.deepEqual(await rowsOf(engine, `SELECT n FROM ${name} WHERE topic LIKE 'in-_' ORDER BY n`), [[1], [2]]);
      assert.equal((await consume(await engine.brokerLink(), letters)).length, run + 1);
    }
  }
  assert.deepEqual((await (await engine.brokerLink()).topics()).filter((topic) => topic.endsWith('.errors.errors')), []);
});

test('topic and topic-pattern exclude each other, and a pattern is a regular expression', async () => {
  await using engine = await engineOf({});
  assert.match(await errorOf(engine, pattern('p', 'x', ", 'topic' = 'x'")), /E0504.*'topic-pattern' and 'topic' cannot both be given/);
  assert.match(await errorOf(engine, pattern('p', '(')), /E0504.*'topic-pattern' is no regular expression/);
  assert.match(await errorOf(engine, pattern('p', 'x', ", 'scan.bounded.mode' = 'specific-offsets', 'scan.bounded.specific-offsets' = 'partition:0,offset:1'")), /E0504.*specific-offsets/);
  assert.match(await errorOf(engine, `CREATE TABLE p (n INT) WITH ('connector' = 'kafka', ${json})`), /E0503.*'topic' or 'topic-pattern'/);
});

test('a topic that comes later is told, and read from its begin at the next start, whatever the first start said', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'sluice-topics-'));
  try {
    const notices: Notice[] = [];
    const told: (() => void)[] = [];
    await using engine = await Engine.create({ kafka: 'embedded', stateDir, onNotice: (notice) => { notices.push(notice); if (notice.code === 'N0607') for (const wake of told) wake(); } });
    await put(engine, 'in-a', 1);
    await engine.exec(`${pattern('p', 'in-.*', ", 'scan.topic-partition-discovery.interval' = '5 ms'").replace('earliest-offset', 'latest-offset')}; ${table('o', 'n INT', json, 'o')}`);
    const query = 'INSERT INTO o SELECT n FROM p';
    const first = await engine.submit(query, { name: 'j' });
    const seen = new Promise<void>((resolve) => told.push(resolve));
    await put(engine, 'in-b', 2);
    await seen;
    await first.stop();
    assert.match(notices.find(({ code }) => code === 'N0607')?.message ?? '', /in-b is new and matches/);
    await put(engine, 'in-b', 3);
    await (await engine.submit(query, { name: 'j', bounded: true })).finished;
    assert.deepEqual((await rowsOf(engine, 'SELECT n FROM o')).map(([n]) => n).toSorted(), [2, 3]);
  } finally {
    rmSync(stateDir, { recursive: true });
  }
});

const several = (name: string, options = ''): string => `CREATE TABLE ${name} (n INT, topic STRING METADATA) WITH ('connector' = 'kafka', 'topic' = 'x; y', 'scan.startup.mode' = 'earliest-offset', ${json}${options})`;

test('rows go into the topics that they name', async () => {
  await using engine = await engineOf({});
  await engine.exec(several('s'));
  await engine.exec("INSERT INTO s VALUES (1, 'x'), (2, 'y'), (3, 'y'), (4, 'x')");
  const link = await engine.brokerLink();
  assert.deepEqual([await consume(link, 'x'), await consume(link, 'y')], [['{"n":1}', '{"n":4}'], ['{"n":2}', '{"n":3}']]);
  assert.match(await errorOf(engine, "INSERT INTO s VALUES (5, 'z')"), /E0704.*names the topic 'z'.*none of its topics[^]*x, y/);
  assert.match(await errorOf(engine, 'INSERT INTO s VALUES (5, CAST(NULL AS STRING))'), /E0704.*NULL|E0702/);
  await engine.exec(`CREATE TABLE m (n INT) WITH ('connector' = 'kafka', 'topic' = 'x;y', ${json})`);
  assert.match(await errorOf(engine, 'INSERT INTO m VALUES (1)'), /E0504.*several topics[^]*topic STRING METADATA/);
  await engine.exec(`CREATE TABLE u (n INT, topic STRING METADATA, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'x;y', 'key.format' = 'json', 'value.format' = 'json')`);
  assert.match(await errorOf(engine, "INSERT INTO u VALUES (1, 'x')"), /E0002.*by key into several topics/);
  await engine.exec(table('one', 'n INT, topic STRING METADATA', json, 'x'));
  await engine.exec("INSERT INTO one VALUES (6, 'anything')");
  assert.deepEqual((await consume(link, 'x')).at(-1), '{"n":6}');
});

/** Resolves when the job has written so many rows of this run. */
async function read(job: Job, rows: number): Promise<void> {
  while (job.stats().rowsOut < BigInt(rows)) await new Promise((resolve) => setImmediate(resolve));
}

test('exactly-once into several topics: stopped without its last checkpoint again and again, a job loses nothing and doubles nothing', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'sluice-topics-'));
  try {
    await using engine = await engineOf({ i: [] }, [], stateDir);
    await engine.exec(`${table('i', 'n INT', json, 'i').replace("'scan.bounded.mode' = 'latest-offset', ", '')}; ${several('s', ", 'sink.delivery-guarantee' = 'exactly-once'")}`);
    const query = "INSERT INTO s SELECT n, CASE MOD(n, 3) WHEN 0 THEN 'x' ELSE 'y' END FROM i";
    let next = 0;
    const add = (count: number): Promise<void> => put(engine, 'i', ...Array.from({ length: count }, () => next++));
    for (let round = 0; round < 4; round++) {
      await add(70);
      const job = await engine.submit(query, { name: 'j' });
      await read(job, 70);
      await job.checkpoint();
      await add(30);
      await read(job, 100);
      await job.stop({ checkpoint: round === 2 });
    }
    await (await engine.submit(query, { name: 'j', bounded: true })).finished;
    const rows = await rowsOf(engine, 'SELECT topic, n FROM s');
    const numbers = Array.from({ length: 400 }, (_, n) => n);
    for (const topic of ['x', 'y']) assert.deepEqual(rows.filter(([name]) => name === topic).map(([, n]) => n), numbers.filter((n) => (n % 3 === 0) === (topic === 'x')), topic);
  } finally {
    rmSync(stateDir, { recursive: true });
  }
});
