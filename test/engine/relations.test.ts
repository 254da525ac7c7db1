import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Engine, type SqlError } from '../../index.ts';
import { temporaryFolder } from '../broker/folders.ts';
import { consume, produce } from './topics.ts';

const table = (name: string, columns: string, more = ''): string => `CREATE TABLE ${name} (${columns}) WITH ('connector' = 'kafka', 'topic' = '${name}', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset'${more});`;
const timed = "k STRING, at BIGINT, ts AS TO_TIMESTAMP_LTZ(at, 3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND";
const exactlyOnce = ", 'sink.delivery-guarantee' = 'exactly-once'";
const counted = (from: string): string => `SELECT k, COUNT(*) AS n, window_end FROM TABLE(TUMBLE(TABLE ${from}, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY k, window_start, window_end`;

/** One state folder, opened anew for each call as by a new process. */
class Place {
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
      if (values.length > 0) await produce(link, topic, values);
    });
  }

  /** Runs over what is there; gives how many rows the sources read. */
  async run(script: string, fresh = false): Promise<number> {
    return this.with(async (engine) => Number((await (await engine.submit(script, { name: 'job', bounded: true, fresh })).finished).rowsRead));
  }

  async values(topic: string): Promise<readonly unknown[]> {
    return this.with(async (engine) => (await consume(await engine.brokerLink(), topic)).map((text) => JSON.parse(text) as unknown).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)));
  }
}

async function rowsOf(sql: string): Promise<readonly object[]> {
  await using engine = await Engine.create();
  return (await engine.collect(sql)).rows;
}

function says(code: string, text: string): (error: SqlError) => boolean {
  return (error) => {
    assert.deepEqual([error.code, error.message.includes(text)], [code, true], error.message);
    return true;
  };
}

test('the columns of a union take the types of all queries and the names of the first', async () => {
  assert.deepEqual(await rowsOf("SELECT 1 AS a, 'x' AS b UNION ALL SELECT CAST(3000000000 AS BIGINT), 'longer' UNION ALL SELECT NULL, NULL"), [{ a: 1n, b: 'x' }, { a: 3000000000n, b: 'longer' }, { a: null, b: null }]);
  assert.deepEqual(await rowsOf('SELECT 1.5 AS a UNION ALL SELECT 2'), [{ a: '1.5' }, { a: '2.0' }]);
  await assert.rejects(rowsOf('SELECT 1 UNION ALL SELECT 1, 2'), says('E0205', 'gives 1 columns, this one 2'));
  await assert.rejects(rowsOf("SELECT 1 UNION ALL SELECT DATE '2024-01-01'"), says('E0206', 'cannot stand in one column'));
});

test('UNION gives each row once', async () => {
  assert.deepEqual(await rowsOf('SELECT 1 AS a UNION SELECT 2 UNION SELECT 1'), [{ a: 1 }, { a: 2 }]);
});

test('VALUES: as a query, in FROM, in WITH; each column in one type', async () => {
  assert.deepEqual(await rowsOf("VALUES (1, 'a'), (2, UPPER('b')), (NULL, 'c')"), [{ EXPR$0: 1, EXPR$1: 'a' }, { EXPR$0: 2, EXPR$1: 'B' }, { EXPR$0: null, EXPR$1: 'c' }]);
  assert.deepEqual(await rowsOf('SELECT b + 1 AS c FROM (VALUES (1, 2), (3, 4)) AS t (a, b) WHERE a > 1'), [{ c: 5 }]);
  await assert.rejects(rowsOf('VALUES (1), (1, 2)'), says('E0205', 'the first row has 1 values, this one 2'));
});

test('a query of WITH sees those before it, hides tables, and may be read twice', async () => {
  assert.deepEqual(await rowsOf('WITH a AS (VALUES (1), (2)), b (n) AS (SELECT * FROM a) SELECT n, n * n AS q FROM b UNION ALL SELECT -n, 0 FROM b'), [{ n: 1, q: 1 }, { n: 2, q: 4 }, { n: -1, q: 0 }, { n: -2, q: 0 }]);
  await using engine = await Engine.create();
  await engine.exec(`${table('a', 'x INT')} CREATE VIEW v AS SELECT x FROM a;`);
  assert.deepEqual((await engine.collect("WITH a AS (SELECT 'hidden' AS y) SELECT y FROM a")).rows, [{ y: 'hidden' }]);
  // A view means what it meant where it was made.
  assert.match(engine.explain(engine.check("WITH a AS (SELECT 'hidden' AS y) SELECT x FROM v").queries[0]?.planned ?? assert.fail()), /TableSourceScan\[\d+\] {2}a /);
  await assert.rejects(rowsOf('WITH a AS (SELECT * FROM b), b AS (SELECT 1 AS n) SELECT * FROM a'), says('E0101', 'b'));
});

test('LIMIT ends a query over a table that does not end', async (t) => {
  const place = new Place(t);
  await place.feed('numbers', ...Array.from({ length: 20 }, (_, n) => ({ n })));
  await place.with(async (engine) => {
    await engine.exec(table('numbers', 'n INT'));
    const rows: unknown[] = [];
    for await (const row of engine.query('SELECT n * 2 AS twice FROM numbers WHERE n > 3 LIMIT 3 OFFSET 2')) rows.push(row);
    assert.deepEqual(rows, [{ twice: 12 }, { twice: 14 }, { twice: 16 }]);
  });
  assert.deepEqual(await rowsOf('SELECT k, COUNT(*) AS n FROM (VALUES (1), (1)) AS t (k) GROUP BY k LIMIT 1'), [{ k: 1, n: 2n }]);
  await assert.rejects(rowsOf('SELECT 1 LIMIT -1'), (error: SqlError) => error.code.startsWith('E0'));
});

test('a window over a union counts the rows of both tables, and a restart goes on in each', async (t) => {
  const place = new Place(t);
  const at = (second: number): object => ({ k: 'a', at: second * 1000 });
  await place.feed('left', at(1), at(12));
  await place.feed('right', at(2), at(3));
  const script = `${table('left', timed)} ${table('right', timed)} ${table('out', 'k STRING, n BIGINT, e TIMESTAMP(3)', exactlyOnce)}
    CREATE VIEW both AS SELECT k, ts FROM left UNION ALL SELECT k, ts FROM right;`.replaceAll(/\b(left|right)\b(?!')/g, '`$1`').replaceAll('`both`', 'both');
  const insert = `${script} INSERT INTO out ${counted('both')};`;
  assert.equal(await place.run(insert), 4);
  const first = [{ k: 'a', n: 1, e: '1970-01-01 00:00:20' }, { k: 'a', n: 3, e: '1970-01-01 00:00:10' }];
  assert.deepEqual(await place.values('out'), first);
  // What was closed stays closed: the row at 15 s is late, those at 25 s are not.
  await place.feed('left', at(25));
  await place.feed('right', at(15), at(26));
  assert.equal(await place.run(insert), 3);
  assert.deepEqual(await place.values('out'), [first[0], { k: 'a', n: 2, e: '1970-01-01 00:00:30' }, first[1]]);
});

test('INSERTs that read one table share its source, and each goes on by itself', async (t) => {
  const place = new Place(t);
  await place.feed('orders', { id: 1, item: 'x', price: 5, note: 'n' }, { id: 2, item: 'y', price: 7, note: 'm' });
  const tables = `${table('orders', 'id INT, item STRING, price INT, note STRING')} ${table('ids', 'id INT, twice INT', exactlyOnce)} ${table('items', 'item STRING', exactlyOnce)} ${table('notes', 'note STRING, price INT')}`;
  const [ids, items, notes] = ['INSERT INTO ids SELECT id, price * 2 FROM orders WHERE price > 5;', 'INSERT INTO items SELECT item FROM orders;', 'INSERT INTO notes SELECT note, price FROM orders;'];
  assert.equal(await place.run(`${tables} EXECUTE STATEMENT SET BEGIN ${ids} ${items} END;`), 2, 'each row is read once');
  await place.feed('orders', { id: 3, item: 'z', price: 9, note: 'l' });
  // The new one begins at the start, with a source of its own; the others share theirs.
  assert.equal(await place.run(`${tables} ${notes} ${items} ${ids}`), 4);
  assert.deepEqual(await place.values('ids'), [{ id: 2, twice: 14 }, { id: 3, twice: 18 }]);
  assert.deepEqual(await place.values('items'), [{ item: 'x' }, { item: 'y' }, { item: 'z' }]);
  assert.deepEqual(await place.values('notes'), [{ note: 'l', price: 9 }, { note: 'm', price: 7 }, { note: 'n', price: 5 }]);
  await place.feed('orders', { id: 4, item: 'w', price: 1, note: 'k' });
  assert.equal(await place.run(`${tables} ${notes} ${items} ${ids}`), 1, 'now all stand at one place');
});

test('rows that an INSERT holds itself are given once, beside a table that goes on', async (t) => {
  const place = new Place(t);
  await place.feed('more', { n: 1 });
  const script = `${table('more', 'n INT')} ${table('out', 'n INT', exactlyOnce)} INSERT INTO out VALUES (10), (20) UNION ALL SELECT n FROM more;`;
  assert.equal(await place.run(script), 1);
  await place.feed('more', { n: 2 });
  assert.equal(await place.run(script), 1);
  assert.deepEqual(await place.values('out'), [{ n: 10 }, { n: 1 }, { n: 20 }, { n: 2 }].toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)));
});

test('INTERSECT and EXCEPT give each row once, NULLs are equal, and a row that goes takes back what it gave', async () => {
  const letters = (...all: readonly (string | null)[]): string => `(VALUES ${all.map((one) => (one === null ? '(CAST(NULL AS STRING))' : `('${one}')`)).join(', ')}) AS t (k)`;
  const keys = async (sql: string): Promise<string> => (await rowsOf(sql)).map((row) => String((row as { k: unknown }).k)).toSorted().join(' ');
  const [one, two, three] = [letters('a', 'a', 'b', null, 'c'), letters('b', null, 'b', 'd', 'a'), letters('b', 'e')];
  assert.equal(await keys(`SELECT k FROM ${one} INTERSECT SELECT k FROM ${two}`), 'a b null');
  assert.equal(await keys(`SELECT k FROM ${one} EXCEPT SELECT k FROM ${two}`), 'c');
  assert.equal(await keys(`SELECT k FROM ${one} INTERSECT SELECT k FROM ${two} INTERSECT SELECT k FROM ${three}`), 'b');
  assert.equal(await keys(`SELECT k FROM ${one} EXCEPT SELECT k FROM ${two} EXCEPT SELECT k FROM ${letters('x')}`), 'c');
  assert.equal(await keys(`SELECT k FROM (SELECT k, COUNT(*) AS n FROM ${one} GROUP BY k) AS g WHERE n = 1 EXCEPT SELECT k FROM ${three}`), 'c null');
});
