import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';

async function valueOf(sql: string): Promise<unknown> {
  await using engine = await Engine.create();
  return (await engine.collect(`SELECT ${sql} AS x`)).rows[0]?.['x'];
}

test("characters by their number in U&'..', behind a backslash or a character of one's own", async () => {
  assert.equal(await valueOf(String.raw`U&'caf\00e9 it''s \\'`), "café it's \\");
  assert.equal(await valueOf("U&'caf!00e9 !! \\00e9' UESCAPE '!'"), 'café ! \\00e9');
});

test('what no number follows', async () => {
  await assert.rejects(valueOf(String.raw`U&'\00g9'`), { code: 'E0001' });
  await assert.rejects(valueOf("U&'a' UESCAPE 'xy'"), { code: 'E0001' });
});
