import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Options } from '../../../catalog/option-spec.ts';
import { nexmark } from '../../../connectors/nexmark/nexmark.ts';
import { eventKinds, nexmarkEvents, usualSettings, type EventSettings } from '../../../connectors/nexmark/events.ts';
import { openNexmarkSource } from '../../../connectors/nexmark/source.ts';
import { TextBuffer } from '../../../connectors/nexmark/text-buffer.ts';
import type { Column } from '../../../core/column.ts';
import { readValue, type SqlValue } from '../../../core/value.ts';
import { types } from '../../../core/sql-type.ts';
import type { Position, SourceRequest } from '../../../catalog/connector.ts';
import { Engine, SqlError } from '../../../index.ts';

const settings: EventSettings = { ...usualSettings, seed: 3, baseTime: Date.UTC(2026, 0, 1) };

const columns = `event_type INT,
  person ROW<id BIGINT, name STRING, emailAddress STRING, creditCard STRING, city STRING, state STRING, dateTime TIMESTAMP(3), extra STRING>,
  auction ROW<id BIGINT, itemName STRING, description STRING, initialBid BIGINT, reserve BIGINT, dateTime TIMESTAMP(3), expires TIMESTAMP(3), seller BIGINT, category BIGINT, extra STRING>,
  bid ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP(3), extra STRING>`;

const read: SourceRequest['read'] = [
  { path: ['event_type'], type: types.int },
  { path: ['person', 'name'], type: types.string },
  { path: ['auction', 'expires'], type: types.timestamp(3) },
  { path: ['auction', 'reserve'], type: types.bigint },
  { path: ['bid', 'url'], type: types.string },
  { path: ['bid', 'bidder'], type: types.bigint },
  { path: ['bid', 'extra'], type: types.string },
];

/** The rows from a position on, at most `atOnce` of them in a batch, and the position behind them. */
async function rowsOf(given: Readonly<Record<string, string>>, count: number, atOnce: number, position?: Position): Promise<{ readonly rows: SqlValue[][]; readonly position: Position }> {
  const options = new Options(new Map([...nexmark.options.flatMap(({ key, defaultValue }) => (defaultValue === undefined ? [] : [[key, defaultValue] as const])), ...Object.entries(given)]));
  const services = { bounded: false, clock: { now: () => 5000 } } as SourceRequest['services'];
  const source = await openNexmarkSource({ table: { name: 'n', columns: [], primaryKey: [], options, format: undefined, formatOptions: new Options(new Map()) }, read, services });
  const reader = await source.open('0', position);
  const rows: SqlValue[][] = [];
  while (rows.length < count) {
    assert.ok(reader.ready);
    const batch = reader.read(Math.min(atOnce, count - rows.length));
    for (let row = 0; row < batch.rowCount; row++) rows.push(read.map(({ type }, i) => readValue(batch.columns[i] as Column, type, row)));
  }
  return { rows, position: reader.position() };
}

test('a row is the same however rows are cut into batches, and after a restart', async () => {
  const given = { 'events.num': '500', 'base-time': '2026-01-01 00:00:00', seed: '3' };
  const { rows: whole } = await rowsOf(given, 400, 400);
  assert.deepEqual((await rowsOf(given, 400, 7)).rows, whole);
  const first = await rowsOf(given, 123, 50);
  assert.equal(first.position['event'], 123);
  assert.deepEqual((await rowsOf(given, 277, 50, JSON.parse(JSON.stringify(first.position)) as Position)).rows, whole.slice(123));
  assert.notDeepEqual((await rowsOf({ ...given, seed: '4' }, 400, 400)).rows, whole);
});

test('without a base time the first start is kept in the position', async () => {
  const { position } = await rowsOf({ 'events.num': '10' }, 1, 1);
  assert.deepEqual(position, { event: 1, baseTime: 5000 });
});

test('each event has the fields of its kind and NULL elsewhere, by the proportions', async () => {
  const { rows } = await rowsOf({ 'person.proportion': '2', 'auction.proportion': '1', 'bid.proportion': '2' }, 50, 50);
  for (const [i, [kind, name, expires, reserve, url, bidder]] of rows.entries()) {
    assert.equal(kind, [0, 0, 1, 2, 2][i % 5]);
    assert.equal(name !== null, kind === 0);
    assert.equal(expires !== null && reserve !== null, kind === 1);
    assert.equal(url !== null && bidder !== null, kind === 2);
  }
});

test('ids count up; bids and auctions name ids that are there or soon will be', () => {
  for (const shape of [settings, { ...settings, people: 2, auctions: 5, bids: 9 }]) {
    const events = nexmarkEvents(shape);
    const [person, auction, bid] = events.fields;
    const value = (fields: typeof person, name: string, n: number): number => {
      const field = fields[name];
      assert.ok(field !== undefined && field.form !== 'text');
      return field.value(n);
    };
    const next = [1000, 1000];
    for (let n = 0; n < 20_000; n++) {
      const kind = events.kindOf(n);
      if (kind < 2) assert.equal(value(kind === 0 ? person : auction, 'id', n), next[kind]);
      if (kind < 2) next[kind] = (next[kind] as number) + 1;
      if (kind === 1) assert.ok(value(auction, 'seller', n) < (next[0] as number) + 10 && value(auction, 'expires', n) > value(auction, 'dateTime', n));
      if (kind === 2) assert.ok(value(bid, 'auction', n) < (next[1] as number) + 10 && value(bid, 'bidder', n) < (next[0] as number) + 10 && value(bid, 'auction', n) >= 1000);
    }
  }
});

test('hot ids take their share of the bids', () => {
  const share = (hotAuctions: number): number => {
    const { kindOf, fields } = nexmarkEvents({ ...settings, hotAuctions });
    const field = fields[2]['auction'];
    assert.ok(field?.form === 'number');
    let [bids, hot] = [0, 0];
    for (let n = 0; n < 50_000; n++) {
      if (kindOf(n) !== 2) continue;
      bids++;
      if (field.value(n) % 100 === 0) hot++;
    }
    return hot / bids;
  };
  assert.ok(Math.abs(share(1)) < 0.05 && Math.abs(share(2) - 0.5) < 0.05 && Math.abs(share(10) - 0.9) < 0.05, `${share(1)} ${share(2)} ${share(10)}`);
});

test('extra fills an event up to its size on average, and time goes by the rate', () => {
  const events = nexmarkEvents({ ...settings, rate: 250, bidBytes: 1032 });
  const extra = events.fields[2]['extra'];
  assert.ok(extra?.form === 'text');
  const out = new TextBuffer(16);
  for (let n = 4; n < 50; n++) extra.write(n, out);
  assert.ok(Math.abs(out.length / 46 - 1000) < 60, String(out.length / 46));
  assert.equal(events.timeOf(1001) - settings.baseTime, 4004);
});

test('the fields are those of the rows of the benchmark', () => {
  assert.deepEqual(nexmarkEvents(settings).fields.map((fields) => Object.keys(fields).length), [8, 10, 7]);
  assert.deepEqual(eventKinds, ['person', 'auction', 'bid']);
});

test('a table of events is read as any other and ends with events.num', async () => {
  await using engine = await Engine.create();
  await engine.exec(`CREATE TABLE n (${columns}, ts AS CASE event_type WHEN 0 THEN person.dateTime WHEN 1 THEN auction.dateTime ELSE bid.dateTime END, WATERMARK FOR ts AS ts)
    WITH ('connector' = 'nexmark', 'events.num' = '2000', 'first-event.rate' = '100', 'next-event.rate' = '100', 'base-time' = '2026-01-01 00:00:00')`);
  const { rows } = await engine.collect(`SELECT window_start, COUNT(*) AS c, COUNT(bid.price) AS b, COUNT(DISTINCT auction.id) AS a FROM TABLE(TUMBLE(TABLE n, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY window_start, window_end`);
  assert.deepEqual(rows, [
    { window_start: '2026-01-01 00:00:00.000', c: 1000n, b: 920n, a: 60n },
    { window_start: '2026-01-01 00:00:10.000', c: 1000n, b: 920n, a: 60n },
  ]);
});

test('events that never end cannot be asked for whole', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE TABLE n (event_type INT) WITH ('connector' = 'nexmark')");
  await assert.rejects(engine.collect('SELECT event_type FROM n'), (error) => error instanceof SqlError && error.code === 'E0503');
});

test('what the connector does not make is told', async () => {
  await using engine = await Engine.create();
  const fails = async (body: string, options: string, code: string, text: RegExp): Promise<void> => {
    await assert.rejects(engine.exec(`CREATE TABLE t (${body}) WITH ('connector' = 'nexmark'${options})`), (error) => {
      assert.ok(error instanceof SqlError);
      assert.equal(error.code, code);
      assert.match(error.message, text);
      return true;
    });
  };
  await fails('event_kind INT', '', 'E0504', /no column event_kind/);
  await fails('event_type STRING', '', 'E0504', /event_type as INT/);
  await fails('bid ROW<cost BIGINT>', '', 'E0504', /no field bid\.cost/);
  await fails('bid ROW<price INT>', '', 'E0504', /bid\.price as BIGINT/);
  await fails('bid BIGINT', '', 'E0504', /bid as a ROW/);
  await fails('event_type INT', ", 'first-event.rate' = '0'", 'E0504', /at least 1/);
  await fails('event_type INT', ", 'next-event.rate' = '5'", 'E0002', /rate that changes/);
  await fails('event_type INT', ", 'bid.avg-size' = 'big'", 'E0504', /size like/);
  await fails('event_type INT', ", 'rate.shape' = 'sine'", 'E0002', /rate\.shape/);
  await fails('event_type INT', ", 'base-time' = 'soon'", 'E0504', /a time like/);
});

test('an event is read whole as it is by its fields', async () => {
  await using engine = await Engine.create();
  await engine.exec(`CREATE TABLE n (${columns}) WITH ('connector' = 'nexmark', 'events.num' = '5000', 'base-time' = '2026-01-01 00:00:00')`);
  const whole = (await engine.collect('SELECT * FROM n')).rows;
  assert.equal(whole.length, 5000);
  for (const kind of eventKinds) {
    const names = Object.keys(whole.find((row) => row[kind] !== null)?.[kind] as object);
    const { rows } = await engine.collect(`SELECT ${names.map((name) => `n.${kind}.${name}`).join(', ')} FROM n`);
    assert.deepEqual(whole.map((row) => (row[kind] === null ? names.map(() => null) : Object.values(row[kind] as object))), rows.map((row) => Object.values(row)), kind);
  }
});
