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

test('TO_TIMESTAMP_LTZ of text: UTC unless a zone is given', async () => {
  assert.deepEqual(
    await textsOf("TO_TIMESTAMP_LTZ('2026-02-03 04:05:06.7')", "TO_TIMESTAMP_LTZ('3.2.2026', 'd.M.yyyy')", "TO_TIMESTAMP_LTZ('2026-02-03 04:05:06', 'yyyy-MM-dd HH:mm:ss', 'Asia/Kolkata')", "TO_TIMESTAMP_LTZ('soon')"),
    ['2026-02-03 04:05:06.700', '2026-02-03 00:00:00.000', '2026-02-02 22:35:06.000', null],
  );
});

test('TIMESTAMPDIFF counts between local times or between instants, never from one to the other', async () => {
  const [instant, local] = ['TO_TIMESTAMP_LTZ(90, 0)', "TIMESTAMP '1970-01-01 00:00:00'"];
  assert.deepEqual(await textsOf(`TIMESTAMPDIFF(SECOND, TO_TIMESTAMP_LTZ(0, 0), ${instant})`, `TIMESTAMPDIFF(SECOND, ${local}, TIMESTAMP '1970-01-01 00:01:30')`), ['90', '90']);
  await assert.rejects(textsOf(`TIMESTAMPDIFF(SECOND, ${local}, ${instant})`), { code: 'E0208' });
});
