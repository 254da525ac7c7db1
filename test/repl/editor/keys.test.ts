import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { KeyDecoder, type Key } from '../../../repl/editor/keys.ts';

const shown = (keys: readonly Key[]): string[] => keys.map((key) => (key.kind === 'key' ? key.name : `${key.kind}:${key.text}`));
const escape = '\u001b';

suite('keys of a terminal', () => {
  test('letters, control keys, and the sequences of several terminals', () => {
    const sent = `a漢${escape}[A${escape}OB\u0001${escape}[H${escape}[4~${escape}[1;5D${escape}f\u007f${escape}\r\r`;
    assert.deepEqual(shown(new KeyDecoder().push(sent)), ['text:a漢', 'up', 'down', 'home', 'home', 'end', 'word-left', 'word-right', 'backspace', 'alt-enter', 'enter']);
  });

  test('any cut of what is sent gives the same keys', () => {
    const sent = `x${escape}[3~y${escape}[200~one\r\ntwo${escape}[A\u0007${escape}[201~z\t`;
    const whole = shown(new KeyDecoder().push(sent));
    assert.deepEqual(whole, ['text:x', 'delete', 'text:y', 'paste:one\ntwo[A', 'text:z', 'tab']);
    for (let i = 1; i < sent.length; i++) {
      for (let j = i; j < sent.length; j++) {
        const decoder = new KeyDecoder();
        assert.deepEqual(shown([...decoder.push(sent.slice(0, i)), ...decoder.push(sent.slice(i, j)), ...decoder.push(sent.slice(j))]), whole, `cut at ${i} and ${j}`);
      }
    }
  });

  test('a key that means nothing here is not typed; a lone ESC waits for what follows', () => {
    const decoder = new KeyDecoder();
    assert.deepEqual(shown(decoder.push(`${escape}[15~${escape}[5;3~\u001c`)), []);
    assert.deepEqual(shown(decoder.push(escape)), []);
    assert.equal(decoder.isWaiting, true);
    assert.deepEqual(shown(decoder.flush()), ['cancel']);
    assert.deepEqual(shown(decoder.push('a')), ['text:a']);
  });

  test('two ESC before a sequence are that key with Alt, and nothing is typed of it', () => {
    assert.deepEqual(shown(new KeyDecoder().push(`${escape}${escape}[A${escape}${escape}OBx`)), ['up', 'down', 'text:x']);
  });

  test('Ctrl-C that comes alone ends a paste whose end was lost; within one it is no key', () => {
    const decoder = new KeyDecoder();
    assert.deepEqual(shown(decoder.push(`${escape}[200~half of`)), []);
    assert.deepEqual(shown(decoder.push('\u0003')), ['interrupt']);
    assert.deepEqual(shown(decoder.push('a')), ['text:a']);
    assert.deepEqual(shown(decoder.push(`${escape}[200~x\u0003y${escape}[201~`)), ['paste:xy']);
  });
});
