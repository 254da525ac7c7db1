import assert from 'node:assert/strict';
import test from 'node:test';
import { SqlError } from '../../core/diagnostic.ts';
import { Engine } from '../../engine/engine.ts';

async function values(...expressions: readonly string[]): Promise<unknown[]> {
  await using engine = await Engine.create();
  const [row] = (await engine.collect(`SELECT ${expressions.map((sql, i) => `${sql} AS c${i}`).join(', ')}`)).rows;
  return Object.values(row ?? {});
}

async function codeOf(sql: string): Promise<string> {
  return values(sql).then(() => 'none', (error: unknown) => (error instanceof SqlError ? error.code : 'other'));
}

test('a character outside the first plane counts once', async () => {
  assert.deepEqual(await values("CHAR_LENGTH('a😀b')", "LEFT('a😀b', 2)", "RIGHT('a😀b', 2)", "REVERSE('a😀b')", "SUBSTRING('a😀b', 2, 1)", "LOCATE('b', 'a😀b')"), [3, 'a😀', '😀b', 'b😀a', '😀', 3]);
});

test('lengths below nothing and places beyond the end', async () => {
  assert.deepEqual(await values("LEFT('abc', -1)", "REPEAT('abc', -1)", "LPAD('abc', -1, 'x')", "LPAD('abc', 5, '')", "LPAD('abc', 2, 'x')", "SUBSTRING('abc', 9)", "SUBSTRING('abc', 1, -1)", "SPLIT_INDEX('a', ',', -1)"), ['', '', null, null, 'ab', '', null, null]);
});

test('SPLIT_INDEX: an empty text has no parts, and nothing to cut at is a space', async () => {
  assert.deepEqual(await values("SPLIT_INDEX('', ',', 0)", "SPLIT_INDEX('a b', '', 1)", "SPLIT_INDEX(',', ',', 0)"), [null, 'b', '']);
});

test('IS DISTINCT FROM takes NULL for a value', async () => {
  const nothing = 'CAST(NULL AS INT)';
  assert.deepEqual(await values(`${nothing} IS DISTINCT FROM ${nothing}`, `1 IS DISTINCT FROM ${nothing}`, `${nothing} IS NOT DISTINCT FROM 1`, '1 IS DISTINCT FROM 1.0', '1 IS NOT DISTINCT FROM 2 OR FALSE'), [false, true, false, false, false]);
});

test('TRIM in all its forms', async () => {
  assert.deepEqual(await values("TRIM(' a ')", "TRIM(FROM ' a ')", "TRIM('x' FROM 'xax')", "TRIM(LEADING 'x' FROM 'xax')", "TRIM(TRAILING FROM ' a ')", "TRIM(BOTH ' a ')"), ['a', 'a', 'a', 'ax', ' a', 'a']);
});

test('LIKE: signs of regular expressions stand for themselves, an escape only before what needs one', async () => {
  assert.deepEqual(await values("'a.c' LIKE 'a.c'", "'abc' LIKE 'a.c'", "'a\nb' LIKE 'a_b'", "'a😀b' LIKE 'a_b'", "'(x|y)*' LIKE '(_|_)*'", "'a' NOT LIKE 'b%'", "CAST(NULL AS STRING) LIKE 'a'"), [true, false, true, true, true, true, null]);
  assert.equal(await codeOf("'a' LIKE '!a' ESCAPE '!'"), 'E0207');
  assert.equal(await codeOf("'a' LIKE 'a' ESCAPE 'ab'"), 'E0207');
});

test('a NULL argument makes the result NULL, in a concatenation too', async () => {
  assert.deepEqual(await values("'a' || CAST(NULL AS STRING)", "CONCAT('a', CAST(NULL AS STRING), 'b')", "REPLACE('aXb', 'X', '$&')"), [null, null, 'a$&b']);
});

test('TRANSLATE: without FROM the text stays, without TO what is in FROM goes', async () => {
  const nothing = 'CAST(NULL AS STRING)';
  assert.deepEqual(await values("TRANSLATE('hello', 'el', 'ip')", `TRANSLATE('hello', ${nothing}, 'x')`, `TRANSLATE('hello', 'l', ${nothing})`, `TRANSLATE(${nothing}, 'a', 'b')`), ['hippo', 'hello', 'heo', null]);
});

test('SPLIT_INDEX cuts at the character of a code, of those from 1 to 255', async () => {
  assert.deepEqual(await values("SPLIT_INDEX('a|b|c', 124, 2)", "SPLIT_INDEX('a|b', 124, 5)", "SPLIT_INDEX('a|b', 0, 0)", "SPLIT_INDEX('a|b', 256, 0)", "SPLIT_INDEX('a|b', CAST(NULL AS INT), 0)"), ['c', null, null, null, null]);
});

test('SIMILAR TO: classes in sets, and a ] outside of one', async () => {
  assert.deepEqual(await values("'Ab' SIMILAR TO '[[:UPPER:]][[:lower:]]'", "'a-7' SIMILAR TO '[[:alpha:]-]+[[:DIGIT:]]'", "'x' SIMILAR TO '[^[:alnum:]]'", "'é' SIMILAR TO '[[:ALPHA:]]'", "'a]' SIMILAR TO 'a]'"), [true, true, false, false, true]);
  assert.equal(await codeOf("'a' SIMILAR TO '[[:letter:]]'"), 'E0207');
  assert.equal(await codeOf("'a' SIMILAR TO '[a'"), 'E0207');
});

test('base 64 of bytes, there and back', async () => {
  assert.deepEqual(await values("TO_BASE64(x'0a0b0c')", "TO_BASE64(FROM_BASE64('CgsM'))", 'TO_BASE64(CAST(NULL AS BYTES))'), ['CgsM', 'CgsM', null]);
});

test('LOCATE from a place before the text begins at its first character', async () => {
  assert.deepEqual(await values("LOCATE('a', 'gamma', 0)", "LOCATE('a', 'gamma', -3)", "LOCATE('a', 'gamma', 3)", "LOCATE('a', 'gamma', 9)", "LOCATE('', 'gamma', 3)", "LOCATE('b', 'a😀b', 3)"), [2, 2, 5, 0, 1, 3]);
});

test('HASH_CODE of a text has no sign, but where the least INT has none without', async () => {
  assert.deepEqual(await values("HASH_CODE('ab')", "HASH_CODE('sluices')", "HASH_CODE('')"), [3105, Math.abs([...'sluices'].reduce((hash, char) => (Math.imul(hash, 31) + char.charCodeAt(0)) | 0, 0)), 0]);
});
