import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../index.ts';

const tables = "CREATE TABLE s (k STRING, v BIGINT, at BIGINT) WITH ('connector' = 'datagen'); CREATE TABLE o (k STRING, n BIGINT) WITH ('connector' = 'blackhole');";

/** A statement and all that is told of it, as code and the text at its place. */
const cases: readonly (readonly [string, readonly string[]])[] = [
  ['SELECT kk, UPER(k), v FROM s WHERE vv > 1', ['E0102 kk', 'E0103 UPER', 'E0102 vv']],
  ['SELECT kk, kk FROM s', ['E0102 kk']],
  ['SELECT k, SUM(vv) FROM s GROUP BY at HAVING SUM(k) > 1', ['E0204 k', 'E0102 vv', 'E0208 SUM(k)']],
  // What stands in a key that cannot be bound is not told again.
  ['SELECT k, COUNT(*) FROM s GROUP BY UPER(k)', ['E0103 UPER']],
  // Nor is what speaks of a window that is none.
  ["SELECT TUMBLE_START(at, INTERVAL '1' HOUR), v FROM s GROUP BY TUMBLE(at, INTERVAL '1' HOUR)", ['E0204 v', 'E0201 at']],
  ['INSERT INTO o SELECT kk, v, at FROM s', ['E0205 o', 'E0102 kk']],
  ['INSERT INTO o SELECT kk, v FROM s', ['E0102 kk']],
  ['SELECT * FROM (SELECT kk, vv FROM s) WHERE x = 1', ['E0102 kk', 'E0102 vv']],
];

for (const [sql, told] of cases) {
  test(`all of its mistakes: ${sql}`, async () => {
    await using engine = await Engine.create();
    const text = `${tables}\n${sql}`;
    const { errors } = engine.check(text);
    assert.deepEqual(errors.map(({ code, diagnostic: { span } }) => `${code} ${text.slice(span?.start, span?.end)}`), told);
  });
}
