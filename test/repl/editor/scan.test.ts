import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isBlank, isComplete, scan } from '../../../repl/editor/scan.ts';

suite('scan', () => {
  test('pieces cover all but the space', () => {
    const text = "SELECT `a``b`, 'it''s', x1.y /* c */ -- d\n+ 漢字 1.5e3 \u0000 '";
    const pieces = scan(text);
    assert.deepEqual(pieces.map(({ kind, text: piece }) => `${kind} ${piece}`), ['word SELECT', 'name `a``b`', 'symbol ,', "string 'it''s'", 'symbol ,', 'word x1', 'symbol .', 'word y', 'comment /* c */', 'comment -- d', 'symbol +', 'word 漢字', 'number 1.5e3', 'symbol \u0000', "string '"]);
    for (const piece of pieces) assert.equal(text.slice(piece.start, piece.end), piece.text);
    assert.deepEqual(pieces.filter((piece) => !piece.isClosed).map((piece) => piece.text), ["'"]);
  });

  const complete: readonly (readonly [string, boolean])[] = [
    ['SELECT 1;', true],
    ['SELECT 1; -- done', true],
    ['SELECT 1; /* done */', true],
    ['SELECT 1', false],
    ["SELECT ';", false],
    ["SELECT ';';", true],
    ["SELECT 'it''s;", false],
    ['SELECT 1 -- ;', false],
    ['SELECT 1 /* ;', false],
    ['SELECT `a;', false],
    ['SELECT 1; SELECT 2', false],
    ['EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1;', false],
    ['EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END;', true],
    ['BEGIN STATEMENT SET; INSERT INTO a SELECT 1;', false],
    ['begin statement set; INSERT INTO a SELECT 1; end;', true],
    ['SELECT CASE WHEN a THEN 1 END;', true],
    ['', false],
  ];
  test('a text runs when its last statement has its semicolon', () => {
    for (const [text, expected] of complete) assert.equal(isComplete(text), expected, text);
  });

  test('blank is what holds nothing to run', () => {
    for (const text of ['', ' \n', '-- a', '/* a */ -- b']) assert.equal(isBlank(text), true, text);
    for (const text of ['a', '/* a', "'"]) assert.equal(isBlank(text), false, text);
  });
});
