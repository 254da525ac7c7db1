import { isStructured, printType, withNullable, type SqlType } from '../../../core/sql-type.ts';
import type { FormatDef } from '../../../catalog/format.ts';
import type { OptionFault, OptionSpec } from '../../../catalog/option-spec.ts';
import type { NamedColumns } from '../encoder-frame.ts';
import { isHeld } from '../json/fields.ts';
import { CsvDecoder } from './decoder.ts';
import { dialectFaults, dialectOf } from './dialect.ts';
import { CsvEncoder } from './encoder.ts';
import { csvRecordEnd } from './frame.ts';
import { isParted } from './structured.ts';

const options: readonly OptionSpec[] = [
  { key: 'field-delimiter', form: 'text', defaultValue: ',', description: "the character between fields; '\\t' is a tab" },
  { key: 'quote-character', form: 'text', description: 'the character around text that holds a delimiter; " by default' },
  { key: 'disable-quote-character', form: 'boolean', defaultValue: 'false', description: 'true: no character is a quote' },
  { key: 'escape-character', form: 'text', description: 'the character that takes the meaning from the next; none by default' },
  { key: 'null-literal', form: 'text', mayBeEmpty: true, description: 'the text that stands for NULL; by default none does, and NULL is written as nothing' },
  { key: 'allow-comments', form: 'boolean', defaultValue: 'false', description: 'true: lines that begin with # are passed over' },
  { key: 'ignore-parse-errors', form: 'boolean', defaultValue: 'false', description: 'true: a field that does not fit is NULL, a record that is no CSV is passed over' },
  { key: 'write-bigdecimal-in-scientific-notation', form: 'boolean', defaultValue: 'true', description: 'true: 100000 as a DECIMAL is written 1E+5' },
  { key: 'array-element-delimiter', form: 'text', defaultValue: ';', description: 'what stands between the elements of an ARRAY, and between the fields of a ROW' },
];

/** The format csv: one line of fields a record, which are columns by their place. Source of the semantics: Flink's CSV format. */
export const csv: FormatDef = csvFor([]);

function holds(type: SqlType): boolean {
  return isHeld(type) && (!isStructured(type) || isParted(type));
}

/** The format for a table with these columns. */
function csvFor(columns: NamedColumns): FormatDef {
  return {
    name: 'csv',
    doc: 'One line of fields a record. Fields are columns by their place; an empty field is empty text, and no number. An ARRAY or a ROW is one field, of parts that are no such themselves. A header line is a record that does not fit: it has to go, or `error-handling.mode` = ignore leaves it out with all others that do not fit.',
    options,
    holds,
    faults: (given, values) => [
      ...dialectFaults(values),
      ...given.filter(({ type }) => type.kind === 'ROW' && !holds(type)).map(({ name, type }): OptionFault => ({ key: 'format', code: 'E0002', message: `not supported yet: ${printType(withNullable(type, true))} in CSV, which ${name} is` })),
    ],
    forTable: csvFor,
    framing: (values) => {
      const dialect = dialectOf(values);
      return { recordEnd: (heap, at, end) => csvRecordEnd(dialect, heap, at, end), hasEmpty: false };
    },
    decoder: (read, values, bad) => new CsvDecoder(read, columns, dialectOf(values), bad === 'stop' ? undefined : bad),
    encoder: (written, values) => new CsvEncoder(written, dialectOf(values)),
  };
}
