import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../../index.ts';

const source = "CREATE TABLE t (n BIGINT, k INT) WITH ('connector' = 'datagen', 'number-of-rows' = '600', 'fields.n.kind' = 'sequence', 'fields.n.start' = '0', 'fields.n.end' = '599', 'fields.k.min' = '1', 'fields.k.max' = '1')";

test('calls over one argument with more filters than a record has bits for', async () => {
  await using engine = await Engine.create();
  await engine.exec(source);
  const filters = Array.from({ length: 70 }, (_, i) => i + 2);
  const { rows } = await engine.collect(`SELECT COUNT(DISTINCT MOD(n, 100)) AS c0, SUM(DISTINCT MOD(n, 100)) AS s0, ${filters.map((m) => `COUNT(DISTINCT MOD(n, 100)) FILTER (WHERE MOD(n, ${m}) = 0) AS c${m}`).join(', ')} FROM t GROUP BY k`);
  const numbers = Array.from({ length: 600 }, (_, n) => n);
  const expected = { c0: 100n, s0: 4950, ...Object.fromEntries(filters.map((m) => [`c${m}`, BigInt(new Set(numbers.filter((n) => n % m === 0).map((n) => n % 100)).size)])) };
  assert.deepEqual(rows.at(-1), expected);
});

test('each type is told apart by its value: text, DOUBLE with -0 and NaN, DECIMAL, NULL', async () => {
  await using engine = await Engine.create();
  const { rows } = await engine.collect(`SELECT COUNT(DISTINCT s) AS s, COUNT(DISTINCT d) AS d, COUNT(DISTINCT c) AS c, COUNT(DISTINCT b) AS b, COUNT(DISTINCT s) FILTER (WHERE b) AS sb
    FROM (VALUES ('a', CAST('-0' AS DOUBLE), 1.50, TRUE), ('', CAST('0' AS DOUBLE), 1.5, FALSE), (CAST(NULL AS STRING), CAST('NaN' AS DOUBLE), 123456789012345678901234.5, TRUE),
      ('a', CAST('NaN' AS DOUBLE), 123456789012345678901234.5, TRUE), ('b', CAST(NULL AS DOUBLE), -1.5, CAST(NULL AS BOOLEAN))) AS v(s, d, c, b)`);
  assert.deepEqual(rows.at(-1), { s: 3n, d: 2n, c: 3n, b: 2n, sb: 1n });
});
