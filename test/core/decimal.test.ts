import assert from 'node:assert/strict';
import test from 'node:test';
import { decimalFromText, divideRounded, fitsPrecision, parseDecimal, powerOfTen, printDecimal, rescale } from '../../core/decimal.ts';

test('halves are rounded away from zero', () => {
  assert.deepEqual([25n, 24n, 26n, -25n, -24n, -26n, 5n, -5n, 4n].map((value) => rescale(value, 1, 0)), [3n, 2n, 3n, -3n, -2n, -3n, 1n, -1n, 0n]);
  assert.equal(rescale(12n, 0, 3), 12000n);
  assert.deepEqual([[7n, 2n], [-7n, 2n], [7n, -2n], [-7n, -2n], [1n, 3n], [2n, 3n]].map(([a, b]) => divideRounded(a ?? 0n, b ?? 1n)), [4n, -4n, -4n, 4n, 0n, 1n]);
});

test('38 digits fit in 38 and not in 37', () => {
  const greatest = powerOfTen(38) - 1n;
  assert.equal(fitsPrecision(greatest, 38), true);
  assert.equal(fitsPrecision(-greatest, 38), true);
  assert.equal(fitsPrecision(greatest + 1n, 38), false);
  assert.equal(fitsPrecision(greatest, 37), false);
});

test('printing keeps the scale', () => {
  assert.deepEqual([printDecimal(5n, 2), printDecimal(-5n, 2), printDecimal(1200n, 2), printDecimal(0n, 3), printDecimal(-42n, 0)], ['0.05', '-0.05', '12.00', '0.000', '-42']);
});

test('texts are read by their digits', () => {
  assert.deepEqual(parseDecimal('12.50'), { unscaled: 1250n, scale: 2 });
  assert.deepEqual(parseDecimal('-.5'), { unscaled: -5n, scale: 1 });
  assert.deepEqual(parseDecimal('1e3'), { unscaled: 1000n, scale: 0 });
  assert.deepEqual(parseDecimal('1.5E-3'), { unscaled: 15n, scale: 4 });
  assert.deepEqual(parseDecimal('+007'), { unscaled: 7n, scale: 0 });
  for (const text of ['', '.', '1.2.3', '0x10', '1e', 'NaN', '1e1001', ' 1', '--1']) assert.equal(parseDecimal(text), undefined, text);
});

test('a text becomes a DECIMAL of a given size, or nothing', () => {
  assert.equal(decimalFromText('1.005', 4, 2), 101n);
  assert.equal(decimalFromText('-1.005', 4, 2), -101n);
  assert.equal(decimalFromText('99.994', 4, 2), 9999n);
  assert.equal(decimalFromText('99.995', 4, 2), undefined);
  assert.equal(decimalFromText('123.4', 4, 2), undefined);
  assert.equal(decimalFromText('0.1000000000000000055511151231257827', 38, 34), 1000000000000000055511151231257827n);
});
