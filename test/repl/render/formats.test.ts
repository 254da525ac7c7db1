import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Change, Column, Row, Value } from '../../../engine/api.ts';
import { rowFormats, type ResultShape, type RowFormatName } from '../../../repl/render/formats.ts';
import { innerTypes } from '../../../repl/render/type-text.ts';

const columns = (...types: readonly string[]): Column[] => types.map((type, i) => ({ name: `c${i}`, type, nullable: true }));
const change = (op: Change['op'], ...values: readonly Value[]): Change => ({ op, row: Object.fromEntries(values.map((value, i) => [`c${i}`, value])) });

function lines(format: RowFormatName, shape: ResultShape, ...changes: readonly Change[]): string[] {
  const printer = rowFormats[format](shape);
  return [...printer.rows(changes), ...printer.end()];
}

suite('formats of rows', () => {
  const texts = { columns: columns('STRING', 'STRING'), isChangelog: false };

  test('csv: RFC 4180, NULL is nothing, an empty text is ""', () => {
    assert.deepEqual(lines('csv', texts, change('+I', 'a,b', 'say "x"'), change('+I', null, ''), change('+I', 'two\nlines', 'é漢')), ['c0,c1', '"a,b","say ""x"""', ',""', '"two\nlines",é漢']);
    assert.deepEqual(lines('csv', texts), ['c0,c1']);
    assert.deepEqual(lines('csv', { columns: [{ name: 'a,b', type: 'INT', nullable: true }], isChangelog: true }, { op: '-D', row: { 'a,b': 1 } }), ['op,"a,b"', '-D,1']);
  });

  test('jsonl: all digits, NULL, an instant with its Z, bytes in base64; changes beside their rows', () => {
    const shape = { columns: columns('BIGINT', 'DECIMAL(38, 18)', 'DOUBLE', 'TIMESTAMP_LTZ(3)', 'BYTES', 'BOOLEAN', 'STRING'), isChangelog: false };
    const row = change('+I', 9007199254740993n, '12345678901234567890.000000000000000001', Infinity, '2026-11-21 08:00:00.000', Uint8Array.of(1, 255), true, 'a"\n\u0001');
    assert.deepEqual(lines('jsonl', shape, row), ['{"c0":9007199254740993,"c1":12345678901234567890.000000000000000001,"c2":"Infinity","c3":"2026-11-21 08:00:00.000Z","c4":"Af8=","c5":true,"c6":"a\\"\\n\\u0001"}']);
    assert.deepEqual(lines('jsonl', { ...texts, isChangelog: true }, change('-U', 'a', null)), ['{"op":"-U","row":{"c0":"a","c1":null}}']);
    assert.deepEqual(lines('json', texts), ['[]']);
    assert.deepEqual(lines('json', texts, change('+I', 'a', 'b'), change('+I', null, 'c')), ['[', '  {"c0":"a","c1":"b"},', '  {"c0":null,"c1":"c"}', ']']);
  });

  test('a time of the engine is SQL\'s text for people, and ISO in JSON', () => {
    const shape = { columns: columns('TIMESTAMP_LTZ(3)'), isChangelog: false };
    const row = change('+I', new Date(1_700_000_000_123));
    assert.deepEqual(lines('table', shape, row).at(-1), ' 2023-11-14 22:13:20.123');
    assert.deepEqual(lines('jsonl', shape, row), ['{"c0":"2023-11-14T22:13:20.123Z"}']);
  });

  test('an interval is the text that SQL gives it', () => {
    const shape = { columns: columns('INTERVAL SECOND(3)', 'INTERVAL MONTH', 'ARRAY<INTERVAL SECOND(3) NOT NULL>'), isChangelog: false };
    const row = change('+I', 129_600_000, -14, [1500]);
    assert.deepEqual(lines('jsonl', shape, row), ['{"c0":"+1 12:00:00.000","c1":"-1-02","c2":["+0 00:00:01.500"]}']);
    assert.deepEqual(lines('csv', shape, row).at(-1), '+1 12:00:00.000,-1-02,"[""+0 00:00:01.500""]"');
  });

  test('values within values are printed by their own types, in every format', () => {
    const shape = { columns: columns('ROW<`a,b` DECIMAL(10, 2), `t` ROW<`x` TIMESTAMP_LTZ(3)>>', 'ARRAY<DECIMAL(5, 1)>', 'MAP<INT, STRING>', 'MULTISET<STRING>'), isChangelog: false };
    const row = change('+I', { 'a,b': '1.50', t: { x: '2026-11-21 08:00:00' } }, ['2.0', null], new Map([[1, 'one'], [2, null]] as const), new Map([['x', 2]]));
    const json = ['{"a,b":1.50,"t":{"x":"2026-11-21 08:00:00Z"}}', '[2.0,null]', '{"1":"one","2":null}', '{"x":2}'] as const;
    assert.deepEqual(lines('jsonl', shape, row), [`{"c0":${json[0]},"c1":${json[1]},"c2":${json[2]},"c3":${json[3]}}`]);
    assert.deepEqual(lines('csv', shape, row), ['c0,c1,c2,c3', json.map((text) => (text.includes(',') || text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text)).join(',')]);
    assert.deepEqual(lines('table', shape, row).at(-1)?.split('  ').map((cell) => cell.trim()).filter((cell) => cell !== ''), [...json]);
  });

  test('table and vertical: NULL, control characters, the kind of change, wide characters', () => {
    const shape = { columns: columns('STRING', 'INT'), isChangelog: true };
    assert.deepEqual(lines('table', shape, change('+I', '漢字', 1), change('-D', null, -22), change('+I', 'a\nb', null)), [' op  c0      c1', ' --  ----  ----', ' +I  漢字     1', ' -D  NULL   -22', ' +I  a.b   NULL']);
    assert.deepEqual(lines('vertical', shape, change('+U', 'two\nlines', null)), ['-- row 1 --', ' op  +U', ' c0  two', '     lines', ' c1  NULL']);
  });

  test('a column of the result may be called op', () => {
    const shape = { columns: [{ name: 'op', type: 'STRING', nullable: true }], isChangelog: true };
    const row: Change<Row> = { op: '+I', row: { op: 'buy' } };
    assert.deepEqual(lines('table', shape, row).at(-1), ' +I   buy');
    assert.deepEqual(lines('csv', shape, row), ['op,op', '+I,buy']);
    assert.deepEqual(lines('jsonl', shape, row), ['{"op":"+I","row":{"op":"buy"}}']);
  });

  test('a table goes on as vertical from the row on that is wider than the terminal', () => {
    const printer = rowFormats.table({ ...texts, width: 20 });
    assert.deepEqual(printer.rows([change('+I', 'a', 'b')]), [' c0  c1', ' --  --', ' a   b']);
    assert.deepEqual(printer.rows([change('+I', 'a'.repeat(30), 'b')]), ['-- row 1 --', ` c0  ${'a'.repeat(30)}`, ' c1  b']);
    assert.deepEqual(printer.rows([change('+I', 'c', 'd')]), ['-- row 2 --', ' c0  c', ' c1  d']);
  });
});

test('types within a printed type', () => {
  assert.deepEqual(innerTypes('MAP<STRING NOT NULL, ARRAY<DECIMAL(3, 1)>> NOT NULL'), { kind: 'MAP', parts: [{ name: '', type: 'STRING NOT NULL' }, { name: '', type: 'ARRAY<DECIMAL(3, 1)>' }] });
  assert.deepEqual(innerTypes('ROW<`a``, <` INT, `b` ROW<`c` INT>>')?.parts, [{ name: 'a`, <', type: 'INT' }, { name: 'b', type: 'ROW<`c` INT>' }]);
  assert.equal(innerTypes('DECIMAL(3, 1)'), undefined);
});
