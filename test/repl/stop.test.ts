import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stop } from '../../repl/stop.ts';

test('signals keep what they do by default until something has an order to keep', () => {
  const before = process.listenerCount('SIGINT');
  const stop = new Stop();
  assert.equal(process.listenerCount('SIGINT'), before);
  assert.equal(stop.signal.aborted, false);
  assert.equal(stop.signal, stop.signal);
  assert.equal(process.listenerCount('SIGINT'), before + 1);
  process.emit('SIGTERM', 'SIGTERM');
  assert.equal(stop.signal.aborted, true);
  assert.equal(stop.exitCode, 143);
  stop[Symbol.dispose]();
  assert.equal(process.listenerCount('SIGINT'), before);
});
