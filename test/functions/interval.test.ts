import assert from 'node:assert/strict';
import test from 'node:test';
import { textsOf } from './evaluate.ts';

test('times move by intervals; months end where they end', async () => {
  assert.deepEqual(
    await textsOf("DATE '2026-01-31' + INTERVAL '1' MONTH", "INTERVAL '1' DAY + DATE '2026-02-28'", "DATE '2026-02-28' - INTERVAL '90' MINUTE", "TIME '23:30:00' + INTERVAL '1' HOUR", "TIMESTAMP '2026-03-31 01:00:00.1234' - INTERVAL '1' MONTH"),
    ['2026-02-28', '2026-03-01', '2026-02-27 22:30:00.000', '00:30:00', '2026-02-28 01:00:00.1234'],
  );
});

test('intervals add up, are multiplied, and have a text', async () => {
  assert.deepEqual(
    await textsOf("INTERVAL '1' DAY + INTERVAL '90' MINUTE", "INTERVAL '1-03' YEAR TO MONTH - INTERVAL '2' YEAR", "INTERVAL '1 02:03:04.5' DAY TO SECOND", "3 * INTERVAL '10' SECOND", "INTERVAL '7' MONTH / 2", "-INTERVAL '1' HOUR"),
    ['+1 01:30:00.000', '-0-09', '+1 02:03:04.500', '+0 00:00:30.000', '+0-03', '-0 01:00:00.000'],
  );
});

test('months leave a time of day as it is', async () => {
  assert.deepEqual(await textsOf("TIME '10:20:30' + INTERVAL '5' MONTH", "INTERVAL '1' YEAR + TIME '10:20:30'", "TIME '10:20:30' - INTERVAL '1' MONTH", "CAST(NULL AS TIME) + INTERVAL '1' MONTH"), ['10:20:30', '10:20:30', '10:20:30', null]);
});
