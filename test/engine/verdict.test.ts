import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Engine, type Notice } from '../../index.ts';
import { temporaryFolder } from '../broker/folders.ts';
import { readTopic } from '../broker/topic-reader.ts';
import { produce } from './topics.ts';

type Options = NonNullable<Parameters<Engine['start']>[1]>;

const orders = "CREATE TABLE orders (shop STRING, item STRING, price BIGINT, at BIGINT, ts AS TO_TIMESTAMP_LTZ(at, 3), WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');";
const totals = (columns: string): string => `CREATE TABLE totals (shop STRING, ${columns}, PRIMARY KEY (shop) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'totals', 'key.format' = 'json', 'value.format' = 'json');`;
const grouped = (items: string, columns: string): string => `${orders} ${totals(columns)} INSERT INTO totals SELECT shop, ${items} FROM orders GROUP BY shop;`;

/** A state folder, and runs of one job in it, each as a new process would. */
class Folder {
  readonly dir: string;
  readonly notices: Notice[] = [];

  constructor(t: TestContext) {
    this.dir = temporaryFolder(t);
  }

  async with<T>(use: (engine: Engine) => Promise<T>): Promise<T> {
    await using engine = await Engine.create({ kafka: 'embedded', stateDir: this.dir, onNotice: (notice) => this.notices.push(notice) });
    return await use(engine);
  }

  async feed(...values: readonly object[]): Promise<void> {
    await this.with(async (engine) => {
      const link = await engine.brokerLink();
      await link.createTopic('orders', 1);
      await produce(link, 'orders', values);
    });
  }

  async run(script: string, options: Options = {}): Promise<number> {
    return this.with(async (engine) => {
      const checked = engine.check(script);
      if (checked.errors[0] !== undefined) throw checked.errors[0];
      engine.adopt(checked);
      const job = await engine.start(checked.inserts, { name: 'job', bounded: true, ...options });
      return Number((await job.finished).rowsRead);
    });
  }

  async verdict(script: string): Promise<string> {
    return this.with(async (engine) => engine.verdict(engine.check(script).inserts, 'job'));
  }

  async values(topic: string): Promise<readonly unknown[]> {
    return this.with(async (engine) => (await readTopic(await engine.brokerLink(), topic)).map(({ value }): unknown => (value === null ? null : JSON.parse(value))));
  }

  async last(): Promise<unknown> {
    return (await this.values('totals')).at(-1);
  }
}

const count = grouped('COUNT(*)', 'n BIGINT');

test('nothing stored: the job starts anew', async (t) => {
  assert.equal(await new Folder(t).verdict(count), 'job job: nothing is stored, it would start anew');
});

test('an aggregate that comes starts empty, the others go on', async (t) => {
  const folder = new Folder(t);
  await folder.feed({ shop: 'a', item: 'tea', price: 5 }, { shop: 'a', item: null, price: 7 }, { shop: 'b', item: 'rusk', price: 1 });
  await folder.run(count);
  const more = grouped('MAX(item), COUNT(*), SUM(price)', 'most STRING, n BIGINT, total BIGINT');
  assert.match(await folder.verdict(more), /^job job, checkpoint \d+: keeps part of its state\n {2}convert GroupAggregate-\S+ of totals@orders: 2 new aggregates start empty$/);
  await folder.feed({ shop: 'a', item: 'a name that is longer than one slot', price: 2 });
  assert.equal(await folder.run(more), 1);
  assert.deepEqual(await folder.last(), { shop: 'a', most: 'a name that is longer than one slot', n: 3, total: 2 });
  assert.ok(folder.notices.some(({ message }) => message.includes('2 new aggregates start empty')));
  // What was converted is stored, text too: the next run goes on from it as it is.
  assert.match(await folder.verdict(more), /keeps all state/);
  await folder.feed({ shop: 'a', item: 'b', price: 3 });
  assert.equal(await folder.run(more), 1);
  assert.deepEqual(await folder.last(), { shop: 'a', most: 'b', n: 4, total: 5 });
  // Another aggregate in the place of one: what that has counted is given up only if that is asked for.
  const changed = grouped('MAX(item), COUNT(*), AVG(price)', 'most STRING, n BIGINT, mean BIGINT');
  await assert.rejects(folder.run(changed), { code: 'E0801' });
  assert.match(await folder.verdict(changed), /would be refused[^]*convert [^]*1 new aggregate starts empty, 1 that the query no longer has is given up/);
  // Fewer, in another order.
  const fewer = grouped('SUM(price), MAX(item)', 'total BIGINT, most STRING');
  assert.match(await folder.verdict(fewer), /1 that the query no longer has is given up/);
  await folder.feed({ shop: 'a', item: 'a', price: 10 });
  assert.equal(await folder.run(fewer), 1);
  assert.deepEqual(await folder.last(), { shop: 'a', total: 15, most: 'b' });
});

test('another HAVING keeps what is counted, and says that what came out by the old one stays', async (t) => {
  const folder = new Folder(t);
  const having = (condition: string, items = 'COUNT(*)', columns = 'n BIGINT'): string => grouped(items, columns).replace('GROUP BY shop', `GROUP BY shop ${condition}`);
  await folder.feed({ shop: 'a', price: 5 }, { shop: 'a', price: 5 }, { shop: 'b', price: 1 });
  await folder.run(having('HAVING COUNT(*) > 1'));
  assert.match(await folder.verdict(having('HAVING COUNT(*) > 1')), /keeps all state\n {2}reuse/);
  for (const other of [having('HAVING COUNT(*) > 2'), having('')]) {
    assert.match(await folder.verdict(other), /checkpoint \d+: keeps part of its state\n {2}convert GroupAggregate-\S+ of totals@orders: its results pass another condition on their way to the sink: what the old one let out is not taken back/);
  }
  // With an aggregate more both are said.
  assert.match(await folder.verdict(having('HAVING COUNT(*) > 2', 'COUNT(*), SUM(price)', 'n BIGINT, total BIGINT')), /convert GroupAggregate-\S+ of totals@orders: 1 new aggregate starts empty, its results pass another condition/);
  await folder.feed({ shop: 'b', price: 1 });
  await folder.run(having(''));
  assert.deepEqual(await folder.last(), { shop: 'b', n: 2 });
  assert.ok(folder.notices.some(({ code, message }) => code === 'N0801' && /^kept: GroupAggregate-\S+ of totals@orders: its results pass another condition/.test(message)));
  // Now that is the condition.
  assert.match(await folder.verdict(having('')), /keeps all state/);
});

test('another HAVING over closed windows changes nothing that came out', async (t) => {
  const folder = new Folder(t);
  const windowed = (having: string): string => `${orders} CREATE TABLE out (shop STRING, n BIGINT) WITH ('connector' = 'kafka', 'topic' = 'out', 'format' = 'json');
    INSERT INTO out SELECT shop, COUNT(*) FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY shop, window_start, window_end ${having};`;
  await folder.feed({ shop: 'a', price: 5, at: 1000 });
  await folder.run(windowed(''));
  assert.match(await folder.verdict(windowed('HAVING COUNT(*) > 1')), /keeps all state/);
});

test('open windows go on with an aggregate more', async (t) => {
  const folder = new Folder(t);
  const windowed = (items: string, columns: string): string => `${orders} CREATE TABLE out (shop STRING, ${columns}) WITH ('connector' = 'kafka', 'topic' = 'out', 'format' = 'json');
    INSERT INTO out SELECT shop, ${items} FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY shop, window_start, window_end;`;
  await folder.feed({ shop: 'a', price: 5, at: 1000 }, { shop: null, price: 7, at: 2000 });
  await folder.with(async (engine) => {
    const script = engine.check(windowed('COUNT(*)', 'n BIGINT'));
    engine.adopt(script);
    const job = await engine.start(script.inserts, { name: 'job' });
    // Stopped while the window is open, with what it has read.
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (): void => (Number(job.stats().rowsRead) < 2 ? void setImmediate(look) : resolve());
    look();
    await promise;
    await job.stop();
  });
  await folder.feed({ shop: 'a', price: 9, at: 3000 }, { shop: null, price: 1, at: 3000 });
  await folder.run(windowed('SUM(price), COUNT(*)', 'total BIGINT, n BIGINT'));
  assert.deepEqual(new Set(await folder.values('out')), new Set([{ shop: 'a', total: 9, n: 2 }, { shop: null, total: 1, n: 2 }]));
});

test('another grouping does not fit: refused, given up, or started over, as is asked', async (t) => {
  const folder = new Folder(t);
  await folder.feed({ shop: 'a', item: 'tea', price: 5 });
  await folder.run(count);
  await folder.feed({ shop: 'a', item: 'tea', price: 6 });
  const other = count.replace('GROUP BY shop', 'WHERE price > 1 GROUP BY shop');
  const verdict = await folder.verdict(other);
  assert.match(verdict, /would be refused: the query keeps GroupAggregate/);
  assert.match(verdict, /\n {2}drop {4}GroupAggregate-\S+ of totals@orders: the query as it is now does not use it\n/);
  await assert.rejects(folder.run(other), { code: 'E0801' });
  await assert.rejects(folder.run(other, { onIncompatible: 'refuse' }), { code: 'E0801' });
  assert.equal(await folder.run(other, { onIncompatible: 'discard' }), 1);
  assert.deepEqual(await folder.last(), { shop: 'a', n: 1 });
  assert.match(await folder.verdict(other), /keeps all state/);
  assert.equal(await folder.run(count, { onIncompatible: 'rebuild' }), 2);
  assert.deepEqual(await folder.last(), { shop: 'a', n: 2 });
});

test('state of a type that has become another is given up whole', async (t) => {
  const folder = new Folder(t);
  await folder.feed({ shop: 'a', price: 5 });
  await folder.run(grouped('SUM(price)', 'total BIGINT'));
  await folder.feed({ shop: 'a', price: 6 });
  const wider = grouped('SUM(price)', 'total DOUBLE').replace('price BIGINT', 'price DOUBLE');
  await assert.rejects(folder.run(wider), { code: 'E0801' });
  assert.equal(await folder.run(wider, { onIncompatible: 'discard' }), 1);
  assert.deepEqual(await folder.last(), { shop: 'a', total: 6 });
  await folder.feed({ shop: 'a', price: 1.5 });
  assert.equal(await folder.run(wider), 1);
  assert.deepEqual(await folder.last(), { shop: 'a', total: 7.5 });
});

test('a new aggregate over rows that are withdrawn would be taken what it never got', async (t) => {
  const folder = new Folder(t);
  const perCount = (items: string, columns: string): string => `${orders} ${totals(columns).replace('shop STRING', 'n BIGINT').replace('(shop)', '(n)')} INSERT INTO totals SELECT n, ${items} FROM (SELECT shop, COUNT(*) AS n, SUM(price) AS p FROM orders GROUP BY shop) AS s GROUP BY n;`;
  await folder.feed({ shop: 'a', price: 5 });
  await folder.run(perCount('COUNT(*)', 'shops BIGINT'));
  await assert.rejects(folder.run(perCount('COUNT(*), SUM(p)', 'shops BIGINT, total BIGINT')), { code: 'E0801' });
  // One that goes takes nothing from the others.
  await folder.run(perCount('SUM(p), COUNT(*)', 'total BIGINT, shops BIGINT'), { fresh: true });
  assert.match(await folder.verdict(perCount('COUNT(*)', 'shops BIGINT')), /keeps part of its state\n {2}convert \S+ of \S+: 1 that the query no longer has is given up\n {2}reuse {3}\S+ of \S+$/);
  await folder.feed({ shop: 'b', price: 1 }, { shop: 'a', price: 1 });
  assert.equal(await folder.run(perCount('COUNT(*)', 'shops BIGINT')), 2);
  assert.deepEqual(await folder.last(), { n: 2, shops: 1 });
});

test('an option that there is not', async (t) => {
  await assert.rejects(new Folder(t).run(count, { onIncompatible: 'guess' as 'refuse' }), { code: 'E0904' });
});

test('a job that keeps something for ever says so before it starts, and one that ends does not', async (t) => {
  const folder = new Folder(t);
  const warnings = (): readonly string[] => folder.notices.filter(({ code }) => code === 'W0401').map(({ message }) => message);
  await folder.run(count);
  assert.deepEqual(warnings(), []);
  await folder.with(async (engine) => {
    const script = engine.check(`-- totals of shops\n${count}`);
    engine.adopt(script);
    await (await engine.start(script.inserts, { name: 'job' })).stop();
  });
  assert.deepEqual(warnings(), ['line 2: GroupAggregate[2] keeps every shop for ever. A window bounds it:  FROM TABLE(TUMBLE(...)) GROUP BY window_start, window_end, shop']);
});
