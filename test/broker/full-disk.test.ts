import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { EmbeddedBroker } from '../../broker/embedded-broker.ts';
import { readTopic } from './topic-reader.ts';
import { temporaryFolder } from './folders.ts';

const program = `
  import { Engine } from ${JSON.stringify(new URL('../../index.ts', import.meta.url))};
  const engine = await Engine.create({ kafka: 'embedded', stateDir: process.argv[1] });
  await engine.exec("CREATE TABLE made (n BIGINT) WITH ('connector' = 'datagen', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '100000'); CREATE TABLE out (n BIGINT) WITH ('connector' = 'kafka', 'topic' = 'out', 'format' = 'raw')");
  const job = await engine.submit('INSERT INTO out SELECT n FROM made', { name: 'job', bounded: true });
  await job.finished.then(() => console.log('finished'), ({ code, message, hint, retryable }) => console.log(JSON.stringify({ code, message, hint, retryable })));
  await engine.close();
  console.log('closed');
`;

test('a file that can grow no more, as on a full disk, ends the job with its place; what was answered is there', { skip: process.platform === 'win32' }, async (t) => {
  const dir = temporaryFolder(t);
  // 400 blocks of 512 bytes, or of 1 KiB in some shells: less than what is written.
  const { stdout } = await promisify(execFile)('sh', ['-c', 'ulimit -f 400; exec "$0" --input-type=module -e "$1" "$2"', process.execPath, program, dir]);
  const [told, closed] = stdout.trim().split('\n');
  assert.equal(closed, 'closed');
  const { code, message, hint, retryable } = JSON.parse(told ?? '{}') as Record<string, unknown>;
  assert.deepEqual({ code, retryable }, { code: 'E0606', retryable: true });
  assert.match(String(message), /^topic out partition 0 cannot be written: EFBIG/);
  assert.match(String(hint), /make room/);
  const broker = new EmbeddedBroker({ dir: `${dir}/broker` });
  t.after(() => broker.close());
  assert.ok((await readTopic(broker, 'out')).length > 0);
});
