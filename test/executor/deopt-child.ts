import { writeEvents } from '../../bench/nexmark.ts';
import { inputTopic, insertScript, letterFunction, queries, sourceDdl } from '../../bench/queries.ts';
import { Engine } from '../../index.ts';

/** Runs every query of the bench once, under --trace-deopt, and marks in the output where each begins. */
const events = Number(process.argv[2]);
await using engine = await Engine.create({ kafka: 'embedded' });
await writeEvents(await engine.brokerLink(), { topic: inputTopic, events, seed: 7 });
engine.fn(letterFunction.name, letterFunction.def, letterFunction.call);
await engine.exec(sourceDdl);
for (const query of queries) {
  process.stdout.write(`== ${query.name}\n`);
  const job = await engine.submit(insertScript(query, 'topic-at-least-once', `out_${query.name}`, `out-${query.name}`), { bounded: true });
  const stats = await job.finished;
  process.stdout.write(`== end ${query.name} ${stats.rowsRead}\n`);
}
