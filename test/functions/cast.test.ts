import assert from 'node:assert/strict';
import test from 'node:test';
import { SqlError } from '../../core/diagnostic.ts';
import { Engine } from '../../engine/engine.ts';
import { fitText } from '../../functions/cast-length.ts';
import { makePlayer, type PlayValue } from '../conformance/play.ts';

/** The values of the expressions over one row of a VARCHAR, a BYTES, a TIME and an INT column. */
async function evaluate(...expressions: readonly string[]): Promise<unknown[]> {
  const values: readonly PlayValue[] = ['Grün!', '6869', '07:08:09', 12345];
  const player = makePlayer(new Map([['t', { splits: [[{ kind: 0, phase: 1, values }]] }]]));
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec("CREATE TABLE t (s VARCHAR, raw BYTES, at TIME(0), n INT) WITH ('connector' = 'play')");
  const [row] = (await engine.collect(`SELECT ${expressions.map((sql, i) => `${sql} AS c${i}`).join(', ')} FROM t`)).rows;
  return Object.values(row ?? {});
}

test('CHAR(n) and VARCHAR(n) hold n characters', async () => {
  assert.deepEqual(await evaluate('CAST(s AS VARCHAR(3))', 'CAST(s AS CHAR(7))', 'CAST(s AS VARCHAR)', 'CAST(n AS VARCHAR(2))', "CAST('abc' AS CHAR(2))", "CAST('a' AS CHAR(3))"), ['Grü', 'Grün!  ', 'Grün!', '12', 'ab', 'a  ']);
  assert.equal(fitText('a😀b', 2, false), 'a😀');
});

test('bytes become the text that they are, a TIME its clock', async () => {
  assert.deepEqual(await evaluate('CAST(raw AS STRING)', 'CAST(at AS STRING)'), ['hi', '07:08:09']);
});

test('a TIMESTAMP holds up to nine digits, which a narrower one cuts off', async () => {
  const text = "CAST('2026-02-28 07:08:09.123456789' AS TIMESTAMP(9))";
  assert.deepEqual(await evaluate(`CAST(${text} AS STRING)`, `CAST(CAST(${text} AS TIMESTAMP(5)) AS STRING)`, `CAST(CAST(${text} AS TIMESTAMP(0)) AS STRING)`, `CAST(CAST(DATE '1969-12-31' AS TIMESTAMP) AS STRING)`), [
    '2026-02-28 07:08:09.123456789',
    '2026-02-28 07:08:09.12345',
    '2026-02-28 07:08:09',
    '1969-12-31 00:00:00.000000',
  ]);
  assert.deepEqual(await evaluate(`${text} > TIMESTAMP '2026-02-28 07:08:09.123456788'`, `${text} = TIMESTAMP '2026-02-28 07:08:09.123456789'`, `${text} < TIMESTAMP '2026-02-28 07:08:09.123'`, `EXTRACT(NANOSECOND FROM ${text})`), [true, true, false, 123456789n]);
});

test('texts of times may leave zeros and parts out', async () => {
  assert.deepEqual(
    await evaluate("CAST(CAST('2026-2-3 4:5:6.7' AS TIMESTAMP(1)) AS STRING)", "CAST(TIMESTAMP '2026-2-3 4:05:06' AS STRING)", "CAST(DATE '2026-2-3' AS STRING)", "CAST(CAST('7' AS TIME) AS STRING)", "CAST(CAST('107:8' AS TIME) AS STRING)", "CAST(CAST('7:8:9.9' AS TIME) AS STRING)", "CAST(TO_TIMESTAMP('2026-2-3') AS STRING)"),
    ['2026-02-03 04:05:06.7', '2026-02-03 04:05:06', '2026-02-03', '07:00:00', '07:08:00', '07:08:09', '2026-02-03 00:00:00.000'],
  );
  await assert.rejects(evaluate("CAST('2026' AS TIMESTAMP)"), { code: 'E0207' });
  await assert.rejects(evaluate("CAST('25:00' AS TIME)"), { code: 'E0207' });
  await assert.rejects(evaluate("DATE '2026-2'"), { code: 'E0207' });
});

test('a DECIMAL keeps its digits in a narrower one of the same scale, or is NULL', async () => {
  assert.deepEqual(
    await evaluate("CAST(CAST('1234567890123456789.5' AS DECIMAL(30, 1)) AS DECIMAL(20, 1))", "CAST(CAST('12345678901234567890.5' AS DECIMAL(30, 1)) AS DECIMAL(20, 1))", 'CAST(CAST(n AS DECIMAL(30, 0)) AS DECIMAL(16, 0))', 'CAST(CAST(n AS DECIMAL(30, 0)) AS DECIMAL(4, 0))', "CAST('.5' AS INT)"),
    ['1234567890123456789.5', null, '12345', null, 0],
  );
});

test('a DECIMAL becomes the double that is nearest to its digits, however many there are', async () => {
  const digits = ['-0.1231231321321321111', '123456789012345678.90123456789', '9007199254740993', '0.00000000000000000000000003', '0.3', '-12345678901234567890123456789012345678', '1.005'];
  assert.deepEqual(await evaluate(...digits.map((text) => `CAST(CAST(${text} AS DOUBLE) AS STRING)`), ...digits.map((text) => `CAST(CAST('${text}' AS DOUBLE) AS STRING)`)), [...digits, ...digits].map((_, i) => ['-0.12312313213213211', '1.2345678901234568E17', '9.007199254740992E15', '3.0E-26', '0.3', '-1.2345678901234568E37', '1.005'][i % 7]));
  assert.deepEqual(await evaluate('ASIN(CAST(-0.1231231321321321111 AS DECIMAL(38, 19)))', 'DEGREES(44)', 'RADIANS(CAST(4.6 AS DOUBLE))'), [-0.12343635041512292, 2521.014298575622, 0.08028514559173916]);
});

test('a cast that SQL does not have is a mistake, one that is not built is not supported yet', async () => {
  const codeOf = (sql: string): Promise<string> => evaluate(sql).then(() => 'none', (error: unknown) => (error instanceof SqlError ? error.code : 'other'));
  assert.equal(await codeOf('CAST(n AS DATE)'), 'E0206');
  assert.equal(await codeOf('CAST(raw AS INT)'), 'E0206');
  assert.equal(await codeOf('CAST(s AS TIMESTAMP(9))'), 'E0207');
  assert.equal(await codeOf('TRY_CAST(s AS TIMESTAMP(9))'), 'none');
});

test('a function or an operand of Flink that is not built is not supported yet', async () => {
  const codeOf = (sql: string): Promise<string> => evaluate(sql).then(() => 'none', (error: unknown) => (error instanceof SqlError ? error.code : 'other'));
  assert.equal(await codeOf('SOURCE_WATERMARK()'), 'E0002');
  assert.equal(await codeOf('nvl(s)'), 'E0103');
  assert.equal(await codeOf('-s'), 'E0002');
  assert.equal(await codeOf('s + TRUE'), 'E0208');
});

test('a number may end in the letter that Java writes', async () => {
  assert.deepEqual(await evaluate("CAST('2.5f' AS FLOAT)", "CAST('3D' AS DOUBLE)", "CAST('-Infinity' AS DOUBLE)", "TRY_CAST('d' AS DOUBLE)", "TRY_CAST('NaNf' AS DOUBLE)"), [2.5, 3, -Infinity, null, null]);
});

test('a literal that is compared with a time or a number and is none is told before any row', async () => {
  await using engine = await Engine.create();
  for (const sql of ["SELECT DATE '2026-02-03' = 'soon'", "SELECT 'soon' < TIMESTAMP '2026-02-03 00:00:00'", "SELECT 1 = 'one'"]) assert.equal(engine.check(sql).errors[0]?.code, 'E0207', sql);
  for (const sql of ["SELECT DATE '2026-02-03' = '2026-02-03'", "SELECT TIME '10:00:00' > ' 9:30 '", "SELECT 1 = ' 1 '"]) assert.deepEqual(engine.check(sql).errors, [], sql);
});
