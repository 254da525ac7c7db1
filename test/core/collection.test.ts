import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteHeap } from '../../core/byte-heap.ts';
import { compareEncoded, countAt, valueLength, valueStart } from '../../core/collection.ts';
import { decodeValue, encodeValue } from '../../core/collection-value.ts';
import { compareValues, MapWriter, RowWriter, VectorWriter } from '../../core/collection-writer.ts';
import { layoutOf } from '../../core/layout.ts';
import { types, withNullable, type SqlType } from '../../core/sql-type.ts';
import type { SqlValue } from '../../core/value.ts';
import { Random, seedFromEnvironment } from '../random.ts';

const array = (element: SqlType): SqlType => ({ kind: 'ARRAY', element, nullable: true });
const map = (key: SqlType, value: SqlType): SqlType => ({ kind: 'MAP', key, value, nullable: true });
const row = (...fields: readonly SqlType[]): SqlType => ({ kind: 'ROW', fields: fields.map((type, i) => ({ name: `f${i}`, type })), nullable: true });

const scalars: readonly SqlType[] = [
  types.boolean, types.int, types.bigint, types.double, types.string, { kind: 'FLOAT', nullable: true }, types.decimal(12, 2), types.decimal(30, 5), types.timestamp(3), types.timestamp(9), { kind: 'DATE', nullable: true },
  { kind: 'VARBINARY', length: 2147483647, nullable: true },
];

type Draw = (below: number) => number;

function typeOf(draw: Draw, depth: number): SqlType {
  const kind = depth === 0 ? 0 : draw(6);
  if (kind === 3) return array(typeOf(draw, depth - 1));
  if (kind === 4) return map(typeOf(draw, depth - 1), typeOf(draw, depth - 1));
  if (kind === 5) return row(...Array.from({ length: 1 + draw(9) }, () => typeOf(draw, depth - 1)));
  return scalars[draw(scalars.length)] as SqlType;
}

function valueOf(draw: Draw, type: SqlType): SqlValue {
  if (draw(5) === 0) return null;
  switch (type.kind) {
    case 'ARRAY':
      return Array.from({ length: draw(10) }, () => valueOf(draw, type.element));
    case 'MAP': {
      // By their encodings, as no key may come twice.
      const entries = new Map<string, readonly [SqlValue, SqlValue]>();
      for (let n = draw(5); n > 0; n--) {
        const key = valueOf(draw, type.key);
        entries.set(key === null ? '' : Buffer.from(encodeValue(key, type.key)).toString('hex') || '-', [key, valueOf(draw, type.value)]);
      }
      return [...entries.values()];
    }
    case 'ROW':
      return type.fields.map((field) => valueOf(draw, field.type));
    case 'BOOLEAN':
      return draw(2) === 1;
    case 'BIGINT':
    case 'DECIMAL':
      return BigInt(draw(2 ** 31)) * (type.kind === 'DECIMAL' && type.precision > 18 ? -(10n ** 14n) : -3n);
    case 'DOUBLE':
      return (draw(1000) - 500) / 8;
    case 'FLOAT':
      return Math.fround((draw(1000) - 500) / 8);
    case 'VARCHAR':
      return 'aé€😀'.slice(0, draw(3)).repeat(draw(3));
    case 'VARBINARY':
      return Uint8Array.from({ length: draw(4) }, () => draw(256));
    case 'TIMESTAMP':
      return type.precision > 3 ? { millis: draw(2 ** 31) - 2 ** 30, nanos: draw(1_000_000) } : draw(2 ** 31) - 2 ** 30;
    default:
      return draw(2 ** 31) - 2 ** 30;
  }
}

/** Entries of maps in any order. */
function shuffled(draw: Draw, value: SqlValue, type: SqlType): SqlValue {
  if (value === null) return null;
  const parts = value as readonly SqlValue[];
  if (type.kind === 'ARRAY') return parts.map((part) => shuffled(draw, part, type.element));
  if (type.kind === 'ROW') return parts.map((part, i) => shuffled(draw, part, type.fields[i]?.type ?? types.nothing));
  if (type.kind !== 'MAP') return value;
  return (parts as readonly (readonly [SqlValue, SqlValue])[]).map(([key, of]) => [shuffled(draw, key, type.key), shuffled(draw, of, type.value)] as const).toSorted(() => draw(3) - 1);
}

test('decode(encode(x)) = x, and values that are equal have equal bytes', (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const random = new Random(seed);
  const draw: Draw = (below) => random.int(0, below - 1);
  const seen = { ARRAY: 0, MAP: 0, ROW: 0, reordered: 0 };
  for (let n = 0; n < 3000; n++) {
    const type = typeOf(draw, 3);
    const value = valueOf(draw, type);
    if (value === null) continue;
    const bytes = encodeValue(value, type);
    const at = draw(8);
    const heap = new Uint8Array(at + bytes.length + 8);
    heap.set(bytes, at);
    const again = decodeValue(heap, at, bytes.length, type);
    assert.notEqual(again, null);
    assert.deepEqual(encodeValue(again as Exclude<SqlValue, null>, type), bytes);
    const other = shuffled(draw, value, type);
    assert.deepEqual(encodeValue(other as Exclude<SqlValue, null>, type), bytes);
    if (JSON.stringify(other, plain) !== JSON.stringify(value, plain)) seen.reordered++;
    if (type.kind === 'ARRAY' || type.kind === 'MAP' || type.kind === 'ROW') seen[type.kind]++;
    if (type.kind !== 'MAP' && !holdsMap(type)) assert.deepEqual(again, value);
  }
  for (const [what, count] of Object.entries(seen)) assert.ok(count > 20, `${what}: ${count}`);
});

const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value);

function holdsMap(type: SqlType): boolean {
  if (type.kind === 'ARRAY') return holdsMap(type.element);
  return type.kind === 'MAP' || (type.kind === 'ROW' && type.fields.some((field) => holdsMap(field.type)));
}

test('the writers that kernels use give the bytes that values have', () => {
  const heap = new ByteHeap(16);
  const vector = new VectorWriter('i32');
  vector.begin();
  for (let i = 0; i < 20; i++) {
    if (i % 3 === 0) vector.addNull();
    else {
      (vector.cell.column as { values: Int32Array }).values[0] = -i;
      vector.add();
    }
  }
  const at = vector.finish(heap);
  assert.deepEqual(heap.bytes.slice(at, heap.used), encodeValue(Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? null : -i)), array(types.int)));

  const writer = new MapWriter('bytes', 'bytes');
  const text = (value: string): [Uint8Array, number, number] => [new TextEncoder().encode(value), 0, value.length];
  writer.begin();
  for (const [key, value] of [['b', '1'], ['a', '2'], ['b', '3']] as const) {
    writer.keys.addBytes(...text(key));
    writer.values.addBytes(...text(value));
  }
  const place = writer.finish(heap);
  assert.deepEqual(heap.bytes.slice(place, heap.used), encodeValue([['a', '2'], ['b', '3']], map(types.string, types.string)));

  const fields = row(types.string, types.int, types.string, types.string);
  const rows = new RowWriter([types.string, types.int, types.string, types.string].map(layoutOf));
  rows.begin();
  rows.addBytes(...text('x'));
  rows.addNull();
  rows.addNull();
  rows.addBytes(...text('yz'));
  const start = rows.finish(heap);
  assert.deepEqual(heap.bytes.slice(start, heap.used), encodeValue(['x', null, null, 'yz'], fields));
});

test('encoded values are in the order of what they stand for, NULL first', () => {
  const ordered: readonly (readonly [SqlType, readonly Exclude<SqlValue, null>[]])[] = [
    [types.int, [-2147483648, -257, -256, -1, 0, 1, 255, 256, 2147483647]],
    [types.bigint, [-(2n ** 63n), -256n, -1n, 0n, 255n, 256n, 2n ** 63n - 1n]],
    [types.decimal(38, 0), [-(10n ** 37n), -1n, 0n, 1n, 10n ** 37n]],
    [types.double, [-Infinity, -1.5, 0, 1e-300, 2, Infinity, NaN]],
    [types.timestamp(9), [{ millis: -1, nanos: 999_999 }, { millis: 0, nanos: 1 }, { millis: 0, nanos: 256 }, { millis: 1, nanos: 0 }]],
    [types.string, ['', 'a', 'ab', 'b', 'é']],
    [types.boolean, [false, true]],
  ];
  for (const [type, values] of ordered) {
    const layout = layoutOf(type);
    const encoded = encodeValue([null, ...values], array(type));
    for (let i = 0; i <= values.length; i++) {
      for (let j = 0; j <= values.length; j++) assert.equal(Math.sign(compareValues(encoded, 0, i, encoded, 0, j, layout)), Math.sign(i - j), `${type.kind} ${i} ${j}`);
    }
    assert.equal(countAt(encoded, 0), values.length + 1);
    assert.equal(compareEncoded(layout, encoded, valueStart(encoded, 0, 1, layout), valueLength(encoded, 0, 1, layout), encoded, valueStart(encoded, 0, 1, layout), valueLength(encoded, 0, 1, layout)), 0);
  }
  assert.deepEqual(encodeValue([-0], array(types.double)), encodeValue([0], array(types.double)));
  assert.equal(withNullable(types.int, false).nullable, false);
});

test('the encoding is frozen: it is part of the state format', () => {
  const hex = (value: Exclude<SqlValue, null>, type: SqlType): string => Buffer.from(encodeValue(value, type)).toString('hex');
  assert.equal(hex([1, null, -1], array(types.int)), '03000000' + '02' + '01000000' + '00000000' + 'ffffffff');
  assert.equal(hex(['a', null, 'bc'], array(types.string)), '03000000' + '02' + '01000000' + '01000000' + '03000000' + '616263');
  assert.equal(hex([['b', 2n], ['a', null]], map(types.string, types.bigint)), '0f000000' + '02000000' + '00' + '01000000' + '02000000' + '6162' + '02000000' + '01' + '0000000000000000' + '0200000000000000');
  assert.equal(hex([true, 'x', { millis: 1, nanos: 2 }, null], row(types.boolean, types.string, types.timestamp(9), types.double)), '08' + '01' + '01000000' + '0100000000000000' + '02000000' + '0000000000000000' + '78');
  assert.equal(hex([['x', 2]], { kind: 'MULTISET', element: types.string, nullable: true }), '0a000000' + '01000000' + '00' + '01000000' + '78' + '01000000' + '00' + '02000000');
  assert.equal(hex([-1n], array(types.decimal(38, 0))), '01000000' + '00' + 'ff'.repeat(16));
});
