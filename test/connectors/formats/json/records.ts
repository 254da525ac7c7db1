import type { ReadColumn } from '../../../../catalog/format.ts';
import { types, type SqlType } from '../../../../core/sql-type.ts';
import { Random } from '../../../random.ts';

/** Generated JSON records and ways to spoil them, for the tests of decoder and encoder. */

/** A whole number in [0, below). */
export type Draw = (below: number) => number;

export function drawOf(seed: number): Draw {
  const random = new Random(seed);
  return (below) => random.int(0, below - 1);
}

export const pick = <T>(draw: Draw, from: readonly T[]): T => from[draw(from.length)] as T;

const simple = (kind: 'TINYINT' | 'SMALLINT' | 'FLOAT' | 'DATE'): SqlType => ({ kind, nullable: true });

export const allTypes: readonly (readonly [string, SqlType])[] = [
  ['flag', types.boolean],
  ['tiny', simple('TINYINT')],
  ['small', simple('SMALLINT')],
  ['whole', types.int],
  ['long', types.bigint],
  ['single', simple('FLOAT')],
  ['double', types.double],
  ['money', types.decimal(10, 2)],
  ['wide', types.decimal(38, 10)],
  ['text', types.string],
  ['day', simple('DATE')],
  ['time', types.timestamp(3)],
  ['instant', types.timestampLtz(3)],
];

export interface Field {
  key: string;
  value: string | readonly Field[];
}

/** A record's schema: what is read of it, and how one is made. */
export interface Schema {
  readonly columns: readonly ReadColumn[];
  readonly make: (draw: Draw) => Field[];
}

/** The schema with up to two of its columns NOT NULL, and half of the time none. */
export function withRequired(draw: Draw, schema: Schema): Schema {
  const required = draw(2) === 0 ? [] : [draw(schema.columns.length), draw(schema.columns.length)];
  return { ...schema, columns: schema.columns.map(({ path, type }, i) => ({ path, type: required.includes(i) ? { ...type, nullable: false } : type })) };
}

const leaves = (draw: Draw): Field[] => allTypes.map(([key, type]) => ({ key, value: valueText(draw, type) }));
const columnsAt = (...path: readonly string[]): ReadColumn[] => allTypes.map(([name, type]) => ({ path: [...path, name], type }));
const payload = (draw: Draw): Field => ({ key: 'payload', value: draw(6) === 0 ? valueText(draw, types.string) : pick(draw, payloads) });
const payloadAt = (...path: readonly string[]): ReadColumn => ({ path: [...path, 'payload'], type: types.string });
const quoted = (text: string): string => JSON.stringify(text);

/** What stands in a text column as it was written. */
const payloads = ['{}', '[]', '{"b": 1.50, "a":[ -0, 1E2 ] }', '{"text":"\\u00e9\\n}","":null}', '[1.0,"]","\\"",{"a":{"b":[true,false]}}]', '"{}"', '17', '-0.10', '1e400', '12345678901234567890', 'true', 'false', '["grün\u{1f600}"]', '{"a":1,"a":2}', `${'['.repeat(40)}${']'.repeat(40)}`];

/** Fields that no column reads, one of each sort. */
const unread = (draw: Draw): Field[] => [
  { key: 'note', value: valueText(draw, types.string) },
  { key: 'count', value: valueText(draw, types.double) },
  { key: 'tags', value: draw(2) === 0 ? '[]' : `[1, ${valueText(draw, types.string)}, {"a":[null,true]}]` },
  { key: 'inner', value: draw(2) === 0 ? 'null' : [{ key: 'p', value: '1' }, { key: 'q', value: '"r"' }] },
];

const arrayOf = (element: SqlType): SqlType => ({ kind: 'ARRAY', element, nullable: true });
const deepType: SqlType = { kind: 'ROW', fields: [{ name: 'n', type: types.double }, { name: 'points', type: arrayOf({ kind: 'ROW', fields: [{ name: 'at', type: types.timestamp(3) }, { name: 's', type: types.string }], nullable: true }) }], nullable: true };
const listText = (draw: Draw, type: SqlType): string => (draw(8) === 0 ? 'null' : `[${Array.from({ length: draw(12) }, () => valueText(draw, type)).join(',')}]`);

export const schemas: readonly Schema[] = [
  { columns: columnsAt(), make: leaves },
  { columns: [...columnsAt().filter((_, i) => i % 3 === 1), payloadAt()], make: (draw) => [...unread(draw), payload(draw), ...leaves(draw)] },
  {
    columns: [{ path: ['kind'], type: types.int }, ...columnsAt('left'), payloadAt('left'), ...columnsAt('right').slice(4, 11), { path: ['right', 'deep', 'text'], type: types.string }, { path: ['gone'], type: types.double }],
    make: (draw) => {
      const side = draw(3);
      return [
        { key: 'kind', value: String(side) },
        { key: 'left', value: side === 0 ? [...leaves(draw), payload(draw)] : 'null' },
        { key: 'right', value: side === 1 ? [...leaves(draw), { key: 'deep', value: draw(2) === 0 ? 'null' : [{ key: 'x', value: '1' }, { key: 'text', value: '"t"' }] }] : 'null' },
        ...unread(draw),
      ];
    },
  },
  {
    columns: [{ path: ['list'], type: arrayOf(types.bigint) }, { path: ['prices'], type: { kind: 'MAP', key: types.string, value: types.decimal(10, 2), nullable: true } }, { path: ['deep'], type: deepType }, ...columnsAt().slice(3, 5), { path: ['outer', 'inner'], type: arrayOf(types.string) }],
    make: (draw) => [
      { key: 'list', value: listText(draw, types.bigint) },
      { key: 'prices', value: draw(8) === 0 ? 'null' : `{${Array.from({ length: draw(5) }, () => `${quoted(pick(draw, ['', 'a', 'b', 'é', 'c"']))}: ${valueText(draw, types.decimal(10, 2))}`).join(' , ')}}` },
      { key: 'deep', value: draw(8) === 0 ? 'null' : `{"n":${valueText(draw, types.double)},"points":${pick(draw, ['null', '[]', `[ {"at":${valueText(draw, types.timestamp(3))}, "s":${valueText(draw, types.string)}},null,{}]`])}}` },
      ...leaves(draw).slice(3, 5),
      { key: 'outer', value: draw(6) === 0 ? 'null' : [{ key: 'inner', value: listText(draw, types.string) }] },
      ...unread(draw).slice(0, 2),
    ],
  },
];

/** A JSON value that fits a column of the type; often the nulls, signs and lengths at the edges. */
export function valueText(draw: Draw, type: SqlType): string {
  if (draw(12) === 0) return 'null';
  const sign = draw(4) === 0 ? '-' : '';
  const digits = (most: number): string => {
    let text = String(1 + draw(9));
    for (let n = draw(most); n > 0; n--) text += String(draw(10));
    return draw(20) === 0 ? '0' : text;
  };
  switch (type.kind) {
    case 'BOOLEAN':
      return pick(draw, ['true', 'false']);
    case 'TINYINT':
      return sign + String(draw(128));
    case 'SMALLINT':
      return sign + String(draw(32768));
    case 'INT':
      return pick(draw, [sign + digits(9), '2147483647', '-2147483648', sign + digits(4)]);
    case 'BIGINT':
      return pick(draw, [sign + digits(9), sign + digits(18), sign + digits(12), '9223372036854775807', '-9223372036854775808', '9007199254740993']);
    case 'DECIMAL':
      return type.precision > 18 ? pick(draw, [`${sign}${digits(28)}.${digits(9)}`, sign + digits(4), `${sign}${digits(3)}.${digits(9)}`]) : pick(draw, [`${sign}${digits(7)}.${String(10 + draw(90))}`, sign + digits(7), `${sign}0.5`]);
    case 'FLOAT':
    case 'DOUBLE':
      return pick(draw, [sign + digits(5), `${sign}${digits(6)}.${digits(6)}`, `${sign}${digits(17)}.${digits(9)}`, `${sign}${digits(2)}.5e${draw(30)}`, `${sign}${digits(3)}E-${draw(30)}`, '-0', '0.1']);
    case 'DATE':
      return `"${date(draw)}"`;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return `"${date(draw)}${pick(draw, [' ', 'T'])}${two(draw(24))}:${two(draw(60))}:${two(draw(60))}${pick(draw, ['', '.1', '.12', '.123', `.${100 + draw(900)}`])}${pick(draw, ['', '', 'Z'])}"`;
    default:
      return quoted(pick(draw, ['', 'plain', 'a somewhat longer text without anything special in it', 'abc', 'abcd', 'grün', '日本語', '😀', '"', '\\', 'line\nbreak', 'x'.repeat(draw(70)), `k${draw(1e6)}`]));
  }
}

const two = (n: number): string => String(n).padStart(2, '0');
const date = (draw: Draw): string => (draw(4) === 0 ? `${String(1 + draw(9998)).padStart(4, '0')}-${two(1 + draw(12))}-${two(1 + draw(28))}` : `2024-02-${two(28 + draw(2))}`);

/** The bytes between values: as most producers write, and as some do. */
export const styles = [
  { colon: ':', comma: ',' },
  { colon: ': ', comma: ', ' },
  { colon: ':', comma: ',\n  ' },
] as const;

export interface Style {
  readonly colon: string;
  readonly comma: string;
}

export function render(fields: readonly Field[], style: Style): string {
  return `{${fields.map(({ key, value }) => `${quoted(key)}${style.colon}${typeof value === 'string' ? value : render(value, style)}`).join(style.comma)}}`;
}

const oddValues = ['{"a" :1.50}', '[01]', '["\\x"]', '{"a"}', '{,}', '[1,]', '[1 2]', `${'['.repeat(60)}${']'.repeat(60)}`, `${'['.repeat(60)}${']'.repeat(59)}`, 'null', 'true', 'false', '0', '-0', '-0.0', '012', '00', '-01', '1.', '.5', '+1', '1e5', '1E+2', '2.5e-3', '1e400', '-1e-400', '1.5', '128', '-129', '32768', '2147483648', '4294967296', '9223372036854775808', '-9223372036854775809', '99999999999999999999999999999999999999999', '12345678.005', '0.125', '0.000000000000000000001', '123456789012345.6789', '"12"', '" 12 "', '"1.5"', '"true"', '"NaN"', '"-Infinity"', 'NaN', 'tru', 'nul', '[]', '{}', '[1,{"a":"b"}]', '{"a":1}', '"\\u0041\\n\\"\\/"', '"\\ud83d\\ude00"', '"\\ud800"', '"\\udc00x"', '"\\x"', '"\\u12g4"', '"2024-02-29"', '"2023-02-29"', '"2024-02-31"', '"2024-13-01"', '"2024-02-31 10:00:00"', '"2024-02-28 24:00:00"', '"2024-02-28 10:61:00"', '"2024-02-28 10:00:60"', '"2024-02-28 10:00:00.1234"', '"2024-02-28 10:00:00+02:00"', '"2024-02-28"', '"2024-02-28 10:00"', '"2024-02-28 10:00:00."', '""', '" "', '"\t"', '"\u0001"'];

const spoilers: Readonly<Record<string, (draw: Draw, fields: Field[], style: Style) => string>> = {
  value: (draw, fields, style) => render(change(draw, fields, (field) => [{ ...field, value: pick(draw, oddValues) }]), style),
  'repeated key': (draw, fields, style) => render(change(draw, fields, (field) => [field, { ...field, value: pick(draw, oddValues) }]), style),
  'missing key': (draw, fields, style) => render(change(draw, fields, () => []), style),
  'other key': (draw, fields, style) => render(change(draw, fields, (field) => [{ ...field, key: pick(draw, ['', 'zz', 'grün', 'a"b', `${field.key}x`, field.key.slice(1)]) }]), style),
  'order of keys': (draw, fields, style) => render(fields.toSorted(() => draw(3) - 1), style),
  'white space': (draw, fields, style) => {
    const space = (): string => draw(60) === 0 ? '\f' : pick(draw, ['', ' ', '\n', '\r\n', '\t', '  ']);
    return space() + render(fields, style).replaceAll(/(?<=")[:,]|[{}]/g, (mark) => (draw(4) === 0 ? space() + mark + space() : mark)) + space();
  },
};

/** Changes one field, at any depth. */
function change(draw: Draw, fields: readonly Field[], how: (field: Field) => readonly Field[]): Field[] {
  const at = draw(fields.length);
  return fields.flatMap((field, i) => {
    if (i !== at) return [field];
    return typeof field.value !== 'string' && field.value.length > 0 && draw(8) > 0 ? [{ ...field, value: change(draw, field.value, how) }] : how(field);
  });
}

const byteSpoilers: Readonly<Record<string, (draw: Draw, bytes: Uint8Array) => Uint8Array>> = {
  'bit flip': (draw, bytes) => {
    const at = draw(bytes.length);
    return bytes.with(at, (bytes[at] as number) ^ (1 << draw(8)));
  },
  'other byte': (draw, bytes) => bytes.with(draw(bytes.length), pick(draw, [0, 9, 10, 31, 34, 48, 92, 125, 127, 128, 0xc0, 0xed, 0xf5, 0xff, draw(256)])),
  truncation: (draw, bytes) => bytes.slice(0, draw(bytes.length)),
  'lost byte': (draw, bytes) => {
    const at = draw(bytes.length);
    return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1)]);
  },
  'more at the end': (draw, bytes) => Uint8Array.from([...bytes, pick(draw, [0, 10, 32, 44, 48, 123, 125])]),
};

export const spoilNames: readonly string[] = ['none', ...Object.keys(spoilers), ...Object.keys(byteSpoilers)];

const utf8 = new TextEncoder();

/** One record, spoiled in the named way. */
export function recordBytes(draw: Draw, schema: Schema, style: Style, spoil: string): Uint8Array {
  const fields = schema.make(draw);
  const text = spoilers[spoil]?.(draw, fields, style) ?? render(fields, style);
  const bytes = utf8.encode(text);
  return byteSpoilers[spoil]?.(draw, bytes) ?? bytes;
}
