import { printType, withNullable } from '../../../core/sql-type.ts';
import type { FormatDef } from '../../../catalog/format.ts';
import { RawDecoder } from './decoder.ts';
import { RawEncoder } from './encoder.ts';
import { charsetOf, isRaw, rawOptions } from './fields.ts';

/** The format raw: the record is the value of the table's one column. Source of the semantics: Flink's raw format. */
export const raw: FormatDef = {
  name: 'raw',
  doc: 'The whole record is the value of the one column: text, bytes, a number or a BOOLEAN (a byte).',
  options: [
    { key: 'charset', form: 'text', defaultValue: 'UTF-8', description: 'how text is written: UTF-8, ISO-8859-1, US-ASCII, UTF-16, UTF-16BE or UTF-16LE' },
    { key: 'endianness', form: 'enum', values: ['big-endian', 'little-endian'], defaultValue: 'big-endian', description: 'the order of the bytes of numbers' },
  ],
  holds: isRaw,
  framing: () => ({ hasEmpty: true }),
  faults: (columns, options) => {
    const [column] = columns;
    if (columns.length !== 1 || column === undefined) return [{ key: 'format', code: 'E0504', message: `'raw' holds one column, and the table has ${columns.length}` }];
    if (!isRaw(column.type)) return [{ key: 'format', code: 'E0504', message: `'raw' holds text, bytes, numbers and BOOLEAN, and ${column.name} is ${printType(withNullable(column.type, true))}` }];
    const charset = options.text('charset') ?? '';
    return charsetOf(charset) === undefined ? [{ key: 'charset', code: 'E0002', message: `not supported yet: the charset ${charset}` }] : [];
  },
  readsNull: true,
  decoder: (columns, options, bad) => new RawDecoder(columns, rawOptions(options), bad),
  encoder: (columns, options) => {
    const [column] = columns;
    if (column === undefined) throw new TypeError('a table of format raw has one column');
    return new RawEncoder(column, rawOptions(options));
  },
};
