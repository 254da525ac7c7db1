import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from '../../index.ts';
import { feed, shapesOf, sourcesOf } from './shapes.ts';

/**
 * One run of some jobs over a folder: `shapes-child.ts DIR RECORDS live|finish JOB,JOB..`. Live: feeds the input at a pace and runs until it is
 * killed. Finish: writes what the input lacks, reads all of it, ends. Reports on standard output, one JSON object a line.
 */
const [dir = '', totalText = '', mode = '', names = ''] = process.argv.slice(2);
const total = Number(totalText);
const report = (line: object): void => void writeSync(1, `${JSON.stringify(line)}\n`);
const shapes = shapesOf(dir).filter(({ job }) => names.split(',').includes(job));

const engine = await Engine.create({ kafka: 'embedded', stateDir: join(dir, 'state'), settings: { 'execution.checkpointing.interval': '150 ms', 'table.exec.source.idle-timeout': '0 s' } });
const link = await engine.brokerLink();
await feed(link, dir, mode === 'finish' ? total : 100, total);
await engine.exec(sourcesOf(dir));
const jobs = [];
for (const { job, tables, insert } of shapes) {
  await engine.exec(tables);
  const running = await engine.submit(insert, { name: job, bounded: mode === 'finish' });
  report({ event: 'started', job, restoredFrom: running.restoredFrom });
  jobs.push(running);
}
if (mode === 'finish') {
  for (const job of jobs) report({ event: 'finished', job: job.name, late: Number((await job.finished).late) });
  await engine.close();
} else {
  for (const job of jobs) job.finished.catch((error: unknown) => report({ event: 'failed', job: job.name, error: String(error) }));
  for (let turn = 0; ; turn++) {
    const fed = await feed(link, dir, 30 + ((turn * 17) % 90), total);
    report({ event: 'progress', fed, stored: jobs.filter(({ runner }) => runner.lastCheckpoint !== undefined).length });
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
