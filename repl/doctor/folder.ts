import { accessSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError } from '../../core/diagnostic.ts';
import type { Engine } from '../../engine/engine.ts';
import { plural } from '../scripts.ts';
import { topicRecords, topicSizes } from '../topic-records.ts';

/** Less room (bytes) than this on the disk of a state folder is told as too little: checkpoints and topics need some. */
const littleRoom = 256 << 20;

/** Whether a state folder and the broker in it are as they should be, in lines as `examine` tells them. Reads the first record of each topic, and writes nothing. */
export async function examineFolder(engine: Engine, stateDir: string): Promise<readonly string[]> {
  const lines: string[] = [];
  const step = async (name: string, action: () => Promise<string> | string): Promise<boolean> => {
    try {
      lines.push(`ok     ${name.padEnd(9)} ${await action()}`);
      return true;
    } catch (error) {
      lines.push(`fails  ${name.padEnd(9)} ${error instanceof Error ? error.message : String(error)}`);
      if (error instanceof SqlError && error.hint !== undefined) lines.push(...error.hint.split('\n').map((line) => `                 ${line}`));
      return false;
    }
  };
  if (!existsSync(stateDir)) return [`ok     folder    ${stateDir} is not there yet; the first table or job makes it`];
  const isThere = await step('folder', () => {
    accessSync(stateDir, constants.R_OK | constants.W_OK);
    return `${stateDir} can be written, ${mebibytes(sizeOf(stateDir))} in it`;
  });
  if (!isThere) return lines;
  await step('room', () => {
    const { bavail, bsize } = statfsSync(stateDir);
    if (bavail * bsize < littleRoom) throw new Error(`${mebibytes(bavail * bsize)} left on its disk: jobs end when it is full`);
    return `${mebibytes(bavail * bsize)} left on its disk`;
  });
  await step('catalog', () => `${plural(engine.catalog.entries().length, 'table')}, built-in ones included`);
  await step('broker', async () => {
    const link = await engine.brokerLink();
    const sizes = await topicSizes(link);
    for (const { topic } of sizes) for await (const record of topicRecords(link, topic)) if (record.offset >= 0) break;
    const [partitions, offsets] = [sizes.reduce((sum, each) => sum + each.partitions, 0), sizes.reduce((sum, each) => sum + each.offsets, 0)];
    return `embedded: ${plural(sizes.length, 'topic')}, ${plural(partitions, 'partition')}, ${offsets.toLocaleString('en-US')} offsets; the first record of each can be read`;
  });
  await step('jobs', () => {
    const jobs = engine.jobs();
    const bad = jobs.filter(({ state }) => state === 'failed').map(({ name }) => name);
    if (bad.length > 0) throw new Error(`${bad.join(', ')} failed; \\log says why`);
    return jobs.length === 0 ? 'none runs' : `these run: ${jobs.map(({ name }) => name).join(', ')}`;
  });
  return lines;
}

function sizeOf(dir: string): number {
  let bytes = 0;
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    // A file that goes in between has no size.
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

function mebibytes(bytes: number): string {
  return `${(bytes / (1 << 20)).toLocaleString('en-US', { maximumFractionDigits: 1 })} MiB`;
}
