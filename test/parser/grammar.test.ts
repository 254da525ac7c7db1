import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../parser/parse.ts';

/** Statements whose first words mean different things: each must be read, and as the kind that stands before it. */
const statements: readonly (readonly [string, string])[] = [
  ['Explain', 'EXPLAIN PLAN FOR SELECT 1'],
  ['Explain', 'EXPLAIN CHANGELOG_MODE, CODE SELECT 1'],
  ['Explain', 'EXPLAIN EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT 2; END'],
  ['Explain', 'EXPLAIN EXECUTE INSERT INTO a SELECT 1'],
  ['Insert', 'EXECUTE INSERT INTO a SELECT 1'],
  ['StatementSet', 'EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END'],
  ['CreateTable', "CREATE TABLE IF NOT EXISTS t (a INT) WITH ('a' = 'b')"],
  ['CreateTable', "CREATE TABLE if (watermark INT, primary INT, w AS a, PRIMARY KEY (a) NOT ENFORCED, CONSTRAINT x PRIMARY KEY (a)) WITH ('a' = 'b')"],
  ['CreateTable', "CREATE TABLE t (a TIMESTAMP(3) WITHOUT TIME ZONE, b DOUBLE PRECISION, c INT ARRAY, d ROW(x INT 'said of x', y ROW<z INT COMMENT 'of z', a INT NOT NULL 'of a'>), e MAP<INT, STRING> NOT NULL) WITH ('a' = 'b')"],
  ['CreateTable', "CREATE TABLE t (f STRING METADATA FROM 'k' VIRTUAL, g INT PRIMARY KEY NOT ENFORCED COMMENT 'x') WITH ('a' = 'b')"],
  ['CreateTable', "CREATE TABLE t (timestamp TIMESTAMP(3), time INT, value DOUBLE, date DATE, user STRING, key STRING, year INT, count BIGINT, window INT) WITH ('a' = 'b')"],
  ['CreateView', 'CREATE VIEW v (a, b) AS SELECT 1, 2'],
  ['Drop', 'DROP TABLE IF EXISTS t'],
  ['Drop', 'DROP TABLE if'],
  ['QueryStatement', 'SELECT date, time, timestamp, interval, count, row, map, value, user FROM table'],
  ['QueryStatement', "SELECT DATE '2020-01-01', TIMESTAMP '2020-01-01 00:00:00', INTERVAL '1' DAY, CAST(a AS TIMESTAMP(3) WITH LOCAL TIME ZONE), t.*, a.b.c FROM t"],
  ['QueryStatement', "SELECT a FROM TABLE(TUMBLE(DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '1' SECOND))"],
  ['QueryStatement', 'SELECT COUNT(*) FILTER (WHERE a > 1) filter FROM t'],
  ['QueryStatement', 'SELECT COUNT(DISTINCT a) FROM (SELECT a FROM t) x'],
  ['QueryStatement', 'SELECT SUM(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN 5 PRECEDING AND CURRENT ROW), COUNT(*) OVER w, COUNT(*) over, a window FROM t window WINDOW w AS (ORDER BY c)'],
  ['QueryStatement', 'SELECT a.b.*, t.* FROM a LEFT OUTER JOIN b ON a.k = b.k JOIN (c CROSS JOIN d) USING (k, l), e NATURAL JOIN f'],
  ['QueryStatement', 'SELECT * FROM o JOIN r FOR SYSTEM_TIME AS OF o.ts AS r ON o.c = r.c, LATERAL TABLE(f(o.a)) AS t(x), UNNEST(o.b) WITH ORDINALITY AS u(y, n)'],
  ['QueryStatement', "SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES A.x AS x ONE ROW PER MATCH AFTER MATCH SKIP TO NEXT ROW PATTERN (A B+? C{2,} D*) WITHIN INTERVAL '1' HOUR DEFINE A AS A.x > 1) AS m"],
  ['QueryStatement', "SELECT ARRAY[1, 2][1], MAP['a', 1]['a'], (a, b), (a.b).c, f(a => 1), X'0f', INTERVAL '1 02' DAY TO HOUR, POSITION('a' IN b), CEIL(ts TO DAY)"],
  ['QueryStatement', "SELECT JSON_VALUE(a, '$.b' RETURNING INT NULL ON EMPTY DEFAULT 1 ON ERROR), JSON_OBJECT(KEY 'a' VALUE 1 NULL ON NULL), LISTAGG(a) WITHIN GROUP (ORDER BY b), a IS NOT JSON, a NOT SIMILAR TO 'x'"],
  ['QueryStatement', 'WITH x (a) AS (VALUES 1, 2), y AS (TABLE x) (SELECT a offset FROM y) UNION ALL SELECT 1 INTERSECT SELECT 2 ORDER BY 1 DESC NULLS LAST OFFSET 1 ROW FETCH FIRST 2 ROWS ONLY'],
  ['QueryStatement', 'SELECT a FROM t GROUP BY a, GROUPING SETS ((a, b), (), a), ROLLUP (a, (b, c)), CUBE (a), ()'],
  ['QueryStatement', "SELECT /*+ STATE_TTL('t' = '1d'), MULTI_JOIN(a, b) */ 1 FROM t /*+ OPTIONS('k' = 'v') */ WHERE EXISTS (SELECT 1) AND a NOT IN (SELECT b FROM u) AND c > ALL (SELECT 1)"],
  ['Insert', "INSERT INTO t VALUES (1, 'a'), (2, 'b')"],
  ['AlterTable', 'ALTER TABLE t ADD (a INT FIRST, b STRING AFTER a, WATERMARK FOR ts AS ts)'],
  ['Show', "SHOW TABLES FROM a.b NOT LIKE 'x%'"],
  ['Describe', 'DESCRIBE CATALOG EXTENDED c'],
  ['CreateTable', "CREATE TABLE t WITH ('a' = 'b') LIKE u (EXCLUDING ALL OVERWRITING OPTIONS)"],
  ['Set', "SET 'a' = 'b'"],
  ['Set', 'SET'],
  ['Reset', "RESET 'a'"],
];

for (const [kind, sql] of statements) {
  test(`${kind}: ${sql}`, () => {
    const { statements: read, errors } = parse(sql);
    assert.deepEqual(errors.map((error) => error.format()), []);
    assert.deepEqual(read.map((statement) => statement.kind), [kind]);
    assert.deepEqual(read[0]?.span, { start: 0, end: sql.length });
  });
}

test('one broken statement does not hide the others', () => {
  const { statements: read, errors } = parse("SELECT 1; SELEC 2; SELECT 'it''s'; SELECT (; SELECT 3");
  assert.equal(read.length, 3);
  assert.deepEqual(errors.map((error) => [error.code, error.column]), [['E0001', 11], ['E0001', 43]]);
});

test('precedence', () => {
  const shape = (sql: string): string => JSON.stringify(parse(`SELECT ${sql}`).statements[0], (key, value: unknown) => (key === 'span' ? undefined : value));
  assert.equal(shape('a OR b AND NOT c = 1 + 2 * -d'), shape('a OR (b AND (NOT (c = (1 + (2 * (-d))))))'));
  assert.equal(shape('a - b - c'), shape('(a - b) - c'));
  assert.equal(shape('a BETWEEN 1 AND 2 AND b'), shape('(a BETWEEN 1 AND 2) AND b'));
  assert.notEqual(shape('a - (b - c)'), shape('a - b - c'));
});

test('a space that a web page put in is a space, and letters of all scripts make names', () => {
  const { statements: read, errors } = parse('SELECT\u00A0größe,\u3000温度, 𝑥 FROM\u00A0t');
  assert.deepEqual(errors, []);
  assert.equal(read.length, 1);
});
