import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';

/** Each expression's value and type. */
async function typed(...expressions: readonly string[]): Promise<string[]> {
  await using engine = await Engine.create();
  const result = engine.query(`SELECT ${expressions.map((sql, i) => `${sql} AS c${i}`).join(', ')}`);
  const columns = await result.columns();
  for await (const row of result) return columns.map(({ name, type }) => `${String((row as Record<string, unknown>)[name])} ${type}`);
  return [];
}

test('a literal has the digits that are written, and a quotient as many more', async () => {
  assert.deepEqual(await typed('0.05', '.05', '0.908 * CAST(100 AS BIGINT)', '1.00000 / 0.00003', '-0.50'), [
    '0.05 DECIMAL(3, 2)',
    '0.05 DECIMAL(2, 2)',
    '90.800 DECIMAL(24, 3)',
    '33333.333333333333 DECIMAL(18, 12)',
    '-0.50 DECIMAL(3, 2)',
  ]);
});

test('beside a FLOAT an integer becomes one, a DECIMAL does not', async () => {
  assert.deepEqual(await typed('CAST(1.5 AS FLOAT) + 1', '16777217 * CAST(1 AS FLOAT)', 'CAST(1.5 AS FLOAT) + 1.5'), ['2.5 FLOAT', '16777216 FLOAT', '3 DOUBLE']);
});

test('a remainder of integers is computed in the wider type and has the type of the divisor', async () => {
  assert.deepEqual(
    await typed(
      'CAST(9007199254740995 AS BIGINT) % 10',
      'MOD(CAST(-9223372036854775808 AS BIGINT), CAST(2147483647 AS INT))',
      'MOD(CAST(4294967299 AS BIGINT), CAST(-100 AS TINYINT))',
      'CAST(32769 AS INT) % CAST(32767 AS SMALLINT)',
      '7 % CAST(9007199254740995 AS BIGINT)',
      'CAST(7 AS SMALLINT) % 4',
      '5 % CAST(NULL AS TINYINT)',
    ),
    ['5 INT', '-2 INT', '99 TINYINT', '2 SMALLINT', '7 BIGINT', '3 INT', 'null TINYINT'],
  );
  await assert.rejects(typed('CAST(1 AS BIGINT) % 0'), /division by zero/);
});

test('the remainder of a DECIMAL without a fraction has the type of the divisor', async () => {
  assert.deepEqual(
    await typed('MOD(CAST(-70 AS DECIMAL(19, 0)), 9)', 'CAST(70 AS DECIMAL(19, 0)) % CAST(9 AS TINYINT)', 'CAST(123456789012345678901234567890 AS DECIMAL(30, 0)) % CAST(9223372036854775807 AS BIGINT)', 'MOD(70, CAST(9 AS DECIMAL(12, 0)))', 'MOD(CAST(NULL AS DECIMAL(19, 0)), 9)', 'MOD(70.5, 9)'),
    ['-7 INT', '7 TINYINT', `${123456789012345678901234567890n % 9223372036854775807n} BIGINT`, '7 DECIMAL(12, 0)', 'null INT', '7.5 DECIMAL(3, 1)'],
  );
  await assert.rejects(typed('MOD(CAST(7 AS DECIMAL(9, 0)), 0)'));
});

test('a text beside a number is read as one', async () => {
  assert.deepEqual(await typed("'4' + 1", "10 - '4'", "'1.5' * CAST(2 AS DOUBLE)", "7 / '2'", "MOD(7, '4')", "CAST(NULL AS STRING) + 1"), ['5 INT', '6 INT', '3 DOUBLE', '3 INT', '3 INT', 'null INT']);
  await assert.rejects(typed("'four' + 1"), { code: 'E0207' });
  await assert.rejects(typed("'4' + '1'"), { code: 'E0208' });
});
