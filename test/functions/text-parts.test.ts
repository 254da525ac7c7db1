import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../../index.ts';
import { Random } from '../random.ts';

const texts = ['', 'a', 'a,b', ',', ',a', 'a,', 'a,,b', 'ab', 'aab', 'ä,ö,ü', 'a b c', 'a::b:::c', '::', 'a:', 'x=1&y=22', 'größe=7', '𝒳=5;'];
const rows = `(VALUES ${texts.map((text) => `('${text}')`).join(', ')}) AS v(t)`;

test('SPLIT_INDEX cuts bytes where a text is cut', async () => {
  await using engine = await Engine.create();
  for (const separator of [',', '', '::', ' ', 'ab', 'ö,', ':']) {
    const parts = [-1, 0, 1, 2, 3];
    const { rows: found } = await engine.collect(`SELECT ${parts.map((index) => `SPLIT_INDEX(t, '${separator}', ${index}) AS p${index + 1}`).join(', ')} FROM ${rows}`);
    assert.deepEqual(
      found,
      texts.map((text) => Object.fromEntries(parts.map((index) => [`p${index + 1}`, index < 0 || text === '' ? null : (text.split(separator === '' ? ' ' : separator)[index] ?? null)]))),
      `separator '${separator}'`,
    );
  }
});

test('REGEXP_EXTRACT finds the same with a pattern that is written and one that is computed', async () => {
  await using engine = await Engine.create();
  for (const [pattern, group] of [['([a-z])=([0-9]+)', 2], ['([a-z])=([0-9]+)', 0], ['[öü]', 0], ['(?<=(a+))b', 1], ['a(x)?', 1], ['(', 0], ['=(.)', 1], ['a', 7], ['$', 0]] as const) {
    const { rows: found } = await engine.collect(`SELECT REGEXP_EXTRACT(t, '${pattern}', ${group}) AS written, REGEXP_EXTRACT(t, LOWER('${pattern}'), ${group}) AS computed FROM ${rows}`);
    assert.deepEqual(found.map((row) => row['written']), found.map((row) => row['computed']), `${pattern} ${group}`);
  }
  const { rows: found } = await engine.collect(`SELECT REGEXP_EXTRACT(t, '=([0-9]+)', 1) AS n FROM ${rows}`);
  assert.deepEqual(found.map((row) => row['n']).filter((n) => n !== null), ['1', '7', '5']);
});

test('DATE_FORMAT gives the same with a pattern that is written and one that is computed, whatever the order of the times', async () => {
  const random = new Random(11);
  const near = Date.UTC(2026, 1, 28, 23, 59, 59, 990);
  const times = Array.from({ length: 120 }, (_, i) => new Date(i % 3 === 0 ? near + random.int(0, 29) : i % 3 === 1 ? near + random.int(0, 200_000) : -random.int(0, 2_000_000_000) * 100).toISOString().replace('T', ' ').slice(0, 23));
  await using engine = await Engine.create();
  for (const pattern of ['yyyy-MM-dd', 'HH:mm', 'H', 'K a', 'ss', 'SSS', 'yyyy-MM-dd HH:mm:ss.SSS', 'E d', "'day' D"]) {
    const text = pattern.replaceAll("'", "''");
    const { rows: found } = await engine.collect(`SELECT DATE_FORMAT(t, '${text}') AS written, DATE_FORMAT(t, CONCAT('${text}', '')) AS computed FROM (VALUES ${times.map((time) => `(TIMESTAMP '${time}')`).join(', ')}) AS v(t)`);
    assert.deepEqual(found.map((row) => row['written']), found.map((row) => row['computed']), pattern);
    assert.equal(found.length, times.length);
  }
});

test('hours, minutes and seconds before 1970 count from midnight', async () => {
  await using engine = await Engine.create();
  const { rows: found } = await engine.collect("SELECT HOUR(t) AS h, MINUTE(t) AS m, EXTRACT(SECOND FROM t) AS s FROM (VALUES (TIMESTAMP '1969-12-31 23:58:57.5'), (TIMESTAMP '1970-01-01 00:00:00'), (TIMESTAMP '2026-03-04 05:06:07')) AS v(t)");
  assert.deepEqual(found, [{ h: 23n, m: 58n, s: 57n }, { h: 0n, m: 0n, s: 0n }, { h: 5n, m: 6n, s: 7n }]);
});

test('a BIGINT becomes the nearest DOUBLE and the same DECIMAL', async () => {
  const values = [0n, 1n, -1n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n), -(2n ** 53n) - 1n, 2n ** 63n - 1n, 1n - 2n ** 63n, 2n ** 32n - 1n, -(2n ** 32n), 2n ** 60n + 129n, -(2n ** 60n) - 127n];
  await using engine = await Engine.create();
  const { rows: found } = await engine.collect(`SELECT a, CAST(a AS DOUBLE) AS d, CAST(a AS DECIMAL(20, 0)) AS c FROM (VALUES ${values.map((value) => `(CAST('${value}' AS BIGINT))`).join(', ')}) AS v(a)`);
  assert.deepEqual(found, values.map((value) => ({ a: value, d: Number(value), c: String(value) })));
});
