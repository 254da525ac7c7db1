import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import Database from 'better-sqlite3';
import { Engine, type SqlError } from '../../index.ts';
import { temporaryFolder } from '../broker/folders.ts';
import { readTopic } from '../broker/topic-reader.ts';
import { produce } from './topics.ts';

const source = (name: string, topic: string, columns: string): string =>
  `CREATE TABLE ${name} (${columns}) WITH ('connector' = 'kafka', 'topic' = '${topic}', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');`;
const sink = (name: string, columns: string, more = ''): string => `CREATE TABLE ${name} (${columns}) WITH ('connector' = 'kafka', 'topic' = '${name}', 'format' = 'json'${more});`;
const upsert = (name: string, columns: string): string =>
  `CREATE TABLE ${name} (${columns}, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = '${name}', 'key.format' = 'json', 'value.format' = 'json');`;
const exactlyOnce = ", 'sink.delivery-guarantee' = 'exactly-once'";
const readings = source('readings', 'readings', "k STRING, v BIGINT, at BIGINT, ts AS TO_TIMESTAMP_LTZ(at, 3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND");
const windowed = (out: string): string =>
  `INSERT INTO ${out} SELECT k, COUNT(*) AS n, window_end FROM TABLE(TUMBLE(TABLE readings, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY k, window_start, window_end;`;

/** Runs of one state folder, each as a new process would: a script over what is there, to its end. */
class Runs {
  readonly dir: string;

  constructor(t: TestContext) {
    this.dir = temporaryFolder(t);
  }

  async with<T>(use: (engine: Engine) => Promise<T>): Promise<T> {
    await using engine = await Engine.create({ kafka: 'embedded', stateDir: this.dir });
    return await use(engine);
  }

  async feed(topic: string, ...values: readonly object[]): Promise<void> {
    await this.with(async (engine) => {
      const link = await engine.brokerLink();
      await link.createTopic(topic, 1);
      await produce(link, topic, values);
    });
  }

  async run(script: string, options: { readonly fresh?: boolean; readonly name?: string } = {}): Promise<{ readonly rowsRead: number; readonly late: number; readonly restoredFrom: number | undefined }> {
    return this.with(async (engine) => {
      const job = await start(engine, script, options);
      const { rowsRead, late } = await job.finished;
      return { rowsRead: Number(rowsRead), late: Number(late), restoredFrom: job.restoredFrom };
    });
  }

  async values(topic: string): Promise<readonly unknown[]> {
    return this.with(async (engine) => (await readTopic(await engine.brokerLink(), topic)).map(({ value }) => (value === null ? null : JSON.parse(value) as unknown)));
  }
}

/** As the command line does: what a script defines is not stored, so that the next may define it otherwise. */
async function start(engine: Engine, script: string, options: { readonly fresh?: boolean; readonly name?: string } = {}): Promise<Awaited<ReturnType<Engine['start']>>> {
  const checked = engine.check(script);
  if (checked.errors[0] !== undefined) throw checked.errors[0];
  engine.adopt(checked);
  return engine.start(checked.inserts, { name: 'job', bounded: true, ...options });
}

function says(code: string, ...parts: readonly string[]): (error: SqlError) => boolean {
  return (error) => {
    const text = `${error.message}\n${error.hint}`;
    assert.equal(error.code, code, text);
    for (const part of parts) assert.ok(text.includes(part), `${part} is not in: ${text}`);
    return true;
  };
}

for (const { what, from, to, said } of [
  { what: 'a sum that was of integers', from: 'BIGINT', to: 'DOUBLE', said: ['SUM 1 as BIGINT', 'keeps it as DOUBLE'] },
  { what: 'a sum of other digits', from: 'DECIMAL(10, 2)', to: 'DECIMAL(10, 4)', said: ['SUM 1 as DECIMAL(38, 2)', 'keeps it as DECIMAL(38, 4)'] },
  { what: 'a smaller integer', from: 'INT', to: 'SMALLINT', said: ['SUM 1 as INT', 'keeps it as SMALLINT'] },
]) {
  test(`stored state is not read as another type: ${what}`, async (t) => {
    const runs = new Runs(t);
    const script = (type: string): string => `${source('numbers', 'numbers', `k STRING, v ${type}`)} ${upsert('sums', `k STRING, total ${type}`)} INSERT INTO sums SELECT k, CAST(SUM(v) AS ${type}) FROM numbers GROUP BY k;`;
    await runs.feed('numbers', { k: 'a', v: 1 }, { k: 'a', v: 2 });
    await runs.run(script(from));
    await runs.feed('numbers', { k: 'a', v: 4 });
    await assert.rejects(runs.run(script(to)), says('E0801', 'GroupAggregate', ...said, '--fresh'));
    assert.equal((await runs.run(script(from))).rowsRead, 1);
    assert.deepEqual((await runs.values('sums')).at(-1), { k: 'a', total: 7 });
    assert.equal((await runs.run(script(to), { fresh: true })).rowsRead, 3);
    assert.deepEqual((await runs.values('sums')).at(-1), { k: 'a', total: 7 });
  });
}

test('a key of another type is refused, a longer text is not', async (t) => {
  const runs = new Runs(t);
  const script = (type: string): string => `${readings.replace('k STRING', `k ${type}`)} ${sink('out', 'k STRING, n BIGINT, window_end TIMESTAMP_LTZ(3)')} ${windowed('out').replace('SELECT k', 'SELECT CAST(k AS STRING)')}`;
  await runs.feed('readings', { k: '12', at: 1_000 });
  await runs.run(script('VARCHAR(3)'));
  for (const type of ['INT', 'DATE', 'VARCHAR(2)']) await assert.rejects(runs.run(script(type)), says('E0801', 'key 1 as VARCHAR(3)', `as ${type}`));
  for (const [i, type] of ['VARCHAR(5)', 'STRING'].entries()) {
    await runs.feed('readings', { k: '12', at: 11_000 + i * 10_000 });
    assert.equal((await runs.run(script(type))).rowsRead, 1);
  }
  assert.equal((await runs.values('out')).length, 3);
  await assert.rejects(runs.run(script('VARCHAR(5)')), { code: 'E0801' });
});

test('a query that begins to keep state does not begin in the middle of its input', async (t) => {
  const runs = new Runs(t);
  const tables = `${source('numbers', 'numbers', 'k STRING')} ${upsert('out', 'k STRING, n BIGINT')}`;
  await runs.feed('numbers', { k: 'a' });
  await runs.run(`${tables} INSERT INTO out SELECT k, CAST(1 AS BIGINT) FROM numbers;`);
  const counting = `${tables} INSERT INTO out SELECT k, COUNT(*) FROM numbers GROUP BY k;`;
  await assert.rejects(runs.run(counting), says('E0801', 'GroupAggregate', 'does not hold', '--fresh'));
  await runs.run(counting, { fresh: true });
  await assert.rejects(runs.run(`${tables} INSERT INTO out SELECT k, CAST(1 AS BIGINT) FROM numbers;`), says('E0801', 'does not use'));
});

for (const delivery of ['', exactlyOnce]) {
  const kind = delivery === '' ? 'at-least-once' : 'exactly-once';
  test(`${kind}: a position in one topic is not one in another`, async (t) => {
    const runs = new Runs(t);
    const out = sink('out', 'k STRING', delivery);
    await runs.feed('a', { k: 'a1' }, { k: 'a2' });
    await runs.feed('b', { k: 'b1' }, { k: 'b2' }, { k: 'b3' });
    const both = `${source('a', 'a', 'k STRING')} ${source('b', 'b', 'k STRING')} ${out}`;
    await runs.run(`${both} INSERT INTO out SELECT k FROM a;`);
    await assert.rejects(runs.run(`${both} INSERT INTO out SELECT k FROM b;`), says('E0805', 'a (kafka, topic a)', 'now reads b', '--fresh'));
    await assert.rejects(runs.run(`${source('a', 'b', 'k STRING')} ${out} INSERT INTO out SELECT k FROM a;`), says('E0805', 'the topic a', 'the topic b', '--fresh'));
    assert.equal((await runs.run(`${both} INSERT INTO out SELECT k FROM a;`)).rowsRead, 0);
    assert.deepEqual(await runs.run(`${both} INSERT INTO out SELECT k FROM b;`, { name: 'other' }), { rowsRead: 3, late: 0, restoredFrom: undefined });
  });

  test(`${kind}: INSERTs into one table keep their positions when they change places or others come`, async (t) => {
    const runs = new Runs(t);
    const tables = `${['a', 'b', 'c'].map((name) => source(name, name, 'k STRING')).join(' ')} ${sink('out', 'k STRING', delivery)}`;
    const insert = (from: string): string => `INSERT INTO out SELECT k FROM ${from};`;
    await runs.feed('a', { k: 'a1' });
    await runs.feed('b', { k: 'b1' }, { k: 'b2' }, { k: 'b3' });
    await runs.feed('c', { k: 'c1' });
    assert.equal((await runs.run(`${tables} ${insert('a')} ${insert('b')}`)).rowsRead, 4);
    assert.equal((await runs.run(`${tables} ${insert('b')} ${insert('a')}`)).rowsRead, 0);
    await runs.feed('a', { k: 'a2' });
    assert.equal((await runs.run(`${tables} ${insert('c')} ${insert('b')} ${insert('a')}`)).rowsRead, 2);
    assert.deepEqual((await runs.values('out')).map((row) => (row as { readonly k: string }).k).toSorted(), ['a1', 'a2', 'b1', 'b2', 'b3', 'c1']);
    await assert.rejects(runs.run(`${tables} ${insert('a')} ${insert('b')}`), says('E0801', 'INSERT INTO out', 'c (kafka, topic c)'));
  });

  test(`${kind}: windows that the end of the input closed are closed for the next run`, async (t) => {
    const runs = new Runs(t);
    const script = `${readings} ${sink('out', 'k STRING, n BIGINT, window_end TIMESTAMP_LTZ(3)', delivery)} ${windowed('out')}`;
    const row = (k: string, at: number): object => ({ k, v: 1, at });
    await runs.feed('readings', row('a', 1_000), row('b', 12_000), row('a', 13_000));
    assert.deepEqual(await runs.run(script), { rowsRead: 3, late: 0, restoredFrom: undefined });
    const first = await runs.values('out');
    assert.equal(first.length, 3);
    // Two for windows that were given out, a new key among them; one for a window after them.
    await runs.feed('readings', row('b', 14_000), row('c', 19_999), row('a', 20_000));
    assert.deepEqual(await runs.run(script), { rowsRead: 3, late: 2, restoredFrom: 1 });
    assert.deepEqual((await runs.values('out')).slice(first.length), [{ k: 'a', n: 1, window_end: '1970-01-01 00:00:30Z' }]);
    // A run that reads nothing closes nothing, and opens nothing again.
    assert.deepEqual(await runs.run(script), { rowsRead: 0, late: 0, restoredFrom: 2 });
    await runs.feed('readings', row('a', 25_000), row('a', 31_000));
    assert.deepEqual(await runs.run(script), { rowsRead: 2, late: 1, restoredFrom: 3 });
    assert.equal((await runs.values('out')).length, first.length + 2);
  });

  test(`${kind}: what an INSERT without a table gives is given once`, async (t) => {
    const runs = new Runs(t);
    const table = sink('out', 'n INT', delivery);
    for (let i = 0; i < 3; i++) await runs.run(`-- run ${'again '.repeat(i)}\n${table} INSERT INTO out SELECT 1;`);
    assert.deepEqual(await runs.values('out'), [{ n: 1 }]);
    // Another row is another INSERT; beside the first, only it is new.
    await runs.run(`${table} INSERT INTO out SELECT 2; INSERT INTO out SELECT 1;`);
    assert.deepEqual(await runs.values('out'), [{ n: 1 }, { n: 2 }]);
    await runs.run(`${table} INSERT INTO out SELECT 2; INSERT INTO out SELECT 1;`, { fresh: true });
    assert.deepEqual(await runs.values('out'), [{ n: 1 }, { n: 2 }, { n: 2 }, { n: 1 }]);
  });
}

test('queries of one definition over one table count apart, in whatever order they stand', async (t) => {
  const runs = new Runs(t);
  const tables = `${source('numbers', 'numbers', 'k STRING')} ${upsert('x', 'k STRING, n BIGINT')} ${upsert('y', 'k STRING, n BIGINT')}`;
  const insert = (into: string): string => `INSERT INTO ${into} SELECT k, COUNT(*) FROM numbers GROUP BY k;`;
  await runs.feed('numbers', { k: 'a' });
  await runs.run(`${tables} ${insert('x')}`);
  await runs.feed('numbers', { k: 'a' });
  // The new one begins at the start of the topic, with nothing counted.
  assert.equal((await runs.run(`${tables} ${insert('y')} ${insert('x')}`)).rowsRead, 3);
  for (const topic of ['x', 'y']) assert.deepEqual((await runs.values(topic)).map((row) => (row as { readonly n: number }).n), [1, 2]);
});

test('a sink whose delivery changes neither loses nor repeats what was decided', async (t) => {
  const runs = new Runs(t);
  const script = (delivery: string, isKeyed: boolean): string => `${source('a', 'a', 'k STRING')} ${source('b', 'b', 'k STRING')} ${sink('out', 'k STRING', delivery)} INSERT INTO out SELECT k FROM a; ${isKeyed ? 'INSERT INTO out SELECT k FROM b;' : ''}`;
  const expected: string[] = [];
  await runs.feed('b', { k: 'b' });
  // Alone and exactly-once: a transaction with positions. Beside another: an outbox. Else: at once.
  for (const [round, [delivery, isKeyed]] of ([[exactlyOnce, false], ['', false], [exactlyOnce, false], [exactlyOnce, true], ['', true], [exactlyOnce, true]] as const).entries()) {
    await runs.feed('a', { k: `a${round}` });
    expected.push(`a${round}`);
    const { rowsRead } = await runs.run(script(delivery, isKeyed));
    assert.equal(rowsRead, round === 3 ? 2 : 1, `round ${round}`);
  }
  assert.deepEqual((await runs.values('out')).map((row) => (row as { readonly k: string }).k).toSorted(), [...expected, 'b']);
});

test('output that was decided and not published is published by whatever delivery comes next', async (t) => {
  const runs = new Runs(t);
  const script = (delivery: string): string => `${readings} ${sink('out', 'k STRING, n BIGINT, window_end TIMESTAMP_LTZ(3)', delivery)} ${windowed('out')}`;
  await runs.feed('readings', { k: 'a', v: 1, at: 1000 });
  await runs.with(async (engine) => {
    const link = await engine.brokerLink();
    // The job dies between its decision and the transaction that publishes.
    link.endTransaction = async () => {
      throw new Error('the planned break');
    };
    const job = await start(engine, script(exactlyOnce));
    await assert.rejects(job.finished, /the planned break/);
  });
  assert.deepEqual(await runs.values('out'), []);
  assert.equal((await runs.run(script(''))).rowsRead, 0);
  assert.deepEqual(await runs.values('out'), [{ k: 'a', n: 1, window_end: '1970-01-01 00:00:10Z' }]);
  assert.equal((await runs.run(script(exactlyOnce))).rowsRead, 0);
  assert.equal((await runs.values('out')).length, 1);
});

test('jobs and tables whose names run into one another share nothing', async (t) => {
  const runs = new Runs(t);
  const script = (name: string): string => `${source('a', 'a', 'k STRING')} CREATE TABLE \`${name}\` (k STRING) WITH ('connector' = 'kafka', 'topic' = 'out', 'format' = 'json'${exactlyOnce}); INSERT INTO \`${name}\` SELECT k FROM a;`;
  await runs.feed('a', { k: 'x' });
  const pairs = [['a-b', 'c'], ['a', 'b-c'], ['b%2Fc', 'd'], ['b', 'c/d'], ['d', 'e@a'], ['d@e', 'f']] as const;
  for (const [name, table] of pairs) assert.deepEqual(await runs.run(script(table), { name }), { rowsRead: 1, late: 0, restoredFrom: undefined }, `${name} ${table}`);
  assert.equal((await runs.values('out')).length, pairs.length);
});

test('a store of checkpoints that was emptied or removed is noticed', async (t) => {
  const runs = new Runs(t);
  const counting = (delivery: string): string => `${readings} ${sink('out', 'k STRING, n BIGINT, window_end TIMESTAMP_LTZ(3)', delivery)} ${windowed('out')}`;
  await runs.feed('readings', { k: 'a', v: 1, at: 1000 });
  for (const [name, delivery] of [['once', exactlyOnce], ['least', '']] as const) {
    await runs.run(counting(delivery), { name });
    const store = join(runs.dir, 'jobs', name, 'checkpoints.db');
    const database = new Database(store);
    database.exec('DELETE FROM checkpoint; DELETE FROM capture');
    database.close();
    await assert.rejects(runs.run(counting(delivery), { name }), says('E0804', store, 'emptied or removed', '--fresh'));
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${store}${suffix}`, { force: true });
    await assert.rejects(runs.run(counting(delivery), { name }), says('E0804', store, 'emptied or removed', '--fresh'));
    assert.deepEqual(await runs.run(counting(delivery), { name, fresh: true }), { rowsRead: 1, late: 0, restoredFrom: undefined });
  }
  rmSync(join(runs.dir, 'jobs'), { recursive: true });
  await assert.rejects(runs.run(counting(exactlyOnce), { name: 'once' }), says('E0803', 'the state folder holds no checkpoint of it', 'emptied', '--fresh'));
});

test('what a transaction decided holds where its checkpoint was not stored any more', async (t) => {
  const runs = new Runs(t);
  const script = `${source('a', 'a', 'k STRING')} ${sink('out', 'k STRING', exactlyOnce)} INSERT INTO out SELECT k FROM a;`;
  const [jobs, copy] = [join(runs.dir, 'jobs'), join(temporaryFolder(t), 'jobs')];
  await runs.feed('a', { k: 'a1' });
  await runs.run(script);
  cpSync(jobs, copy, { recursive: true });
  await runs.feed('a', { k: 'a2' });
  await runs.run(script);
  const goBack = (): void => {
    rmSync(jobs, { recursive: true });
    cpSync(copy, jobs, { recursive: true });
  };
  goBack();
  assert.deepEqual(await runs.run(script), { rowsRead: 0, late: 0, restoredFrom: 2 });
  // After a start over, that state is of another life.
  await runs.run(script, { fresh: true });
  goBack();
  await assert.rejects(runs.run(script), says('E0803', 'started over', '--fresh'));
  assert.equal((await runs.values('out')).length, 4);
});

test('an INSERT that comes back after a start over begins anew, and leaves the others where they are', async (t) => {
  const runs = new Runs(t);
  const tables = `${source('a', 'a', 'k STRING')} ${source('b', 'b', 'k STRING')} ${sink('out', 'k STRING', exactlyOnce)}`;
  for (let i = 1; i <= 3; i++) {
    await runs.feed('a', { k: `a${i}` });
    await runs.run(`${tables} INSERT INTO out SELECT k FROM a;`);
  }
  await runs.feed('b', { k: 'b1' }, { k: 'b2' });
  await runs.run(`${tables} INSERT INTO out SELECT k FROM b;`, { fresh: true });
  assert.deepEqual(await runs.run(`${tables} INSERT INTO out SELECT k FROM b; INSERT INTO out SELECT k FROM a;`), { rowsRead: 3, late: 0, restoredFrom: 1 });
  assert.equal((await runs.values('out')).length, 3 + 2 + 3);
});
