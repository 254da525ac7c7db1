import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Database from 'better-sqlite3';
import type { SqlError } from '../../core/diagnostic.ts';
import type { CheckpointStore } from '../../state/checkpoint.ts';
import { openCheckpoints } from '../../state/checkpoint-store.ts';
import { temporaryFolder } from '../broker/folders.ts';
import { Random, seedFromEnvironment } from '../random.ts';

const group = 'GroupAggregate-1 of a@b';
const windows = 'WindowAggregate-1 of a@b';

async function commit(store: CheckpointStore, id: number, random: Random): Promise<void> {
  const capture = (state: string, part: string, size: number) => ({ state, part, bytes: Uint8Array.from({ length: size }, () => random.int(0, 255)) });
  await store.commit({
    id,
    meta: { incarnation: 'one', positions: { 'a@b': { 0: { connector: 'kafka', position: { offset: String(id * 100) }, watermark: id * 1000 } } } },
    captures: [capture(group, '', 300), capture(windows, String(id * 1000), 100), capture(windows, '99000', 5000)],
    dropped: id > 3 ? [{ state: windows, part: String((id - 3) * 1000) }] : [],
  });
}

/** What a store holds, as text; the code of the error where it is refused. */
function read(path: string): string {
  try {
    const latest = openCheckpoints(path).latest();
    return JSON.stringify([latest?.id, latest?.meta, [...(latest?.states ?? [])].map(([state, parts]) => [state, [...parts].map(([part, captures]) => [part, captures.map((bytes) => Buffer.from(bytes).toString('hex'))])])]);
  } catch (error) {
    return (error as SqlError).code;
  }
}

test('one bit that has turned, or an end that is missing, is noticed or does no harm', async (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const random = new Random(seed);
  const folder = temporaryFolder(t);
  const path = join(folder, 'c.db');
  const store = openCheckpoints(path);
  t.after(() => store.close());
  for (let id = 1; id <= 5; id++) await commit(store, id, random);
  // What is in the file of the database, and what still lies in the log beside it.
  const database = new Database(path);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
  for (let id = 6; id <= 8; id++) await commit(store, id, random);
  const endings = ['', '-wal', '.stored'];
  const whole = endings.map((ending) => readFileSync(`${path}${ending}`));
  assert.ok(whole.every((bytes) => bytes.length > 0));

  let tries = 0;
  const readDamaged = (ending: string, damage: (bytes: Buffer) => Buffer): string => {
    const copy = join(folder, String(++tries));
    mkdirSync(copy);
    for (const [i, bytes] of whole.entries()) writeFileSync(join(copy, `c.db${endings[i]}`), endings[i] === ending ? damage(Buffer.from(bytes)) : bytes);
    return read(join(copy, 'c.db'));
  };
  const intact = readDamaged('', (bytes) => bytes);
  assert.equal(JSON.parse(intact)[0], 8);
  const outcomes: Record<string, number> = {};
  const note = (place: string, outcome: string): void => {
    if (outcome !== intact) assert.match(outcome, /^E080[124]$/, place);
    const kind = outcome === intact ? 'no harm' : outcome;
    outcomes[kind] = (outcomes[kind] ?? 0) + 1;
  };
  for (const [i, bytes] of whole.entries()) {
    const ending = endings[i] ?? '';
    for (let n = 0; n < (ending === '.stored' ? 10 : 60); n++) {
      const [at, bit] = [random.int(0, bytes.length - 1), random.int(0, 7)];
      note(`bit ${bit} of byte ${at} of c.db${ending}`, readDamaged(ending, (copy) => (copy.writeUInt8((copy[at] ?? 0) ^ (1 << bit), at), copy)));
    }
    for (let n = 0; n < 10; n++) {
      const length = random.int(0, bytes.length);
      note(`c.db${ending} cut to ${length} bytes`, readDamaged(ending, (copy) => copy.subarray(0, length)));
    }
  }
  t.diagnostic(JSON.stringify(outcomes));
  assert.ok((outcomes['E0804'] ?? 0) > 50 && (outcomes['no harm'] ?? 0) > 10);
});

test('a capture that came, went or became another without a checkpoint is noticed, when it is read and before more is stored', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'c.db');
  const random = new Random(1);
  const store = openCheckpoints(path);
  for (let id = 1; id <= 3; id++) await commit(store, id, random);
  await store.close();
  for (const [i, change] of [
    `DELETE FROM capture WHERE checkpoint = 2 AND state = '${group}'`,
    `UPDATE capture SET part = '98000' WHERE part = '99000'`,
    `UPDATE capture SET checkpoint = 9 WHERE checkpoint = 1 AND state = '${group}'`,
    `INSERT INTO capture SELECT state, '97000', first_group, last_group, checkpoint, size, bytes FROM capture WHERE part = '99000'`,
    `UPDATE checkpoint SET meta = replace(meta, '300', '301')`,
    'UPDATE checkpoint SET id = 4',
  ].entries()) {
    const copy = join(folder, `${i}.db`);
    copyFileSync(path, copy);
    const database = new Database(copy);
    database.exec(change);
    database.close();
    assert.equal(read(copy), 'E0804', change);
    const changed = openCheckpoints(copy);
    await assert.rejects(commit(changed, 5, random), { code: 'E0804', message: /damaged/ });
    await changed.close();
  }
});

test('a store of version 2, which had no sums, is read and goes on', async (t) => {
  const path = join(temporaryFolder(t), 'c.db');
  const random = new Random(1);
  const store = openCheckpoints(path);
  for (let id = 1; id <= 3; id++) await commit(store, id, random);
  await store.close();
  const stored = read(path);
  const database = new Database(path);
  database.exec('ALTER TABLE checkpoint DROP COLUMN sum');
  database.pragma('user_version = 2');
  database.close();
  writeFileSync(`${path}.stored`, 'this job has stored checkpoints\n');
  assert.equal(read(path), stored);
  const again = openCheckpoints(path);
  await commit(again, 4, random);
  await again.close();
  assert.equal(JSON.parse(read(path))[0], 4);
  assert.ok(existsSync(`${path}.stored`));
});
