import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, SqlError } from '../../index.ts';

test('rows that a program pushes are there at once, and change what is read', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE TABLE visits (who STRING, pages INT) WITH ('connector' = 'memory')");
  const visits = engine.table<{ who: string; pages?: number }>('visits');
  assert.equal(visits.push({ who: 'ann', pages: 3 }), true);
  visits.push([{ who: 'bob' }, { who: 'ann', pages: 4 }]);
  visits.push([]);
  assert.deepEqual((await engine.collect('SELECT * FROM visits')).rows, [{ who: 'ann', pages: 3 }, { who: 'bob', pages: null }, { who: 'ann', pages: 4 }]);
  const seen: unknown[] = [];
  for await (const { op, row } of engine.changes<{ who: string; n: bigint }>('SELECT who, COUNT(*) AS n FROM visits GROUP BY who')) {
    seen.push([op, row.who, row.n]);
    if (seen.length === 3) visits.push({ who: 'bob' });
    if (seen.length === 4) break;
  }
  assert.deepEqual(seen, [['+I', 'ann', 1n], ['+I', 'bob', 1n], ['+U', 'ann', 2n], ['+U', 'bob', 2n]]);
});

test('the end of a table ends who reads it, and closes its windows', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE TABLE t (n INT, ts TIMESTAMP_LTZ(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'memory')");
  const handle = engine.table('t');
  const result = engine.query("SELECT COUNT(*) AS n FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end");
  handle.push([{ n: 1, ts: new Date(0) }, { n: 2, ts: new Date(59_999) }]);
  const rows: unknown[] = [];
  const reading = (async () => {
    for await (const { n } of result) rows.push(n);
  })();
  handle.push({ n: 3, ts: new Date(60_000) });
  handle.end();
  await reading;
  assert.deepEqual(rows, [2n, 1n]);
  assert.throws(() => handle.push({ n: 4 }), (error: unknown) => error instanceof SqlError && error.code === 'E0904');
});

test('values of JavaScript become values of the columns, exactly', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE TABLE t (a BIGINT, b DECIMAL(20, 2), c DOUBLE, d BOOLEAN, f DATE, g TIMESTAMP(3), h TIMESTAMP_LTZ(3), i STRING) WITH ('connector' = 'memory')");
  const row = { a: 9007199254740993n, b: '123456789012345678.25', c: 1.5, d: true, f: '2024-02-29', g: '2024-02-29 10:00:00.250', h: new Date(1500), i: 'ä "\n' };
  engine.table('t').push(row);
  assert.deepEqual((await engine.collect('SELECT * FROM t')).rows, [row]);
});

test('a row that does not fit is refused with all that come with it', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE TABLE t (n INT NOT NULL) WITH ('connector' = 'memory'); CREATE TABLE p (n INT) WITH ('connector' = 'print')");
  const has = (code: string, text: RegExp) => (error: unknown): boolean => error instanceof SqlError && error.code === code && text.test(`${error.message} ${error.hint}`);
  assert.throws(() => engine.table('t').push([{ n: 1 }, { n: 'x' }]), has('E0206', /row 1 .*n is not/));
  assert.throws(() => engine.table('t').push([{ n: 1 }, {}]), has('E0206', /NOT NULL/));
  assert.throws(() => engine.table('t').push({ m: 1 }), has('E0102', /no column "m"/));
  assert.throws(() => engine.table('tt'), has('E0101', /tt/));
  assert.throws(() => engine.table('p'), has('E0904', /connector print/));
  assert.deepEqual((await engine.collect('SELECT * FROM t')).rows, []);
});

test('what is undefined is not there; what is no row, or no value, is refused and not NULL without a word', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE TABLE v (n INT, at TIMESTAMP_LTZ(3), l ARRAY<INT>) WITH ('connector' = 'memory')");
  const table = engine.table<object>('v');
  table.push({ n: undefined, at: new Date(5) });
  const circle: { l?: unknown } = {};
  circle.l = circle;
  const wrong: readonly unknown[] = [null, 'abc', 5, [[1]], [null], { at: new Date(Number.NaN) }, circle, { n: () => 1 }, { n: 1.5 }];
  for (const row of wrong) assert.throws(() => table.push(row as object), (error: unknown) => error instanceof SqlError && error.code === 'E0206', String(row));
  assert.deepEqual((await engine.collect('SELECT * FROM v')).rows, [{ n: null, at: new Date(5), l: null }]);
});
