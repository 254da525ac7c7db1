import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InternalLog } from '../../broker/internal-log.ts';
import { temporaryFolder } from './folders.ts';

test('values that hold are kept, also when they fill more than one segment', (t) => {
  const dir = temporaryFolder(t);
  const text = 'x'.repeat(1 << 20);
  const holding: { readonly key: number; readonly text: string }[] = [];
  const open = (): InternalLog => new InternalLog(dir, { segmentBytes: 1, onSync: undefined }, () => 0, () => holding);
  const log = open();
  for (let key = 0; key < 20; key++) {
    holding.push({ key, text });
    log.append({ key, text });
  }
  log.syncNow();
  log.close();
  const again = open();
  const keys = new Set([...again.values()].map((value) => (value as { readonly key: number }).key));
  again.close();
  assert.equal(keys.size, 20);
});
