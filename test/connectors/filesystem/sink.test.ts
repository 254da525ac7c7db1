import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Engine, SqlError, type Job } from '../../../index.ts';

const root = mkdtempSync(join(tmpdir(), 'sluice-parts-'));
after(() => rmSync(root, { recursive: true }));
let folders = 0;

/** Folders of one test: what goes in, what comes out, and the state. */
function foldersOf(): { readonly input: string; readonly output: string; readonly stateDir: string } {
  const base = join(root, `s${folders++}`);
  mkdirSync(join(base, 'in'), { recursive: true });
  return { input: join(base, 'in'), output: join(base, 'out'), stateDir: join(base, 'state') };
}

const visible = (folder: string): readonly string[] => readdirSync(folder).filter((name) => !name.startsWith('.'));
const hidden = (folder: string): readonly string[] => readdirSync(folder).filter((name) => name.startsWith('.'));
/** The rows of all parts that can be seen; a line that is none fails. */
function rowsOf(folder: string): readonly number[] {
  return visible(folder).flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    assert.ok(text.endsWith('\n'), `${name} ends within a line`);
    return text.trimEnd().split('\n').map((line) => (JSON.parse(line) as { n: number }).n);
  }).toSorted((a, b) => a - b);
}

const upTo = (end: number): readonly number[] => Array.from({ length: end }, (_, n) => n);
const lines = (from: number, to: number): string => upTo(to - from).map((i) => `{"n":${from + i}}\n`).join('');

function script({ input, output }: { readonly input: string; readonly output: string }, options = ''): string {
  return `CREATE TABLE i (n INT) WITH ('connector' = 'filesystem', 'path' = '${input}', 'format' = 'json', 'source.monitor-interval' = '5 ms');
    CREATE TABLE o (n INT) WITH ('connector' = 'filesystem', 'path' = '${output}', 'format' = 'json'${options});
    SET 'execution.checkpointing.interval' = '1 d';
    INSERT INTO o SELECT n FROM i;`;
}

/** Waits until the job has written that many rows in this run. */
async function written(job: Job, rows: number): Promise<void> {
  while (job.stats().rowsOut < BigInt(rows)) {
    if (job.state === 'failed') await job.finished;
    await turn();
  }
}

test('a bounded job ends with its rows in parts that can be seen, and nothing else', async () => {
  const { output } = foldersOf();
  await using engine = await Engine.create();
  await engine.exec(`CREATE TABLE o (n INT, s STRING) WITH ('connector' = 'filesystem', 'path' = '${output}', 'format' = 'csv');
    INSERT INTO o VALUES (1, 'a, "b"'), (2, 'two
lines'), (3, CAST(NULL AS STRING))`);
  assert.deepEqual(hidden(output), []);
  assert.equal(visible(output).length, 1);
  assert.match(visible(output)[0] ?? '', /^part-[0-9a-f-]{36}-0-0$/);
  assert.deepEqual((await engine.collect('SELECT n, s FROM o')).rows, [{ n: 1, s: 'a, "b"' }, { n: 2, s: 'two\nlines' }, { n: 3, s: '' }]);
  await engine.exec("INSERT INTO o VALUES (4, 'x')");
  assert.equal(visible(output).length, 2);
});

test('a job without output makes no part', async () => {
  const { output } = foldersOf();
  await using engine = await Engine.create();
  await engine.exec(`CREATE TABLE o (n INT) WITH ('connector' = 'filesystem', 'path' = '${output}', 'format' = 'json');
    INSERT INTO o SELECT n FROM (VALUES (1)) AS v(n) WHERE n > 1`);
  assert.deepEqual(readdirSync(output), []);
});

test('a part ends before the row that follows its size, and is seen once a checkpoint is stored', async () => {
  const at = foldersOf();
  writeFileSync(join(at.input, 'a'), lines(0, 1000));
  await using engine = await Engine.create({ stateDir: at.stateDir });
  const job = await engine.submit(script(at, ", 'sink.rolling-policy.file-size' = '100 b'"), { name: 'j' });
  await written(job, 1000);
  assert.deepEqual(visible(at.output), []);
  await job.checkpoint();
  const sizes = visible(at.output).map((name) => readFileSync(join(at.output, name)).length);
  assert.ok(sizes.length > 50 && sizes.every((size) => size > 100 && size < 120), String(sizes));
  // What is under way stays hidden until it is whole, or the job ends.
  assert.equal(hidden(at.output).length, 1);
  assert.ok(rowsOf(at.output).length < 1000);
  await job.stop();
  assert.deepEqual(rowsOf(at.output), upTo(1000));
  assert.deepEqual(hidden(at.output), []);
});

test('a part ends by its age too', async () => {
  for (const option of ['rollover-interval', 'inactivity-interval']) {
    const at = foldersOf();
    writeFileSync(join(at.input, 'a'), lines(0, 10));
    await using engine = await Engine.create({ stateDir: at.stateDir });
    const job = await engine.submit(script(at, `, 'sink.rolling-policy.${option}' = '0 s', 'sink.rolling-policy.check-interval' = '0 s'`), { name: 'j' });
    await written(job, 10);
    await job.checkpoint();
    assert.deepEqual(rowsOf(at.output), upTo(10));
    assert.deepEqual(hidden(at.output), []);
  }
});

for (const size of ['128MB', '50 b']) {
  test(`stopped without its last checkpoint again and again, a job loses nothing and doubles nothing (parts of ${size})`, async () => {
    const at = foldersOf();
    const text = script(at, `, 'sink.rolling-policy.file-size' = '${size}'`);
    let next = 0;
    const add = (rows: number): void => {
      if (rows === 0) return;
      writeFileSync(join(at.input, `file${String(next).padStart(6, '0')}`), lines(next, next + rows));
      next += rows;
    };
    let stored = 0;
    for (const [run, rows] of [30, 1, 0, 200, 7].entries()) {
      await using engine = await Engine.create({ stateDir: at.stateDir });
      const job = await engine.submit(text, { name: 'j' });
      const before = next - stored;
      add(rows);
      await written(job, before + rows);
      await job.checkpoint();
      stored = next;
      const seen = rowsOf(at.output);
      add(20);
      await written(job, before + rows + 20);
      if (run === 3) await job.stop();
      else await job.stop({ checkpoint: false });
      if (run === 3) stored = next;
      assert.equal(new Set(rowsOf(at.output)).size, rowsOf(at.output).length);
      // What is seen is never more than what is stored.
      if (run !== 3) assert.deepEqual(rowsOf(at.output), seen);
      assert.ok(rowsOf(at.output).every((n) => n < stored));
    }
    await using engine = await Engine.create({ stateDir: at.stateDir });
    const job = await engine.submit(text, { name: 'j' });
    await written(job, next - stored);
    await job.stop();
    assert.deepEqual(rowsOf(at.output), upTo(next));
    assert.deepEqual(hidden(at.output), []);
  });
}

test('a stored checkpoint whose parts were not made visible makes them so at the next start', async () => {
  const at = foldersOf();
  const text = script(at, ", 'sink.rolling-policy.file-size' = '90 b'");
  writeFileSync(join(at.input, 'a'), lines(0, 100));
  {
    await using engine = await Engine.create({ stateDir: at.stateDir });
    const job = await engine.submit(text, { name: 'j' });
    await written(job, 100);
    await job.checkpoint();
    await job.stop({ checkpoint: false });
  }
  // As if the process had died between the checkpoint and the renames.
  for (const name of visible(at.output)) renameSync(join(at.output, name), join(at.output, `.${name}.inprogress`));
  assert.deepEqual(rowsOf(at.output), []);
  await using engine = await Engine.create({ stateDir: at.stateDir });
  const job = await engine.submit(text, { name: 'j' });
  await job.stop();
  assert.deepEqual(rowsOf(at.output), upTo(100));
});

test('a state folder that is older than the output is refused', async () => {
  const at = foldersOf();
  const run = async (stateDir: string, from: number): Promise<void> => {
    writeFileSync(join(at.input, `f${from}`), lines(from, from + 10));
    await using engine = await Engine.create({ stateDir });
    const job = await engine.submit(script(at), { name: 'j' });
    await written(job, 10);
    await job.stop();
  };
  await run(at.stateDir, 0);
  const jobs = join(at.stateDir, 'jobs');
  renameSync(jobs, `${jobs}-new`);
  mkdirSync(jobs);
  // The state as it was then, and as it is after one more run.
  cpSync(`${jobs}-new`, jobs, { recursive: true });
  await run(at.stateDir, 10);
  rmSync(jobs, { recursive: true });
  renameSync(`${jobs}-new`, jobs);
  await using engine = await Engine.create({ stateDir: at.stateDir });
  await assert.rejects(engine.submit(script(at), { name: 'j' }), (error: unknown) => error instanceof SqlError && error.code === 'E0803');
});

test('updates are refused: a line that is written stays', async () => {
  const { output } = foldersOf();
  await using engine = await Engine.create();
  await engine.exec(`CREATE TABLE o (k STRING, n BIGINT) WITH ('connector' = 'filesystem', 'path' = '${output}', 'format' = 'json')`);
  await assert.rejects(engine.exec("INSERT INTO o SELECT k, COUNT(*) FROM (VALUES ('a'), ('a')) AS v(k) GROUP BY k"), (error: unknown) => error instanceof SqlError && error.code === 'E0301');
});

test('a partitioned table has a folder for each partition, whose columns stand in no record', async () => {
  const { output } = foldersOf();
  await using engine = await Engine.create();
  await engine.exec(`CREATE TABLE o (day DATE, n INT, country STRING, s STRING) PARTITIONED BY (country, day) WITH ('connector' = 'filesystem', 'path' = '${output}', 'format' = 'csv')`);
  await engine.exec("INSERT INTO o VALUES (DATE '2024-02-29', 1, 'at', 'a'), (DATE '2024-02-29', 2, 'a/b=c', 'b'), (DATE '2024-03-01', 3, 'at', 'c'), (CAST(NULL AS DATE), 4, '', 'd'), (DATE '2024-02-29', 5, 'at', 'e')");
  const files = readdirSync(output, { recursive: true, encoding: 'utf8' }).filter((name) => /part-[^/]*$/.test(name)).toSorted();
  assert.deepEqual(files.map((name) => name.replace(/part-.*/, '')), ['country=__DEFAULT_PARTITION__/day=__DEFAULT_PARTITION__/', 'country=a%2Fb%3Dc/day=2024-02-29/', 'country=at/day=2024-02-29/', 'country=at/day=2024-03-01/']);
  assert.equal(readFileSync(join(output, files[2] ?? ''), 'utf8'), '1,a\n5,e\n');
  const { rows } = await engine.collect('SELECT * FROM o');
  assert.deepEqual(rows.map((row) => Object.values(row)).toSorted((a, b) => Number(a[1]) - Number(b[1])), [
    ['2024-02-29', 1, 'at', 'a'],
    ['2024-02-29', 2, 'a/b=c', 'b'],
    ['2024-03-01', 3, 'at', 'c'],
    [null, 4, null, 'd'],
    ['2024-02-29', 5, 'at', 'e'],
  ]);
  // Columns of the folders alone, and none of them.
  assert.deepEqual((await engine.collect("SELECT COUNT(*) AS n FROM o WHERE country = 'at'")).rows, [{ n: 3n }]);
  writeFileSync(join(output, 'part-of-none'), '1,a\n');
  await assert.rejects(engine.collect('SELECT country FROM o'), (error: unknown) => error instanceof SqlError && error.code === 'E0606' && /country=/.test(error.message));
});

test('a time names a folder as Java prints it, and is read from that', async () => {
  const { output } = foldersOf();
  await using engine = await Engine.create();
  await engine.exec(`CREATE TABLE o (n INT, at TIMESTAMP(3)) PARTITIONED BY (at) WITH ('connector' = 'filesystem', 'path' = '${output}', 'format' = 'json')`);
  await engine.exec("INSERT INTO o VALUES (1, TIMESTAMP '2024-02-29 01:02:03.4'), (2, TIMESTAMP '2024-02-29 01:02:03'), (3, TIMESTAMP '2024-02-29 00:00:00'), (4, CAST(NULL AS TIMESTAMP(3)))");
  assert.deepEqual(readdirSync(output).filter((name) => name.startsWith('at=')).toSorted(), ['at=2024-02-29T00%3A00', 'at=2024-02-29T01%3A02%3A03', 'at=2024-02-29T01%3A02%3A03.400', 'at=__DEFAULT_PARTITION__']);
  const { rows } = await engine.collect('SELECT n, at FROM o');
  assert.deepEqual(rows.toSorted((a, b) => Number(a['n']) - Number(b['n'])).map((row) => row['at']), ['2024-02-29 01:02:03.400', '2024-02-29 01:02:03.000', '2024-02-29 00:00:00.000', null]);
  await engine.exec(`CREATE TABLE t (n INT, at TIME(0)) PARTITIONED BY (at) WITH ('connector' = 'filesystem', 'path' = '${output}', 'format' = 'json')`);
  await assert.rejects(engine.collect('SELECT n FROM t'), (error: unknown) => error instanceof SqlError && error.code === 'E0002');
});

test('partitions are told apart by all of their values, however rows alternate; NULL and empty text share a folder', async () => {
  const { output } = foldersOf();
  await using engine = await Engine.create();
  await engine.exec(`CREATE TABLE g (i INT) WITH ('connector' = 'datagen', 'number-of-rows' = '6000', 'fields.i.kind' = 'sequence', 'fields.i.start' = '0', 'fields.i.end' = '5999');
    CREATE TABLE o (a STRING, b INT, c BOOLEAN, n INT) PARTITIONED BY (a, b, c) WITH ('connector' = 'filesystem', 'path' = '${output}', 'format' = 'json');
    INSERT INTO o SELECT CASE MOD(i, 3) WHEN 0 THEN CAST(NULL AS STRING) WHEN 1 THEN '' ELSE 'x' END, MOD(i, 7), MOD(i, 2) = 0, i FROM g`);
  const files = readdirSync(output, { recursive: true, encoding: 'utf8' }).filter((name) => /part-[^/]*$/.test(name));
  assert.equal(files.length, 2 * 7 * 2);
  const seen = files.flatMap((name) => {
    const [, a, b, c] = /^a=(.*)\/b=(.*)\/c=(.*)\//.exec(name) ?? [];
    return readFileSync(join(output, name), 'utf8').trim().split('\n').map((line) => {
      const { n } = JSON.parse(line) as { readonly n: number };
      assert.deepEqual([a, b, c], [n % 3 === 2 ? 'x' : '__DEFAULT_PARTITION__', String(n % 7), n % 2 === 0 ? 'TRUE' : 'FALSE']);
      return n;
    });
  });
  assert.deepEqual(seen.toSorted((x, y) => x - y), upTo(6000));
});

test('a partitioned job that is stopped without its last checkpoint goes on in each partition', async () => {
  const at = foldersOf();
  writeFileSync(join(at.input, 'a'), lines(0, 50));
  const text = `CREATE TABLE i (n INT) WITH ('connector' = 'filesystem', 'path' = '${at.input}', 'format' = 'json', 'source.monitor-interval' = '5 ms');
    CREATE TABLE o (n INT, p INT) PARTITIONED BY (p) WITH ('connector' = 'filesystem', 'path' = '${at.output}', 'format' = 'json');
    SET 'execution.checkpointing.interval' = '1 d';
    INSERT INTO o SELECT n, MOD(n, 3) FROM i;`;
  {
    await using engine = await Engine.create({ stateDir: at.stateDir });
    const job = await engine.submit(text, { name: 'j' });
    await written(job, 50);
    await job.checkpoint();
    writeFileSync(join(at.input, 'b'), lines(50, 90));
    await written(job, 90);
    await job.stop({ checkpoint: false });
  }
  {
    await using engine = await Engine.create({ stateDir: at.stateDir });
    const job = await engine.submit(text, { name: 'j' });
    await written(job, 40);
    await job.stop();
  }
  assert.deepEqual(readdirSync(at.output).toSorted(), ['p=0', 'p=1', 'p=2']);
  for (const p of [0, 1, 2]) {
    const folder = join(at.output, `p=${p}`);
    assert.deepEqual(rowsOf(folder), upTo(90).filter((n) => n % 3 === p));
    assert.deepEqual(hidden(folder), []);
  }
});

test('INSERT OVERWRITE puts its rows in the place of those that were there, all at once', async () => {
  const at = foldersOf();
  await using engine = await Engine.create({ stateDir: at.stateDir });
  await engine.exec(`CREATE TABLE o (n INT) WITH ('connector' = 'filesystem', 'path' = '${at.output}', 'format' = 'json', 'sink.rolling-policy.file-size' = '20 b');
    INSERT INTO o VALUES (1), (2), (3), (4), (5)`);
  await engine.exec('INSERT OVERWRITE o SELECT n * 10 FROM o WHERE n > 1');
  assert.deepEqual(rowsOf(at.output), [20, 30, 40, 50]);
  assert.deepEqual(hidden(at.output), []);
  // One that fails leaves what was there.
  writeFileSync(join(at.output, '_ignored'), 'x');
  await assert.rejects(engine.exec('INSERT OVERWRITE o SELECT 1 / (n - 40) FROM o'));
  assert.deepEqual(readdirSync(at.output).filter((name) => name.startsWith('.')), []);
  await engine.exec('INSERT OVERWRITE o SELECT n FROM o WHERE n > 100');
  assert.deepEqual(readdirSync(at.output), ['_ignored']);
  const isLater = (error: unknown): boolean => error instanceof SqlError && error.code === 'E0002' && /INSERT OVERWRITE/.test(error.message);
  await assert.rejects(engine.submit('INSERT OVERWRITE o SELECT n FROM o', { bounded: true }), isLater);
  await engine.exec("CREATE TABLE m (n INT) WITH ('connector' = 'memory')");
  await assert.rejects(engine.exec('INSERT OVERWRITE m SELECT n FROM o'), isLater);
});

test('INSERT OVERWRITE of a partitioned table replaces the partitions that it writes', async () => {
  const { output } = foldersOf();
  await using engine = await Engine.create();
  await engine.exec(`CREATE TABLE o (n INT, p STRING) PARTITIONED BY (p) WITH ('connector' = 'filesystem', 'path' = '${output}', 'format' = 'json');
    INSERT INTO o VALUES (1, 'a'), (2, 'b'), (3, 'c')`);
  await engine.exec("INSERT OVERWRITE o VALUES (4, 'b'), (5, 'd'); INSERT OVERWRITE o PARTITION (p = 'c') SELECT 6");
  assert.deepEqual((await engine.collect('SELECT n, p FROM o')).rows, [{ n: 1, p: 'a' }, { n: 4, p: 'b' }, { n: 6, p: 'c' }, { n: 5, p: 'd' }]);
});
