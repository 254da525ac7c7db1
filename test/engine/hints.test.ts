import assert from 'node:assert/strict';
import test from 'node:test';
import { engineWith, failure } from './tables.ts';
import { consume } from './topics.ts';

const rows = [{ k: 'a', v: 1 }, { k: 'b', v: 2 }];
const sink = "CREATE TABLE o (k STRING, v BIGINT) WITH ('connector' = 'kafka', 'topic' = 'o', 'format' = 'json');";

test('OPTIONS behind a table that is read goes over its own options, for this query alone', async () => {
  await using engine = await engineWith(rows);
  assert.deepEqual((await engine.collect("SELECT k FROM t /*+ OPTIONS('scan.startup.mode' = 'specific-offsets', 'scan.startup.specific-offsets' = 'partition:0,offset:1') */")).rows, [{ k: 'b' }]);
  assert.deepEqual((await engine.collect('SELECT k FROM t')).rows, [{ k: 'a' }, { k: 'b' }]);
  const both = "SELECT k FROM t UNION ALL SELECT k FROM t /*+ OPTIONS('scan.startup.mode' = 'latest-offset') */ AS u";
  assert.equal((await engine.collect(both)).rows.length, 2, 'the table and the same with other options are two sources');
});

test('OPTIONS behind the table of INSERT, in several INSERTs of one job', async () => {
  await using engine = await engineWith(rows);
  const job = await engine.submit(`${sink} EXECUTE STATEMENT SET BEGIN INSERT INTO o /*+ OPTIONS('topic' = 'p') */ SELECT k, v FROM t; INSERT INTO o SELECT k, v FROM t WHERE v = 2; END`, { bounded: true });
  await job.finished;
  const link = await engine.brokerLink();
  assert.deepEqual([await consume(link, 'o'), await consume(link, 'p')], [['{"k":"b","v":2}'], ['{"k":"a","v":1}', '{"k":"b","v":2}']]);
});

test('two statements with the same hint read one table', async () => {
  await using engine = await engineWith(rows);
  const hint = "/*+ OPTIONS('scan.startup.mode' = 'earliest-offset') */";
  const job = await engine.submit(`${sink} CREATE TABLE q (k STRING) WITH ('connector' = 'kafka', 'topic' = 'q', 'format' = 'json'); INSERT INTO o SELECT k, v FROM t ${hint}; INSERT INTO q SELECT k FROM t ${hint}`, { bounded: true });
  assert.equal((await job.finished).rowsRead, 2n);
});

test('mistakes in hints are told at their place', async () => {
  await using engine = await engineWith([]);
  await engine.exec('CREATE VIEW w AS SELECT k FROM t');
  const mistakes: readonly (readonly [string, string, RegExp])[] = [
    ["SELECT k FROM t /*+ OPTIONS('scan.startup.mod' = 'latest-offset') */", 'E0501', /scan\.startup\.mode[^]*/],
    ["SELECT k FROM t /*+ OPTIONS('scan.startup.mode' = 'x') */", 'E0504', /latest-offset/],
    ["SELECT k FROM t /*+ OPTIONS('connector' = 'print') */", 'E0504', /connector/],
    ['SELECT k FROM t /*+ OPTIONS(a) */', 'E0001', /'key' = 'value'/],
    ["SELECT k FROM w /*+ OPTIONS('a' = 'b') */", 'E0001', /is a view/],
    ["WITH c AS (SELECT k FROM t) SELECT k FROM c /*+ OPTIONS('a' = 'b') */", 'E0001', /of WITH/],
  ];
  for (const [sql, code, text] of mistakes) await assert.rejects(engine.exec(sql), failure(code, text), sql);
});
