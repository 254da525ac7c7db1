import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HeldFiles, OpenPart, publishParts } from '../../../connectors/filesystem/parts.ts';

const root = mkdtempSync(join(tmpdir(), 'sluice-open-parts-'));
after(() => rmSync(root, { recursive: true }));

test('more parts than files may be open are written by turns', async () => {
  const held = new HeldFiles();
  const parts = Array.from({ length: 300 }, (_, i) => new OpenPart(root, `part-${i}`, 0, held));
  for (const round of [1, 2]) for (const [i, part] of parts.entries()) part.append(Buffer.from(`${round}:${i}\n`));
  await Promise.all(parts.map((part) => part.sync()));
  const lengths = parts.map(({ part }) => part);
  for (const part of parts) part.close();
  publishParts(root, lengths);
  for (const [i, { length }] of lengths.entries()) {
    const text = readFileSync(join(root, `part-${i}`), 'utf8');
    assert.equal(text, `1:${i}\n2:${i}\n`);
    assert.equal(length, text.length);
  }
});

test('a part that is begun again under its name forgets what a run that died left there', () => {
  const held = new HeldFiles();
  const dead = new OpenPart(root, 'part-x', 0, held);
  dead.append(Buffer.from('old'));
  dead.close();
  const part = new OpenPart(root, 'part-x', 0, held);
  part.append(Buffer.from('new\n'));
  part.park();
  part.append(Buffer.from('more\n'));
  part.park();
  assert.deepEqual(part.part, { name: 'part-x', length: 9 });
  publishParts(root, [part.part]);
  assert.equal(readFileSync(join(root, 'part-x'), 'utf8'), 'new\nmore\n');
});
