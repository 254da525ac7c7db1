import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { textsOf } from './evaluate.ts';

async function values(...expressions: readonly string[]): Promise<unknown[]> {
  await using engine = await Engine.create({ types: { bigint: 'number', timestamp: 'string' } });
  const [row] = (await engine.collect(`SELECT ${expressions.map((sql, i) => `${sql} AS c${i}`).join(', ')}`)).rows;
  return Object.values(row ?? {});
}

test('parts of a time before 1970 and at the turn of ISO years', async () => {
  const part = (unit: string, time: string): string => `EXTRACT(${unit} FROM ${time})`;
  const old = "TIMESTAMP '1969-12-31 23:59:58.750'";
  assert.deepEqual(await values(part('SECOND', old), part('MILLISECOND', old), part('EPOCH', old), part('DOY', old), part('ISODOW', old)), [58, 750, -2, 365, 3]);
  assert.deepEqual(await values(part('WEEK', "DATE '2021-01-03'"), part('ISOYEAR', "DATE '2021-01-03'"), part('WEEK', "DATE '2021-01-04'"), part('DOW', "DATE '2021-01-03'"), part('CENTURY', "DATE '2000-06-01'")), [53, 2020, 1, 1, 20]);
});

test('months end where they end; days and months leave a time of day alone', async () => {
  assert.deepEqual(await values("CAST(TIMESTAMPADD(MONTH, 1, DATE '2024-01-31') AS STRING)", "CAST(TIMESTAMPADD(YEAR, -1, DATE '2024-02-29') AS STRING)", "CAST(TIMESTAMPADD(HOUR, -1, TIME '00:30:00') AS STRING)", "CAST(TIMESTAMPADD(MONTH, 1, TIME '00:30:00') AS STRING)"), ['2024-02-29', '2023-02-28', '23:30:00', '00:30:00']);
});

test('whole units between two times, cut toward zero', async () => {
  assert.deepEqual(await values("TIMESTAMPDIFF(MONTH, DATE '2024-01-31', DATE '2024-02-29')", "TIMESTAMPDIFF(YEAR, DATE '2024-06-01', DATE '2022-06-02')", "TIMESTAMPDIFF(HOUR, TIMESTAMP '2024-01-01 00:00:00', DATE '2024-01-02')", "TIMESTAMPDIFF(DAY, TIMESTAMP '2024-01-02 00:00:00', TIMESTAMP '2024-01-01 12:00:00')"), [1, -1, 24, 0]);
});

test('TIMESTAMPADD counts by a BIGINT, beyond what an INT holds too', async () => {
  const n = 'CAST(5000000000 AS BIGINT)';
  assert.deepEqual(
    await textsOf(`TIMESTAMPADD(SECOND, ${n}, TIMESTAMP '1970-01-01 00:00:00')`, `TIMESTAMPADD(SECOND, ${n}, TIMESTAMP '1970-01-01 00:00:00.000001')`, "TIMESTAMPADD(MONTH, CAST(1 AS BIGINT), DATE '2026-01-31')", "TIMESTAMPADD(MINUTE, CAST(-90 AS BIGINT), TIME '01:00:00')", "TIMESTAMPADD(DAY, CAST(NULL AS BIGINT), DATE '2026-01-31')"),
    ['2128-06-11 08:53:20', '2128-06-11 08:53:20.000001', '2026-02-28', '23:30:00', null],
  );
  await assert.rejects(textsOf("TIMESTAMPADD(DAY, 1.5, DATE '2026-01-31')"), { code: 'E0208' });
});

test('UNIX_TIMESTAMP without an argument is the time at which a row is computed, in whole seconds', async () => {
  assert.deepEqual(await textsOf('UNIX_TIMESTAMP() > 1700000000', 'TYPEOF(UNIX_TIMESTAMP())', 'UNIX_TIMESTAMP() = UNIX_TIMESTAMP(CAST(LOCALTIMESTAMP AS STRING))'), ['TRUE', 'BIGINT NOT NULL', 'TRUE']);
});

test('what ROUND and TRUNCATE round to is an integer', async () => {
  assert.deepEqual(await textsOf('TRUNCATE(4.57, CAST(1 AS BIGINT))', 'ROUND(4.57, NULL)', 'TYPEOF(4.57, TRUE)'), ['4.5', null, 'DECIMAL(3, 2) NOT NULL']);
  for (const sql of ['ROUND(4.57, 1.0)', 'TRUNCATE(CAST(4.57 AS FLOAT), CAST(1 AS DOUBLE))']) await assert.rejects(textsOf(sql), { code: 'E0208' });
});
