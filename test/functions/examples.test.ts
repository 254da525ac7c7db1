import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { aggregateFunctions } from '../../functions/aggregate.ts';
import { functionNames } from '../../functions/registry.ts';
import { scalarFunctions } from '../../functions/scalar.ts';

const definitions = [...scalarFunctions, ...aggregateFunctions];

test('every definition has documentation, and every scalar one an example', () => {
  assert.deepEqual(definitions.filter(({ doc }) => !/^[A-Z].*\.$/.test(doc)).map(({ name }) => name), []);
  // What reads the watermark has nothing to read without a table.
  assert.deepEqual(scalarFunctions.filter(({ examples, readsWatermark }) => examples.length === 0 && readsWatermark !== true).map(({ name }) => name), []);
});

test('every name is defined once, and overloads have ids of their own', () => {
  const names = scalarFunctions.flatMap((definition) => [definition.name, ...(definition.aliases ?? [])]).concat(aggregateFunctions.map(({ name }) => name));
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(definitions.filter(({ overloads }) => new Set(overloads.map(({ id, version }) => `${id} ${version}`)).size !== overloads.length).map(({ name }) => name), []);
  assert.ok(functionNames().includes('UPPER'));
});

for (const { name, examples } of definitions) {
  for (const { sql, result } of examples) {
    test(`${name}: ${sql}`, async () => {
      await using engine = await Engine.create();
      // As text by the engine's own CAST; a BOOLEAN is text only in its JavaScript form.
      const { rows, columns } = await engine.collect(`SELECT ${sql} AS x`);
      const value = columns[0]?.type === 'BOOLEAN' ? rows[0]?.['x'] : (await engine.collect(`SELECT CAST(${sql} AS STRING) AS x`)).rows[0]?.['x'];
      assert.equal(typeof value === 'boolean' ? String(value).toUpperCase() : value, result);
    });
  }
}
