import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordSpans } from '../../../../catalog/format.ts';
import { learnShape, type Shape } from '../../../../connectors/formats/json/shape.ts';

function shapeOf(...records: readonly string[]): unknown {
  const heap = new TextEncoder().encode(`${records.join('')}\0`);
  const lengths = Int32Array.from(records, (record) => record.length);
  const offsets = Int32Array.from(records, (_, i) => records.slice(0, i).join('').length);
  const spans: RecordSpans = { heap, slackStart: heap.length, offsets, lengths, count: records.length };
  return print(learnShape(spans, 0, records.length));
}

function print(shape: Shape | undefined): unknown {
  if (shape === undefined) return undefined;
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return [...shape.fields.map(({ name, lead, kind, object }) => [name, text(lead), kind, ...(object === undefined ? [] : [print(object)])]), text(shape.close)];
}

test('a shape is every byte between values', () => {
  assert.deepEqual(shapeOf(' {"a": "x" ,"b" :-1 }\n'), [['a', ' {"a": ', 'text'], ['b', ' ,"b" :', 'number'], ' }\n']);
});

test('the way that most records are written counts, whatever is null in some of them', () => {
  const model = [['k', '{"k":', 'number'], ['a', ',"a":', 'object', [['x', '{"x":', 'text'], '}']], ['b', ',"b":', 'other'], '}'];
  assert.deepEqual(shapeOf('{"b":null,"a":null}', '{"k":1,"a":null,"b":null}', '{"k":2,"a":{"x":"y"},"b":null}'), model);
});

test('objects that differ from record to record have no shape', () => {
  assert.deepEqual(shapeOf('{"a":{"x":1}}', '{"a":{"y":1}}', '{"a":{"z":1}}'), [['a', '{"a":', 'object'], '}']);
});

test('nothing is learned from records with escaped, repeated or no names, or that are no JSON', () => {
  for (const record of ['{"\\u0061":1}', '{"a":1,"a":2}', '{"é":1}', '{}', '[1]', '', '{"a":1', '{"a":01}', '{"a":1}}']) assert.equal(shapeOf(record), undefined, record);
});

test('no shape has more bytes than a function can compare', () => {
  assert.equal((shapeOf(`{"${'n'.repeat(60_000)}":1}`) as unknown[]).length, 2);
  for (const record of [`{"${'n'.repeat(70_000)}":1}`, `{"a":{"${'n'.repeat(70_000)}":1}}`, `{"a":1${' '.repeat(70_000)}}`]) assert.equal(shapeOf(record), undefined);
});
