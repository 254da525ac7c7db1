import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What starting costs, each the median of several processes with a warm cache of compiled code. */
export interface StartFigures {
  /** Loading the lexer and the grammar with all that they need, in ms of the wall clock. */
  readonly loadMs: number;
  /** Parsing the first short statement, which builds what is built late, in ms of the wall clock. */
  readonly firstParseMs: number;
  /** Both, in ms of CPU time of all threads: what a busy machine says least wrongly. */
  readonly cpuMs: number;
  /** Resident bytes of a process that has loaded nothing yet. */
  readonly bareRss: number;
  /** Resident bytes with an engine that has run one query. */
  readonly engineRss: number;
}

const child = fileURLToPath(new URL('start-child.ts', import.meta.url));
const runs = 9;

export function measureStart(): StartFigures {
  const cache = mkdtempSync(join(tmpdir(), 'sluice-start-'));
  const once = (): StartFigures => JSON.parse(execFileSync(process.execPath, [child], { encoding: 'utf8', env: { ...process.env, NODE_COMPILE_CACHE: cache } })) as StartFigures;
  try {
    // The first fills the cache.
    once();
    const all = Array.from({ length: runs }, once);
    const median = (of: (figures: StartFigures) => number): number => all.map(of).toSorted((a, b) => a - b)[runs >> 1] ?? NaN;
    return { loadMs: median(({ loadMs }) => loadMs), firstParseMs: median(({ firstParseMs }) => firstParseMs), cpuMs: median(({ cpuMs }) => cpuMs), bareRss: median(({ bareRss }) => bareRss), engineRss: median(({ engineRss }) => engineRss) };
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}
