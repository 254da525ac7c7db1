import assert from 'node:assert/strict';
import test from 'node:test';
import { textsOf } from './evaluate.ts';

test('ROUND and TRUNCATE keep as many digits as they are told', async () => {
  assert.deepEqual(
    await textsOf('ROUND(2.5)', 'ROUND(-2.45, 1)', 'ROUND(CAST(1.005 AS DOUBLE), 2)', 'ROUND(15, -1)', 'ROUND(CAST(-15 AS BIGINT), -1)', 'TRUNCATE(99.99, 1)', 'TRUNCATE(12345678901234567890123.456, 2)', 'ROUND(99.9, 0)', 'ROUND(7, CAST(NULL AS INT))'),
    ['3', '-2.5', '1.01', '20', '-20', '99.9', '12345678901234567890123.45', '100', null],
  );
});

test('FLOOR and CEIL of decimals and of times', async () => {
  assert.deepEqual(
    await textsOf('FLOOR(-0.1)', 'CEIL(-0.9)', 'CEIL(12345678901234567890123.1)', "FLOOR(DATE '2026-05-15' TO QUARTER)", "CEIL(TIMESTAMP '2026-12-31 23:59:59.5' TO YEAR)", "FLOOR(TIMESTAMP '1969-12-31 23:59:59.9' TO DAY)", "CEIL(TIMESTAMP '2026-01-01 00:00:00' TO MONTH)", "FLOOR(DATE '2026-01-01' TO WEEK)"),
    ['-1', '0', '12345678901234567890124', '2026-04-01', '2027-01-01 00:00:00.0', '1969-12-31 00:00:00.0', '2026-01-01 00:00:00', '2025-12-28'],
  );
});
