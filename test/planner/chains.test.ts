import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { parse } from '../../parser/parse.ts';
import { printStatement } from '../../parser/print.ts';
import { makePlayer } from '../conformance/play.ts';

/** Longer than the stack would have room for, if each term took a call. */
const terms = 10_000;

function chain(term: (i: number) => string, separator: string): string {
  return Array.from({ length: terms }, (_, i) => term(i)).join(separator);
}

async function valueOf(expression: string): Promise<unknown> {
  const player = makePlayer(new Map([['t', { splits: [[{ kind: 0, phase: 1, values: [terms - 1, 2] }]] }]]));
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec("CREATE TABLE t (n INT, b BIGINT NOT NULL) WITH ('connector' = 'play')");
  const [row] = (await engine.collect(`SELECT ${expression} AS x FROM t`)).rows;
  return row?.['x'];
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
    const [statement] = parse(`SELECT ${expression}`).statements;
    assert.ok(statement !== undefined && printStatement(statement).length > terms);
    assert.equal(await valueOf(expression), value);
  });
}

test('EXPLAIN prints a long chain, and GROUP BY compares it', async () => {
  await using engine = await Engine.create();
  const table = "CREATE TABLE t (n INT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json');";
  const sum = chain(() => 'n', ' + ');
  const { errors, results } = engine.check(`${table} EXPLAIN SELECT ${sum} AS x, SUM(${sum}) AS y FROM t GROUP BY ${sum}`);
  assert.deepEqual(errors, []);
  const last = results.at(-1);
  assert.ok(last?.kind === 'done' && last.message.length > terms);
});
