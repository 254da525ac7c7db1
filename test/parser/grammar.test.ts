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
  ['CreateTable', "CREATE TABLE t (a TIMESTAMP(3) WITHOUT TIME ZONE, b DOUBLE PRECISION, c INT ARRAY, d ROW(x INT, y ROW<z INT>), e MAP<INT, STRING> NOT NULL) WITH ('a' = 'b')"],
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
