import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadRecord } from '../../../../catalog/bad-record.ts';
import type { ReadColumn, RecordSpans } from '../../../../catalog/format.ts';
import { wasmApi } from '../../../../core/wasm-api.ts';
import { allocateReachable, memoryOf } from '../../../../core/wasm-memory.ts';
import { types } from '../../../../core/sql-type.ts';
import { JsonDecoder, type JsonDecoderOptions } from '../../../../connectors/formats/json/decoder.ts';
import { drawOf } from './records.ts';
import { ascii, decodeAll, printRow } from './decode-records.ts';

const utf8 = new TextEncoder();

const row = (...columns: readonly [string, ReadColumn['type']][]): ReadColumn[] => columns.map(([path, type]) => ({ path: path.split('.'), type }));
const decode = (decoder: JsonDecoder, ...records: readonly string[]): string[] => decodeAll(decoder, records.map((record) => utf8.encode(record)), drawOf(1));

test('records whose nested rows take turns being null all take the fast tier', () => {
  const decoder = new JsonDecoder(row(['a.x', types.bigint], ['b.y', types.string], ['c', types.double]));
  const records = ['{"a":{"x":1},"b":null,"c":null}', '{"a":null,"b":{"y":"t"},"c":2.5}', '{"a":{"x":null},"b":{"y":null},"c":3}'];
  assert.deepEqual(decode(decoder, ...records), ["1 | NULL '' | NULL 0", "NULL 0 | 't' | 2.5", "NULL 0 | NULL '' | 3"]);
  assert.deepEqual(decoder.taken, { fast: 3, tolerant: 0, slow: 0 });
});

test('the way a producer writes is learned: white space, a line end, fields that are not read', () => {
  const decoder = new JsonDecoder(row(['b', types.int], ['none', types.int]));
  const records = Array.from({ length: 5 }, (_, i) => `{ "a" : {"deep": [1, {"x": ${i}}]},\n  "b" : ${i} , "c": "\\u00e9${i}", "d": -1.5e3, "e": true }\n`);
  assert.deepEqual(decode(decoder, ...records), [0, 1, 2, 3, 4].map((i) => `${i} | NULL 0`));
  assert.equal(decoder.taken.fast, 5);
});

test('a producer that changes its way is learned anew, a bounded number of times', () => {
  const decoder = new JsonDecoder(row(['a', types.int]));
  const ways = [(i: number) => `{"a":${i},"b":1}`, (i: number) => `{"b":1,"a":${i}}`, (i: number) => `{"a": ${i}}`, (i: number) => `{"c":"","a":${i}}`, (i: number) => `{"d":0,"a":${i}}`, (i: number) => `{"e":0,"a":${i}}`];
  const fastOf = ways.map((way) => {
    const before = decoder.taken.fast;
    for (let n = 0; n < 4; n++) decode(decoder, ...Array.from({ length: 512 }, (_, i) => way(i)));
    return decoder.taken.fast - before;
  });
  assert.deepEqual(fastOf, [2048, 1536, 1536, 1536, 0, 0]);
  assert.equal(decoder.taken.slow, 0);
});

test('text is unescaped behind the records, which makes room for it when there is none', () => {
  const decoder = new JsonDecoder(row(['a', types.string]));
  const texts = Array.from({ length: 300 }, (_, i) => '\u00e9"'.repeat(i));
  assert.deepEqual(decode(decoder, ...texts.map((text) => JSON.stringify({ a: text }).replaceAll('\u00e9', '\\u00e9'))), texts.map((text) => `'${ascii.decode(utf8.encode(text))}'`));
  assert.equal(decoder.taken.slow, 0);
});

const valueTiers: readonly (readonly [string, JsonDecoderOptions])[] = [['slow', { fast: false, tolerant: false }], ['tolerant', { fast: false }], ['fast', {}]];

for (const [name, tiers] of valueTiers) {
  test(`a text column of an object, an array, a number or a word keeps its bytes: ${name}`, () => {
    const decoder = new JsonDecoder(row(['a', types.string], ['b.c', types.string]), tiers);
    const values = ['{"b": 1.50,\t"a":[ ]}', '[1.0, "\\u00e9]"]', '1.50', '-0', 'true', '{"x":{"y":"}"}}'];
    const records = values.map((value) => `{"a":${value},"b":{"c":${value}}}`);
    assert.deepEqual(decode(decoder, ...records), values.map((value) => `'${value}' | '${value}'`));
    assert.equal(decoder.taken[name as 'fast'], values.length);
  });

  test(`a value that is not read, or read as it stands, may nest as deep as it likes: ${name}`, () => {
    const decoder = new JsonDecoder(row(['a', types.string], ['n', types.int]), tiers);
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    assert.deepEqual(decode(decoder, `{"x":${deep},"n":1}`, `{"a":${deep},"n":2}`, '{"n":3}'), ["NULL '' | 1", `'${deep}' | 2`, "NULL '' | 3"]);
    const objects = `${'{"n":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    assert.deepEqual(decode(decoder, `{"x":${objects},"n":4}`), ["NULL '' | 4"]);
    for (const [record, column] of [[`{"n":${deep}}`, 'n'], [`{"x":${deep}],"n":1}`, undefined], [`{"x":${'['.repeat(200_000)}`, undefined]] as const) {
      assert.throws(() => decode(decoder, record), (error) => error instanceof BadRecord && error.column === column);
    }
  });
}

for (const [name, tiers] of valueTiers) {
  test(`a NOT NULL column has a value in every record: ${name}`, () => {
    const decoder = new JsonDecoder(row(['n', { ...types.int, nullable: false }], ['o.n', { ...types.string, nullable: false }], ['p.n', types.int]), tiers);
    const good = '{"n":1,"o":{"n":""},"p":{"n":2}}';
    assert.deepEqual(decode(decoder, good, good, '{"n":0,"o":{"n":"x"},"p":null}'), ["1 | '' | 2", "1 | '' | 2", "0 | 'x' | NULL 0"]);
    assert.equal(decoder.taken[name as 'fast'], 3);
    for (const [record, column] of [
      ['{"n":null,"o":{"n":""},"p":{"n":2}}', 'n'],
      ['{"o":{"n":""},"p":{"n":2}}', 'n'],
      ['{"n":1,"n":null,"o":{"n":""},"p":{"n":2}}', 'n'],
      ['{"n":1,"o":{"n":null},"p":{"n":2}}', 'o.n'],
      ['{"n":1,"o":{},"p":{"n":2}}', 'o.n'],
      ['{"n":1,"o":null,"p":{"n":2}}', 'o.n'],
    ] as const) {
      const why = `${column === 'n' ? 'an INT' : 'a STRING'}: it is null or missing, and the column is NOT NULL`;
      assert.throws(() => decode(decoder, good, record), (error) => error instanceof BadRecord && error.record === 1 && error.column === column && error.expected === why, record);
    }
  });
}

for (const [name, tiers] of valueTiers) {
  test(`zeros in the place of a time are no time: ${name}`, () => {
    const decoder = new JsonDecoder(row(['t', types.timestamp(3)]), tiers);
    const good = ['{"t":"1970-01-01 00:00:01"}', '{"t":"1970-01-01 00:01:01.5Z"}'];
    assert.deepEqual(decode(decoder, ...good), ['1000', '61500']);
    for (const rest of [':00', ':00.000Z']) assert.throws(() => decode(decoder, `{"t":"${'\0'.repeat(16)}${rest}"}`), BadRecord);
  });
}

test('white space goes on behind a record, as where line ends stand between records', () => {
  for (const [name, close] of [['fast', '}'], ['tolerant', '}\r']] as const) {
    const decoder = new JsonDecoder(row(['a', types.int]), { fast: name === 'fast' });
    const text = `{"a":1${close}\n{"a":2${close}\n`;
    const length = text.length / 2 - 1;
    const heap = new Uint8Array(text.length + 8);
    utf8.encodeInto(text, heap);
    const batch = decoder.decode({ heap, slackStart: text.length, offsets: Int32Array.of(0, length + 1), lengths: Int32Array.of(length, length), count: 2 }, 0, 2);
    assert.deepEqual([printRow(batch, 0), printRow(batch, 1), decoder.taken[name]], ['1', '2', 2]);
  }
});

test('each byte of a long name counts', () => {
  const decoder = new JsonDecoder(row(['n'.repeat(600), types.int], ['a', types.int]));
  assert.deepEqual(decode(decoder, `{"${'n'.repeat(600)}":7,"a":1}`), ['7 | 1']);
  assert.equal(decoder.taken.fast, 1);
  const names = Array.from({ length: 600 }, (_, i) => `${'n'.repeat(i)}o${'n'.repeat(599 - i)}`);
  assert.deepEqual(decode(decoder, ...names.slice(0, 500).map((name) => `{"${name}":7,"a":1}`)), names.slice(0, 500).map(() => 'NULL 0 | 1'));
  assert.deepEqual(decode(decoder, ...names.slice(500).map((name) => `{"${name}":7,"a":1}`)), names.slice(500).map(() => 'NULL 0 | 1'));
});

test('names too long for a function of their own are read all the same', () => {
  const decoder = new JsonDecoder(row(['a', types.int]));
  const records = Array.from({ length: 3 }, (_, i) => `{"a":${i},${Array.from({ length: 40 }, (__, k) => `"${k}${'n'.repeat(100_000)}":1`).join(',')}}`);
  assert.deepEqual(decode(decoder, ...records), ['0', '1', '2']);
  assert.deepEqual(decoder.taken, { fast: 0, tolerant: 3, slow: 0 });
});

test('where the system gives no memory for WebAssembly, the tolerant tier reads', () => {
  const { Memory } = wasmApi;
  let left = 0;
  const scarce = function Scarce(size: { readonly initial: number; readonly maximum: number }) {
    if (left-- > 0) return new Memory(size);
    throw new RangeError('WebAssembly.Memory(): could not allocate memory');
  };
  /** There is memory again, and was asked for until it was noticed: a refusal counts for the requests behind it too. */
  const refill = (): void => {
    Object.assign(wasmApi, { Memory });
    for (let tries = 0; memoryOf(allocateReachable(1)) === undefined; tries++) assert.ok(tries < 10_000);
  };
  try {
    // None at all, one for the columns, one for the copy of the records too.
    for (const [given, fast] of [[0, 0], [1, 0], [2, 2]] as const) {
      refill();
      Object.assign(wasmApi, { Memory: scarce });
      left = given;
      const decoder = new JsonDecoder(row(['a', types.int], ['t', types.string]));
      const records = ['{"a":1,"t":"x"}', '{"a":2,"t":"\u00e9"}'].map((record) => utf8.encode(record));
      const spans: RecordSpans = { heap: new Uint8Array(100), slackStart: 60, offsets: Int32Array.of(1, 30), lengths: Int32Array.from(records, (record) => record.length), count: 2 };
      for (const [i, record] of records.entries()) spans.heap.set(record, spans.offsets[i]);
      const batch = decoder.decode(spans, 0, 2);
      assert.deepEqual([printRow(batch, 0), printRow(batch, 1), decoder.taken.fast], ["1 | 'x'", `2 | '${ascii.decode(records[1]?.subarray(12, 14))}'`, fast]);
    }
  } finally {
    refill();
  }
});

test('the source says which tiers there are: the fast one is made from records', () => {
  const decoder = new JsonDecoder(row(['a', types.int]));
  assert.match(decoder.source, /^\/\/ the fast tier is made after the first records.*\n.*\nfunction decodeJson\([^]*\n\/\/ the tolerant tier.*\nfunction tolerant\(/);
  assert.doesNotMatch(decoder.source, /br_if/);
  decode(decoder, '{"a":1}');
  assert.match(decoder.source, /^\/\/ the fast tier, for records of the shape that was learned: WebAssembly\n\(func \$decodeJson [^]*br_if \$left[^]*\nfunction decodeJson\([^]*\nfunction tolerant\(/);
  const shapeless = new JsonDecoder(row(['a', types.int]));
  decode(shapeless, '{}');
  assert.match(shapeless.source, /^\/\/ the records have no shape in common/);
});

test('the name of a field never becomes code', () => {
  const name = "x'];`${process.exit(1)}`//\\u2028";
  const decoder = new JsonDecoder([{ path: [name, 'y'], type: types.int }, { path: ['a'], type: types.int }]);
  assert.deepEqual(decode(decoder, JSON.stringify({ [name]: { y: 1 }, a: 2 }), JSON.stringify({ a: 3 })), ['1 | 2', 'NULL 0 | 3']);
  assert.ok(!decoder.source.includes('process.exit'));
});

const timeForms = 'a TIMESTAMP(3), as "2026-01-02 03:04:05.6" or "2026-01-02T03:04:05.6Z"';

for (const [record, column, expected] of [
  ['{"id":1,"v":{"at":"2024-02-31 00:00:00","d":1}}', 'v.at', timeForms],
  ['{"id":1,"v":{"at":"2024-02-28 00:61:00","d":1}}', 'v.at', timeForms],
  ['{"id":1,"v":{"at":null,"d":123456789}}', 'v.d', 'a DECIMAL(10, 2)'],
  ['{"id":9223372036854775808,"v":null}', 'id', 'a BIGINT'],
  ['{"id":1.5,"v":null}', 'id', 'a BIGINT'],
  ['{"id":1e19,"v":null}', 'id', 'a BIGINT'],
  ['{"id":"1.0","v":null}', 'id', 'a BIGINT'],
  ['{"id":1,"v":[]}', 'v', 'a JSON object'],
  ['{"id":012,"v":null}', undefined, 'JSON'],
  ['{"id":1,"v":null}}', undefined, 'JSON'],
  ['{"id":1,"v":null', undefined, 'JSON'],
  ['[1]', undefined, 'a JSON object'],
  ['', undefined, 'JSON'],
] as const) {
  test(`a bad record says what was expected: ${record}`, () => {
    const decoder = new JsonDecoder(row(['id', types.bigint], ['v.at', types.timestamp(3)], ['v.d', types.decimal(10, 2)]));
    const good = '{"id":1,"v":{"at":"2024-02-29 00:00:00","d":1.5}}';
    assert.throws(
      () => decode(decoder, good, good, record, good),
      (error) => error instanceof BadRecord && error.record === 2 && error.column === column && error.expected === expected,
    );
  });
}
