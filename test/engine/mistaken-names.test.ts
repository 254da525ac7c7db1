import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../index.ts';
import { findAggregate, findScalar } from '../../functions/registry.ts';
import { otherNames } from '../../planner/other-names.ts';

const tables = `
  CREATE TABLE sales (id BIGINT, buyer STRING, at TIMESTAMP(3), tags ARRAY<STRING>, WATERMARK FOR at AS at) WITH ('connector' = 'kafka', 'topic' = 'sales', 'format' = 'json');
  CREATE VIEW small AS SELECT id, buyer FROM sales;`;

/** All that is told of a script, as people see it. */
async function told(sql: string): Promise<string> {
  await using engine = await Engine.create();
  await engine.exec(tables);
  return engine.check(sql, 'q.sql').errors.map((error) => error.format()).join('\n');
}

/** A mistake, and what its answer holds. */
const cases: readonly (readonly [string, RegExp])[] = [
  ['SELECT nothing FROM sales', /\^+\n {2}columns: id, buyer, at, tags$/],
  ['SELECT sales.id FROM sales AS s', /it is called s here/],
  ['SELECT x.id FROM sales AS s', /no table in FROM is called so: there is s/],
  ['SELECT x.* FROM sales AS s', /there is s/],
  ['SELECT b.nothing FROM sales AS a CROSS JOIN small AS b', /columns: id, buyer$/],
  ['SELECT NOW', /as a function, write NOW\(\)/],
  ['SELECT paris', /a text is 'paris'/],
  ['SELECT id AS n FROM sales WHERE n > 1', /SELECT gives this name, later on/],
  ['SELECT LOWER(buyer) AS n, COUNT(*) FROM sales GROUP BY n', /SELECT gives this name, later on/],
  ['SELECT n FROM sales GROUP BY n', /columns: id, buyer, at, tags/],
  ['SELECT tags.first FROM sales', /an element is tags\[1\]/],
  ['SELECT buyer.name FROM sales', /write buyer alone/],
  ['SELECT NVL(id, 0) FROM sales', /here it is COALESCE\(a, b\)/],
  ['SELECT SPLIT_FOO(buyer) FROM sales', /functions: SPLIT_INDEX/],
  ['SELECT buyer || id FROM sales', /CAST\(\.\.\. AS STRING\) makes it fit/],
  ['SELECT TO_TIMESTAMP(id) FROM sales', /milliseconds since 1970 are {2}TO_TIMESTAMP_LTZ\(\.\.\., 3\)/],
  ['SELECT DATE_FORMAT(id, \'yyyy\') FROM sales', /DATE_FORMAT\(TO_TIMESTAMP_LTZ\(\.\.\., 3\)/],
  ["SELECT DATE_FORMAT(at, 'YYYY-MM-DD') FROM sales", /the letter Y in the pattern[^]*\| {24}\^{12}\n {2}y is the year/],
  ["SELECT TO_TIMESTAMP(buyer, 'yyyy-MM-ddTHH:mm') FROM sales", /text stands in quotes/],
  ['SELECT buyer, COUNT(*) FROM sales GROUP BY 1', /a number in GROUP BY is a value, not the place of a column: write GROUP BY buyer/],
  ["SELECT id FROM sales WHERE buyer NOT ILIKE 'A%'", /write LOWER\(text\) LIKE/],
  ["SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE sales, DESCRIPTOR(at), INTERVAL '1' MONTH)) GROUP BY window_start, window_end", /months and years are not all of one length\n[^]*INTERVAL '30' DAY/],
  ["CREATE TABLE t (ts BIGINT, WATERMARK FOR ts AS ts) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json')", /event_time AS TO_TIMESTAMP_LTZ\(`ts`, 3\),\n {2}WATERMARK FOR event_time AS event_time/],
  ["CREATE TABLE t (TS STRING, `event_time` INT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json'); SELECT 1 FROM t GROUP BY TUMBLE(TS, INTERVAL '1' HOUR)", /row_time AS TO_TIMESTAMP\(`TS`\),\n[^]*and write TUMBLE\(row_time, \.\.\) here/],
  ["CREATE TABLE t (id INT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'properties.bootstrap.server' = 'a:1')", /E0501[^]*did you mean "properties\.bootstrap\.servers"\?/],
  ["CREATE TABLE t (id INT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'properties.acks' = 'all', 'group.id' = 'a')", /^error\[E0501\][^]*did you mean "properties\.group\.id"\?/],
  ['SELECT at - 5 FROM sales', /a length of time is INTERVAL '5' SECOND/],
  ['SELECT at - at FROM sales', /TIMESTAMPDIFF\(SECOND, a, b\)/],
  ['SELECT (id = 1) = 1 FROM sales', /its values are TRUE and FALSE/],
  ['SELECT SUM(buyer) FROM sales', /SUM\(CAST\(\.\.\. AS DOUBLE\)\)/],
  ['SELECT id FROM shop.sales', /did you mean "sales"\?/],
  ['SELECT 1 FROM dual', /a query needs none/],
  ['SELECT CONT(*) FROM sales', /there is no function CONT\n[^]*"COUNT"/],
  ['SELECT 1 FROM sensors', /it is in another database: demo\.sensors/],
  ['EXPLAIN ANALYZE SELECT id FROM sales', /\| EXPLAIN ANALYZE SELECT[^\n]*\n[^\n]*\| \^{16} of what runs, \\why tells/],
  ["CREATE TABLE one (id INT) WITH ('connector' = 'print'); INSERT INTO one SELECT 1, 2", /one has 1 column, the query gives 2/],
  ['DROP VIEW smal', /there is no view smal\n[^]*did you mean "small"\?/],
  ['DROP TABLE nothing', /tables and views: sales, small/],
  ['CREATE TABLE small (a INT) WITH (\'connector\' = \'datagen\')', /DROP VIEW small;/],
  ['CREATE VIEW sales AS SELECT 1', /DROP TABLE sales;/],
  ['USE default_catalog', /USE CATALOG default_catalog;/],
  ['USE nowhere', /databases: default_database;/],
  ['DROP CATALOG default_catalog', /a session begins in it/],
  ["SET 'nope' = '1'", /SET; {2}lists the settings/],
  ["CREATE TABLE t (a INT) WITH ('CONNECTOR' = 'datagen')", /keys are written small/],
  ["CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'scan.startup.mode' = 'earliest')", /did you mean "earliest-offset"\?/],
  ["CREATE TABLE t (a INT) WITH ('connector' = 'datagen', 'speed' = '1')", /options: .*rows-per-second/],
  ["CREATE TABLE t (a INT) WITH ('connector' = 'datagen', 'rows-per-second' = 'fast')", /for example '/],
  ['CREATE TABLE t (a SERIAL) WITH (\'connector\' = \'datagen\')', /here it is BIGINT/],
  ['CREATE TABLE t (a TIMESTAMP WITH TIME ZONE) WITH (\'connector\' = \'datagen\')', /here it is TIMESTAMP_LTZ\(3\)/],
  ['EXPLAIN CREATE TABLE t (a INT)', /EXPLAIN takes a query/],
  ['SELECT FLOOR(at TO HOURS) FROM sales', /HOURS is no unit of time[^]*did you mean "HOUR"\?/],
  ['SELECT TIMESTAMPDIFF(X, at, at) FROM sales', /SECOND, MINUTE, HOUR/],
  ['SELECT ROW(1, 2).first', /fields: EXPR\$0, EXPR\$1/],
  ['SELECT id FROM sales ORDER BY 5', /write 1/],
  ["CREATE TABLE t (a ROW<b INT, b STRING>) WITH ('connector' = 'print')", /a ROW has two fields "b"/],
  // Where event time comes from, and where it was lost.
  ["SELECT COUNT(*) FROM (VALUES (1, TIMESTAMP '2026-01-01 00:00:00')) AS x (id, ts) GROUP BY TUMBLE(ts, INTERVAL '1' DAY)", /ts is no column of a table/],
  ["CREATE VIEW late AS\nSELECT CAST(at AS TIMESTAMP(0)) AS at\nFROM sales;\nSELECT COUNT(*) FROM late GROUP BY TUMBLE(at, INTERVAL '1' DAY)", /makes an ordinary value of at \(q\.sql:2\)/],
  // A mistake in a view is told with the statement that reads it.
  ['DROP TABLE sales;\nSELECT id FROM small', /CREATE VIEW small[^]*q\.sql:2 reads it/],
];

for (const [sql, answer] of cases) test(`answered: ${sql}`, async () => assert.match(await told(sql), answer));

test('a fix is a change of the text that was given, and of no other', async () => {
  await using engine = await Engine.create();
  await engine.exec("CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json')");
  for (const [sql, fixed] of [
    ["CREATE TABLE u (a INT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'startup-mode' = 'earliest-offset')", 1],
    ["ALTER TABLE t SET ('startup-mode' = 'earliest-offset')", 0],
  ] as const) {
    const [error] = engine.check(sql).errors;
    assert.equal(error?.code, 'E0501');
    assert.equal(error.fixes.length, fixed, sql);
  }
});

test('a view that would read itself is refused, by ALTER and where names come to mean something else', async () => {
  assert.match(await told('ALTER VIEW small AS SELECT id FROM small'), /error\[E0105\]: the view small would read itself/);
  assert.match(await told('CREATE VIEW b AS SELECT id FROM small; ALTER VIEW small AS SELECT id FROM b'), /small reads b reads small/);
  await using engine = await Engine.create();
  await engine.exec(`${tables} CREATE VIEW b AS SELECT id FROM small; CREATE VIEW c AS SELECT id FROM b; DROP VIEW small; ALTER VIEW c RENAME TO small`);
  const [error] = engine.check('SELECT id FROM b').errors;
  assert.equal(error?.code, 'E0105');
  // The same view twice is no circle.
  assert.deepEqual(engine.check(`${tables.replaceAll(/\b(?:sales|small)\b/g, 'x$&')} SELECT id FROM xsmall UNION ALL SELECT id FROM xsmall`).errors, []);
});

test('what another database calls otherwise is called so here by functions that there are', () => {
  const syntax = new Set(['CAST', 'TRY_CAST', 'COALESCE', 'IF', 'TUMBLE', 'TABLE', 'DESCRIPTOR', 'DECIMAL', 'TIMESTAMP', 'UNNEST', 'FILTER', 'IN']);
  for (const [name, text] of otherNames) {
    assert.equal(findScalar(name) ?? findAggregate(name), undefined, `${name} is a function here`);
    for (const [, called = ''] of text.matchAll(/\b([A-Z][A-Z0-9_]+) ?\(/g)) assert.ok(syntax.has(called) || findScalar(called) !== undefined || findAggregate(called) !== undefined, `${name}: there is no ${called}`);
  }
});
