import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { History, holdsSecret } from '../../../repl/editor/history.ts';

suite('history', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-history-'));
  after(() => rmSync(dir, { recursive: true, force: true }));

  test('entries of several lines outlive the process; twice the same is once', () => {
    const file = join(dir, 'lines');
    const first = new History(file);
    first.add('SELECT 1,\n  2;');
    first.add('SELECT 1,\n  2;');
    first.add('  ');
    first.add('\\d');
    assert.deepEqual(new History(file).entries, ['SELECT 1,\n  2;', '\\d']);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  test('it stays bounded, readable by its owner alone, and passes over what is no entry', () => {
    const file = join(dir, 'many');
    writeFileSync(file, `no entry\n{"a":1}\n${Array.from({ length: 2100 }, (_, i) => `"SELECT ${i};"\n`).join('')}`);
    chmodSync(file, 0o644);
    const history = new History(file);
    assert.equal(history.entries.length, 1000);
    assert.equal(history.entries.at(-1), 'SELECT 2099;');
    assert.equal(readFileSync(file, 'utf8').split('\n').length - 1, 1000);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    for (let i = 0; i < 10; i++) history.add(`more ${i}`);
    assert.equal(history.entries.length, 1000);
  });

  test('a file that cannot be written makes a history of this session', () => {
    const history = new History(join(dir, 'nowhere', 'history'));
    history.add('SELECT 1;');
    assert.deepEqual(history.entries, ['SELECT 1;']);
  });

  test('nothing that holds a secret is kept', () => {
    const secrets = ["WITH ('properties.sasl.password' = 'x')", "WITH ('PASSWORD'='x')", "SET 'a.secret-key' = 'x';", "WITH ('properties.sasl.jaas.config' = 'x')", "WITH ('url' = 'jdbc:postgresql://me:hush@host/db')", "WITH ('api-key' = 'x')", "WITH ('auth.token' = 'x')"];
    for (const text of secrets) assert.equal(holdsSecret(text), true, text);
    for (const text of ['SELECT password FROM users;', "SELECT 'password';", "WITH ('topic' = 'password')", "WITH ('url' = 'http://host/a@b')"]) assert.equal(holdsSecret(text), false, text);
  });

  test('Up and Down look for what begins alike, Ctrl-R for what holds a part', () => {
    const history = new History();
    for (const text of ['SELECT a;', 'DROP b;', 'SELECT c;']) history.add(text);
    assert.equal(history.older(3, { prefix: 'SELECT' }), 2);
    assert.equal(history.older(2, { prefix: 'SELECT' }), 0);
    assert.equal(history.older(0, { prefix: 'SELECT' }), undefined);
    assert.equal(history.newer(0, { prefix: 'SELECT' }), 2);
    assert.equal(history.older(3, { part: 'OP B' }), 1);
  });
});
