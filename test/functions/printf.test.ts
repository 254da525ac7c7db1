import assert from 'node:assert/strict';
import test from 'node:test';
import { formatJava, type JavaObject } from '../../functions/java-format.ts';
import { textsOf } from './evaluate.ts';

const int = (value: bigint, bits = 32): JavaObject => ({ kind: 'integer', value, bits, text: String(value) });
const double = (value: number): JavaObject => ({ kind: 'double', value, text: String(value) });
const text = (value: string): JavaObject => ({ kind: 'other', text: value });

test('integers: signs, groups, zeros, bits', () => {
  assert.equal(formatJava('%d|%5d|%-5d|%05d|%+d|% d|%(d|%,d', [7n, 7n, 7n, -7n, 7n, 7n, -7n, -1234567n].map((value) => int(value))), '7|    7|7    |-0007|+7| 7|(7)|-1,234,567');
  assert.equal(formatJava('%x %X %#x %o %04x', [int(-1n, 8), int(255n), int(255n), int(8n), int(10n)]), 'ff FF 0xff 10 000a');
});

test('numbers with a fraction are rounded half up from their shortest digits', () => {
  assert.equal(formatJava('%.2f %.0f %f %,.1f %08.3f', [2.675, 0.5, 1e-7, 1234567.25, -3.15159].map(double)), '2.68 1 0.000000 1,234,567.3 -003.152');
  assert.equal(formatJava('%e %.1e %E %g %g %.3g', [12345.678, 0.00096, 0, 0.0001, 1e-5, 99.96].map(double)), '1.234568e+04 9.6e-04 0.000000E+00 0.000100000 1.00000e-05 100');
  assert.equal(formatJava('%f %5.1f', [double(Number.NaN), double(-Infinity)]), 'NaN -Infinity');
});

test('places by number, again and in turn; texts, booleans, characters, NULL', () => {
  assert.equal(formatJava('%2$s %<S %s %s%%%n', [text('a'), text('b')]), 'b B a b%\n');
  assert.equal(formatJava('%-4s|%4.2s|%b|%B|%c|%s|%d', [text('x'), text('long'), { kind: 'boolean', value: false, text: 'false' }, { kind: 'null' }, int(233n), { kind: 'null' }, { kind: 'null' }]), 'x   |  lo|false|FALSE|é|null|null');
});

test('what Java rejects is NULL', async () => {
  for (const [format, ...values] of [['%d', text('x')], ['%f', int(1n)], ['%s'], ['%y', int(1n)], ['50% off', int(1n)], ['%-d', int(1n)], ['%-05d', int(1n)], ['%+ d', int(1n)], ['%.1d', int(1n)], ['%#s', text('x')], ['%,e', double(1)], ['%3$s', text('x')]] as const) {
    assert.equal(formatJava(format, values), undefined, format);
  }
  assert.deepEqual(await textsOf("PRINTF('%s is %d', 'x', CAST(3 AS TINYINT))", "PRINTF(CAST(NULL AS STRING), 1)", "PRINTF('%s', CAST(2.50 AS DECIMAL(4, 2)))", "PRINTF('%d', 2.50)"), ['x is 3', null, '2.50', null]);
});

test('times are what Flink holds them as: a DATE its days, a TIME its milliseconds, a TIMESTAMP as Java prints one', async () => {
  const times = ["DATE '1970-02-01'", "TIME '00:01:02'", "TIMESTAMP '2026-03-04 05:06:00'", "TIMESTAMP '2026-03-04 05:06:07.5'", "TIMESTAMP '2026-03-04 05:06:00.1234567'", 'CAST(NULL AS TIMESTAMP(3))', 'CAST(NULL AS DATE)'];
  assert.deepEqual(await textsOf(...times.map((time) => `PRINTF('%s', ${time})`)), ['31', '62000', '2026-03-04T05:06', '2026-03-04T05:06:07.500', '2026-03-04T05:06:00.123456700', 'null', 'null']);
  assert.deepEqual(await textsOf("PRINTF('%,d', TIME '00:01:02')", "PRINTF('%d', TIMESTAMP '2026-03-04 05:06:00')"), ['62,000', null]);
});
