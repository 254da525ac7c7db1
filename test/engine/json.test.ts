import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine, toJSON } from '../../index.ts';

test('every kind of value has one JSON text', () => {
  const row = { n: null, b: true, i: 1, d: -0.5, nan: NaN, inf: -Infinity, big: 9007199254740993n, s: 'a"\n', at: new Date(0), bytes: Uint8Array.of(255, 0, 1).subarray(1), list: [1n, null], map: new Map([[1, 'x']]), row: { 'a b': 2n } };
  assert.equal(toJSON(row), '{"n":null,"b":true,"i":1,"d":-0.5,"nan":"NaN","inf":"-Infinity","big":9007199254740993,"s":"a\\"\\n","at":"1970-01-01T00:00:00.000Z","bytes":"AAE=","list":[1,null],"map":{"1":"x"},"row":{"a b":2}}');
  assert.equal(toJSON([{}, { a: 1 }]), '[{},{"a":1}]');
});

test('rows of a query keep their digits', async () => {
  await using engine = await Engine.create();
  const { rows } = await engine.collect('SELECT CAST(9007199254740993 AS BIGINT) AS n, 1.50 AS d');
  assert.equal(toJSON(rows), '[{"n":9007199254740993,"d":"1.50"}]');
});
