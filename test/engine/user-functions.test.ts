import assert from 'node:assert/strict';
import test from 'node:test';
import { SqlError } from '../../core/diagnostic.ts';
import { Engine } from '../../engine/engine.ts';
import { failure } from './tables.ts';

async function codeOf(run: () => unknown): Promise<string> {
  try {
    await run();
    return 'none';
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return error.code;
  }
}

test('a function of the program takes and gives values as results have them', async () => {
  await using engine = await Engine.create();
  engine.fn('shout', { args: ['STRING', 'INT'], returns: 'STRING' }, (text: string, times: number) => text.toUpperCase() + '!'.repeat(times));
  engine.fn('twice', { args: ['DECIMAL(10, 2)'], returns: 'DECIMAL(11, 2)' }, (value: string) => (Number(value) * 2).toFixed(2));
  engine.fn('next', { args: ['BIGINT'], returns: 'BIGINT' }, (value: bigint) => value + 1n);
  engine.fn('noon', { args: ['DATE'], returns: 'TIMESTAMP(3)' }, (date: string) => `${date} 12:00:00`);
  engine.fn('half', { args: ['DOUBLE'], returns: 'DOUBLE' }, (value: number) => value / 2);
  const { rows } = await engine.collect("SELECT Shout('hi', 2) AS a, twice(1.25) AS b, next(CAST(41 AS TINYINT)) AS c, noon(DATE '2026-01-02') AS d, half(3) AS e, shout(CAST(NULL AS STRING), 1) AS f");
  assert.deepEqual(rows, [{ a: 'HI!!', b: '2.50', c: 42n, d: '2026-01-02 12:00:00.000', e: 1.5, f: null }]);
});

test('NULL arguments come only where the definition asks for them; null and undefined are NULL', async () => {
  await using engine = await Engine.create();
  engine.fn('known', { args: ['INT'], returns: 'BOOLEAN', nulls: 'call' }, (value: number | null) => value !== null);
  engine.fn('odd', { args: ['INT'], returns: 'INT' }, (value: number) => (value % 2 === 0 ? undefined : value));
  assert.deepEqual((await engine.collect('SELECT known(CAST(NULL AS INT)) AS a, known(1) AS b, odd(2) AS c, odd(3) AS d')).rows, [{ a: false, b: true, c: null, d: 3 }]);
});

test('each engine has functions of its own', async () => {
  await using one = await Engine.create();
  await using other = await Engine.create();
  one.fn('mine', { args: [], returns: 'INT' }, () => 1);
  other.fn('mine', { args: [], returns: 'INT' }, () => 2);
  await using third = await Engine.create();
  assert.deepEqual([(await one.collect('SELECT mine() AS x')).rows[0]?.['x'], (await other.collect('SELECT mine() AS x')).rows[0]?.['x']], [1, 2]);
  assert.equal(await codeOf(() => third.collect('SELECT mine() AS x')), 'E0103');
});

test('mistakes of the definition, of a call and of a result', async () => {
  await using engine = await Engine.create();
  engine.fn('one', { args: [], returns: 'TINYINT' }, () => 1000);
  engine.fn('fail', { args: ['STRING'], returns: 'INT' }, () => {
    throw new Error('no way');
  });
  assert.equal(await codeOf(() => engine.collect('SELECT one() AS x')), 'E0207');
  await assert.rejects(engine.collect("SELECT fail('abc') AS x"), /FAIL\('abc'\) threw no way/);
  assert.equal(await codeOf(() => engine.collect('SELECT one(1) AS x')), 'E0208');
  assert.equal(await codeOf(() => engine.fn('one', { args: [], returns: 'INT' }, () => 1)), 'E0904');
  assert.equal(await codeOf(() => engine.fn('upper', { args: [], returns: 'INT' }, () => 1)), 'E0904');
  assert.equal(await codeOf(() => engine.fn('no name', { args: [], returns: 'INT' }, () => 1)), 'E0904');
  assert.equal(await codeOf(() => engine.fn('what', { args: [], returns: 'STRANGE' }, () => 1)), 'E0104');
  assert.equal(await codeOf(() => engine.fn('later', { args: [], returns: 'INT', async: {} }, () => 1)), 'E0002');
});

test('a function that gives a Promise is told so, and that it fails later ends nothing', async () => {
  await using engine = await Engine.create();
  engine.fn('later', { args: ['INT'], returns: 'INT' }, async () => Promise.reject(new Error('too late')));
  await assert.rejects(engine.collect('SELECT later(a) AS b FROM (VALUES (1)) AS t(a)'), failure('E0207', /LATER\(1\) gave a Promise, and asynchronous functions are not supported yet/));
});

test('a definition without types of its arguments or of its result is refused with one that is right', async () => {
  await using engine = await Engine.create();
  for (const def of [undefined, {}, { args: 'INT', returns: 'INT' }, { args: ['INT'] }]) {
    assert.throws(() => engine.fn('f', def as never, () => 1), failure('E0904', /fn\('f', \.\.\.\) needs the SQL types[^]*args: \['STRING'\]/));
  }
});
