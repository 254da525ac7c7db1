import { SqlError } from '../core/diagnostic.ts';
import { didYouMean } from '../core/suggest.ts';
import type { ConnectorDef, KeyFormat } from '../catalog/connector.ts';
import type { FormatDef } from '../catalog/format.ts';
import { checkOptions, Options, type GivenOption, type OptionFault } from '../catalog/option-spec.ts';
import { physicalColumns, type TableEntry } from '../catalog/entry.ts';
import { formats } from '../connectors/formats/formats.ts';

/** What the records of a table are made of: how value and key are written, and the options that are neither's. */
export interface RecordParts {
  readonly format: FormatDef | undefined;
  readonly formatOptions: Options;
  readonly key: KeyFormat | undefined;
  /** The connector's own options. */
  readonly own: readonly GivenOption[];
  readonly errors: readonly SqlError[];
}

const noOptions = new Options(new Map());

/** Reads the formats of a table from its options. The rules about keys are those of Flink's Kafka connector. */
export function recordParts(entry: TableEntry, connector: ConnectorDef): RecordParts {
  const errors: SqlError[] = [];
  if (!connector.usesFormat) return { format: undefined, formatOptions: noOptions, key: undefined, own: entry.options, errors };
  const format = valueFormat(entry, errors);
  const hasKeys = connector.options.some((spec) => spec.key === 'key.format');
  // A kafka table with a primary key needs no word on its keys: they are written as the values are.
  const isKeyed = connector.needsPrimaryKey === true || (hasKeys && entry.primaryKey.length > 0);
  const givenKey = optionGiven(entry, 'key.format');
  const keyFormat = !hasKeys ? undefined : givenKey === undefined && isKeyed && connector.needsPrimaryKey !== true ? format : formatNamed(givenKey, errors);
  const divided = divideOptions(entry, format, keyFormat, connector);
  const value = format === undefined ? { options: noOptions, errors: [] } : checkOptions(`format ${format.name}`, format.options, divided.ofValue, entry.optionsSpan);
  const key = keyFormat === undefined ? { options: noOptions, errors: [] } : checkOptions(`format ${keyFormat.name}`, keyFormat.options, divided.ofKey, entry.optionsSpan);
  errors.push(...value.errors, ...key.errors);
  const fields = hasKeys ? keyFields(entry, isKeyed, errors) : undefined;
  const isInValue = !isExceptKey(entry);
  const columns = physicalColumns(entry);
  const valueColumns = isInValue || fields === undefined ? columns : columns.filter(({ name }) => !fields.some(({ column }) => column === name));
  const keyColumns = fields?.map(({ column, field }) => ({ name: field, type: columns.find(({ name }) => name === column)?.type ?? ({ kind: 'NULL', nullable: true } as const) })) ?? [];
  if (errors.length === 0) {
    if (format !== undefined) errors.push(...optionFaults(entry, ['format', 'value.format'], [`${format.name}.`, `value.${format.name}.`], format.faults?.(valueColumns, value.options) ?? []));
    if (keyFormat !== undefined) errors.push(...optionFaults(entry, ['key.format'], [`key.${keyFormat.name}.`], keyFormat.faults?.(keyColumns, key.options) ?? []));
  }
  return {
    format: format?.forTable?.(valueColumns) ?? format,
    formatOptions: value.options,
    key: keyFormat === undefined || fields === undefined ? undefined : { format: keyFormat.forTable?.(keyColumns) ?? keyFormat, options: givenKey === undefined ? value.options : key.options, fields, isInValue },
    own: divided.own,
    errors,
  };
}

/** The format that a column is written in; undefined for one that is no part of the record's key or value. */
export function recordFormat(entry: TableEntry, column: string): FormatDef | undefined {
  if (entry.columns.some(({ name, kind }) => name === column && kind !== 'physical')) return undefined;
  const fields = isExceptKey(entry) ? (optionGiven(entry, 'key.fields')?.value.split(';').map((name) => name.trim()) ?? entry.primaryKey) : [];
  return fields.includes(column) ? formatNamed(optionGiven(entry, 'key.format'), []) : valueFormat(entry, []);
}

/** The faults that a connector or a format finds, each at its option: `heads` may begin the option's key. */
export function optionFaults(entry: TableEntry, formatKeys: readonly string[], heads: readonly string[], faults: readonly OptionFault[]): readonly SqlError[] {
  return faults.map(({ key, code, message, label }) => {
    const keys = key === 'format' ? formatKeys : heads.map((head) => head + key);
    const given = entry.options.find((option) => keys.includes(option.key));
    const text = message.startsWith('not supported yet') ? message : `${given === undefined ? entry.name : `'${given.key}'`} ${message}`;
    return new SqlError({ code, message: text, span: given === undefined ? entry.optionsSpan : code === 'E0501' ? given.keySpan : given.valueSpan, label });
  });
}

function optionGiven(entry: TableEntry, ...keys: readonly string[]): GivenOption | undefined {
  return entry.options.find((option) => keys.includes(option.key));
}

function valueFormat(entry: TableEntry, errors: SqlError[]): FormatDef | undefined {
  const given = optionGiven(entry, 'format', 'value.format');
  const other = optionGiven(entry, 'value.format');
  if (given !== undefined && other !== undefined && other.value !== given.value) {
    errors.push(new SqlError({ code: 'E0504', message: `'value.format' is another name of 'format', and they say '${other.value}' and '${optionGiven(entry, 'format')?.value ?? ''}'`, span: other.valueSpan, label: 'leave one out' }));
  }
  // Of upsert-kafka the option specs say what is missing.
  if (given === undefined && optionGiven(entry, 'connector')?.value !== 'upsert-kafka') {
    errors.push(new SqlError({ code: 'E0503', message: `${entry.name} does not say how its records are written`, span: entry.optionsSpan, label: `add  'format' = 'json'   (or ${formats.map(({ name }) => name).filter((name) => name !== 'json').join(', ')})` }));
  }
  return formatNamed(given, errors);
}

const laterFormats = ['avro', 'debezium-json', 'avro-confluent', 'protobuf', 'canal-json', 'maxwell-json', 'ogg-json', 'debezium-avro-confluent', 'parquet', 'orc'];

function formatNamed(given: GivenOption | undefined, errors: SqlError[]): FormatDef | undefined {
  if (given === undefined) return undefined;
  const format = formats.find((candidate) => candidate.name === given.value);
  if (format !== undefined) return format;
  if (laterFormats.includes(given.value)) errors.push(new SqlError({ code: 'E0002', message: `not supported yet: the format ${given.value}`, span: given.valueSpan }));
  else errors.push(new SqlError({ code: 'E0505', message: `there is no format '${given.value}'`, span: given.valueSpan, label: didYouMean(given.value, formats.map((candidate) => candidate.name)) ?? "'json' is one" }));
  return undefined;
}

/** Options that begin with a format's name are the format's. */
function divideOptions(entry: TableEntry, format: FormatDef | undefined, keyFormat: FormatDef | undefined, connector: ConnectorDef): { readonly own: readonly GivenOption[]; readonly ofValue: readonly GivenOption[]; readonly ofKey: readonly GivenOption[] } {
  const own: GivenOption[] = [];
  const ofValue: GivenOption[] = [];
  const ofKey: GivenOption[] = [];
  for (const option of entry.options) {
    const headIn = (heads: readonly string[]): string | undefined => heads.find((head) => option.key.startsWith(head));
    const head = format === undefined ? undefined : headIn([`${format.name}.`, `value.${format.name}.`]);
    const keyHead = keyFormat === undefined ? undefined : headIn([`key.${keyFormat.name}.`]);
    if ((head === undefined && keyHead === undefined) || connector.options.some((spec) => spec.key === option.key)) own.push(option);
    else if (head !== undefined) ofValue.push({ ...option, key: option.key.slice(head.length), written: option.key });
    else ofKey.push({ ...option, key: option.key.slice((keyHead ?? '').length), written: option.key });
  }
  return { own, ofValue, ofKey };
}

function isExceptKey(entry: TableEntry): boolean {
  return optionGiven(entry, 'value.fields-include')?.value.toUpperCase() === 'EXCEPT_KEY';
}

/** The columns that the key holds, in its order: those of the primary key where there is one (`isKeyed`); undefined for none. */
function keyFields(entry: TableEntry, isKeyed: boolean, errors: SqlError[]): KeyFormat['fields'] | undefined {
  const format = optionGiven(entry, 'key.format');
  const given = optionGiven(entry, 'key.fields');
  const prefix = optionGiven(entry, 'key.fields-prefix');
  const include = optionGiven(entry, 'value.fields-include');
  if (prefix !== undefined && !isExceptKey(entry)) {
    errors.push(new SqlError({ code: 'E0504', message: "a 'key.fields-prefix' is for columns that the value does not hold too", span: prefix.valueSpan, label: `add  'value.fields-include' = 'EXCEPT_KEY'` }));
  }
  if (!isKeyed && format === undefined) {
    if (given !== undefined) errors.push(new SqlError({ code: 'E0503', message: "'key.fields' needs the option 'key.format'", span: given.keySpan, label: "add  'key.format' = 'json'" }));
    else if (isExceptKey(entry)) errors.push(new SqlError({ code: 'E0503', message: "a value without the columns of the key needs the options 'key.format' and 'key.fields'", span: include?.valueSpan }));
    return undefined;
  }
  const columns = physicalColumns(entry);
  if (!isKeyed && given === undefined) {
    errors.push(new SqlError({ code: 'E0503', message: "'key.format' needs the option 'key.fields'", span: format?.keySpan, label: `add  'key.fields' = '${columns[0]?.name ?? '...'}'` }));
    return undefined;
  }
  const isOther = isKeyed && given !== undefined && given.value.split(';').map((name) => name.trim()).join(';') !== entry.primaryKey.join(';');
  if (isOther) errors.push(new SqlError({ code: 'E0504', message: `the key of ${entry.name} is its primary key: ${entry.primaryKey.join(', ')}`, span: given.valueSpan, label: "leave 'key.fields' out" }));
  const names = isKeyed ? entry.primaryKey : (given?.value.split(';').map((name) => name.trim()).filter((name) => name !== '') ?? []);
  const span = given?.valueSpan ?? prefix?.valueSpan ?? entry.optionsSpan;
  for (const name of names) {
    // A primary key over a column that is not there is told where the columns are.
    if (isKeyed && !entry.columns.some((column) => column.name === name)) continue;
    if (!columns.some((column) => column.name === name)) {
      errors.push(new SqlError({ code: 'E0102', message: `the key names "${name}", which is no physical column of ${entry.name}`, span, label: didYouMean(name, columns.map((column) => column.name)), hint: `there are ${columns.map((column) => column.name).join(', ')}` }));
    } else if (prefix !== undefined && !name.startsWith(prefix.value)) {
      errors.push(new SqlError({ code: 'E0504', message: `the columns of the key begin with '${prefix.value}', as 'key.fields-prefix' says, and "${name}" does not`, span: prefix.valueSpan }));
    }
  }
  return names.map((column) => ({ column, field: prefix !== undefined && column.startsWith(prefix.value) ? column.slice(prefix.value.length) : column }));
}
