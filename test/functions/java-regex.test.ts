import assert from 'node:assert/strict';
import test from 'node:test';
import { SqlError } from '../../core/diagnostic.ts';
import { firstMatch, javaRegex } from '../../functions/java-regex.ts';

const found = (text: string, pattern: string): string | undefined => firstMatch(text, pattern)?.[0];

test('what Java writes otherwise than JavaScript', () => {
  assert.equal(found('xÄbc', '\\p{Alpha}+'), 'xÄbc'.slice(0, 1));
  assert.equal(found('a.b', '\\Q.\\E'), '.');
  assert.equal(found('END\n', 'END$'), 'END');
  assert.equal(found('ENDE\n', 'END$'), undefined);
  assert.equal(found('Lake', '(?i)lAKE'), 'Lake');
  assert.equal(found('a\u00a0b', 'a\\sb'), undefined);
  assert.equal(found('a-b', 'a\\-b'), 'a-b');
  assert.equal(found('x]y', '[]]'), ']');
  assert.equal(found('é😀', '^..$'), 'é😀');
});

test('a pattern that is none is undefined, one that JavaScript has no like of is not supported yet', () => {
  for (const pattern of ['(', '[a', 'a\\']) assert.equal(javaRegex(pattern), undefined, pattern);
  for (const pattern of ['a++', '(?>a)', '[a-z&&[^b]]', 'a(?i)b']) assert.throws(() => javaRegex(pattern), (error) => error instanceof SqlError && error.code === 'E0002', pattern);
});
