import assert from 'node:assert/strict';
import { once } from 'node:events';
import test, { after } from 'node:test';
import { Worker } from 'node:worker_threads';
import type { ChainAnswer, ChainTask } from './chain-worker.ts';

/** Longer than the stack has room for, if each term takes a call: of the plainest there, some 3900 fit. */
const terms = 4000;
/** A thread with less stack than the program has, so that shorter chains do. */
const worker = new Worker(new URL('chain-worker.ts', import.meta.url), { resourceLimits: { stackSizeMb: 0.6 } });
after(() => worker.terminate());

function chain(term: (i: number) => string, separator: string): string {
  return Array.from({ length: terms }, (_, i) => term(i)).join(separator);
}

async function ask(task: ChainTask): Promise<ChainAnswer> {
  worker.postMessage(task);
  const [answer] = (await once(worker, 'message')) as [ChainAnswer];
  return answer;
}

const chains: readonly (readonly [string, string, unknown])[] = [
  ['a sum', chain(() => 'b', ' + '), BigInt(2 * terms)],
  ['a sum of what may be NULL', chain(() => 'n', ' + '), Math.imul(terms - 1, terms)],
  ['OR', chain((i) => `n = ${i}`, ' OR '), true],
  ['AND', chain((i) => `n <> ${i + terms}`, ' AND '), true],
  ['a list of IN', `n IN (${chain((i) => String(i), ', ')})`, true],
  ['CASE', `CASE ${chain((i) => `WHEN n = ${i} THEN ${i + 1}`, ' ')} ELSE 0 END`, terms],
  ['CASE of a value', `CASE n ${chain((i) => `WHEN ${i} THEN ${i + 1}`, ' ')} END`, terms],
];

for (const [name, expression, value] of chains) {
  test(`${terms} terms: ${name}`, async () => {
    const answer = await ask({ kind: 'value', expression, n: terms - 1, b: 2 });
    assert.ok('value' in answer, 'error' in answer ? answer.error : '');
    assert.equal(answer.value, value);
    assert.ok(answer.printed > terms);
  });
}

test('EXPLAIN prints a long chain, and GROUP BY compares it', async () => {
  const sum = chain(() => 'n', ' + ');
  const answer = await ask({ kind: 'explain', script: `CREATE TABLE t (n INT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json'); EXPLAIN SELECT ${sum} AS x, SUM(${sum}) AS y FROM t GROUP BY ${sum}` });
  assert.ok('printed' in answer && answer.printed > terms, 'error' in answer ? answer.error : '');
});

test('the stack of that thread has no room for a call a term', async () => {
  const depth = `(n => { const f = (left) => (left === 0 ? 0 : 1 + f(left - 1)); return f(n); })(${terms})`;
  const small = new Worker(`require('node:worker_threads').parentPort.postMessage(${depth})`, { eval: true, resourceLimits: { stackSizeMb: 0.6 } });
  const [error] = (await once(small, 'error').catch((thrown: unknown) => [thrown])) as [Error];
  assert.equal(error.name, 'RangeError');
});
