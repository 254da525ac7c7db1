import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect } from 'node:util';
import { displayWidth, SqlError, withSource } from '../../core/diagnostic.ts';
import { domainOf, errorCodes, type ErrorCode } from '../../core/error-codes.ts';

/** An error at the first occurrence of `word`. */
function at(text: string, word: string, more: { readonly label?: string; readonly hint?: string; readonly file?: string } = {}): SqlError {
  const start = text.indexOf(word);
  const { file, ...rest } = more;
  return new SqlError({ code: 'E0102', message: 'no such column', span: { start, end: start + word.length }, source: { text, file }, ...rest });
}

function carets(error: SqlError): readonly string[] {
  return error.format().split('\n').slice(-2);
}

test('the caret stands under the word, with what to do behind it', () => {
  const error = at('SELECT a,\n       bee\nFROM t', 'bee', { label: 'did you mean "b"?', hint: 'SELECT b\nFROM t', file: 'q.sql' });
  assert.equal(error.format(), 'error[E0102]: no such column\n  q.sql:2:8\n    2 |        bee\n      |        ^^^ did you mean "b"?\n  SELECT b\n  FROM t');
  assert.deepEqual([error.line, error.column, error.endLine, error.endColumn], [2, 8, 2, 11]);
});

test('tabs are four wide in print and one column in the count', () => {
  const error = at('\tSELECT\t\tbee', 'bee');
  assert.deepEqual(carets(error), ['    1 |     SELECT        bee', '      |                   ^^^']);
  assert.equal(error.column, 10);
});

test('wide characters take two cells, combining marks and joiners none', () => {
  assert.deepEqual(carets(at("SELECT '温度', bee", 'bee')), ["    1 | SELECT '温度', bee", '      |                ^^^']);
  assert.deepEqual(carets(at('SELECT 温度', '温度')), ['    1 | SELECT 温度', '      |        ^^^^']);
  assert.equal(displayWidth('温度'), 4);
  assert.equal(displayWidth('e\u0301'), 1);
  assert.equal(displayWidth('\u{1F600}'), 2);
  assert.equal(displayWidth('\u30AF\uFF71'), 3);
});

test('columns count characters, not code units', () => assert.equal(at("SELECT '\u{1F600}', bee", 'bee').column, 13));

test('a span over several lines marks the first to its end, and ends where it ends', () => {
  const error = at('SELECT (a\n  + b) x', '(a\n  + b)');
  assert.deepEqual(carets(error), ['    1 | SELECT (a', '      |        ^^']);
  assert.deepEqual([error.line, error.column, error.endLine, error.endColumn], [1, 8, 2, 7]);
});

test('Windows line ends are not printed and not counted', () => {
  const error = at('SELECT a,\r\nbee\r\nFROM t', 'bee');
  assert.deepEqual(carets(error), ['    2 | bee', '      | ^^^']);
  assert.equal(error.column, 1);
});

test('an empty span still has one caret, at the end of the text as well', () => {
  const error = new SqlError({ code: 'E0001', message: 'too early', span: { start: 6, end: 6 }, source: { text: 'SELECT' } });
  assert.deepEqual(carets(error), ['    1 | SELECT', '      |       ^']);
});

test('of a line that is wider than the terminal the part around the caret is printed', () => {
  for (const [before, after] of [[0, 3000], [3000, 0], [3000, 3000], [20, 3000], [3000, 20], [50_000, 50_000]] as const) {
    for (const filler of ['abcdefg ', '\u6e29\u5ea6', '\u{1F600}x']) {
      const text = `${filler.repeat(before)}bee${filler.repeat(after)}`;
      for (const width of [20, 60, 61, 80, undefined]) {
        const lines = at(text, 'bee').format({ width }).split('\n').slice(-2);
        const [line = '', caret = ''] = lines;
        const at_ = line.indexOf('bee');
        assert.equal(displayWidth(line.slice(0, at_)), caret.indexOf('^'), line);
        assert.ok(caret.endsWith('^^^'));
        assert.ok(displayWidth(line) <= Math.max(48, width ?? 200) + 2, `${displayWidth(line)} cells of ${width}`);
        if (before !== 20) assert.equal(line.startsWith('    1 | \u2026'), before > 0, line);
        if (after !== 20) assert.equal(line.endsWith('\u2026'), after > 0, line);
        assert.ok(line.isWellFormed());
      }
    }
  }
  assert.match(carets(at('b'.repeat(1000), 'b'.repeat(1000)))[1] ?? '', /^ {6}\| \^{100,192}$/);
});

test('words without end are cut, and control characters of what a sentence quotes are not printed', () => {
  const long = 'n'.repeat(1_000_000);
  const text = new SqlError({ code: 'E0102', message: `no column ${long} here`, label: `\u001b[2J${long}`, hint: `first\nthe record: \u0007${long}` }).format();
  assert.deepEqual(text.split('\n').map((line) => line.replaceAll(/n{90,}/g, 'N')), ['error[E0102]: no column N\u2026 here', '  \ufffd[2JN\u2026', '  first', '  the record: \ufffdN\u2026']);
});

test('control characters are not printed', () => assert.deepEqual(carets(at("'\u001b[2J', bee", 'bee')), ["    1 | '\ufffd[2J', bee", '      |         ^^^']));

test('colours go around the head and the caret only', () => {
  const text = at('SELECT bee', 'bee').format({ color: true });
  assert.equal(text.split('\u001b[1;31m').length, 3);
  const codes = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g');
  assert.equal(text.replaceAll(codes, ''), at('SELECT bee', 'bee').format());
});

test('an error without a source says its label in a line of its own', () => {
  assert.equal(new SqlError({ code: 'E0601', message: 'nothing answers', label: 'no Kafka here', hint: 'start it' }).format(), 'error[E0601]: nothing answers\n  no Kafka here\n  start it');
});

test('an error keeps the source that it knows', () => {
  const known = at('SELECT bee', 'bee');
  assert.equal(withSource(known, { text: 'other' }), known);
  const told = withSource(new SqlError({ code: 'E0102', message: 'm', span: { start: 7, end: 10 } }), { text: 'SELECT bee', file: 'x.sql' });
  assert.deepEqual([told.file, told.line, told.column], ['x.sql', 1, 8]);
});

test('toJSON is plain JSON with the offset as text', () => {
  const error = new SqlError({ code: 'E0701', message: 'm', record: { topic: 't', partition: 1, offset: 9007199254740993n }, job: 'j' });
  assert.deepEqual(JSON.parse(JSON.stringify(error)), { code: 'E0701', domain: 'user', retryable: false, message: 'm', fixes: [], record: { topic: 't', partition: 1, offset: '9007199254740993' }, job: 'j' });
});

test('every independent error is in `all`, the thrown one first', () => {
  const other = new SqlError({ code: 'E0101', message: 'other' });
  const error = new SqlError({ code: 'E0102', message: 'first' }, [other]);
  assert.deepEqual(error.all, [error, other]);
});

test('whose fault an error is follows from its code', () => {
  assert.equal(domainOf('E0999'), 'internal');
  const external = Object.keys(errorCodes).filter((code) => domainOf(code as ErrorCode) === 'external');
  assert.ok(external.includes('E0601') && external.includes('E0805') && !external.includes('E0801'));
});

test('Node prints an error that nobody caught with its place, every other of the script, and where it was thrown', () => {
  const other = at('SELECT bee, cow', 'cow');
  const error = new SqlError(at('SELECT bee, cow', 'bee').diagnostic, [other]);
  const text = inspect(error);
  assert.ok(text.startsWith(`SqlError: ${error.format()}\n${other.format()}\n    at `), text);
  assert.doesNotMatch(text, /diagnostic:|undefined|Circular/);
});
