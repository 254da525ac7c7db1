import assert from 'node:assert/strict';
import test from 'node:test';
import { civilFromDays, daysFromCivil, daysInMonth, isValidDate, parseDate, parseDuration, parseInterval, parseTimestamp, printDate, printDuration, printTimestamp, type CivilDate } from '../../core/time.ts';

test('days and dates are inverses over every day of 0001 to 9999, in order', () => {
  let days = daysFromCivil(1, 1, 1);
  assert.equal(days, -719162);
  for (let year = 1; year <= 9999; year++) {
    for (let month = 1; month <= 12; month++) {
      const length = daysInMonth(year, month);
      // The first and the last day of each month: the days between follow by counting.
      const first: CivilDate = civilFromDays(days);
      const last: CivilDate = civilFromDays(days + length - 1);
      if (first.year !== year || first.month !== month || first.day !== 1 || last.month !== month || last.day !== length) assert.fail(`${year}-${month}`);
      if (daysFromCivil(year, month, 1) !== days) assert.fail(`${year}-${month}`);
      days += length;
    }
  }
  assert.equal(days - 1, daysFromCivil(9999, 12, 31));
});

test('leap years: every fourth, no hundredth, every four hundredth', () => {
  assert.deepEqual([2024, 2023, 1900, 2000, 2100].map((year) => daysInMonth(year, 2)), [29, 28, 28, 29, 28]);
  assert.equal(isValidDate(2024, 2, 29), true);
  assert.equal(isValidDate(2023, 2, 29), false);
  assert.equal(isValidDate(0, 1, 1), false);
  assert.equal(isValidDate(10000, 1, 1), false);
  assert.equal(isValidDate(2026, 13, 1), false);
  assert.equal(isValidDate(2026, 4, 31), false);
});

test('timestamps are read in both forms, with a zone applied', () => {
  const noon = 1763726400000;
  assert.deepEqual(parseTimestamp('2025-11-21 12:00:00'), { millis: noon, nanos: 0 });
  assert.deepEqual(parseTimestamp('2025-11-21T12:00'), { millis: noon, nanos: 0 });
  assert.deepEqual(parseTimestamp('2025-11-21'), { millis: noon - 12 * 3600_000, nanos: 0 });
  assert.deepEqual(parseTimestamp('2025-11-21T12:00:00Z'), { millis: noon, nanos: 0 });
  assert.deepEqual(parseTimestamp('2025-11-21T14:30:00+02:30'), { millis: noon, nanos: 0 });
  assert.deepEqual(parseTimestamp('2025-11-21T08:30:00-03:30'), { millis: noon, nanos: 0 });
  assert.deepEqual(parseTimestamp('2025-11-21 12:00:00.123456789'), { millis: noon + 123, nanos: 456789 });
  assert.deepEqual(parseTimestamp('1969-12-31 23:59:59.5'), { millis: -500, nanos: 0 });
});

test('what names no time is no time', () => {
  for (const text of ['2026-02-31', '2023-02-29 00:00:00', '2026-01-01 24:00:00', '2026-01-01 12:60:00', '2026-01-01 12:00:60', '2026-1-1', '0000-01-01', '2026-01-01 12', '2026-01-01 12:00:00.', '2026-01-01 12:00:00.1234567890', '2026-01-01 12:00:00+19:00', '2026-01-01 12:00:00 UTC', ' 2026-01-01', '']) {
    assert.equal(parseTimestamp(text), undefined, text);
  }
  assert.equal(parseDate('2026-02-29'), undefined);
  assert.equal(parseDate('2024-02-29'), 19782);
});

test('printing is the inverse of reading', () => {
  for (const text of ['0001-01-01 00:00:00.000', '1969-12-31 23:59:59.999', '1970-01-01 00:00:00.000', '2024-02-29 12:34:56.789', '9999-12-31 23:59:59.999']) {
    const instant = parseTimestamp(text);
    assert.ok(instant !== undefined);
    assert.equal(printTimestamp(instant.millis, instant.nanos, 3), text);
  }
  assert.equal(printTimestamp(-1, 0, 3), '1969-12-31 23:59:59.999');
  assert.equal(printTimestamp(1500, 250, 9), '1970-01-01 00:00:01.500000250');
  assert.equal(printTimestamp(1999, 0, 0), '1970-01-01 00:00:01');
  assert.equal(printDate(-1), '1969-12-31');
  assert.deepEqual([printDate(daysFromCivil(0, 1, 1)), printDate(daysFromCivil(-5, 2, 3)), printDate(daysFromCivil(-12345, 6, 7))], ['0000-01-01', '-0005-02-03', '-12345-06-07']);
});

test('intervals', () => {
  assert.deepEqual(parseInterval('10', 'SECOND'), { kind: 'millis', value: 10_000 });
  assert.deepEqual(parseInterval('0.001', 'SECOND'), { kind: 'millis', value: 1 });
  assert.deepEqual(parseInterval('-2', 'HOUR'), { kind: 'millis', value: -7_200_000 });
  assert.deepEqual(parseInterval('1', 'YEAR'), { kind: 'months', value: 12 });
  assert.equal(parseInterval('ten', 'SECOND'), undefined);
  assert.equal(parseInterval('1.5', 'MINUTE'), undefined);
  assert.equal(parseInterval('1', 'FORTNIGHT'), undefined);
});

test('durations as options write them and as people read them', () => {
  assert.deepEqual(['200', '200ms', '10 s', '5min', '1.5 h', '2 days', '3 seconds'].map(parseDuration), [200, 200, 10_000, 300_000, 5_400_000, 172_800_000, 3000]);
  assert.deepEqual(['often', '', '5 x', '-1 s'].map(parseDuration), [undefined, undefined, undefined, undefined]);
  assert.deepEqual([0, 200, 1500, 10_000, 120_000, 3_600_000, 172_800_000, 90_000].map(printDuration), ['0 ms', '200 ms', '1.5 s', '10 s', '2 min', '1 h', '2 d', '90 s']);
});
