import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, SqlError, type Notice } from '../../index.ts';
import { failure } from './tables.ts';
import { consume, produce } from './topics.ts';

const readings = `
  CREATE TABLE readings (id STRING, v BIGINT, at BIGINT, ts AS TO_TIMESTAMP_LTZ(at, 3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
  WITH ('connector' = 'kafka', 'topic' = 'readings', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');
  CREATE TABLE copy (id STRING, v BIGINT) WITH ('connector' = 'kafka', 'topic' = 'copy', 'format' = 'json');`;

async function withRows(rows: readonly unknown[], onNotice?: (notice: Notice) => void): Promise<Engine> {
  const engine = await Engine.create({ kafka: 'embedded', ...(onNotice === undefined ? {} : { onNotice }) });
  await engine.exec(readings);
  const link = await engine.brokerLink();
  await link.createTopic('readings', 1);
  await produce(link, 'readings', rows);
  return engine;
}

const code = (wanted: string) => (error: unknown) => error instanceof SqlError && error.code === wanted;

test('a query over a live topic gives rows as they come, and leaving the loop ends it', async () => {
  await using engine = await withRows([{ id: 'a', v: 1, at: 0 }]);
  const link = await engine.brokerLink();
  const seen: unknown[] = [];
  for await (const row of engine.query('SELECT id, v * 2 AS twice FROM readings WHERE v > 0')) {
    seen.push(row);
    if (seen.length === 1) await produce(link, 'readings', [{ id: 'b', v: 0, at: 1 }, { id: 'c', v: 3, at: 2 }]);
    if (seen.length === 2) break;
  }
  assert.deepEqual(seen, [{ id: 'a', twice: 2n }, { id: 'c', twice: 6n }]);
});

test('an aborted signal rejects the first row and opens nothing', async () => {
  await using engine = await Engine.create();
  await engine.exec(readings);
  const reason = new Error('not wanted');
  const result = engine.query('SELECT id FROM readings', { signal: AbortSignal.abort(reason) });
  await assert.rejects(async () => result[Symbol.asyncIterator]().next(), reason);
});

test('an abort rejects a row that is waited for', async () => {
  await using engine = await withRows([{ id: 'a', v: 1, at: 0 }]);
  const controller = new AbortController();
  const rows = engine.query('SELECT id FROM readings', { signal: controller.signal })[Symbol.asyncIterator]();
  assert.deepEqual((await rows.next()).value, { id: 'a' });
  const pending = rows.next();
  const reason = new Error('enough');
  controller.abort(reason);
  await assert.rejects(pending, reason);
});

test('a result is read once', async () => {
  await using engine = await withRows([]);
  const result = engine.query('SELECT id FROM readings');
  result[Symbol.asyncIterator]();
  assert.throws(() => result[Symbol.asyncIterator](), code('E0901'));
});

test('query refuses updates, changes gives them', async () => {
  await using engine = await withRows([{ id: 'a', v: 1, at: 0 }, { id: 'a', v: 5, at: 1 }]);
  const sql = 'SELECT id, SUM(v) AS total FROM readings GROUP BY id';
  await assert.rejects(async () => engine.query(sql)[Symbol.asyncIterator]().next(), code('E0302'));
  const changes = [];
  for await (const change of engine.changes(sql, { bounded: true })) changes.push(change);
  assert.deepEqual(changes, [{ op: '+I', row: { id: 'a', total: 1n } }, { op: '+U', row: { id: 'a', total: 6n } }]);
});

test('collect reads what is there now, and stops at maxRows', async () => {
  await using engine = await withRows(Array.from({ length: 100 }, (_, v) => ({ id: `r${v}`, v, at: v })));
  const all = await engine.collect('SELECT v FROM readings');
  assert.equal(all.rows.length, 100);
  assert.equal(all.complete, true);
  assert.equal(all.stats.rowsRead, 100n);
  const some = await engine.collect('SELECT v FROM readings', { maxRows: 7 });
  assert.deepEqual(some.rows, all.rows.slice(0, 7));
  assert.equal(some.complete, false);
});

test('exec waits for what ends and refuses what does not', async () => {
  await using engine = await withRows([]);
  const link = await engine.brokerLink();
  await engine.exec("INSERT INTO copy SELECT 'x', 4");
  assert.deepEqual(await consume(link, 'copy'), ['{"id":"x","v":4}']);
  await assert.rejects(engine.exec('INSERT INTO copy SELECT id, v FROM readings'), code('E0902'));
});

test('a table that needs a broker says so in an engine without one', async () => {
  await using engine = await Engine.create();
  await engine.exec(readings);
  await assert.rejects(engine.collect('SELECT id FROM readings'), code('E0506'));
});

test('a table with bootstrap servers is refused, never redirected', async () => {
  await using engine = await Engine.create({ kafka: 'embedded' });
  const far = `CREATE TABLE far (id STRING) WITH ('connector' = 'kafka', 'topic' = 'far', 'format' = 'json', 'properties.bootstrap.servers' = 'localhost:9092')`;
  await assert.rejects(engine.exec(far), (error: unknown) => code('E0507')(error) && /Sluice's own broker/.test((error as SqlError).hint ?? ''));
});

test('a record that does not fit stops the job with its address, and is told once', async () => {
  const notices: Notice[] = [];
  await using engine = await withRows([{ id: 'a', v: 1, at: 0 }, '{"id":"b","v":1.5,"at":0}'], (notice) => notices.push(notice));
  const job = await engine.submit('INSERT INTO copy SELECT id, v FROM readings', { bounded: true });
  await assert.rejects(job.finished, (error: unknown) => {
    assert.ok(error instanceof SqlError);
    assert.equal(error.code, 'E0701');
    assert.deepEqual(error.record, { topic: 'readings', partition: 0, offset: 1n });
    assert.match(error.message, /v is not a BIGINT/);
    assert.match(error.hint ?? '', /"v":1\.5/);
    return true;
  });
  assert.equal(notices.filter((notice) => notice.level === 'error').length, 1);
});

test('NULL into a NOT NULL column is an error that names the column', async () => {
  await using engine = await withRows([{ v: 1, at: 0 }]);
  await engine.exec(`CREATE TABLE strict (id STRING NOT NULL) WITH ('connector' = 'kafka', 'topic' = 'strict', 'format' = 'json')`);
  const job = await engine.submit('INSERT INTO strict SELECT id FROM readings', { bounded: true });
  await assert.rejects(job.finished, (error: unknown) => code('E0702')(error) && /strict\.id/.test((error as SqlError).message));
});

test('close twice is fine, any call after it is E0903', async () => {
  const engine = await Engine.create();
  await engine.close();
  await engine.close();
  await assert.rejects(engine.exec('SELECT 1'), code('E0903'));
  await assert.rejects(engine.submit('SELECT 1'), code('E0903'));
  await assert.rejects(engine.collect('SELECT 1'), code('E0903'));
});

test('a slow reader stops the source', async () => {
  const total = 60_000;
  await using engine = await withRows(Array.from({ length: total }, (_, v) => ({ id: 'x', v, at: v })));
  const result = engine.query('SELECT v FROM readings', { bounded: true });
  let seen = 0;
  for await (const _row of result) {
    seen++;
    if (seen === 1) {
      // Give the source every chance to run ahead.
      for (let i = 0; i < 200; i++) await new Promise<void>((resolve) => setImmediate(resolve));
      assert.ok(result.stats().rowsRead < BigInt(total / 2), `read ${result.stats().rowsRead} rows for a reader that took one`);
    }
  }
  assert.equal(seen, total);
});

test('every error of a script is told, in order, and nothing runs', async () => {
  await using engine = await Engine.create();
  await assert.rejects(engine.exec('SELEC 1;\nSELECT a FROM nowhere;\nCREATE TABLE t (a STRINGG) WITH (\'connector\' = \'kafak\')'), (error: unknown) => {
    assert.ok(error instanceof SqlError);
    assert.deepEqual(error.all.map((one) => one.code), ['E0001', 'E0101', 'E0104', 'E0502']);
    assert.deepEqual(error.all.map((one) => one.line), [1, 2, 3, 3]);
    return true;
  });
});

test('a job pauses, goes on, stores a checkpoint when asked, and stops', async () => {
  await using engine = await withRows([{ id: 'a', v: 1, at: 0 }]);
  const link = await engine.brokerLink();
  const job = await engine.submit('INSERT INTO copy SELECT id, v FROM readings');
  while (job.stats().rowsRead < 1) await new Promise<void>((resolve) => setImmediate(resolve));
  assert.equal((await job.checkpoint()).id, 1);
  assert.deepEqual(await consume(link, 'copy'), ['{"id":"a","v":1}']);
  await job.pause();
  assert.equal(job.state, 'paused');
  await produce(link, 'readings', [{ id: 'b', v: 2, at: 1 }]);
  assert.equal((await job.checkpoint()).id, 2);
  assert.equal((await consume(link, 'copy')).length, 1);
  await job.resume();
  while ((await consume(link, 'copy')).length < 2) await new Promise<void>((resolve) => setImmediate(resolve));
  await job.stop();
  assert.equal(job.state, 'stopped');
  assert.deepEqual(engine.jobs(), []);
});

test('several exec at once', async () => {
  await using engine = await withRows([]);
  const counts = await Promise.all([1, 2, 3].map((v) => engine.exec(`INSERT INTO copy SELECT 'a', ${v}`)));
  assert.deepEqual(counts.flat(), Array.from({ length: 3 }, () => ({ kind: 'done', message: 'inserted 1 row' })));
  const link = await engine.brokerLink();
  assert.equal((await consume(link, 'copy')).length, 3);
});

test('what JavaScript lets through is told, not passed over', async () => {
  // Types refuse all of these.
  const create = (options: unknown): Promise<Engine> => Engine.create(options as object);
  await assert.rejects(create({ kafka: { brokers: ['localhost:9092'] } }), failure('E0507', /localhost:9092/));
  await assert.rejects(create({ allow: ['select'] }), failure('E0904', /no option 'allow'/));
  await assert.rejects(create({ statedir: 'x' }), failure('E0904', /did you mean "stateDir"/));
  await (await create({ kafka: undefined, listen: undefined })).close();
  await using engine = await Engine.create();
  const wrong = undefined as unknown as string;
  await assert.rejects(engine.exec(wrong), failure('E0904', /a text, not undefined/));
  await assert.rejects(engine.collect(null as unknown as string), failure('E0904', /a text, not null/));
  await assert.rejects(engine.query(5 as unknown as string)[Symbol.asyncIterator]().next(), failure('E0904', /a text, not number/));
  await assert.rejects(engine.collect('SELECT ?', { params: null as unknown as [] }), failure('E0904', /no value for this/));
  await assert.rejects(engine.collect('SELECT 1', { settings: { 'execution.checkpointing.interval': 5 as unknown as string } }), failure('E0508', /is a text, not 5/));
});

test('exec runs statement by statement, and answers in their order', async () => {
  await using engine = await Engine.create({ kafka: 'embedded' });
  const table = (name: string): string => `CREATE TABLE ${name} (id STRING) WITH ('connector' = 'kafka', 'topic' = '${name}', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');`;
  const results = await engine.exec(`${table('a')} INSERT INTO a SELECT 'x'; SELECT id FROM a; ${table('b')} INSERT INTO b SELECT id FROM a; SELECT id FROM b; SHOW TABLES`, { bounded: true });
  const rows = [{ id: 'x' }];
  assert.deepEqual(results.map((result) => (result.kind === 'done' ? result.message : result.rows)), ['created a', 'inserted 1 row', rows, 'created b', 'inserted 1 row', rows, [{ 'table name': 'a' }, { 'table name': 'b' }]]);
});

test('a record without the field of a NOT NULL column does not fit, and puts no NULL into another one', async () => {
  await using engine = await withRows([{ id: 'a', at: 1 }]);
  await engine.exec(`
    CREATE TABLE strict (id STRING, v BIGINT NOT NULL) WITH ('connector' = 'kafka', 'topic' = 'readings', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');
    CREATE TABLE kept (id STRING, v BIGINT NOT NULL) WITH ('connector' = 'kafka', 'topic' = 'kept', 'format' = 'json')`);
  await assert.rejects(engine.exec('INSERT INTO kept SELECT id, v FROM strict', { bounded: true }), failure('E0701', /readings partition 0 offset 0 .*v is not a BIGINT/));
});

test('a partition that specific offsets leave out starts as one of group-offsets', async () => {
  await using engine = await Engine.create({ kafka: 'embedded' });
  const link = await engine.brokerLink();
  await link.createTopic('parts', 2);
  await produce(link, 'parts', [{ id: 'a' }, { id: 'b' }]);
  await engine.exec(`CREATE TABLE parts (id STRING) WITH ('connector' = 'kafka', 'topic' = 'parts', 'format' = 'json', 'scan.startup.mode' = 'specific-offsets',
    'scan.startup.specific-offsets' = 'partition:1,offset:0')`);
  assert.deepEqual((await engine.collect('SELECT id FROM parts')).rows, [{ id: 'a' }, { id: 'b' }]);
});

test('a run that ends waits for no rows, and does not say so', async () => {
  const said: string[] = [];
  await using engine = await withRows([], ({ message }) => said.push(message));
  await engine.exec(`CREATE TABLE none (id STRING) WITH ('connector' = 'kafka', 'topic' = 'none', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset')`);
  await engine.collect('SELECT id FROM none');
  assert.deepEqual(said.filter((message) => message.includes('none')), ['the topic none is new (1 partition) and empty']);
});
