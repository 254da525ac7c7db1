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
  assert.deepEqual(await textsOf("TO_TIMESTAMP('2026-02-32', 'yyyy-MM-dd')", "TO_TIMESTAMP('2026-02-03x', 'yyyy-MM-dd')", "TO_DATE('3-2026', 'd/M')", "DATE_FORMAT('soon', 'yyyy')", "CONVERT_TZ('2026-01-01 00:00:00', 'UTC', 'Mars/Olympus')"), [null, null, null, null, null]);
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

test('a day that its month lacks is the last one as a timestamp, counts on as a date by a pattern, and is no date else', async () => {
  assert.deepEqual(
    await textsOf("TO_TIMESTAMP('2026-02-30 05:00:00')", "TO_TIMESTAMP('31.6.2026', 'd.M.yyyy')", "CAST('2026-02-29 05:00:00' AS TIMESTAMP(0))", "TO_DATE('30.2.2026', 'd.M.yyyy')", "TO_DATE('2026-02-30')", "TO_TIMESTAMP('2026-02-32 05:00:00')"),
    ['2026-02-28 05:00:00.000', '2026-06-30 00:00:00.000', '2026-02-28 05:00:00', '2026-03-02', null, null],
  );
  await assert.rejects(textsOf("TIMESTAMP '2026-02-30 05:00:00'"), { code: 'E0207' });
  await assert.rejects(textsOf("CAST('2026-02-30' AS DATE)"), { code: 'E0207' });
});

test('texts are read as SimpleDateFormat reads them where Flink uses it', async () => {
  assert.deepEqual(
    await textsOf("UNIX_TIMESTAMP('1970-01-01 00:01:00.9')", "UNIX_TIMESTAMP('1970/1/1 1:01', 'yyyy/MM/dd HH:mm')", "DATE_FORMAT('2026-2-3 4:5:6.7 or so', 'yyyyMMdd HHmmss SSS')", "DATE_FORMAT('2026-02-03', 'yyyy')", "TO_DATE('Feb 3, 26', 'MMM d, yy')", "TO_DATE('990203', 'yyMMdd')", "CONVERT_TZ('2026-02-03 24:00:00', 'UTC', 'UTC')"),
    ['60', '3660', '20260203 040506 000', null, '2026-02-03', '1999-02-03', '2026-02-04 00:00:00'],
  );
});

test('what a pattern does not fit is a timestamp where it has the form of SQL', async () => {
  assert.deepEqual(await textsOf("TO_TIMESTAMP('2026-2-3', 'MM/dd/yyyy')", "TO_TIMESTAMP('2026-2-3 4:5:6.7891', 'MM/dd/yyyy')", "TO_TIMESTAMP('2026-2-3 4:5', 'MM/dd/yyyy')"), ['2026-02-03 00:00:00.000', '2026-02-03 04:05:06.789', null]);
});

test('DATE_FORMAT takes a date; a date has the year 0, a timestamp of a text has not', async () => {
  assert.deepEqual(await textsOf("DATE_FORMAT(DATE '2026-02-03', 'd.M.yyyy HH:mm')", "DATE_FORMAT(CAST(NULL AS DATE), 'yyyy')", "CAST('0000-02-29' AS DATE)", "TO_TIMESTAMP('0000-02-29 00:00:00')"), ['3.2.2026 00:00', null, '0000-02-29', null]);
});
