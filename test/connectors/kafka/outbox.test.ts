import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Outbox } from '../../../connectors/kafka/outbox.ts';
import { failure } from '../../engine/tables.ts';

test('output that is gone is told with what to do', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-outbox-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  assert.throws(() => new Outbox(dir).load(1, 240), failure('E0804', /0 of 240 bytes[^]*--fresh/));
});
