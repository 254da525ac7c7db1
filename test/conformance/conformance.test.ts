import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import type { CaseLine, ScalarCase, StreamingCase } from './case-file.ts';
import { encodeScalar, encodeText, encodeTyped } from './encode.ts';
import { runCase } from './run-case.ts';

const scalar = (rest: Omit<ScalarCase, 'id' | 'features'>): ScalarCase => ({ id: 'made-here', features: ['scalar'], ...rest });

const streaming: StreamingCase = {
  id: 'made-here',
  features: [],
  tables: [
    {
      name: 'readings',
      columns: [{ name: 'place', type: 'STRING' }, { name: 'degrees', type: 'DECIMAL(5, 1)' }, { name: 'at', type: 'TIMESTAMP(3)' }],
      ddl_columns: ['place STRING', 'degrees DECIMAL(5, 1)', '`at` TIMESTAMP(3)', "WATERMARK FOR `at` AS `at` - INTERVAL '1' SECOND"],
      changelog_mode: 'I',
      rows: [
        { op: '+I', values: ['roof', '20.5', '2024-01-01 00:00:01'] },
        { op: '+I', values: [null, '1.0', '2024-01-01 00:00:02'] },
        { op: '+I', values: ['roof', '21.5', '2024-01-01 00:00:03.5'] },
        { op: '+I', values: ['roof', '40.0', '2024-01-01 00:00:20'] },
        // Behind the watermark of its window.
        { op: '+I', values: ['roof', '99.0', '2024-01-01 00:00:04'], phase: 2 },
      ],
    },
  ],
  sql: "SELECT place, window_end, MAX(degrees) FROM TABLE(TUMBLE(TABLE readings, DESCRIPTOR(`at`), INTERVAL '10' SECOND)) GROUP BY place, window_start, window_end",
  expected: {
    mode: 'append',
    encoding: 'flink_text',
    separator: ',',
    rows: [{ text: 'null,2024-01-01T00:00:10,1.0' }, { text: 'roof,2024-01-01T00:00:10,21.5' }, { text: 'roof,2024-01-01T00:00:30,40.0' }],
  },
};

test('a case passes, and fails with what is missing', async () => {
  const passed = await runCase(streaming);
  assert.equal(passed.status, 'pass', passed.detail);
  const failed = await runCase({ ...streaming, expected: { ...streaming.expected, rows: [{ text: 'roof,2024-01-01T00:00:10,99.0' }] } });
  assert.equal(failed.status, 'fail');
  assert.match(failed.detail, /missing .*99\.0.*too many .*21\.5/);
});

test('the rows of a sink are those that its updates leave', async () => {
  const result = await runCase({
    ...streaming,
    sql: 'SELECT place, COUNT(*) FROM readings GROUP BY place',
    sink: { name: 'counts', columns: [{ name: 'p', type: 'STRING' }, { name: 'n', type: 'BIGINT' }], primary_key: null },
    expected: { mode: 'final', encoding: 'typed', rows: [{ values: ['roof', 4] }, { values: [null, 1] }] },
  });
  assert.equal(result.status, 'pass', result.detail);
});

test('unsupported is what the engine calls so; its other errors are errors', async () => {
  assert.equal((await runCase({ ...streaming, sql: 'SELECT place FROM readings QUALIFY place IS NULL' })).status, 'unsupported');
  assert.equal((await runCase({ ...streaming, sql: 'SELECT nowhere FROM readings' })).status, 'error');
  assert.equal((await runCase(scalar({ expr: 'SELEC 1', expected: 1 }))).status, 'error');
});

test('scalar cases compare typed values, texts and errors', async () => {
  assert.equal((await runCase(scalar({ expr: 'a + 1', inputs: [{ name: 'a', type: 'INT', value: 2 }], expected: 3, expected_type: 'INT' }))).status, 'pass');
  assert.equal((await runCase(scalar({ expr: 'a * 2', inputs: [{ name: 'a', type: 'DECIMAL(4, 2)', value: { $dec: '1.50' } }], expected: { $dec: '3.0' } }))).status, 'fail');
  assert.equal((await runCase(scalar({ expr: '1 > 2', compare: 'cast_to_string', expected: 'FALSE' }))).status, 'pass');
  assert.equal((await runCase(scalar({ expr: '1 / 0', expected_error: 'runtime' }))).status, 'pass');
  assert.equal((await runCase(scalar({ expr: "CAST(TRUE AS DATE)", expected_error: 'runtime' }))).status, 'fail');
  assert.equal((await runCase(scalar({ expr: '1 + 1', expected_error: 'any' }))).status, 'fail');
});

test('values are written as the format says', () => {
  const timestamp = { kind: 'TIMESTAMP', precision: 3, nullable: true } as const;
  assert.equal(encodeText('2024-05-06 07:08:00.000', timestamp), '2024-05-06T07:08');
  assert.equal(encodeText('2024-05-06 07:08:00.050', timestamp), '2024-05-06T07:08:00.050');
  assert.equal(encodeText('2024-05-06 07:08:00.000', { ...timestamp, kind: 'TIMESTAMP_LTZ' }), '2024-05-06T07:08:00Z');
  assert.equal(encodeText(1e10, { kind: 'DOUBLE', nullable: true }), '1.0E10');
  assert.equal(encodeTyped('2024-05-06 07:08:00.050', timestamp), '2024-05-06 07:08:00.05');
  assert.equal(encodeTyped(9007199254740993n, { kind: 'BIGINT', nullable: true }), '9007199254740993');
  assert.deepEqual(encodeScalar(Infinity, { kind: 'DOUBLE', nullable: true }), { $f: 'Infinity' });
});

test('every case of passing.txt passes', async (t) => {
  const folder = new URL('../../../shared/conformance/', import.meta.url);
  if (!existsSync(folder)) return t.skip('skipped: no case files');
  const wanted = new Set(readFileSync(new URL('./passing.txt', import.meta.url), 'utf8').split('\n').filter((id) => id !== ''));
  const lost: string[] = [];
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.jsonl'))) {
    for (const text of readFileSync(new URL(file, folder), 'utf8').split('\n').filter((line) => line !== '')) {
      const line = JSON.parse(text) as CaseLine;
      if (!wanted.delete(line.id)) continue;
      const result = await runCase(line);
      if (result.status !== 'pass') lost.push(`${line.id}: ${result.status} ${result.detail}`);
    }
  }
  assert.deepEqual(lost, []);
  assert.deepEqual([...wanted], [], 'ids without a case');
});
