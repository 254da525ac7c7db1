import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EngineLink } from '../../../repl/prompt/engine-link.ts';
import type { Task } from '../../../repl/prompt/protocol.ts';

const dir = mkdtempSync(join(tmpdir(), 'sluice-link-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const look = { format: 'jsonl', answers: 'table', width: undefined, color: false } as const;
const run = (text: string): Task => ({ kind: 'run', text, file: undefined, look, limits: { rows: undefined, timeout: undefined, bounded: false } });

test('rows that gather while a slow terminal takes those before them hold nothing up', { timeout: 30_000 }, async () => {
  const shown: string[] = [];
  const takes: (() => void)[] = [];
  let isSlow = true;
  const link: EngineLink = new EngineLink({ stateDir: join(dir, 'slow'), settings: {} }, {
    // The first lines are not taken before more have come.
    result: (lines) => {
      shown.push(...lines);
      if (!isSlow) {
        if (shown.length > 20) link.interrupt();
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        takes.push(resolve);
        if (takes.length < 2) return;
        isSlow = false;
        for (const take of takes) take();
      });
    },
    told: () => undefined,
    logged: () => undefined,
    vocabulary: () => undefined,
    live: () => undefined,
    status: () => undefined,
  });
  await link.do(run("CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '200', 'fields.n.kind' = 'sequence', 'fields.n.start' = '0', 'fields.n.end' = '100000')"));
  const { isFine } = await link.do(run('SELECT n FROM numbers'));
  await link.close();
  assert.equal(isFine, true);
  assert.deepEqual(shown, shown.map((_, n) => `{"n":${n}}`), 'each once, in their order');
});
