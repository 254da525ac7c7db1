import type { FormatDef } from '../../../catalog/connector.ts';
import { JsonDecoder } from './decoder.ts';
import { JsonEncoder } from './encoder.ts';
import { isHeld } from './fields.ts';

/** The format json: one JSON object a record. */
export const json: FormatDef = {
  name: 'json',
  doc: 'One JSON object a record. Fields are columns by name; a missing field is NULL, an unknown one is passed over.',
  options: [
    { key: 'timestamp-format.standard', form: 'enum', values: ['sql', 'iso-8601'], defaultValue: 'sql', description: 'how times are written: with a space or with a T between date and time; both are read' },
    { key: 'encode.ignore-null-fields', form: 'boolean', defaultValue: 'false', description: 'leave fields that are NULL out' },
    { key: 'encode.decimal-as-plain-number', form: 'boolean', defaultValue: 'true', description: 'decimals are always written without an exponent' },
    { key: 'fail-on-missing-field', form: 'boolean', later: true, description: 'a missing field is an error' },
    { key: 'ignore-parse-errors', form: 'boolean', later: true, description: 'records that do not fit are passed over' },
    { key: 'map-null-key.mode', form: 'text', later: true, description: 'what to do with NULL keys of maps' },
    { key: 'map-null-key.literal', form: 'text', later: true, description: 'the key that stands for NULL' },
  ],
  holds: isHeld,
  decoder: (columns) => new JsonDecoder(columns),
  encoder: (columns, options) => new JsonEncoder(columns, { isoTimes: options.text('timestamp-format.standard') === 'iso-8601', ignoreNulls: options.boolean('encode.ignore-null-fields') }),
};
