import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Engine, SqlError } from '../../../index.ts';
import { CliFolder } from '../../repl/cli.ts';

const cli = new CliFolder();

test('rows come with their kind of change, values as Java writes them', async () => {
  writeFileSync(join(cli.path, 'values.sql'), `
    CREATE TABLE p (a STRING, b BOOLEAN, c DECIMAL(6, 2), d DOUBLE, e DATE, f TIMESTAMP(3), g TIMESTAMP_LTZ(3), h BYTES, i TIMESTAMP(3)) WITH ('connector' = 'print');
    INSERT INTO p SELECT 'x, y', TRUE, 1.5, CAST(1e10 AS DOUBLE), DATE '2024-02-29', TIMESTAMP '2024-02-29 10:00:00', TO_TIMESTAMP_LTZ(0, 3), x'01ff', CAST(NULL AS TIMESTAMP(3));
    INSERT INTO p SELECT '', FALSE, -0.05, CAST(0 AS DOUBLE), DATE '0001-01-01', TIMESTAMP '2024-02-29 10:00:01.250', TO_TIMESTAMP_LTZ(1500, 3), x'', TIMESTAMP '2024-02-29 10:05:00';`);
  const { stdout, status, stderr } = await cli.call(['run', 'values.sql', '--bounded']);
  assert.equal(status, 0, stderr);
  assert.deepEqual(stdout.split('\n').filter((line) => line !== '').toSorted(), [
    '+I[, false, -0.05, 0.0, 0001-01-01, 2024-02-29T10:00:01.250, 1970-01-01T00:00:01.500Z, [], 2024-02-29T10:05]',
    '+I[x, y, true, 1.50, 1.0E10, 2024-02-29, 2024-02-29T10:00, 1970-01-01T00:00:00Z, [1, -1], null]',
  ]);
});

test('updates come as -U and +U, behind the identifier', async () => {
  writeFileSync(join(cli.path, 'changes.sql'), `
    CREATE TABLE p (k STRING, n BIGINT) WITH ('connector' = 'print', 'print-identifier' = 'totals', 'standard-error' = 'true');
    INSERT INTO p SELECT k, SUM(n) FROM (VALUES ('a', 1), ('b', 5), ('a', 2)) AS v(k, n) GROUP BY k;`);
  const { stdout, stderr, status } = await cli.call(['run', 'changes.sql', '--bounded']);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, '');
  assert.deepEqual(stderr.split('\n').filter((line) => line.startsWith('totals> ')), ['totals> +I[a, 1]', 'totals> +I[b, 5]', 'totals> -U[a, 1]', 'totals> +U[a, 3]']);
});

test('a long output comes whole', () => {
  writeFileSync(join(cli.path, 'many.sql'), `
    CREATE TABLE g (n INT) WITH ('connector' = 'datagen', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '9000');
    CREATE TABLE p (n INT) WITH ('connector' = 'print');
    INSERT INTO p SELECT n FROM g;`);
  const { stdout, status, stderr } = cli.run(['run', 'many.sql']);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, Array.from({ length: 9000 }, (_, i) => `+I[${i + 1}]\n`).join(''));
});

test('an engine prints where it is told to, and says so when it is not', async () => {
  const script = "CREATE TABLE p (n INT) WITH ('connector' = 'print'); INSERT INTO p VALUES (1), (2)";
  const printed: string[] = [];
  {
    await using engine = await Engine.create({ onPrint: (text, stream) => printed.push(`${stream} ${text}`) });
    await engine.exec(script);
  }
  assert.equal(printed.join('').replaceAll('stdout ', ''), '+I[1]\n+I[2]\n');
  await using silent = await Engine.create();
  await assert.rejects(silent.exec(script), (error) => error instanceof SqlError && error.code === 'E0503' && /onPrint/.test(error.format()));
});

test('more than one worker is told, less than one refused: print, datagen, filesystem', async () => {
  const notices: string[] = [];
  await using engine = await Engine.create({ onPrint: () => undefined, onNotice: ({ code, message }) => notices.push(`${code} ${message}`) });
  await engine.exec("CREATE TABLE g (i INT) WITH ('connector' = 'datagen', 'number-of-rows' = '1', 'scan.parallelism' = '3'); CREATE TABLE p (i INT) WITH ('connector' = 'print', 'sink.parallelism' = '2'); INSERT INTO p SELECT i FROM g");
  for (const text of ["g: 'scan.parallelism' = '3'", "p: 'sink.parallelism' = '2'"]) assert.ok(notices.some((notice) => notice.startsWith(`N0605 ${text}`)), notices.join('\n'));
  for (const [connector, key] of [['print', 'sink'], ['datagen', 'scan'], ['filesystem', 'sink']]) {
    const options = connector === 'filesystem' ? ", 'path' = '/nowhere', 'format' = 'json'" : '';
    await assert.rejects(engine.exec(`CREATE TABLE z (i INT) WITH ('connector' = '${connector}', '${key}.parallelism' = '0'${options})`), /parallelism' is a whole number from 1 on/);
  }
});
