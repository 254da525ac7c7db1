import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { BatchBuilder } from '../../wire/batch-builder.ts';
import { assignProducer } from '../../wire/record-batch.ts';
import type { ProducerIdentity } from '../../wire/broker-link.ts';

/** A folder that goes with the test. */
export function temporaryFolder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** What a power cut leaves is tried on copies: the files as they are now, while their owner still has them open. */
export function copyOf(t: TestContext, dir: string): string {
  const copy = temporaryFolder(t);
  cpSync(dir, copy, { recursive: true });
  return copy;
}

const utf8 = new TextEncoder();

/** A producer's next batch: who it is of and, unless it is the first, the number of its first record. */
export interface Sender extends ProducerIdentity {
  readonly sequence?: number;
  /** False: a producer that numbers its batches, without transactions. */
  readonly transactional?: boolean;
}

/** One record batch of values without keys. */
export function batchOf(values: readonly string[], producer?: Sender, timestamp = 1000): Uint8Array {
  const builder = new BatchBuilder(256);
  for (const value of values) {
    const bytes = utf8.encode(value);
    builder.append(bytes, 0, -1, bytes, 0, bytes.length, timestamp);
  }
  const bytes = builder.finish();
  if (producer !== undefined) assignProducer(bytes, 0, bytes.length, { sequence: 0, transactional: true, ...producer });
  return bytes;
}
