import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

const events = 160_000;
/** A kernel is optimised anew a few times while it learns. One whose types do not hold still goes on with every batch, of which there are some 80. */
const allowed = 30;
/** Compiling in turn with the program: beside it, code comes the later the busier the machine, and until then the slower one is given up batch by batch. */
const inTurn = ['--no-concurrent-recompilation', '--no-concurrent-osr', '--no-maglev-build-code-on-background'];

test('generated kernels settle: the bench queries under --trace-deopt', () => {
  const child = fileURLToPath(new URL('./deopt-child.ts', import.meta.url));
  const { stdout, status, stderr } = spawnSync(process.execPath, ['--trace-deopt', ...inTurn, child, String(events)], { encoding: 'utf8', timeout: 120_000, maxBuffer: 256 << 20 });
  assert.equal(status, 0, stderr);
  const counts = new Map<string, number>();
  let query = '';
  for (const line of stdout.split('\n')) {
    const mark = /^== (end )?(\w+)(?: (\d+))?$/.exec(line);
    if (mark !== null) {
      query = mark[1] === undefined ? (mark[2] ?? '') : '';
      if (mark[1] !== undefined) assert.equal(Number(mark[3]), events, `${mark[2]} read all events`);
      else counts.set(query, 0);
    }
    if (query !== '' && /bailout \(kind: deopt-eager/.test(line)) counts.set(query, (counts.get(query) ?? 0) + 1);
  }
  assert.ok(counts.size >= 5, `the queries ran: ${[...counts.keys()].join(', ')}`);
  process.stdout.write(`deopts: ${[...counts].map(([name, count]) => `${name} ${count}`).join(', ')}\n`);
  for (const [name, count] of counts) assert.ok(count <= allowed, `${name}: ${count} deopts, at most ${allowed} are expected`);
});
