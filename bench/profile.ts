import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The share of a run that one function had for itself, without what it called. */
export interface HotFunction {
  readonly name: string;
  readonly place: string;
  /** 0 to 1, of all time that was not idle. */
  readonly share: number;
}

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number } }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Reads the .cpuprofile files that node wrote into a folder, of the main thread and of workers. The hottest functions come first. */
export function hottest(dir: string, root: string): readonly HotFunction[] {
  const times = new Map<string, { readonly name: string; readonly place: string; micros: number }>();
  let all = 0;
  for (const file of readdirSync(dir).filter((name) => name.endsWith('.cpuprofile'))) {
    const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(dir, file), 'utf8')) as CpuProfile;
    const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
    for (const [i, id] of samples.entries()) {
      const frame = frames.get(id);
      const micros = timeDeltas[i] ?? 0;
      if (frame === undefined || frame.functionName === '(idle)' || micros < 0) continue;
      const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
      const place = frame.url === '' ? (name.startsWith('(') ? 'runtime' : 'generated or built in') : `${frame.url.replace(`${root}/`, '').replace('file://', '')}:${frame.lineNumber + 1}`;
      const key = `${name} ${place}`;
      const entry = times.get(key) ?? { name, place, micros: 0 };
      entry.micros += micros;
      times.set(key, entry);
      all += micros;
    }
  }
  return [...times.values()].map(({ name, place, micros }) => ({ name, place, share: micros / Math.max(1, all) })).toSorted((a, b) => b.share - a.share);
}
