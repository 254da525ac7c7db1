import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonNumber, parseJson, printJson, type Json } from '../../functions/json-text.ts';

function plain(json: Json | undefined): unknown {
  if (json instanceof JsonNumber) return Number(json.source);
  if (json instanceof Map) return Object.fromEntries(Array.from(json, ([name, part]: readonly [string, Json]) => [name, plain(part)]));
  return Array.isArray(json) ? (json as readonly Json[]).map(plain) : json;
}

test('what JSON.parse takes is read as JSON.parse reads it', () => {
  const texts = ['null', ' true ', 'false', '""', '"a\\u00e9\\n\\"\\\\"', '-0', '1.50e+3', '[]', '[ 1 , [ ] , { } ]', '{"a" : {"b":[true,null,"x"]},\n"c":-1.5E-2}', '{"a":1,"a":2}', '{"\\u0061\\\\":"}]"}'];
  for (const text of texts) assert.deepEqual(plain(parseJson(text)), JSON.parse(text), text);
});

test('what JSON.parse refuses is no JSON', () => {
  for (const text of ['', ' ', '{', '[1,]', '{"a":1,}', "{'a':1}", 'NaN', '01', '"\n"', '1 2']) assert.equal(parseJson(text), undefined, text);
});

test('an object keeps the order of its names, and every name is one', () => {
  const text = '{"b":1,"2":2,"1":3,"__proto__":4,"constructor":5}';
  const json = parseJson(text);
  assert.ok(json instanceof Map);
  assert.deepEqual([...json.keys()], ['b', '2', '1', '__proto__', 'constructor']);
  assert.equal(printJson(json), text);
});

test('a name with an escaped quote is read after one that ends in an escaped backslash', () => {
  // JSON.parse takes the second name for the first (nodejs/node#63785), as the two begin alike.
  assert.equal(printJson(parseJson('{"k1":0.1,"x\\\\":2}') ?? null), '{"k1":0.1,"x\\\\":2}');
  assert.equal(printJson(parseJson('{"k1":1,"x\\"":2}') ?? null), '{"k1":1,"x\\"":2}');
});

test('numbers keep their digits, and those with an exponent are printed as Java prints a DOUBLE', () => {
  assert.equal(printJson(parseJson('[1.10, 12345678901234567890, 1e3]') ?? null), '[1.10,12345678901234567890,1000.0]');
});

test('what nests deeper than the stack goes is no JSON', () => {
  const depth = 1_000_000;
  assert.equal(parseJson('['.repeat(depth) + ']'.repeat(depth)), undefined);
});
