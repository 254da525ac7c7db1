import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { textsOf } from './evaluate.ts';

test('ROUND and TRUNCATE keep as many digits as they are told', async () => {
  assert.deepEqual(
    await textsOf('ROUND(2.5)', 'ROUND(-2.45, 1)', 'ROUND(CAST(1.005 AS DOUBLE), 2)', 'ROUND(15, -1)', 'ROUND(CAST(-15 AS BIGINT), -1)', 'TRUNCATE(99.99, 1)', 'TRUNCATE(12345678901234567890123.456, 2)', 'ROUND(99.9, 0)', 'ROUND(7, CAST(NULL AS INT))'),
    ['3', '-2.5', '1.01', '20', '-20', '99.9', '12345678901234567890123.45', '100', null],
  );
});

test('a DECIMAL that grows beyond its digits by rounding is NULL', async () => {
  assert.deepEqual(await textsOf('ROUND(99999999999999999999999999999999999999, -1)', 'ROUND(99999999999999999999999999999999999994, -1)', "ROUND(CAST(99.9 AS DECIMAL(3, 1)), CHAR_LENGTH(''))", "ROUND(CAST(99.4 AS DECIMAL(3, 1)), CHAR_LENGTH(''))"), [null, '99999999999999999999999999999999999990', null, '99.0']);
});

test('instants are rounded in the local time of the session', async () => {
  await using engine = await Engine.create();
  await engine.exec("SET 'table.local-time-zone' = 'Asia/Kolkata'");
  const at = "CAST(TIMESTAMP '2026-02-28 07:08:09' AS TIMESTAMP_LTZ(0))";
  const { rows } = await engine.collect(`SELECT CAST(FLOOR(${at} TO HOUR) AS STRING) AS h, CAST(CEIL(${at} TO DAY) AS STRING) AS d, CAST(FLOOR(${at} TO YEAR) AS STRING) AS y, FLOOR(2.5) AS n`);
  assert.deepEqual(rows, [{ h: '2026-02-28 07:00:00', d: '2026-03-01 00:00:00', y: '2026-01-01 00:00:00', n: '2' }]);
});

test('the first day of a unit is its start, whatever the time of day', async () => {
  assert.deepEqual(await textsOf("CEIL(TIMESTAMP '2026-02-01 09:00:00' TO MONTH)", "CEIL(TIMESTAMP '2026-02-02 00:00:00' TO MONTH)", "CEIL(TIMESTAMP '2026-02-01 09:00:00' TO DAY)", "CEIL(TIMESTAMP '2026-02-01 09:00:00' TO WEEK)"), ['2026-02-01 00:00:00', '2026-03-01 00:00:00', '2026-02-02 00:00:00', '2026-02-01 00:00:00']);
});

test('CEIL goes to the next unit even from the first day of some, as in Flink', async () => {
  assert.deepEqual(
    await textsOf("CEIL(DATE '2026-02-01' TO DAY)", "CEIL(DATE '2026-02-01' TO MONTH)", "CEIL(TIMESTAMP '2026-02-01 00:00:00' TO DAY)", "CEIL(DATE '2026-04-01' TO QUARTER)", "CEIL(DATE '2026-01-01' TO QUARTER)", "CEIL(DATE '2030-01-01' TO DECADE)", "CEIL(TIMESTAMP '2001-01-01 00:00:00' TO CENTURY)", "CEIL(DATE '2001-01-01' TO MILLENNIUM)", "FLOOR(DATE '2001-01-01' TO MILLENNIUM)", "CEIL(DATE '2027-01-01' TO YEAR)"),
    ['2026-02-02', '2026-02-01', '2026-02-01 00:00:00', '2026-07-01', '2026-01-01', '2040-01-01', '2101-01-01 00:00:00', '3001-01-01', '2001-01-01', '2027-01-01'],
  );
});

test('FLOOR and CEIL of decimals and of times', async () => {
  assert.deepEqual(
    await textsOf('FLOOR(-0.1)', 'CEIL(-0.9)', 'CEIL(12345678901234567890123.1)', "FLOOR(DATE '2026-05-15' TO QUARTER)", "CEIL(TIMESTAMP '2026-12-31 23:59:59.5' TO YEAR)", "FLOOR(TIMESTAMP '1969-12-31 23:59:59.9' TO DAY)", "CEIL(TIMESTAMP '2026-01-01 00:00:00' TO MONTH)", "FLOOR(DATE '2026-01-01' TO WEEK)"),
    ['-1', '0', '12345678901234567890124', '2026-04-01', '2027-01-01 00:00:00.0', '1969-12-31 00:00:00.0', '2026-01-01 00:00:00', '2025-12-28'],
  );
});
