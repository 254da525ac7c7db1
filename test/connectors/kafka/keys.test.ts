import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PartitionReader } from '../../broker/topic-reader.ts';
import { engineWith, errorOf, rowsOf, table } from './tables.ts';

async function written(engine: Awaited<ReturnType<typeof engineWith>>, topic: string): Promise<unknown[]> {
  const records = await new PartitionReader(await engine.brokerLink(), topic, 0).readAll();
  return records.map(({ key, value }) => [key, value]);
}

test('a key in a format of its own is written and read, with its columns in the value or not', async () => {
  await using engine = await engineWith([]);
  await engine.exec(table('all_', 'id INT, k STRING, v STRING', "'format' = 'json', 'key.format' = 'csv', 'key.fields' = 'k;id', 'key.csv.field-delimiter' = '|'", 'a'));
  await engine.exec(table('rest', 'id INT, k STRING, v STRING', "'value.format' = 'json', 'key.format' = 'raw', 'key.fields' = 'k', 'value.fields-include' = 'EXCEPT_KEY'", 'b'));
  await engine.exec(table('named', 'k_id INT, id STRING', "'format' = 'json', 'key.format' = 'json', 'key.fields' = 'k_id', 'key.fields-prefix' = 'k_', 'value.fields-include' = 'EXCEPT_KEY'", 'c'));
  await engine.exec("INSERT INTO all_ VALUES (1, 'x', 'one'), (2, 'y', 'two'); INSERT INTO rest VALUES (1, 'x', 'one'), (2, CAST(NULL AS STRING), 'two'); INSERT INTO named VALUES (7, 'seven')");
  assert.deepEqual(await written(engine, 'a'), [['"x"|1', '{"id":1,"k":"x","v":"one"}'], ['"y"|2', '{"id":2,"k":"y","v":"two"}']]);
  assert.deepEqual(await written(engine, 'b'), [['x', '{"id":1,"v":"one"}'], [null, '{"id":2,"v":"two"}']]);
  assert.deepEqual(await written(engine, 'c'), [['{"id":7}', '{"id":"seven"}']]);
  assert.deepEqual(await rowsOf(engine, 'SELECT v, k, id FROM all_'), [['one', 'x', 1], ['two', 'y', 2]]);
  assert.deepEqual(await rowsOf(engine, 'SELECT * FROM rest'), [[1, 'x', 'one'], [2, null, 'two']]);
  assert.deepEqual(await rowsOf(engine, 'SELECT k FROM rest WHERE id = 1'), [['x']]);
  assert.deepEqual(await rowsOf(engine, 'SELECT id, k_id FROM named'), [['seven', 7]]);
});

test('what key and value both hold is the value\'s; a record without a key is none, and counts', async () => {
  await using engine = await engineWith([['{"id":1}', '{"id":9,"v":"x"}'], [null, '{"id":2,"v":"y"}'], ['{"id":3}', '{"v":"z"}'], ['{"id":4}', null]]);
  const options = (include: string): string => `'format' = 'json', 'key.format' = 'json', 'key.fields' = 'id', 'value.fields-include' = '${include}'`;
  await engine.exec(table('both_', 'id INT, v STRING', options('ALL')));
  await engine.exec(table('apart', 'id INT, v STRING', options('EXCEPT_KEY')));
  assert.deepEqual(await rowsOf(engine, 'SELECT id, v FROM both_'), [[9, 'x'], [null, 'z']]);
  const { rows, stats } = await engine.collect('SELECT id, v FROM apart');
  assert.deepEqual(rows, [{ id: 1, v: 'x' }, { id: 3, v: 'z' }]);
  assert.equal(stats.bad, 1n);
});

test('a bad key is told as one', async () => {
  await using engine = await engineWith([['{"id":1}', '{"v":"x"}'], ['{"id":"one"}', '{"v":"y"}']]);
  await engine.exec(table('k', 'id INT, v STRING', "'format' = 'json', 'key.format' = 'json', 'key.fields' = 'id', 'value.fields-include' = 'EXCEPT_KEY'"));
  assert.match(await errorOf(engine, 'SELECT v, id FROM k'), /E0701.*offset 1 does not fit: id of the key is not an INT[^]*the record: \{"id":"one"\}\n.*'key\.json\.ignore-parse-errors'/);
});

test('mistakes about keys are told', async () => {
  await using engine = await engineWith([]);
  const fault = (options: string): Promise<string> => errorOf(engine, table('f', 'a INT, b INT, k_c INT', `'format' = 'json', ${options}`));
  assert.match(await fault("'key.fields' = 'a'"), /E0503.*'key\.fields' needs the option 'key\.format'/);
  assert.match(await fault("'key.format' = 'json'"), /E0503.*'key\.format' needs the option 'key\.fields'/);
  assert.match(await fault("'key.format' = 'jsn', 'key.fields' = 'a'"), /E0505.*no format 'jsn'/);
  assert.match(await fault("'key.format' = 'json', 'key.fields' = 'a;aa'"), /E0102.*"aa"[^]*did you mean "a"/);
  assert.match(await fault("'key.format' = 'raw', 'key.fields' = 'a;b'"), /E0504.*raw.*one column/);
  assert.match(await fault("'key.format' = 'json', 'key.fields' = 'k_c', 'key.fields-prefix' = 'k_'"), /E0504.*'key\.fields-prefix'[^]*EXCEPT_KEY/);
  assert.match(await fault("'key.format' = 'json', 'key.fields' = 'k_c;a', 'key.fields-prefix' = 'k_', 'value.fields-include' = 'EXCEPT_KEY'"), /E0504.*"a" does not/);
  assert.match(await fault("'key.format' = 'json', 'key.fields' = 'a', 'key.csv.null-literal' = ''"), /E0501.*'key\.csv\.null-literal'/);
  assert.match(await fault("'key.format' = 'json', 'key.fields' = 'a', 'sink.partitioner' = 'round-robin'"), /E0504.*'sink\.partitioner'.*without a key/);
});

test('rows go to a partition by key, by turns, or all to the first', async () => {
  await using engine = await engineWith([]);
  const make = (name: string, options: string): string => table(name, 'id INT, v INT', `'format' = 'json', 'topic.partitions' = '3', ${options}`, name);
  await engine.exec(`${make('keyed', "'key.format' = 'json', 'key.fields' = 'id'")}; ${make('fixed', "'sink.partitioner' = 'fixed', 'key.format' = 'json', 'key.fields' = 'id'")}; ${make('turns', "'sink.partitioner' = 'round-robin'")}`);
  const rows = Array.from({ length: 30 }, (_, i) => `(${i % 10}, ${i})`).join(', ');
  for (const name of ['keyed', 'fixed', 'turns']) {
    await engine.exec(`INSERT INTO ${name} VALUES ${rows}`);
    const link = await engine.brokerLink();
    assert.equal(await link.partitionCount(name), 3);
    const parts = await Promise.all([0, 1, 2].map(async (partition) => (await new PartitionReader(link, name, partition).readAll()).map(({ value }) => JSON.parse(value ?? '') as { id: number })));
    assert.equal(parts.flat().length, 30);
    if (name === 'keyed') assert.ok(parts.every((part) => part.length > 0 && part.length < 30), 'several partitions');
    if (name === 'keyed') for (const id of Array.from({ length: 10 }, (_, i) => i)) assert.equal(parts.filter((part) => part.some((row) => row.id === id)).length, 1);
    if (name === 'fixed') assert.equal(parts[0]?.length, 30);
  }
});

test('a kafka table with a primary key keeps the latest row of each', async () => {
  await using engine = await engineWith([]);
  await engine.exec(table('p', 'id INT, team STRING, points BIGINT NOT NULL, PRIMARY KEY (id) NOT ENFORCED', "'format' = 'json'"));
  await engine.exec("INSERT INTO p VALUES (1, 'red', 5), (2, 'red', 7), (1, 'blue', 6)");
  assert.deepEqual(await written(engine, 't'), [['{"id":1}', '{"id":1,"team":"red","points":5}'], ['{"id":2}', '{"id":2,"team":"red","points":7}'], ['{"id":1}', '{"id":1,"team":"blue","points":6}']]);
  assert.deepEqual((await rowsOf(engine, 'SELECT team, SUM(points) FROM p GROUP BY team')).toSorted(), [['blue', 6n], ['red', 7n]]);
  assert.match(await errorOf(engine, table('q', 'a INT, b INT, PRIMARY KEY (a) NOT ENFORCED', "'format' = 'json', 'key.format' = 'json', 'key.fields' = 'b'")), /E0504.*its primary key: a/);
});

test('a key of CSV that is empty is told; a value of CSV without a column is a row', async () => {
  const notices: string[] = [];
  await using engine = await engineWith([], { onNotice: ({ code, message }) => notices.push(`${code} ${message}`) });
  await engine.exec(table('k', 'id INT, n INT', "'key.format' = 'csv', 'key.fields' = 'id', 'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY'"));
  await engine.exec('INSERT INTO k VALUES (1, 10), (CAST(NULL AS INT), 20), (3, 30)');
  assert.deepEqual(await rowsOf(engine, 'SELECT * FROM k'), [[1, 10], [3, 30]]);
  assert.ok(notices.some((notice) => /^N0701 .*offset 1 does not fit: the key is not there: it is empty/.test(notice)), notices.join('\n'));
  await engine.exec(table('a', 'id INT, s STRING', "'key.format' = 'json', 'key.fields' = 'id;s', 'value.format' = 'csv', 'value.fields-include' = 'EXCEPT_KEY'", 'a'));
  await engine.exec("INSERT INTO a VALUES (1, 'x'), (2, 'y')");
  assert.deepEqual(await rowsOf(engine, 'SELECT * FROM a'), [[1, 'x'], [2, 'y']]);
});

test('a list of offsets that names a partition which is not there is told', async () => {
  const notices: string[] = [];
  await using engine = await engineWith([[null, '{"n":1}']], { onNotice: ({ code, message }) => notices.push(`${code} ${message}`) });
  await engine.exec(`CREATE TABLE o (n INT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'specific-offsets', 'scan.bounded.specific-offsets' = 'partition:0,offset:1;partition:7,offset:2')`);
  assert.deepEqual(await rowsOf(engine, 'SELECT n FROM o'), [[1]]);
  assert.ok(notices.some((notice) => /^N0603 o: .*partition 7, and t has 1$/.test(notice)), notices.join('\n'));
});
