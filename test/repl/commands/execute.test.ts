import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CliFolder } from '../cli.ts';

const table = "CREATE TABLE Notes (id INT, note STRING, price DECIMAL(10, 2), big BIGINT) WITH ('connector' = 'kafka', 'topic' = 'notes', 'format' = 'json');";

suite('sluice -e', () => {
  const cli = new CliFolder();

  test('rows that one call writes are read by the next, in every format', () => {
    const written = cli.run(['-e', table, '-e', `${table.replace('Notes', 'Same')} INSERT INTO Notes SELECT 1, 'a,"b"', CAST(1.5 AS DECIMAL(10, 2)), CAST(9007199254740993 AS BIGINT); INSERT INTO Notes SELECT 22, CAST(NULL AS STRING), CAST(-0.25 AS DECIMAL(10, 2)), CAST(7 AS BIGINT)`]);
    assert.equal(written.status, 0, written.stderr);
    assert.equal(written.stdout, '');
    const read = (...flags: string[]): string => {
      const { status, stdout, stderr } = cli.run(['-q', '-e', `${table} SELECT * FROM Notes`, '--bounded', ...flags]);
      assert.equal(status, 0, stderr);
      return stdout;
    };
    assert.equal(read(), '{"id":1,"note":"a,\\"b\\"","price":1.50,"big":9007199254740993}\n{"id":22,"note":null,"price":-0.25,"big":7}\n');
    assert.equal(read('--format', 'json'), '[\n  {"id":1,"note":"a,\\"b\\"","price":1.50,"big":9007199254740993},\n  {"id":22,"note":null,"price":-0.25,"big":7}\n]\n');
    assert.equal(read('--format', 'csv'), 'id,note,price,big\n1,"a,""b""",1.50,9007199254740993\n22,,-0.25,7\n');
    assert.equal(read('--format', 'table', '--limit', '1'), ' id  note   price               big\n --  -----  -----  ----------------\n  1  a,"b"   1.50  9007199254740993\n');
  });

  test('a query that does not end leaves at its limit', () => {
    const { status, stdout } = cli.run(['-q', '-e', `${table} SELECT id FROM Notes`, '--limit', '2']);
    assert.deepEqual({ status, stdout }, { status: 0, stdout: '{"id":1}\n{"id":22}\n' });
  });

  test('an updating query gives changes while it runs and rows when it ends', () => {
    const sql = `${table} SELECT COUNT(*) AS n FROM Notes`;
    assert.equal(cli.run(['-q', '-e', sql, '--bounded']).stdout, '{"n":2}\n');
    const changes = cli.run(['-q', '-e', sql, '--limit', '1']).stdout;
    assert.equal(changes, '{"op":"+I","row":{"n":1}}\n');
  });

  test('CREATE TABLE ... AS runs where it stands', () => {
    const print = "WITH ('connector' = 'print')";
    const { status, stdout, stderr } = cli.run(['-e', `CREATE TABLE one ${print} AS SELECT 1 AS a; SHOW MODULES; INSERT INTO one SELECT 2; CREATE TABLE IF NOT EXISTS one ${print} AS SELECT 3 AS a; SELECT 4 AS x`]);
    assert.deepEqual({ status, stdout }, { status: 0, stdout: '+I[1]\n module name\n -----------\n core\n+I[2]\n{"x":4}\n' }, stderr);
  });

  test('statements on standard input run in their order', () => {
    const { status, stdout } = cli.run([], { input: 'SELECT 1 AS a;\nEXPLAIN SELECT 2;\nSELECT 3 AS b;' });
    assert.equal(status, 0);
    assert.match(stdout, /^\{"a":1\}\n[^{]*SingleRow[^{]*\{"b":3\}\n$/);
  });

  test('a query reads the table that stands before it, whatever comes after', () => {
    const { status, stdout, stderr } = cli.run(['-q', '--bounded', '-e', `${table} SELECT id FROM Notes; DROP TABLE Notes; CREATE VIEW Notes AS SELECT 5 AS id; SELECT id FROM Notes`]);
    assert.deepEqual({ status, stdout }, { status: 0, stdout: '{"id":1}\n{"id":22}\n{"id":5}\n' }, stderr);
  });

  test('a signal ends a query with its code, before anything runs as it ends any process', async () => {
    const live = await cli.runUntil(['-e', `${table} SELECT id FROM Notes`], 'created Notes', 'SIGINT');
    assert.equal(live.status, 130, live.stderr);
    const counting = await cli.runUntil(['-e', `${table} SELECT COUNT(*) AS n FROM Notes`], 'created Notes', 'SIGTERM');
    assert.equal(counting.status, 143, counting.stderr);
  });

  test('a query that had no time to end gives no rows, and says so', () => {
    const { status, stdout, stderr } = cli.run(['-e', `${table} SELECT COUNT(*) AS n FROM Notes`, '--bounded', '--timeout', '1ms']);
    assert.deepEqual({ status, stdout }, { status: 0, stdout: '' });
    assert.match(stderr, /the time was over before the query had ended: no rows\n$/);
  });

  test('an error starts nothing', () => {
    const { status, stdout, stderr } = cli.run(['-e', 'SELECT 1 AS a; SELECT x']);
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /1 error in 2 statements; nothing was started\./);
  });
});
