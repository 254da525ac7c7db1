import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { wasmApi } from '../../core/wasm-api.ts';
import { allocateReachable, memoryOf } from '../../core/wasm-memory.ts';
import { temporaryFolder } from '../broker/folders.ts';

test('where the system refuses one the bytes are ordinary, it is not asked each time, and asked again later', (t) => {
  const { Memory } = wasmApi;
  t.after(() => Object.assign(wasmApi, { Memory }));
  assert.notEqual(memoryOf(allocateReachable(10)), undefined);
  let asked = 0;
  const refuse = function refuse(): never {
    asked++;
    throw new RangeError('could not allocate memory');
  };
  Object.assign(wasmApi, { Memory: refuse });
  for (let i = 0; i < 500; i++) {
    const bytes = allocateReachable(70_000);
    assert.ok(bytes.length >= 70_000);
    assert.equal(memoryOf(bytes), undefined);
  }
  assert.ok(asked <= 2, `asked ${asked} times: to be refused costs several collections of all garbage`);
  Object.assign(wasmApi, { Memory });
  for (let tries = 0; memoryOf(allocateReachable(10)) === undefined; tries++) assert.ok(tries < 2000);
});

const program = `
  import { Engine } from ${JSON.stringify(new URL('../../index.ts', import.meta.url))};
  const engine = await Engine.create({ kafka: 'embedded', stateDir: process.argv[2] });
  await (await engine.brokerLink()).createTopic('out', 12);
  await engine.exec("CREATE TABLE made (n BIGINT) WITH ('connector' = 'datagen', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '300'); CREATE TABLE out (n BIGINT) WITH ('connector' = 'kafka', 'topic' = 'out', 'format' = 'json')");
  const job = await engine.submit('INSERT INTO out SELECT n FROM made', { name: 'job', bounded: true });
  console.log(await job.finished.then(({ rowsOut }) => rowsOut + ' rows', ({ message }) => message));
  await engine.close();
`;

test('a job of more partitions than there is room for such memories still starts threads, which need one each', { skip: process.platform !== 'linux' }, async (t) => {
  // KiB of addresses: for the program and some five memories.
  const dir = temporaryFolder(t);
  const path = join(dir, 'program.mjs');
  writeFileSync(path, program);
  const { stdout } = await promisify(execFile)('sh', ['-c', 'ulimit -v 60000000; exec "$0" "$1" "$2"', process.execPath, path, join(dir, 'state')]);
  assert.equal(stdout.trim(), '300 rows');
});
