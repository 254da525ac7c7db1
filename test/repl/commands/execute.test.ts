import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CliFolder } from '../cli.ts';

const table = "CREATE TABLE Notes (id INT, note STRING, price DECIMAL(10, 2), big BIGINT) WITH ('connector' = 'kafka', 'topic' = 'notes', 'format' = 'json');";

suite('sluice -e', () => {
  const cli = new CliFolder();

  test('rows that one call writes are read by the next, in every format', async () => {
    const written = cli.run(['-e', table, '-e', `${table.replace('Notes', 'Same')} INSERT INTO Notes SELECT 1, 'a,"b"', CAST(1.5 AS DECIMAL(10, 2)), CAST(9007199254740993 AS BIGINT); INSERT INTO Notes SELECT 22, CAST(NULL AS STRING), CAST(-0.25 AS DECIMAL(10, 2)), CAST(7 AS BIGINT)`]);
    assert.equal(written.status, 0, written.stderr);
    assert.equal(written.stdout, '');
    const read = async (...flags: string[]): Promise<string> => {
      const { status, stdout, stderr } = await cli.call(['-q', '-e', `${table} SELECT * FROM Notes`, '--bounded', ...flags]);
      assert.equal(status, 0, stderr);
      return stdout;
    };
    assert.equal(await read(), '{"id":1,"note":"a,\\"b\\"","price":1.50,"big":9007199254740993}\n{"id":22,"note":null,"price":-0.25,"big":7}\n');
    assert.equal(await read('--format', 'json'), '[\n  {"id":1,"note":"a,\\"b\\"","price":1.50,"big":9007199254740993},\n  {"id":22,"note":null,"price":-0.25,"big":7}\n]\n');
    assert.equal(await read('--format', 'csv'), 'id,note,price,big\n1,"a,""b""",1.50,9007199254740993\n22,,-0.25,7\n');
    assert.equal(await read('--format', 'table', '--limit', '1'), ' id  note   price               big\n --  -----  -----  ----------------\n  1  a,"b"   1.50  9007199254740993\n');
  });

  test('a query that does not end leaves at its limit', async () => {
    const { status, stdout } = await cli.call(['-q', '-e', `${table} SELECT id FROM Notes`, '--limit', '2']);
    assert.deepEqual({ status, stdout }, { status: 0, stdout: '{"id":1}\n{"id":22}\n' });
  });

  test('an updating query gives changes while it runs and rows when it ends', async () => {
    const sql = `${table} SELECT COUNT(*) AS n FROM Notes`;
    assert.equal((await cli.call(['-q', '-e', sql, '--bounded'])).stdout, '{"n":2}\n');
    const changes = (await cli.call(['-q', '-e', sql, '--limit', '1'])).stdout;
    assert.equal(changes, '{"op":"+I","row":{"n":1}}\n');
  });

  test('CREATE TABLE ... AS runs where it stands', async () => {
    const print = "WITH ('connector' = 'print')";
    const { status, stdout, stderr } = await cli.call(['-e', `CREATE TABLE one ${print} AS SELECT 1 AS a; SHOW MODULES; INSERT INTO one SELECT 2; CREATE TABLE IF NOT EXISTS one ${print} AS SELECT 3 AS a; SELECT 4 AS x`]);
    assert.deepEqual({ status, stdout }, { status: 0, stdout: '+I[1]\n module name\n -----------\n core\n+I[2]\n{"x":4}\n' }, stderr);
  });

  test('statements on standard input run in their order', () => {
    const { status, stdout } = cli.run([], { input: 'SELECT 1 AS a;\nEXPLAIN SELECT 2;\nSELECT 3 AS b;' });
    assert.equal(status, 0);
    assert.match(stdout, /^\{"a":1\}\n[^{]*SingleRow[^{]*\{"b":3\}\n$/);
  });

  test('a query reads the table that stands before it, whatever comes after', async () => {
    const { status, stdout, stderr } = await cli.call(['-q', '--bounded', '-e', `${table} SELECT id FROM Notes; DROP TABLE Notes; CREATE VIEW Notes AS SELECT 5 AS id; SELECT id FROM Notes`]);
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

  test('a query that gave no row in its time says so', () => {
    const { status, stdout, stderr } = cli.run(['-q', '-e', "CREATE TABLE quiet (id INT) WITH ('connector' = 'kafka', 'topic' = 'quiet', 'format' = 'json'); SELECT id FROM quiet", '--timeout', '50ms']);
    assert.deepEqual({ status, stdout }, { status: 0, stdout: '' });
    assert.equal(stderr, '');
    assert.match(cli.run(['-e', "CREATE TABLE quiet (id INT) WITH ('connector' = 'kafka', 'topic' = 'quiet', 'format' = 'json'); SELECT id FROM quiet", '--timeout', '50ms']).stderr, /the time was over before a row came\n$/);
  });

  test('what SHOW answers is a table, or has the form that was asked for', async () => {
    const shown = async (sql: string, ...flags: string[]): Promise<string> => (await cli.call(['-e', sql, ...flags])).stdout;
    assert.equal(await shown('SHOW DATABASES'), ' database name\n ----------------\n default_database\n');
    assert.equal(await shown('SHOW DATABASES; SHOW VIEWS', '--format', 'jsonl'), '{"database name":"default_database"}\n');
    assert.equal(await shown('SHOW VIEWS; SHOW CURRENT CATALOG', '--format', 'csv'), 'view name\ncurrent catalog name\ndefault_catalog\n');
    assert.equal(await shown('SHOW VIEWS', '--format', 'json'), '[]\n');
    assert.match(await shown("CREATE VIEW v AS SELECT 1 AS a; SHOW CREATE VIEW v", '--format', 'json'), /^CREATE VIEW /);
  });

  test('what a start refuses is a mistake of the SQL, told before anything runs', async () => {
    const source = "CREATE TABLE g (id INT) WITH ('connector' = 'datagen'); CREATE TABLE p (id INT) WITH ('connector' = 'print');";
    for (const sql of ['SELECT id FROM g ORDER BY id', 'INSERT INTO p SELECT id FROM g ORDER BY id']) {
      const { status, stdout, stderr } = await cli.call(['-e', `${source} SELECT 1 AS a; ${sql}`]);
      assert.deepEqual({ status, stdout }, { status: 1, stdout: '' }, sql);
      assert.match(stderr, /^error\[E0203\][^]*1 error in 4 statements; nothing was started\.\n$/);
    }
    assert.equal((await cli.call(['-q', '-e', `${source} SELECT id FROM g ORDER BY id`, '-D', 'table.exec.non-temporal-sort.enabled=true', '--timeout', '1ms'])).status, 0);
    // What comes out only when it is opened, too, while nothing has run.
    const endless = await cli.call(['--bounded', '-e', `${source} SELECT id FROM g ORDER BY id`]);
    assert.equal(endless.status, 1);
    assert.match(endless.stderr, /error\[E0503\]/);
    assert.equal((await cli.call(['--bounded', '-e', `${source} SELECT 1 AS a; SELECT id FROM g`])).status, 2);
    assert.equal((await cli.call(['-e', 'SELECT 1 / 0'])).status, 2);
  });

  test('an error starts nothing', async () => {
    const { status, stdout, stderr } = await cli.call(['-e', 'SELECT 1 AS a; SELECT x']);
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /1 error in 2 statements; nothing was started\./);
  });
});
