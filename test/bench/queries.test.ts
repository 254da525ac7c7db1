import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runBaseline, type BaselineSink } from '../../bench/baseline.ts';
import { canonical, Checksum, Total } from '../../bench/checksum.ts';
import { writeEvents } from '../../bench/nexmark.ts';
import { inputTopic, insertScript, letterFunction, queries, sourceDdl } from '../../bench/queries.ts';
import { rowsConnector } from '../../bench/rows-connector.ts';
import { Engine } from '../../engine/engine.ts';

test('engine and baseline give the same rows for every query of the bench', async () => {
  let sum: Checksum | Total = new Checksum();
  await using engine = await Engine.create({ kafka: 'embedded', connectors: [rowsConnector(() => sum)] });
  const link = await engine.brokerLink();
  await writeEvents(link, { topic: inputTopic, events: 8_000, seed: 5 });
  engine.fn(letterFunction.name, letterFunction.def, letterFunction.call);
  await engine.exec(sourceDdl);
  for (const query of queries) {
    const { name, columns, total } = query;
    const fresh = (): Checksum | Total => (total === undefined ? new Checksum() : new Total(columns.findIndex((column) => column.name === total)));
    const expected = fresh();
    const sink: BaselineSink = {
      write: (row) => expected.add(columns.map((column) => canonical((row as Record<string, unknown>)[column.name], column.form))),
      full: () => undefined,
      flush: async () => undefined,
    };
    await runBaseline(link, name, sink);
    sum = fresh();
    await (await engine.submit(insertScript(query, 'blackhole', `out_${name}`, 'none').replace("'connector' = 'blackhole'", "'connector' = 'bench-rows'"), { bounded: true })).finished;
    assert.deepEqual(sum.outcome, expected.outcome, name);
    assert.ok(sum.outcome.rows > 0, name);
  }
});
