import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { emptyVocabulary, type Vocabulary } from '../../../repl/editor/complete.ts';
import { Editor, type Outcome } from '../../../repl/editor/editor.ts';
import { History } from '../../../repl/editor/history.ts';
import type { KeyName } from '../../../repl/editor/keys.ts';

const vocabulary: Vocabulary = {
  ...emptyVocabulary,
  keywords: ['SELECT', 'FROM', 'WHERE', 'SET', 'SESSION'],
  functions: ['LOWER'],
  databases: ['other'],
  tables: [
    { name: 'orders', kind: 'table', columns: [{ name: 'id', type: 'INT' }, { name: 'item', type: 'STRING' }] },
    { name: '`my table`', kind: 'table', columns: [{ name: '`a b`', type: 'INT' }] },
    { name: 'other.people', kind: 'table', columns: [{ name: 'name', type: 'STRING' }] },
  ],
  jobs: ['orders-job'],
  settings: [{ key: 'pipeline.name', detail: 'the name', values: [] }, { key: 'a.flag', detail: '', values: ['true', 'false'] }],
  options: [
    { owner: '', key: 'connector', detail: '', values: ['kafka', 'print'] },
    { owner: 'kafka', key: 'topic', detail: 'required', values: [] },
    { owner: 'kafka', key: 'format', detail: '', values: ['json', 'csv'] },
    { owner: 'print', key: 'print-identifier', detail: '', values: [] },
    { owner: 'json', key: 'json.mode', detail: '', values: ['a', 'b'] },
  ],
};

/** Types `...`, where <name> is a key and | is where the cursor has to be at the end. */
function typed(editor: Editor, input: string): Outcome | undefined {
  let outcome: Outcome | undefined;
  for (const [, name, text] of input.matchAll(/<([a-z-]+)>|([^<]+|<)/g)) {
    outcome = name === undefined ? editor.press({ kind: 'text', text: text ?? '' }) : editor.press({ kind: 'key', name: name as KeyName });
  }
  return outcome;
}

function edited(input: string, history = new History()): string {
  const editor = new Editor(history, [{ name: 'stop', operand: 'job' }, { name: 'd', operand: 'table' }]);
  editor.vocabulary = vocabulary;
  typed(editor, input);
  const { text, cursor } = editor.view;
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

suite('the editor', () => {
  const edits: readonly (readonly [string, string])[] = [
    ['abc<left><left>x', 'ax|bc'],
    ['a漢👩‍👩‍👧e\u0301<left><left><backspace>', 'a|👩‍👩‍👧e\u0301'],
    ['a👩‍👩‍👧<backspace>', 'a|'],
    ['one two<home>x<end>y', 'xone twoy|'],
    ['one two three<kill-word><kill-word>', 'one |'],
    ['one two<word-left><kill-to-end><yank><yank>', 'one twotwo|'],
    ['one two<word-left><kill-to-start>', '|two'],
    ['one two<home><kill-next-word>', '| two'],
    ['one<enter>two<up>x', 'onex|\ntwo'],
    ['one<enter>seven<up><end><down>x', 'one\nsevx|en'],
    ['one<enter>two<home><backspace>', 'one|two'],
    ['one<enter>two<up><end><kill-to-end>', 'one|two'],
    ['one<enter>two<up><end><delete>', 'one|two'],
    ['<left><backspace><delete><kill-word><up><down>', '|'],
  ];
  test('keys edit', () => {
    for (const [input, expected] of edits) assert.equal(edited(input), expected, input);
  });

  test('Enter runs what is complete, and what is no SQL; Alt-Enter runs anything', () => {
    const outcome = (input: string): Outcome | undefined => typed(new Editor(new History(), []), input);
    for (const text of ['SELECT 1;', '\\d', 'quit', 'HELP;', '']) assert.deepEqual(outcome(`${text}<enter>`), { kind: 'submit', text }, text);
    assert.deepEqual(outcome('SELECT 1<enter>'), { kind: 'edited' });
    assert.deepEqual(outcome('SELECT 1<alt-enter>'), { kind: 'submit', text: 'SELECT 1' });
    assert.deepEqual(outcome('<interrupt>'), { kind: 'interrupt' });
    assert.deepEqual(outcome('x<interrupt>'), { kind: 'dropped' });
    assert.deepEqual(outcome('<end-of-input>'), { kind: 'leave' });
    assert.deepEqual(outcome('x<home><end-of-input>'), { kind: 'edited' });
  });

  test('a paste is text, whatever it holds', () => {
    const editor = new Editor(new History(), []);
    editor.press({ kind: 'paste', text: 'SELECT 1;\nSELECT\n2;' });
    assert.deepEqual(typed(editor, '<enter>'), { kind: 'submit', text: 'SELECT 1;\nSELECT\n2;' });
  });

  test('the history: by what is typed, back to it, and by search', () => {
    const history = new History();
    for (const text of ['SELECT 1;', 'DROP x;', 'SELECT\n2;']) history.add(text);
    assert.equal(edited('<up>', history), 'SELECT\n2;|');
    assert.equal(edited('SEL<up><up><up>', history), 'SELECT 1;|');
    assert.equal(edited('SEL<up><up><up><down>', history), 'SELECT\n2;|');
    assert.equal(edited('SEL<up><down>', history), 'SEL|');
    assert.equal(edited('draft<search>drop', history), 'DROP x;|');
    assert.equal(edited('draft<search>sel<search>', history), 'SELECT 1;|');
    assert.equal(edited('draft<search>sel<cancel>', history), 'draft|');
    assert.equal(edited('<search>drop<home>y', history), 'y|DROP x;');
    assert.deepEqual(typed(new Editor(history, []), '<search>drop<enter>'), { kind: 'submit', text: 'DROP x;' });
  });

  const completions: readonly (readonly [string, string])[] = [
    ['SEL<tab>', 'SELECT |'],
    ['sel<tab>', 'select |'],
    ['SELECT low<tab>', 'SELECT lower(|'],
    ['SELECT * FROM o<tab>', 'SELECT * FROM o|'],
    ['SELECT * FROM or<tab>', 'SELECT * FROM orders |'],
    ['SELECT * FROM other.<tab>', 'SELECT * FROM other.people |'],
    ['SELECT * FROM my<tab>', 'SELECT * FROM `my table` |'],
    ['SELECT * FROM `my<tab>', 'SELECT * FROM `my table` |'],
    [`SELECT a FROM \`my table\`${'<left>'.repeat(16)}<tab>`, 'SELECT `a b`| FROM `my table`'],
    ['SELECT it<tab>', 'SELECT it|'],
    [`SELECT  FROM orders${'<left>'.repeat(12)}it<tab>`, 'SELECT item| FROM orders'],
    [`SELECT o. FROM orders AS o${'<left>'.repeat(17)}it<tab>`, 'SELECT o.item| FROM orders AS o'],
    [`SELECT 1 FROM orders; SELECT it<tab>`, 'SELECT 1 FROM orders; SELECT it|'],
    ["WITH ('conn<tab>", "WITH ('connector|"],
    ["WITH ('connector' = 'pr<tab>", "WITH ('connector' = 'print|"],
    ["WITH ('connector' = 'kafka', 'to<tab>", "WITH ('connector' = 'kafka', 'topic|"],
    ["WITH ('connector' = 'print', 'to<tab>", "WITH ('connector' = 'print', 'to|"],
    ["WITH ('connector' = 'kafka', 'format' = 'json', 'js<tab>", "WITH ('connector' = 'kafka', 'format' = 'json', 'json.mode|"],
    ["SET 'pip<tab>", "SET 'pipeline.name|"],
    ["SET 'a.flag' = 'tr<tab>", "SET 'a.flag' = 'true|"],
    ['-- SEL<tab>', '-- SEL|'],
    ['\\st<tab>', '\\stop |'],
    ['\\stop or<tab>', '\\stop orders-job |'],
    ['\\d or<tab>', '\\d orders |'],
    ['a<enter><tab>', 'a\n  |'],
  ];
  test('Tab completes', () => {
    for (const [input, expected] of completions) assert.equal(edited(input), expected, input);
  });

  test('where candidates have nothing more in common they are listed, until the next key', () => {
    const editor = new Editor(new History(), []);
    editor.vocabulary = vocabulary;
    typed(editor, 'SELECT i FROM orders<home><word-right><right><right><tab>');
    assert.deepEqual(editor.view.candidates, [{ text: 'id', detail: 'INT' }, { text: 'item', detail: 'STRING' }]);
    typed(editor, 'd');
    assert.deepEqual(editor.view.candidates, []);
  });

  test('who waits for an answer is told what is missing; Tab twice lists as Tab once', () => {
    const editor = new Editor(new History(), []);
    editor.vocabulary = vocabulary;
    const listed = (input: string): readonly string[] => {
      editor.set('');
      typed(editor, input);
      return editor.view.candidates.map(({ text }) => text);
    };
    assert.deepEqual(listed('SELECT 1<enter>'), []);
    assert.deepEqual(listed('SELECT 1<enter><enter>'), ['a statement ends with ;']);
    assert.deepEqual(listed('SELECT 1<enter>quit<enter>'), ['this is a line of the statement above']);
    assert.deepEqual(listed('SELECT 1<enter>\\q<enter>'), ['this is a line of the statement above']);
    assert.deepEqual(listed('SELECT 1<enter><enter>,'), [], 'the next key takes it away');
    assert.deepEqual(listed('SE<tab>'), ['SELECT', 'SET', 'SESSION']);
    assert.deepEqual(listed('SE<tab><tab>'), ['SELECT', 'SET', 'SESSION']);
  });

  test('a search that finds nothing says so, and goes on when it finds again', () => {
    const history = new History();
    history.add('SELECT 1;');
    const editor = new Editor(history, []);
    typed(editor, '<search>sel');
    typed(editor, 'x');
    assert.deepEqual([editor.view.search, editor.view.isLost, editor.view.text], ['selx', true, 'SELECT 1;']);
    typed(editor, '<backspace>');
    assert.deepEqual([editor.view.search, editor.view.isLost], ['sel', undefined]);
  });
});
