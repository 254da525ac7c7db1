import assert from 'node:assert/strict';
import test from 'node:test';
import { Log } from '../../../repl/prompt/log.ts';

test('the last entries, of all or of one job, with the time in UTC', () => {
  const log = new Log();
  assert.deepEqual(log.lines(20, undefined), []);
  for (let i = 0; i < 2500; i++) log.add({ at: i, job: i % 2 === 0 ? 'even' : undefined, text: i === 2498 ? 'failed:\nerror' : `n ${i}` });
  assert.deepEqual(log.lines(2, undefined), ['1970-01-01T00:00:02.498Z  even  failed:', '    error', '1970-01-01T00:00:02.499Z  n 2499']);
  assert.deepEqual(log.lines(2, 'even'), ['1970-01-01T00:00:02.496Z  even  n 2496', '1970-01-01T00:00:02.498Z  even  failed:', '    error']);
  assert.deepEqual(log.lines(0, undefined), []);
  assert.equal(log.lines(1_000_000, undefined).length, 1001, 'a thousand are kept');
  assert.deepEqual(log.jobs, ['even']);
});
