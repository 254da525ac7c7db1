import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Column } from '../../../engine/api.ts';
import { TableLines } from '../../../repl/render/table.ts';

const column = (name: string, type: string): Column => ({ name, type, nullable: true });

suite('TableLines', () => {
  test('numbers stand right, text left, NULL is a word, and wide characters take two cells', () => {
    const table = new TableLines([column('name', 'STRING'), column('n', 'BIGINT'), column('x', 'DOUBLE')]);
    assert.deepEqual(table.rows([{ name: '温度', n: 12345n, x: 1 }, { name: 'a', n: null, x: 0.5 }]), [
      ' name      n    x',
      ' ----  -----  ---',
      ' 温度  12345  1.0',
      ' a      NULL  0.5',
    ]);
  });

  test('a later row that does not fit widens the columns under a new head', () => {
    const table = new TableLines([column('v', 'STRING')]);
    assert.deepEqual(table.rows([{ v: 'ab' }]), [' v', ' --', ' ab']);
    assert.deepEqual(table.rows([{ v: 'c' }]), [' c']);
    assert.deepEqual(table.rows([{ v: 'abcd' }]), ['', ' v', ' ----', ' abcd']);
  });

  test('a row stays one line and cannot steer the terminal', () => {
    assert.deepEqual(new TableLines([column('v', 'STRING')]).rows([{ v: 'a\n\u001b[2Jb' }]).at(-1), ' a..[2Jb');
  });
});
