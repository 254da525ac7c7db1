import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SqlError } from '../../core/diagnostic.ts';
import { defaultJsTypes, literalOfJs, toJsValue } from '../../core/js-value.ts';
import { printType, type SqlType } from '../../core/sql-type.ts';

test('a JavaScript value is a literal of the least type that holds it', () => {
  const told = (value: unknown): string => {
    const { value: text, type } = literalOfJs(value);
    return `${String(text)} ${printType(type)}`;
  };
  assert.deepEqual([true, 0, -2147483648, 2147483648, 2 ** 53, 0.1, -0, 7n, 2n ** 63n - 1n, 2n ** 63n, -(10n ** 37n), '', new Date(0), null].map(told), [
    'true BOOLEAN NOT NULL', '0 INT NOT NULL', '-2147483648 INT NOT NULL', '2147483648 BIGINT NOT NULL', '9007199254740992 DOUBLE NOT NULL', '0.1 DOUBLE NOT NULL', '-0 DOUBLE NOT NULL',
    '7 BIGINT NOT NULL', '9223372036854775807 BIGINT NOT NULL', '9223372036854775808 DECIMAL(19, 0) NOT NULL', '-10000000000000000000000000000000000000 DECIMAL(38, 0) NOT NULL',
    ' STRING NOT NULL', '0 TIMESTAMP_LTZ(3) NOT NULL', 'null NULL',
  ]);
});

test('what is no SQL value is refused', () => {
  for (const [value, code] of [[undefined, 'E0206'], [Symbol('x'), 'E0206'], [() => 1, 'E0206'], [Infinity, 'E0207'], [10n ** 38n, 'E0207'], [new Date(8.64e15), 'E0207'], ['\udc00', 'E0207'], [{}, 'E0002'], [[], 'E0002'], [new Uint8Array(1), 'E0002']] as const) {
    assert.throws(() => literalOfJs(value), (error: unknown) => error instanceof SqlError && error.code === code, code);
  }
});

test('a TIME is text with the digits of its type, wherever it stands', () => {
  const time = (precision: number): SqlType => ({ kind: 'TIME', precision, nullable: true });
  assert.equal(toJsValue(36_000_000, time(0), defaultJsTypes), '10:00:00');
  assert.equal(toJsValue(1_250, time(3), defaultJsTypes), '00:00:01.250');
  assert.deepEqual(toJsValue([86_399_999, null], { kind: 'ARRAY', element: time(3), nullable: true }, defaultJsTypes), ['23:59:59.999', null]);
  assert.deepEqual(toJsValue([0], { kind: 'ROW', fields: [{ name: 't', type: time(0) }], nullable: true }, defaultJsTypes), { t: '00:00:00' });
});
