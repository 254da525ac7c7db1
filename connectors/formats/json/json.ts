import type { FormatDef } from '../../../catalog/format.ts';
import { JsonDecoder } from './decoder.ts';
import type { EpochUnit } from './epoch.ts';
import { JsonEncoder } from './encoder.ts';
import { isHeld } from './fields.ts';
import type { MapNullKey } from './write-structured.ts';

/** The format json: one JSON object a record. */
export const json: FormatDef = {
  name: 'json',
  doc: 'One JSON object a record. Fields are columns by name; a missing field is NULL, an unknown one is passed over.',
  options: [
    { key: 'timestamp-format.standard', form: 'enum', values: ['sql', 'iso-8601'], defaultValue: 'sql', description: 'how times are written: with a space or with a T between date and time; both are read' },
    { key: 'epoch-unit', form: 'enum', values: ['auto', 's', 'ms', 'us'], defaultValue: 'auto', description: 'what a number means in a TIMESTAMP_LTZ column: seconds, milliseconds or microseconds since 1970; auto goes by its size, and the first is told' },
    { key: 'encode.ignore-null-fields', form: 'boolean', defaultValue: 'false', description: 'leave fields that are NULL out' },
    { key: 'encode.decimal-as-plain-number', form: 'boolean', defaultValue: 'true', description: 'false: decimals without trailing zeros, and with an exponent where they are large or small, as 1E+5' },
    { key: 'fail-on-missing-field', form: 'boolean', defaultValue: 'false', description: 'true: a field that is read and that a record does not name does not fit; an explicit null does' },
    { key: 'ignore-parse-errors', form: 'boolean', defaultValue: 'false', description: 'true: a field that does not fit, or a part of an ARRAY, MAP or ROW, is NULL, a record that is no JSON object is passed over' },
    { key: 'map-null-key.mode', form: 'enum', values: ['fail', 'drop', 'literal'], defaultValue: 'fail', description: 'an entry of a map whose key is NULL is an error, is left out, or has the key of map-null-key.literal' },
    { key: 'map-null-key.literal', form: 'text', defaultValue: 'null', description: 'the key that stands for NULL' },
  ],
  holds: isHeld,
  faults: (_, options) =>
    options.boolean('ignore-parse-errors') && options.boolean('fail-on-missing-field') ? [{ key: 'fail-on-missing-field', code: 'E0504', message: "and 'json.ignore-parse-errors' cannot both be true" }] : [],
  decoder: (columns, options, bad = 'stop') =>
    new JsonDecoder(columns, { bad: bad === 'stop' && options.boolean('ignore-parse-errors') ? 'null-fields' : bad, failsOnMissing: options.boolean('fail-on-missing-field'), epoch: (options.text('epoch-unit') ?? 'auto') as EpochUnit }),
  encoder: (columns, options) => new JsonEncoder(columns, { isoTimes: options.text('timestamp-format.standard') === 'iso-8601', ignoreNulls: options.boolean('encode.ignore-null-fields'), plainDecimals: options.text('encode.decimal-as-plain-number') !== 'false', nullKey: { mode: nullKeyMode(options.text('map-null-key.mode')), literal: options.text('map-null-key.literal') ?? 'null' } }),
};

function nullKeyMode(given: string | undefined): MapNullKey['mode'] {
  return given === 'drop' || given === 'literal' ? given : 'fail';
}
