import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SqlError, type Engine } from '../../../index.ts';
import { engineWith, errorOf, rowsOf, table, type Written } from './tables.ts';
import { PartitionReader } from '../../broker/topic-reader.ts';

const records: readonly Written[] = [
  ['k0', '{"a":1,"b":"x","r":{"n":1}}'],
  ['k1', '{"a":"one","b":"y","r":{"n":2}}'],
  ['k2', 'not JSON'],
  ['k3', '{"a":3,"r":5}'],
  [null, '[]'],
  ['k5', '{"a":null,"b":"z","r":null}'],
  ['k6', '{"a":6,"b":"\\u00e9","r":{"n":6}}'],
];
const columns = "a INT, b STRING, r ROW<n INT>, o BIGINT METADATA FROM 'offset' VIRTUAL";
const sql = 'SELECT o, a, b, r.n FROM t';

async function told(options: string, body: (engine: Engine, notices: readonly string[]) => Promise<void>, given: readonly Written[] = records): Promise<void> {
  const notices: string[] = [];
  await using engine = await engineWith(given, { onNotice: ({ code, message }) => void (code.startsWith('N07') && notices.push(message)) });
  await engine.exec(table('t', columns, `'format' = 'json'${options === '' ? '' : `, ${options}`}`));
  await body(engine, notices);
}

test('the job stops at the first, which is told with what would let it go on', async () => {
  await told('', async (engine, notices) => {
    assert.match(await errorOf(engine, sql), /E0701.*t partition 0 offset 1 does not fit: a is not an INT\n  the record: \{"a":"one".*\n.*json\.ignore-parse-errors.*\n.*'error-handling\.mode' = 'ignore'.*'log'/);
    assert.deepEqual(notices, []);
  });
});

test('a header line of CSV is told as such, with what can be done', async () => {
  await using engine = await engineWith([[null, 'n,label'], [null, '1,x']]);
  await engine.exec(table('t', 'n INT, label STRING', "'format' = 'csv'"));
  assert.match(await errorOf(engine, 'SELECT n FROM t'), /E0701.*offset 0 does not fit: n is not an INT; it looks like a header line\n  the record: .*\n.*columns by their place.*\n.*csv\.ignore-parse-errors/);
});

test('ignore leaves them out, counts them and tells the first', async () => {
  await told("'error-handling.mode' = 'ignore'", async (engine, notices) => {
    const { rows, stats } = await engine.collect(sql);
    assert.deepEqual(rows.map((row) => Object.values(row)), [[0n, 1, 'x', 1], [5n, null, 'z', null], [6n, 6, 'é', 6]]);
    assert.equal(stats.bad, 4n);
    assert.equal(notices.length, 4);
    assert.match(notices[0] ?? '', /^t: the record at t partition 0 offset 1 does not fit: a is not an INT, and is left out: \{"a":"one"/);
    assert.match(notices[2] ?? '', /offset 3 .*r is not a JSON object.*those after it are counted$/);
    assert.match(notices[3] ?? '', /^t: 4 records did not fit: 4 were left out$/);
  });
});

for (const option of ["'json.ignore-parse-errors' = 'true'", "'error-handling.mode' = 'null-field'"]) {
  test(`${option} makes what does not fit NULL`, async () => {
    await told(option, async (engine) => {
      const { rows, stats } = await engine.collect(sql);
      assert.deepEqual(rows.map((row) => Object.values(row)), [[0n, 1, 'x', 1], [1n, null, 'y', 2], [3n, 3, null, null], [5n, null, 'z', null], [6n, 6, 'é', 6]]);
      assert.equal(stats.bad, 4n);
    });
  });
}

test('fail-on-missing-field: what a record does not name does not fit, what it says is null does', async () => {
  await told("'json.fail-on-missing-field' = 'true', 'error-handling.mode' = 'ignore'", async (engine) => {
    assert.deepEqual(await rowsOf(engine, 'SELECT o, b FROM t'), [[0n, 'x'], [1n, 'y'], [5n, 'z'], [6n, 'é']]);
    assert.deepEqual(await rowsOf(engine, 'SELECT o, r.n FROM t'), [[0n, 1], [1n, 2], [5n, null], [6n, 6]]);
  });
  await told("'json.fail-on-missing-field' = 'true'", async (engine) => assert.match(await errorOf(engine, 'SELECT b FROM t'), /offset 2 does not fit: it is not JSON/), records.slice(0, 3));
  await told("'json.fail-on-missing-field' = 'true'", async (engine) => assert.match(await errorOf(engine, 'SELECT b FROM t'), /offset 0 does not fit: b is not a STRING: it is missing/), records.slice(3));
  await using engine = await engineWith([]);
  assert.match(await errorOf(engine, table('f', 'a INT', "'format' = 'json', 'json.fail-on-missing-field' = 'true', 'json.ignore-parse-errors' = 'true'")), /E0504.*cannot both be true/);
});

test('log keeps them in another topic as they were, and the row comes once the table fits', async () => {
  await told("'error-handling.mode' = 'log', 'error-handling.log.target' = 'dead'", async (engine) => {
    const { rows, stats } = await engine.collect(sql);
    assert.deepEqual(rows.map((row) => row['o']), [0n, 5n, 6n]);
    assert.equal(stats.bad, 4n);
    const kept = await new PartitionReader(await engine.brokerLink(), 'dead', 0).readAll();
    assert.deepEqual(kept.map(({ key, value }) => [key, value]), [1, 2, 3, 4].map((i) => [...(records[i] as Written)]));
    await engine.exec(table('dead', "h MAP<STRING, BYTES> METADATA FROM 'headers'", "'format' = 'json', 'error-handling.mode' = 'ignore'", 'dead'));
    const header = (name: string): string => `CAST(h['${name}'] AS STRING)`;
    assert.deepEqual((await rowsOf(engine, `SELECT ${['source_topic', 'source_partition', 'source_offset', 'source_timestamp', 'error_code', 'error_message'].map(header).join(', ')} FROM dead`))[0], ['t', '0', '1', '1700000000000', 'E0701', 'a is not an INT']);
    await engine.exec(table('fixed', 'a STRING, b STRING', "'format' = 'json', 'error-handling.mode' = 'ignore'", 'dead'));
    assert.deepEqual(await rowsOf(engine, 'SELECT a, b FROM fixed'), [['one', 'y'], ['3', null]]);
  });
});

test('many in a row, at the ends and between good ones: each good record comes once, and the position is behind them', async () => {
  const many = Array.from({ length: 3000 }, (_, i): Written => [null, i % 7 < 3 || i < 20 || i > 2950 ? `bad ${i}` : `{"a":${i},"b":"${'b'.repeat(i % 40)}"}`]);
  const good = many.flatMap(([, value], i) => (value?.startsWith('{') === true ? [[BigInt(i), i]] : []));
  for (const mode of ['ignore', 'log']) {
    await told(`'error-handling.mode' = '${mode}'`, async (engine) => {
      const { rows, stats } = await engine.collect('SELECT o, a FROM t');
      assert.deepEqual(rows.map((row) => Object.values(row)), good);
      assert.equal(stats.bad, BigInt(3000 - good.length));
    }, many);
  }
});

test('too many within a minute stop the job with that reason', async () => {
  const half = Array.from({ length: 100 }, (_, i): Written => [null, i % 10 === 9 ? 'bad' : '{"a":1}']);
  await told("'error-handling.mode' = 'ignore', 'error-handling.fail-after.ratio' = '0.05'", async (engine) => assert.match(await errorOf(engine, sql), /E0701.*\d+ of the \d+ records of t in the last minute did not fit.*'0\.05'/), half);
  await told("'error-handling.mode' = 'ignore', 'error-handling.fail-after.ratio' = '0.2'", async (engine) => assert.equal((await rowsOf(engine, sql)).length, 90), half);
});

test('csv and raw follow the same options', async () => {
  await using engine = await engineWith([[null, '1,x'], [null, 'one,y'], [null, '"'], [null, '2,z'], [null, '3']]);
  for (const [mode, expected] of [['ignore', [[1, 'x'], [2, 'z']]], ['null-field', [[1, 'x'], [null, 'y'], [2, 'z'], [3, null]]]] as const) {
    await engine.exec(`DROP TABLE IF EXISTS c; ${table('c', 'a INT, b STRING', `'format' = 'csv', 'error-handling.mode' = '${mode}'`)}`);
    const { rows, stats } = await engine.collect('SELECT a, b FROM c');
    assert.deepEqual(rows.map((row) => Object.values(row)), expected);
    assert.equal(stats.bad, 3n);
  }
  await engine.exec(table('r', "a SMALLINT, o BIGINT METADATA FROM 'offset' VIRTUAL", "'format' = 'raw', 'error-handling.mode' = 'null-field'"));
  assert.deepEqual(await rowsOf(engine, 'SELECT o, a IS NULL FROM r'), [[0n, true], [1n, true], [2n, true], [3n, true], [4n, true]]);
});

test('mistakes in the options are told', async () => {
  await using engine = await engineWith([]);
  const fault = (options: string): Promise<string> => errorOf(engine, table('f', 'a INT', `'format' = 'json', ${options}`));
  assert.match(await fault("'error-handling.mode' = 'drop'"), /E0504.*'fail' or 'ignore' or 'log' or 'null-field'/);
  assert.match(await fault("'error-handling.fail-after.ratio' = '5%'"), /E0504.*from 0 to 1/);
  assert.match(await fault("'error-handling.log.target' = 'x'"), /E0504.*'error-handling\.mode' = 'log'/);
});

test('of a long record that is no JSON the place is shown', async () => {
  await using engine = await engineWith([[null, `{"s":"${'x'.repeat(500)}","n":12 "m":3}`]]);
  await engine.exec(table('l', 's STRING, n INT', "'format' = 'json'"));
  // The words are the system's.
  await assert.rejects(engine.collect('SELECT * FROM l'), (error: unknown) => error instanceof SqlError && error.message.endsWith('it is not JSON') && /^the record: .*JSON.* {2}in {2}\{"s":"x{100,114}[.]{3}/.test(error.hint ?? ''));
});

test('of a long record the value that does not fit is shown, wherever it stands', async () => {
  const long = 'x'.repeat(500);
  for (const [format, record] of [['json', `{"s":"${long}","n":"twelve\\u001b"}`], ['csv', `${long},twelve\u001b`]] as const) {
    await using engine = await engineWith([[null, record]]);
    await engine.exec(table('l', 's STRING, n INT', `'format' = '${format}'`));
    await assert.rejects(engine.collect('SELECT * FROM l'), (error: unknown) => {
      assert.ok(error instanceof SqlError && error.code === 'E0701');
      assert.match(error.hint ?? '', format === 'json' ? /^the record: "twelve\\u001b" {2}in {2}\{"s":"x{100,114}[.]{3}/ : /^the record: twelve\\x1b {2}in {2}x{120}[.]{3}/);
      return true;
    });
  }
});
