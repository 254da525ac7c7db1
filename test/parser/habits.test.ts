import assert from 'node:assert/strict';
import test from 'node:test';
import { parse } from '../../parser/parse.ts';

/** What is typed from habit, and how the answer begins: the code where it is not E0001, and what stands behind the caret. */
const habits: readonly (readonly [string, string])[] = [
  ['FROM sales', 'write SELECT * FROM'],
  ['COMMIT', 'leave it out'],
  ["COPY sales FROM 'x.csv'", 'a file is a table'],
  ['MERGE INTO a USING b ON TRUE', "a table of 'upsert-kafka'"],
  ['UPSERT INTO a VALUES (1)', "E0002 a table of 'upsert-kafka'"],
  ['CREATE TABLE t (a INT PRIMARY KEY ENFORCED)', 'write NOT ENFORCED'],
  ['ALTER TABLE t ADD PRIMARY KEY (a, b) ENFORCED', 'write NOT ENFORCED'],
  ['sluice run a.sql', 'E0004 type it in a shell'],
  ['.tables', 'E0004 commands of the prompt'],
  ['CREATE STREAM s (a INT)', 'E0005 CREATE TABLE'],
  ['SELECT * FROM s EMIT CHANGES', 'E0005 leave it out'],
  ['SELECT * FROM s WINDOW TUMBLING (SIZE 1 HOUR)', 'E0005 here a window'],
  ['CREATE SOURCE s FROM KAFKA', 'E0005 CREATE TABLE'],
  ['CREATE MATERIALIZED VIEW v AS SELECT 1', 'E0005 CREATE TABLE t'],
  ['CREATE SCHEMA s', 'write DATABASE'],
  ['CREATE INDEX i ON t (a)', 'leave it out'],
  ['CREATE OR REPLACE VIEW v AS SELECT 1', 'a view that is there'],
  ['CREATE TABLE IF EXISTS t (a INT)', 'write IF NOT EXISTS'],
  ['CREATE TABLE t (LIKE u)', 'it stands behind the columns'],
  ['CREATE TABLE t ()', 'columns are missing'],
  ['DROP sales', 'say what it is'],
  ['DROP TABLE a, b', 'one at a time'],
  ['DROP TABLE a CASCADE', 'leave it out'],
  ['DROP TABLE a IF EXISTS', 'it stands before the name'],
  ['VALUES (1), ()', 'name at least one value'],
  ['ALTER TABLE t ADD COLUMN x INT', 'without the word COLUMN'],
  ['ALTER TABLE t ALTER COLUMN x TYPE INT', 'write MODIFY'],
  ['CREATE TABLE t (a INT AUTO_INCREMENT)', 'behind its type'],
  ['CREATE TABLE t (a INT, INDEX (a))', 'of these there is only'],
  ['CREATE TABLE t (a INT[])', 'an array is ARRAY<type>'],
  ['CREATE TABLE t (a STRUCT<b INT>)', 'here it is ROW'],
  ['CREATE TABLE t (a VARCHAR())', 'a number is missing'],
  ['CREATE TABLE t (a ARRAY)', 'of what?'],
  ['CREATE TABLE t (a INT, b INT AS a + 1)', 'a computed column has no type'],
  ['CREATE TABLE t (ts TIMESTAMP(3), WATERMARK ts AS ts)', 'write WATERMARK FOR'],
  ["CREATE TABLE t (a INT) WITH ('x' = 'y') PARTITIONED BY (a)", 'it stands before WITH'],
  ["CREATE TABLE t (a INT) WITH ('rows' = 5)", 'a value is a text in quotes'],
  ["CREATE TABLE t (a INT) WITH ('x' 'y')", '= is missing'],
  ['SELECT TOP 10 a FROM t', 'write LIMIT'],
  ['SELECT a FROM t LIMIT 10, 5', 'the first of them is OFFSET:  LIMIT 5, 10 is written LIMIT 10 OFFSET 5'],
  ['SOURCE x.sql', 'E0004 \\i FILE at the prompt'],
  ['KILL 3', "a job is stopped at the prompt:  STOP JOB 'name';"],
  ['STOP JOB x', "the name is a text:  STOP JOB 'name'"],
  ['SHOW ALL', 'SET;  lists the settings'],
  ['SHOW PROCESSLIST', 'SHOW JOBS;  lists what runs'],
  ['SHOW TOPICS', 'SHOW TABLES;  lists the tables over topics'],
  ['SELECT a FROM t LIMIT -1', 'it takes a number of rows'],
  ['SELECT * EXCLUDE (a) FROM t', 'name the columns that are wanted'],
  ['SELECT DISTINCT ON (a) b FROM t', 'SELECT DISTINCT tells rows apart'],
  ["SELECT * FROM 'x.csv'", 'a name stands in backticks'],
  ["SELECT * FROM TOPIC 'x'", 'E0002 CREATE TABLE'],
  ['SELECT a INTO b FROM t', 'write INSERT INTO'],
  ['INSERT INTO TABLE t SELECT 1', 'leave out TABLE'],
  ['SELECT a FROM t GROUP BY ALL', 'name the columns'],
  ['WITH a AS SELECT 1 SELECT * FROM a', 'it stands in parentheses'],
  ['SELECT a FROM t JOIN u USING id', 'write USING (id)'],
  ['SELECT a FROM t WHERE a IN 1', 'the values stand in parentheses'],
  ['SELECT a FROM t WHERE a IN ()', 'name at least one value'],
  ['SELECT a FROM t WHERE a BETWEEN 1, 2', 'write BETWEEN 1 AND 2'],
  ['SELECT a FROM t WHERE a LIKE %x%', 'a pattern is a text'],
  ["SELECT a FROM t WHERE a RLIKE 'x'", 'write REGEXP('],
  ['SELECT a FROM t WHERE a ISNULL', 'write IS NULL'],
  ['SELECT a NOT NULL FROM t', 'write IS NOT NULL'],
  ['SELECT CAST(a, STRING) FROM t', 'write CAST(value AS type)'],
  ['SELECT a->b FROM t', 'a field of a row is a.b'],
  ['SELECT $1', 'a value from outside'],
  ['SELECT [1, 2]', 'an array is ARRAY[1, 2]'],
  ['SELECT INTERVAL 1 HOUR', 'a number stands in quotes'],
  ["SELECT INTERVAL '5 minutes' FROM t", "an interval has a unit: INTERVAL '5' MINUTE"],
  ["SELECT INTERVAL '1 h'", "an interval has a unit: INTERVAL '1' HOUR"],
  ['SELECT a FROM t // a remark', 'a comment begins with --'],
  ['SELECT CASE a = 1 THEN 2 END', 'WHEN is missing'],
  ['DESCRIBE SELECT 1', 'DESCRIBE takes a table'],
  ['SELECT a AS FROM t', 'as a name, write `FROM`'],
  ['SELECT a FROM t LIMIT 5 WHERE a = 1', 'a clause stands in its place'],
  ['SELECT a FROM t WHERE a = 1 WHERE b = 2', 'conditions are joined by AND'],
  // Signs that no token begins with.
  ['SELECT a && b', 'write AND'],
  ['SELECT a::INT', 'write CAST'],
  ['SELECT @x := 1', 'there are no variables'],
  ["SELECT a ~ 'x'", 'write REGEXP'],
  ['SELECT 1 # one', 'a comment begins with --'],
  ['\\d', 'commands of the prompt'],
  ['SELECT a\u200b FROM t', 'E0003 delete it'],
  ['SELECT ``', 'write it between'],
  ['SELECT "a" FROM t', "write `a` for a name, 'a' for a text"],
  ['SELECT a = "b"', "write 'b' for a text, `b` for a name"],
  // What a statement lacks at its end.
  ['SELECT a FROM', 'the name of a table is missing'],
  ['SELECT a FROM t WHERE', 'a condition is missing'],
  ['SELECT (1 + 2', 'close it with )'],
  ['WITH a AS (SELECT 1)', 'a query over it is missing'],
  ['SELECT CASE WHEN a THEN b', 'CASE ends with END'],
  ['INSERT INTO t', 'VALUES (..), or a query is missing'],
  ['EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1;', 'END is missing'],
  ['SELECT 1 FETCH FIRST 5 ROWS', 'ONLY is missing'],
];

for (const [sql, answer] of habits) {
  test(`answered: ${sql}`, () => {
    const [error] = parse(sql).errors;
    const told = `${error?.code === 'E0001' ? '' : `${error?.code} `}${error?.diagnostic.label ?? ''}`;
    assert.ok(told.startsWith(answer), `${told}\n${error?.format()}`);
  });
}

/** A mistake and the text with its fix: what is proposed has been read by the parser. */
const repaired: readonly (readonly [string, string])[] = [
  ['SELECT a FROM t WHERE a == 1', 'SELECT a FROM t WHERE a = 1'],
  ['SELECT a FROM t WHERE a =< 1', 'SELECT a FROM t WHERE a <= 1'],
  ['SELECT a FROM t WHERE a => 1', 'SELECT a FROM t WHERE a >= 1'],
  ['SELECT a FROM t GROUP a', 'SELECT a FROM t GROUP BY a'],
  ['SELECT a FROM t ORDER BY a DSC', 'SELECT a FROM t ORDER BY a DESC'],
  ['SELECT a FROM t ORDER BY a NULLS LATS', 'SELECT a FROM t ORDER BY a NULLS LAST'],
  ['INSERT t SELECT 1', 'INSERT INTO t SELECT 1'],
  ["CREATE TABLE t (a INT b INT) WITH ('x' = 'y')", "CREATE TABLE t (a INT, b INT) WITH ('x' = 'y')"],
  ["CREATE TABLE t (a INT WITH ('x' = 'y')", "CREATE TABLE t (a INT ) WITH ('x' = 'y')"],
  ["CREATE TABLE t (a INT) WITH ('x' = 'y' 'z' = 'u')", "CREATE TABLE t (a INT) WITH ('x' = 'y', 'z' = 'u')"],
  ["CREATE TABLE 't' (a INT) WITH ('x' = 'y')", "CREATE TABLE `t` (a INT) WITH ('x' = 'y')"],
  ["CREATE TABLE my-table (a INT) WITH ('x' = 'y')", "CREATE TABLE `my-table` (a INT) WITH ('x' = 'y')"],
  ['SELECT COUNT(* FROM t', 'SELECT COUNT(* ) FROM t'],
  ['SELECT a) FROM t', 'SELECT a FROM t'],
  ['SELECT a,, b FROM t', 'SELECT a, b FROM t'],
  ["SELECT CASE WHEN a = 1 'x' END FROM t", "SELECT CASE WHEN a = 1 THEN 'x' END FROM t"],
  ["SELECT CASE WHEN a THEN 'x' FROM t", "SELECT CASE WHEN a THEN 'x' END FROM t"],
  ['SELECT (1 + 2', 'SELECT (1 + 2)'],
  ['SELECT "a" FROM t', 'SELECT `a` FROM t'],
  ['SELEC 1', 'SELECT 1'],
  ['SELECT a FROM order', 'SELECT a FROM `order`'],
];

for (const [sql, right] of repaired) {
  test(`repaired: ${sql}`, () => {
    const [error] = parse(sql).errors;
    const [fix] = error?.fixes ?? [];
    assert.ok(fix !== undefined, error?.format());
    assert.equal(sql.slice(0, fix.start) + fix.replacement + sql.slice(fix.end), right);
    assert.equal(parse(right).errors.length, 0);
  });
}

test('of a program around SQL the SQL is taken out', () => {
  for (const mark of ['"""', "'''"]) {
    const text = `from x import y\nt_env = make()\nt_env.execute_sql(${mark}\n  CREATE TABLE t (a INT)\n    WITH ('connector' = 'print')\n${mark})\nr = t_env.sql_query(${mark}SELECT a FROM t;${mark})\nprint(r)`;
    const { statements, errors } = parse(text);
    const [fix] = errors[0]?.fixes ?? [];
    assert.deepEqual([statements.length, errors.length, errors[0]?.code, errors[0]?.line], [0, 1, 'E0004', 3]);
    const sql = text.slice(0, fix?.start) + (fix?.replacement ?? '') + text.slice(fix?.end);
    assert.deepEqual(parse(sql).errors, []);
    assert.deepEqual(parse(sql).statements.map(({ kind }) => kind), ['CreateTable', 'QueryStatement']);
  }
  assert.equal(parse("SELECT 'execute_sql(\"\"\"x\"\"\")'").errors.length, 0);
});

test('a sign that is none, and the statement that begins behind it, are one mistake; so are those of the next statement', () => {
  assert.deepEqual(parse('\\d; SELECT 1; # SELECT 2; SELEC 3').errors.map(({ code, column }) => [code, column]), [['E0001', 1], ['E0001', 15], ['E0001', 27]]);
});

test('a text that was left open is looked for where it begins', () => {
  const [error] = parse("SELECT 'x;\nSELECT 1;\nSELECT 'y';").errors;
  assert.match(error?.hint ?? '', /the one in line 1/);
});
