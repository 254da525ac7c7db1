import assert from 'node:assert/strict';
import test from 'node:test';
import { formatTime, parseByPattern } from '../../functions/date-format.ts';
import { textsOf } from './evaluate.ts';

test('reading by a pattern undoes writing by it', () => {
  for (const pattern of ['yyyy-MM-dd HH:mm:ss.SSS', 'd MMMM yyyy, hh:mm:ss.SSS a', "yyyyMMdd'T'HHmmssSSS", 'dd.MM.yyyy kk:mm:ss.SSS']) {
    for (const millis of [0, 951_782_400_123, 1_772_262_489_007, 43_200_000]) assert.equal(parseByPattern(formatTime(millis, 0, pattern), pattern), millis, `${pattern} of ${millis}`);
  }
});

test('what is no time is NULL', async () => {
  assert.deepEqual(await textsOf("TO_TIMESTAMP('2026-02-30', 'yyyy-MM-dd')", "TO_TIMESTAMP('2026-02-03x', 'yyyy-MM-dd')", "TO_DATE('3/2026', 'd/M')", "DATE_FORMAT('soon', 'yyyy')", "CONVERT_TZ('2026-01-01 00:00:00', 'UTC', 'Mars/Olympus')"), [null, null, null, null, null]);
});

test('digits below the ms are written', async () => {
  assert.deepEqual(await textsOf("DATE_FORMAT(TIMESTAMP '2026-02-03 04:05:06.123456789', 'ss.SSSSSSSSS')", "DATE_FORMAT(DATE '2026-02-03' + INTERVAL '1' HOUR, 'EEEE D ''h''H')"), ['06.123456789', 'Tuesday 34 h1']);
});
