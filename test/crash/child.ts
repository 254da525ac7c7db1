import { existsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Engine } from '../../index.ts';
import type { CheckpointMeta } from '../../executor/runtime/pipeline.ts';
import type { BrokerLink } from '../../wire/broker-link.ts';
import { PartitionReader } from '../broker/topic-reader.ts';
import { createTopics, inputPartitions, settings, tables, workloads, writeMissing } from './workload.ts';

/**
 * One run of the jobs over a state folder: `child.ts DIR RECORDS live|finish`. Live: feeds the input at a pace and runs until it is
 * killed. Finish: writes what the input lacks, reads all of it, ends. Reports on standard output, one JSON object a line.
 */
const [dir = '', totalText = '', mode = ''] = process.argv.slice(2);
const total = Number(totalText);
const report = (line: object): void => void writeSync(1, `${JSON.stringify(line)}\n`);

/** The checkpoint that a job should go on from, read where each kind of job keeps it. */
async function storedPositions(link: BrokerLink, job: string, isTransactional: boolean): Promise<{ readonly checkpoint: number; readonly offsets: Record<string, number> } | undefined> {
  const offsets: Record<string, number> = {};
  if (isTransactional) {
    let checkpoint: number | undefined;
    for (const { partition, offset, metadata } of await link.committedOffsets(`sluice/${job}/${job}@readings/positions`)) {
      offsets[partition] = offset;
      checkpoint = (JSON.parse(metadata) as { readonly checkpoint: number }).checkpoint;
    }
    return checkpoint === undefined ? undefined : { checkpoint, offsets };
  }
  const path = join(dir, 'jobs', job, 'checkpoints.db');
  if (!existsSync(path)) return undefined;
  const database = new Database(path);
  try {
    const hasTable = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'checkpoint'").get() !== undefined;
    const row = hasTable ? (database.prepare('SELECT id, meta FROM checkpoint ORDER BY id DESC LIMIT 1').get() as { readonly id: number; readonly meta: string } | undefined) : undefined;
    if (row === undefined) return undefined;
    const { positions } = JSON.parse(row.meta) as CheckpointMeta;
    for (const [split, at] of Object.entries(positions[`${job}@readings`] ?? {})) offsets[split] = Number(at.position['offset']);
    return { checkpoint: row.id, offsets };
  } finally {
    database.close();
  }
}

const engine = await Engine.create({ kafka: 'embedded', stateDir: dir, settings });
const link = await engine.brokerLink();
await createTopics(link);
await engine.exec(tables);
if (mode === 'finish') for (let partition = 0; partition < inputPartitions; partition++) while ((await writeMissing(link, partition, 5000, total)) < total);
const jobs = [];
for (const { job, insert } of workloads) {
  const stored = await storedPositions(link, job, job === 'filtered');
  const running = await engine.submit(insert, { name: job, bounded: mode === 'finish' });
  report({ event: 'started', job, restoredFrom: running.restoredFrom, stored });
  jobs.push({ job, running });
}

if (mode === 'finish') {
  for (const { job, running } of jobs) report({ event: 'finished', job, rowsRead: Number((await running.finished).rowsRead) });
  await engine.close();
} else {
  for (const { job, running } of jobs) running.finished.catch((error: unknown) => report({ event: 'failed', job, error: String(error) }));
  const readers = workloads.flatMap(({ job, topic, partitions }) => Array.from({ length: partitions }, (_, partition) => ({ job, reader: new PartitionReader(link, topic, partition) })));
  const seen: Record<string, number> = {};
  for (let turn = 0; ; turn++) {
    const ends: number[] = [];
    for (let partition = 0; partition < inputPartitions; partition++) ends.push(await writeMissing(link, partition, 20 + ((turn * 7) % 30), total));
    for (const { job, reader } of readers) seen[job] = (seen[job] ?? 0) + (await reader.readAll()).length;
    report({
      event: 'progress', ends, seen,
      checkpoints: Object.fromEntries(jobs.map(({ job, running }) => [job, running.runner.lastCheckpoint?.id])),
      rowsRead: Object.fromEntries(jobs.map(({ job, running }) => [job, Number(running.stats().rowsRead)])),
    });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
