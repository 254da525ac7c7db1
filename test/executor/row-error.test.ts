import assert from 'node:assert/strict';
import test from 'node:test';
import { SqlError } from '../../core/diagnostic.ts';
import { Engine } from '../../engine/engine.ts';
import { makePlayer } from '../conformance/play.ts';

/** The error that the script's last statement meets while it runs; `before` is a script of its own. */
async function errorOf(script: string, before = 'CREATE TABLE t (s STRING, n INT) WITH (\'connector\' = \'play\')'): Promise<string> {
  const rows = [['1', 1], ['2', null], ['x', 0]].map((values) => ({ kind: 0 as const, phase: 1 as const, values }));
  const player = makePlayer(new Map([['t', { splits: [rows] }]]));
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec(before, { file: 'before.sql' });
  try {
    await engine.exec(script, { file: 'script.sql', bounded: true });
  } catch (error) {
    assert.ok(error instanceof SqlError);
    return error.format();
  }
  return 'none';
}

test('a value that cannot be cast is told at its cast, with TRY_CAST as the way out', async () => {
  assert.equal(await errorOf('SELECT n,\n  CAST(s AS INT) + 1 AS i\nFROM t'), [
    "error[E0207]: 'x' cannot be cast to INT",
    '  script.sql:2:3',
    '    2 |   CAST(s AS INT) + 1 AS i',
    '      |   ^^^^^^^^^^^^^^',
    '  TRY_CAST gives NULL instead of an error',
  ].join('\n'));
  assert.equal(await errorOf('SELECT n, TRY_CAST(s AS INT) + 1 AS i FROM t'), 'none');
});

test('a division by zero is told at the division, in a condition and in an aggregate too', async () => {
  const at = (text: string): string => /script\.sql:\S+/.exec(text)?.[0] ?? text;
  assert.equal(at(await errorOf('SELECT s FROM t WHERE n > 5 OR 1 / n = 1')), 'script.sql:1:32');
  assert.equal(at(await errorOf('SELECT SUM(n) AS a, MAX(10 / n) AS b FROM t')), 'script.sql:1:25');
  assert.equal(await errorOf('SELECT MAX(10 / n) FILTER (WHERE n > 0) AS b FROM t'), 'none');
  assert.equal(at(await errorOf('SELECT MAX(n + 1) FILTER (WHERE s > 0) AS b FROM t')), 'script.sql:1:33');
});

test('what lies in a view or a computed column is told in its definition', async () => {
  const view = "CREATE TABLE t (s STRING, n INT) WITH ('connector' = 'play');\nCREATE VIEW v AS SELECT CAST(s AS BIGINT) AS i FROM t";
  assert.match(await errorOf('SELECT i + 1 AS j FROM v', view), /\n {2}before\.sql:2:25\n/);
  const computed = "CREATE TABLE t (s STRING, n INT,\n i AS 10 / n) WITH ('connector' = 'play')";
  assert.match(await errorOf('SELECT i AS j FROM t', computed), /\n {2}before\.sql:2:7\n/);
});
