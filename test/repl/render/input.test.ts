import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { layOutInput, type InputRows } from '../../../repl/render/input.ts';
import type { Candidate } from '../../../repl/editor/complete.ts';

/** Laid out for a terminal of `columns` by `rows`; | is the cursor. */
function laid(text: string, { columns = 20, rows = 10, color = false, search = undefined as string | undefined, candidates = [] as readonly Candidate[] } = {}): InputRows {
  const cursor = text.indexOf('|');
  return layOutInput({ text: text.replace('|', ''), cursor, search, candidates }, { columns, rows, color, keywords: new Set(['SELECT']) });
}

suite('the rows of what is typed', () => {
  test('each line has its head, the cursor its place', () => {
    assert.deepEqual(laid('SELECT\n  1|;'), { rows: ['sluice> SELECT', '      |   1;'], cursorRow: 1, cursorColumn: 11 });
    assert.deepEqual(laid('|'), { rows: ['sluice> '], cursorRow: 0, cursorColumn: 8 });
    assert.deepEqual(laid('a\n|\nb'), { rows: ['sluice> a', '      | ', '      | b'], cursorRow: 1, cursorColumn: 8 });
  });

  test('a line that is too wide is broken, never within a wide character', () => {
    assert.deepEqual(laid('abcdefghijklmno|'), { rows: ['sluice> abcdefghijkl', 'mno'], cursorRow: 1, cursorColumn: 3 });
    assert.deepEqual(laid('abcdefghijkl|'), { rows: ['sluice> abcdefghijkl', ''], cursorRow: 1, cursorColumn: 0 });
    assert.deepEqual(laid('abcdefghijk漢|字'), { rows: ['sluice> abcdefghijk', '漢字'], cursorRow: 1, cursorColumn: 2 });
    assert.deepEqual(laid('👩‍👩‍👧e\u0301|'), { rows: ['sluice> 👩‍👩‍👧e\u0301'], cursorRow: 0, cursorColumn: 11 });
    assert.deepEqual(laid('a\tb|'), { rows: ['sluice> a    b'], cursorRow: 0, cursorColumn: 14 });
  });

  test('what is taller than the terminal shows the rows around the cursor', () => {
    const { rows, cursorRow } = laid(`${Array.from({ length: 40 }, (_, i) => `l${i}`).join('\n')}|`, { rows: 5 });
    assert.deepEqual(rows, ['      | l35', '      | l36', '      | l37', '      | l38', '      | l39']);
    assert.equal(cursorRow, 4);
    assert.deepEqual(laid(`|${Array.from({ length: 40 }, (_, i) => `l${i}`).join('\n')}`, { rows: 3 }).rows, ['sluice> l0', '      | l1', '      | l2']);
  });

  test('words, texts and numbers are coloured, across broken rows too; nothing is without colour', () => {
    assert.deepEqual(laid("SELECT a, 'xyz'|", { color: true }).rows, ['sluice> \u001b[36mSELECT\u001b[0m a, \u001b[32m\'x\u001b[0m', "\u001b[32myz'\u001b[0m"]);
    assert.deepEqual(laid('\\d SELECT|', { color: true }).rows, ['sluice> \\d SELECT']);
  });

  test('a search says what it looks for; candidates stand below, cut where the terminal ends', () => {
    assert.deepEqual(laid('DROP x;|', { search: 'dro', columns: 40 }).rows, ["search 'dro'> DROP x;"]);
    assert.deepEqual(layOutInput({ text: 'DROP x;', cursor: 7, search: 'drz', isLost: true, candidates: [] }, { columns: 60, rows: 10, color: false, keywords: new Set() }).rows, ["search 'drz' finds nothing> DROP x;"]);
    assert.deepEqual(laid('i|', { candidates: [{ text: 'id', detail: 'INT' }, { text: 'item', detail: 'a very long text' }] }).rows, ['sluice> i', '  id    INT', '  item  a very lon…']);
    const many = Array.from({ length: 200 }, (_, i) => ({ text: `c${i}` }));
    const { rows } = laid('c|', { candidates: many, rows: 40 });
    assert.equal(rows.at(-1), '  ... and 176 more');
    assert.ok(rows.every((row) => row.length <= 20));
  });
});
