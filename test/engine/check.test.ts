import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engine } from '../../index.ts';
import { engineWith, failure } from './tables.ts';
import { consume, produce } from './topics.ts';

const sink = (name: string): string => `CREATE TABLE ${name} (k STRING, v BIGINT) WITH ('connector' = 'kafka', 'topic' = '${name}', 'format' = 'json');`;

async function answers(engine: Engine, sql: string): Promise<readonly unknown[]> {
  return (await engine.exec(sql)).map((result) => (result.kind === 'done' ? result.message : result.rows));
}

test('a check leaves the engine as it was', async () => {
  await using engine = await engineWith([{ k: 'a', v: 1 }]);
  const before = await answers(engine, 'SHOW TABLES; SET');
  const script = `${sink('o')} CREATE VIEW w AS SELECT k FROM t; SELECT k FROM w; DROP TABLE t; SET 'pipeline.name' = 'x';`;
  for (let round = 0; round < 2; round++) {
    const { errors, queries } = engine.check(script);
    assert.deepEqual(errors, []);
    assert.equal(queries.length, 1);
    assert.deepEqual(await answers(engine, 'SHOW TABLES; SET'), before);
  }
  assert.deepEqual((await engine.collect('SELECT k FROM t')).rows, [{ k: 'a' }]);
});

test('a script with an error defines nothing, and so can be run again', async () => {
  await using engine = await engineWith([]);
  await assert.rejects(engine.exec(`${sink('o')} SET 'pipeline.name' = 'x'; SELECT nothing FROM o`), failure('E0102'));
  await assert.rejects(engine.submit(`${sink('o')} DROP TABLE t; INSERT INTO o SELECT k, v FROM t`), failure('E0101'));
  assert.deepEqual(await answers(engine, 'SHOW TABLES'), [[{ 'table name': 't' }]]);
  await assert.rejects(engine.exec(`${sink('o')} INSERT INTO o SELECT k, v FROM t`), failure('E0902'));
  assert.deepEqual(await answers(engine, `${sink('o')} SHOW TABLES`), ['created o', [{ 'table name': 'o' }, { 'table name': 't' }]]);
});

test('what a check found is adopted once asked for', async () => {
  await using engine = await engineWith([]);
  engine.adopt(engine.check(sink('o')), engine.check('DROP TABLE t'));
  assert.deepEqual(await answers(engine, 'SHOW TABLES'), [[{ 'table name': 'o' }]]);
  assert.throws(() => engine.adopt({ effects: engine.check('DROP TABLE o').effects }, engine.check(sink('p')), engine.check(sink('p'))), failure('E0105'));
});

test('a statement reads and writes the tables that stood where it stands', async () => {
  await using engine = await engineWith([{ k: 'a', v: 1 }]);
  const link = await engine.brokerLink();
  await link.createTopic('u', 1);
  await produce(link, 'u', [{ k: 'other', v: 2 }]);
  const other = "CREATE TABLE t (k STRING, v BIGINT) WITH ('connector' = 'kafka', 'topic' = 'u', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');";
  await engine.exec(sink('o'));
  const job = await engine.submit('INSERT INTO o SELECT k, v FROM t; DROP TABLE t;', { bounded: true });
  await job.finished;
  assert.deepEqual(await consume(link, 'o'), ['{"k":"a","v":1}']);
  assert.deepEqual(await answers(engine, `${other} SELECT k FROM t; DROP TABLE t`), ['created t', [{ k: 'other' }], 'dropped t']);
  await engine.exec(other);
  await assert.rejects(engine.submit(`INSERT INTO o SELECT k, v FROM t; DROP TABLE t; ${other} INSERT INTO o SELECT k, v FROM t`, { bounded: true }), failure('E0105', /t is made anew/));
});

test('a name in backticks is described like any other', async () => {
  await using engine = await engineWith([]);
  assert.deepEqual(await answers(engine, "CREATE TABLE `a``b` (x INT NOT NULL) WITH ('connector' = 'kafka', 'topic' = 'o', 'format' = 'json'); DESCRIBE `a``b`"), ['created a`b', [{ name: 'x', type: 'INT', null: false, key: null, extras: null, watermark: null }]]);
});
