import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../../../index.ts';
import { temporaryFolder } from '../../broker/folders.ts';
import { produce } from '../../engine/topics.ts';
import { engineWith, errorOf, rowsOf, type Written } from './tables.ts';

const records = Array.from({ length: 6 }, (_, i): Written => [null, `{"v":${i}}`, 1000 * (i + 1)]);

function make(name: string, options: string): string {
  return `CREATE TABLE ${name} (v INT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json'${options === '' ? '' : `, ${options}`})`;
}

async function values(engine: Engine, options: string): Promise<unknown[]> {
  await engine.exec(`DROP TABLE IF EXISTS b; ${make('b', options)}`);
  return (await rowsOf(engine, 'SELECT v FROM b')).flat();
}

test('a bounded read ends where its mode says, within a batch too', async () => {
  await using engine = await engineWith(records);
  const link = await engine.brokerLink();
  await link.commitOffsets({ group: 'g', offsets: [{ topic: 't', partition: 0, offset: 2, metadata: '' }] });
  const from = "'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' =";
  assert.deepEqual(await values(engine, `${from} 'latest-offset'`), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(await values(engine, `${from} 'specific-offsets', 'scan.bounded.specific-offsets' = 'partition:0,offset:4'`), [0, 1, 2, 3]);
  assert.deepEqual(await values(engine, `${from} 'specific-offsets', 'scan.bounded.specific-offsets' = 'partition:1,offset:4'`), []);
  assert.deepEqual(await values(engine, `${from} 'timestamp', 'scan.bounded.timestamp-millis' = '3000'`), [0, 1]);
  assert.deepEqual(await values(engine, `${from} 'timestamp', 'scan.bounded.timestamp-millis' = '3500'`), [0, 1, 2]);
  assert.deepEqual(await values(engine, `${from} 'timestamp', 'scan.bounded.timestamp-millis' = '99999'`), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(await values(engine, `${from} 'group-offsets', 'properties.group.id' = 'g'`), [0, 1]);
  assert.match(await errorOf(engine, `${make('n', `${from} 'group-offsets', 'properties.group.id' = 'none'`)}; SELECT v FROM n`), /E0504.*the group none, which has none for t partition 0/);
  assert.match(await errorOf(engine, make('m', `${from} 'timestamp'`)), /E0503.*needs the option 'scan\.bounded\.timestamp-millis'/);
  assert.match(await errorOf(engine, make('m', `${from} 'specific-offsets', 'scan.bounded.specific-offsets' = '0:4'`)), /E0504.*is a list as/);
});

test('a group without offsets starts where properties.auto.offset.reset says', async () => {
  await using engine = await engineWith(records);
  const bounded = "'scan.bounded.mode' = 'latest-offset', 'properties.auto.offset.reset' =";
  assert.deepEqual(await values(engine, `${bounded} 'earliest'`), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(await values(engine, `${bounded} 'latest'`), []);
  assert.match(await errorOf(engine, `${make('n', `${bounded} 'none'`)}; SELECT v FROM n`), /E0504.*has no offset for t partition 0.*is none/);
});

test('a table makes its topic with its partitions and its limits; what is not read is told', async () => {
  const notices: string[] = [];
  await using engine = await engineWith([], { onNotice: ({ message }) => void notices.push(message) });
  const made = (name: string, options: string): string => `CREATE TABLE ${name} (v INT) WITH ('connector' = 'kafka', 'topic' = 'limited', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset', ${options})`;
  await engine.exec(made('l', "'topic.partitions' = '2', 'topic.retention.ms' = '0', 'topic.segment.bytes' = '200', 'sink.parallelism' = '4', 'properties.acks' = 'all', 'properties.linger.ms' = '5'"));
  for (let i = 0; i < 10; i++) await engine.exec(`INSERT INTO l VALUES (${i})`);
  const link = await engine.brokerLink();
  assert.equal(await link.partitionCount('limited'), 2);
  assert.ok((await link.offsets('limited', 0)).start + (await link.offsets('limited', 1)).start > 0, 'older segments went');
  assert.ok(notices.includes('the topic limited is new (2 partitions)'));
  assert.ok(notices.some((text) => text === "l: properties.acks, properties.linger.ms: Sluice's own broker has no use for them"));
  assert.ok(notices.some((text) => text.startsWith("l: 'sink.parallelism' = '4' is read as 1")));
  await engine.exec(`${made('more', "'topic.partitions' = '5'")}; INSERT INTO more VALUES (1)`);
  assert.ok(notices.some((text) => text.startsWith('more: the topic limited is there with 2 partitions')));
});

test('a list of topics is read as one table, and gone on with', async (t) => {
  const stateDir = temporaryFolder(t);
  const setup = async (): Promise<Engine> => {
    const engine = await Engine.create({ kafka: 'embedded', stateDir });
    await engine.exec("CREATE TEMPORARY TABLE two (v INT, topic STRING METADATA VIRTUAL) WITH ('connector' = 'kafka', 'topic' = 'a;b', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset'); CREATE TEMPORARY TABLE out_ (v INT, topic STRING) WITH ('connector' = 'kafka', 'topic' = 'o', 'format' = 'csv', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset')");
    return engine;
  };
  const insert = async (engine: Engine, more: readonly [string, number][]): Promise<unknown[][]> => {
    const link = await engine.brokerLink();
    for (const [topic, v] of more) {
      await link.createTopic(topic, topic === 'a' ? 2 : 1);
      await produce(link, topic, [{ v }], topic === 'a' ? v % 2 : 0);
    }
    const job = await engine.submit('INSERT INTO out_ SELECT v, topic FROM two', { name: 'j', bounded: true });
    await job.finished;
    return (await rowsOf(engine, 'SELECT v, topic FROM out_')).toSorted((x, y) => Number(x[0]) - Number(y[0]));
  };
  {
    await using engine = await setup();
    assert.deepEqual(await insert(engine, [['a', 1], ['b', 2], ['a', 4]]), [[1, 'a'], [2, 'b'], [4, 'a']]);
  }
  await using engine = await setup();
  assert.deepEqual(await insert(engine, [['b', 5], ['a', 6]]), [[1, 'a'], [2, 'b'], [4, 'a'], [5, 'b'], [6, 'a']]);
  assert.match(await errorOf(engine, "INSERT INTO two VALUES (1)"), /E0504.*several topics/);
  assert.match(await errorOf(engine, make('several', "'scan.startup.mode' = 'specific-offsets', 'scan.startup.specific-offsets' = 'partition:0,offset:1'").replace("'t'", "'t;u'")), /E0504.*is for one topic/);
});
