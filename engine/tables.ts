import { SqlError, type SourceText } from '../core/diagnostic.ts';
import { didYouMean } from '../core/suggest.ts';
import { withNullable } from '../core/sql-type.ts';
import type { ConnectedTable, ConnectorDef, FormatDef } from '../catalog/connector.ts';
import { optionOf, physicalColumns, writableColumns, type ColumnEntry, type TableEntry } from '../catalog/entry.ts';
import { checkOptions, Options, type GivenOption, type OptionSpec } from '../catalog/option-spec.ts';
import { resolveType } from '../catalog/type-resolver.ts';
import { connectors } from '../connectors/connectors.ts';
import { formats } from '../connectors/formats/formats.ts';
import type { CreateTableStatement } from '../parser/ast.ts';

export type ConnectorList = readonly ConnectorDef[];

/** The entry that CREATE TABLE makes, and every fault of the statement. The entry is undefined when its columns cannot be understood. */
export function tableFromStatement(statement: CreateTableStatement, source: SourceText, extra: ConnectorList): { readonly entry: TableEntry | undefined; readonly errors: readonly SqlError[] } {
  const errors: SqlError[] = [];
  const attempt = <T>(make: () => T): T | undefined => {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      errors.push(error);
      return undefined;
    }
  };
  const columns: ColumnEntry[] = [];
  const primaryKey: string[] = [];
  let watermark: TableEntry['watermark'];
  let isWhole = true;
  for (const clause of statement.columns) {
    switch (clause.kind) {
      case 'PhysicalColumn': {
        const type = attempt(() => resolveType(clause.type));
        if (type === undefined) isWhole = false;
        else columns.push({ kind: 'physical', name: clause.name.name, type });
        if (clause.primaryKey) primaryKey.push(clause.name.name);
        break;
      }
      case 'MetadataColumn': {
        const type = attempt(() => resolveType(clause.type));
        if (type !== undefined) columns.push({ kind: 'metadata', name: clause.name.name, type, key: clause.key ?? clause.name.name, isVirtual: clause.isVirtual });
        break;
      }
      case 'ComputedColumn':
        columns.push({ kind: 'computed', name: clause.name.name, expr: clause.expr });
        break;
      case 'Watermark':
        if (watermark !== undefined) errors.push(new SqlError({ code: 'E0201', message: 'a table has one watermark', span: clause.column.span, label: 'this one is the second' }));
        watermark = { column: clause.column.name, expr: clause.expr };
        break;
      case 'PrimaryKey':
        primaryKey.push(...clause.columns.map((column) => column.name));
        break;
    }
  }
  const name = statement.name.parts.map((part) => part.name).join('.');
  const twice = columns.find((column, i) => columns.findIndex((other) => other.name === column.name) !== i);
  if (twice !== undefined) errors.push(new SqlError({ code: 'E0105', message: `${name} has two columns "${twice.name}"`, span: statement.name.span }));
  for (const key of primaryKey) {
    if (isWhole && !columns.some((column) => column.name === key)) errors.push(new SqlError({ code: 'E0102', message: `the primary key names "${key}", which ${name} does not have`, span: statement.name.span, label: didYouMean(key, columns.map((column) => column.name)) }));
  }
  const keyed = columns.map((column) => (column.kind !== 'computed' && primaryKey.includes(column.name) ? { ...column, type: withNullable(column.type, false) } : column));
  const entry: TableEntry = {
    kind: 'table',
    name,
    columns: keyed,
    watermark,
    primaryKey,
    options: statement.options.map(({ key, value }) => ({ key: key.text, value: value.text, keySpan: key.span, valueSpan: value.span })),
    optionsSpan: statement.optionsSpan,
    source,
    span: statement.span,
  };
  for (const [i, { key, keySpan }] of entry.options.entries()) {
    if (entry.options.findIndex((other) => other.key === key) !== i) errors.push(new SqlError({ code: 'E0504', message: `the option '${key}' is given twice`, span: keySpan }));
  }
  errors.push(...connect(entry, extra).errors);
  return { entry: isWhole ? entry : undefined, errors: errors.map((error) => new SqlError({ ...error.diagnostic, source })) };
}

/** The table of that name among those of a plan. Throws E0101. */
export function tableIn(tables: ReadonlyMap<string, TableEntry>, name: string): TableEntry {
  const entry = tables.get(name);
  if (entry === undefined) throw new SqlError({ code: 'E0101', message: `there is no table ${name}` });
  return entry;
}

export interface Connected {
  readonly connector: ConnectorDef;
  readonly table: ConnectedTable;
}

export function findConnector(name: string, extra: ConnectorList): ConnectorDef | undefined {
  return [...extra, ...connectors].find((connector) => connector.name === name);
}

/** A table's connector and format with their options checked. */
export function connect(entry: TableEntry, extra: ConnectorList): { readonly connected: Connected | undefined; readonly errors: readonly SqlError[] } {
  const { name, optionsSpan } = entry;
  const given = entry.options.find((option) => option.key === 'connector');
  const names = [...extra, ...connectors].map((connector) => connector.name);
  if (given === undefined) {
    return { connected: undefined, errors: [new SqlError({ code: 'E0503', message: `${name} does not say where its rows are`, span: optionsSpan, label: `add  WITH ('connector' = 'kafka', ...)`, hint: `connectors: ${names.join(', ')}` })] };
  }
  const connector = findConnector(given.value, extra);
  if (connector === undefined) {
    const label = didYouMean(given.value, names) ?? `there are ${names.map((known) => `'${known}'`).join(', ')}`;
    return { connected: undefined, errors: [new SqlError({ code: 'E0502', message: `there is no connector '${given.value}'`, span: given.valueSpan, label })] };
  }
  const errors: SqlError[] = [];
  const format = connector.usesFormat ? formatOf(entry, errors) : undefined;
  const { own, ofFormat } = divideOptions(entry, format, connector.options);
  const options = checkOptions(`connector ${connector.name}`, connector.options, own, optionsSpan);
  const formatOptions = format === undefined ? { options: new Options(new Map()), errors: [] } : checkOptions(`format ${format.name}`, format.options, ofFormat, optionsSpan);
  errors.push(...options.errors, ...formatOptions.errors);
  const start = startFault(entry, options.options.text('scan.startup.mode'));
  if (start !== undefined) errors.push(start);
  if (connector.needsPrimaryKey === true && entry.primaryKey.length === 0) {
    errors.push(new SqlError({ code: 'E0303', message: `${name} needs a primary key: ${connector.name} keeps the latest row of each key`, span: optionsSpan, hint: `PRIMARY KEY (${physicalColumns(entry)[0]?.name ?? '...'}) NOT ENFORCED` }));
  }
  if (connector.name === 'kafka' && entry.primaryKey.length > 0) {
    errors.push(new SqlError({ code: 'E0002', message: `not supported yet: PRIMARY KEY on a table of connector kafka`, span: optionsSpan, hint: "use 'connector' = 'upsert-kafka' with 'key.format' and 'value.format'" }));
  }
  const table: ConnectedTable = { name, columns: writableColumns(entry), primaryKey: entry.primaryKey, options: options.options, format, formatOptions: formatOptions.options };
  return { connected: { connector, table }, errors };
}

/** A start that does not say where, as in Flink: it would be read as some other place. */
function startFault(entry: TableEntry, mode: string | undefined): SqlError | undefined {
  const key = mode === 'timestamp' ? 'scan.startup.timestamp-millis' : mode === 'specific-offsets' ? 'scan.startup.specific-offsets' : undefined;
  if (key === undefined) return undefined;
  const given = entry.options.find((option) => option.key === key);
  const form = mode === 'timestamp' ? '1763712000000' : 'partition:0,offset:42;partition:1,offset:300';
  if (given === undefined) {
    const span = entry.options.find((option) => option.key === 'scan.startup.mode')?.valueSpan;
    return new SqlError({ code: 'E0503', message: `the start '${mode}' needs the option '${key}'`, span, label: `add  '${key}' = '${form}'` });
  }
  if (mode === 'timestamp' || /^\s*partition:\d+,offset:\d+\s*(;\s*partition:\d+,offset:\d+\s*)*;?\s*$/.test(given.value)) return undefined;
  return new SqlError({ code: 'E0504', message: `'${key}' is a list as '${form}', not '${given.value}'`, span: given.valueSpan });
}

/** The format of a table's records; undefined where it has none. */
export function recordFormat(entry: TableEntry): FormatDef | undefined {
  return formatOf(entry, []);
}

function formatOf(entry: TableEntry, errors: SqlError[]): FormatDef | undefined {
  const given = entry.options.find((option) => option.key === 'format' || option.key === 'value.format');
  const key = optionOf(entry, 'connector') === 'upsert-kafka' ? 'value.format' : 'format';
  if (given === undefined) {
    if (key === 'format') errors.push(new SqlError({ code: 'E0503', message: `${entry.name} does not say how its records are written`, span: entry.optionsSpan, label: `add  'format' = 'json'` }));
    return undefined;
  }
  const format = formats.find((candidate) => candidate.name === given.value);
  const known = ['csv', 'avro', 'raw', 'debezium-json', 'avro-confluent', 'protobuf', 'canal-json', 'maxwell-json', 'parquet', 'orc'];
  if (format === undefined && known.includes(given.value)) errors.push(new SqlError({ code: 'E0002', message: `not supported yet: the format ${given.value}`, span: given.valueSpan }));
  else if (format === undefined) errors.push(new SqlError({ code: 'E0505', message: `there is no format '${given.value}'`, span: given.valueSpan, label: didYouMean(given.value, formats.map((candidate) => candidate.name)) ?? "'json' is one" }));
  return format;
}

/** Options that begin with the format's name are the format's. */
function divideOptions(entry: TableEntry, format: FormatDef | undefined, specs: readonly OptionSpec[]): { readonly own: readonly GivenOption[]; readonly ofFormat: readonly GivenOption[] } {
  const own: GivenOption[] = [];
  const ofFormat: GivenOption[] = [];
  for (const option of entry.options) {
    const head = format === undefined ? undefined : [`${format.name}.`, `value.${format.name}.`].find((prefix) => option.key.startsWith(prefix));
    if (head === undefined || specs.some((spec) => spec.key === option.key)) own.push(option);
    else ofFormat.push({ ...option, key: option.key.slice(head.length) });
  }
  return { own, ofFormat };
}
