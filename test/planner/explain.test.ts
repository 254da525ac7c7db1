import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { rules } from '../../planner/rules/rules.ts';
import { textCases } from '../text-cases.ts';

/** What EXPLAIN of the last statement prints; the statements before it define tables. */
async function explain(script: string): Promise<string> {
  const at = script.lastIndexOf('INSERT INTO') >= 0 ? script.lastIndexOf('INSERT INTO') : script.lastIndexOf(';', script.trimEnd().length - 2) + 1;
  await using engine = await Engine.create();
  const { errors, results } = engine.check(`${script.slice(0, at)}EXPLAIN ${script.slice(at)}`);
  assert.deepEqual(errors.map((error) => error.format()), []);
  const last = results.at(-1);
  return last?.kind === 'done' ? last.message : '';
}

const file = new URL('explain.txt', import.meta.url);
textCases(file, explain);

test('the plan of examples/sensors.sql', async () => {
  const script = readFileSync(new URL('../../examples/sensors.sql', import.meta.url), 'utf8');
  const text = await explain(script);
  const known = readFileSync(file, 'utf8');
  const expected = known.slice(known.indexOf('=== an average per sensor and window'));
  // It stands in other lines there.
  const withoutLines = (plan: string | undefined): string | undefined => plan?.replaceAll(/\bline \d+ /g, '').replaceAll(/\s+/g, ' ');
  assert.equal(withoutLines(text), withoutLines(/\n---\n([^]*?)\n\n===/.exec(expected)?.[1]));
});

test('each rule of the list changes at least one of these plans', () => {
  const applied = [...readFileSync(file, 'utf8').matchAll(/^rules: ((?:.|\n {3})*)$/gm)].flatMap((match) => (match[1] ?? '').split(/,\s+/));
  assert.deepEqual(rules.map((rule) => rule.name).filter((name) => !applied.includes(name)), []);
});

test('a plan is plain JSON, and EXPLAIN CODE shows the code that runs', async () => {
  await using engine = await Engine.create();
  const table = "CREATE TABLE t (a BIGINT, b STRING) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json');";
  const ask = (details: string): string => {
    const { errors, results } = engine.check(`${table} EXPLAIN ${details} SELECT a + 1 AS c FROM t WHERE b <> 'x'; DROP TABLE t;`);
    assert.deepEqual(errors, []);
    const answer = results.find((result) => result.kind === 'done' && !/^(created|dropped)/.test(result.message));
    return answer?.kind === 'done' ? answer.message : '';
  };
  const plan: unknown = JSON.parse(ask('JSON_EXECUTION_PLAN'));
  assert.ok(typeof plan === 'object' && plan !== null && 'kind' in plan);
  assert.equal(plan.kind, 'Calc');
  assert.match(ask('CODE'), /function /);
});

test('no line of a plan has more than 100 columns', () => {
  const plans = readFileSync(file, 'utf8').split(/^---$/m).slice(1).map((part) => part.split(/^===/m)[0] ?? '');
  assert.deepEqual(plans.flatMap((plan) => plan.split('\n').filter((line) => line.length > 100)), []);
});
