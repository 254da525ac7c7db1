import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readArguments } from '../../repl/arguments.ts';
import { commands, execute } from '../../repl/commands.ts';
import { UsageError } from '../../repl/flags.ts';

const read = (...argv: string[]): ReturnType<typeof readArguments> => readArguments(argv, commands, execute);
const fails = (pattern: RegExp, ...argv: string[]): void => {
  assert.throws(() => read(...argv), (error) => error instanceof UsageError && pattern.test(`${error.message}\n${error.hint ?? ''}`));
};

suite('readArguments', () => {
  test('flags stand before or behind the command and its files', () => {
    const { command, args } = read('--state-dir', 'd', 'run', 'a.sql', '--bounded', 'b.sql', '-D', 'a=1', '-Db=2=3');
    assert.equal(command?.name, 'run');
    assert.deepEqual(args.operands, ['a.sql', 'b.sql']);
    assert.equal(args.text('state-dir'), 'd');
    assert.equal(args.is('bounded'), true);
    assert.deepEqual(args.settings(), { a: '1', b: '2=3' });
  });

  test('-e and -f keep their order, and SQL may begin with a comment', () => {
    const { command, args } = read('-e', '-- first\nSELECT 1', '-f', 'x.sql', '-e', 'SELECT 2');
    assert.equal(command, undefined);
    assert.deepEqual(args.sources, [{ text: '-- first\nSELECT 1' }, { file: 'x.sql' }, { text: 'SELECT 2' }]);
  });

  test('durations and counts', () => {
    assert.equal(read('run', 'a', '--stop-after', '10s').args.duration('stop-after'), 10_000);
    assert.equal(read('run', 'a', '--stop-after', '500 ms').args.duration('stop-after'), 500);
    assert.throws(() => read('run', 'a', '--stop-after', 'soon').args.duration('stop-after'), UsageError);
    assert.throws(() => read('run', 'a', '--stop-after', '5').args.duration('stop-after'), /takes a duration with its unit, as 5s or 5ms/);
    assert.throws(() => read('run', 'a', '--stop-after', '25d').args.duration('stop-after'), /at most 24 days/);
    assert.throws(() => read('-e', 'x', '--limit', '0').args.count('limit'), UsageError);
  });

  test('what is wrong is said', () => {
    fails(/no command 'demmo'.*"demo"/s, 'demmo');
    fails(/no command 'x\.sql'.*sluice run x\.sql/s, 'x.sql');
    fails(/check has no flag --fresh.*run/s, 'check', 'a', '--fresh');
    fails(/--bounded takes no value/, 'run', 'a', '--bounded=yes');
    fails(/--name needs a value/, 'run', 'a', '--name');
    fails(/--state-dir needs a value/, 'run', 'a', '--state-dir', '');
    fails(/--state-dir needs a value/, 'run', 'a', '--state-dir=');
    assert.deepEqual(read('-e', '').args.sources, [{ text: '' }]);
    fails(/--format is one of text, json, not 'jsn'.*"json"/s, 'check', 'a', '--format', 'jsn');
    fails(/run needs FILE/, 'run');
    fails(/no command 'SELECT 1'.*sluice -e "SELECT 1"/s, 'SELECT 1');
    fails(/no command 'select'.*sluice -e "select \.\."/s, 'select', '1');
    fails(/no command '-'.*sluice < FILE/s, '-');
    fails(/no command 'constructor'/, 'constructor');
    fails(/not supported yet: sluice fmt/, 'fmt', 'a.sql');
    fails(/has no flag -v.*--version/s, '-v');
    fails(/has no flag -c.*-e SQL/s, '-c', 'SELECT 1');
    fails(/explain takes FILE, not 'b'/, 'explain', 'a', 'b');
    fails(/sluice has no flag --kafka/, '--kafka', 'localhost:9092', '-e', 'SELECT 1');
    fails(/sluice has no flag --kafka/, '--kafka', 'localhost:9092', 'run', 'a.sql');
    fails(/'run' has no place beside -e.*sluice run FILE /s, 'run', '-e', 'SELECT 1');
    fails(/has no flag -i.*-f FILE/s, '-i', 'init.sql');
    assert.throws(() => read('-e', 'x', '-D', 'novalue').args.settings(), UsageError);
  });
});
