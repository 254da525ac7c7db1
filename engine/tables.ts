import type { Span } from '../core/span.ts';
import { unreachable } from '../core/assert.ts';
import { SqlError, type SourceText } from '../core/diagnostic.ts';
import { didYouMean, nearOrListed } from '../core/suggest.ts';
import { types, withNullable } from '../core/sql-type.ts';
import { isTopicName, topicNameRule } from '../core/topic-name.ts';
import type { ConnectedTable, ConnectorDef } from '../catalog/connector.ts';
import { optionOf, physicalColumns, writableColumns, type ColumnEntry, type TableEntry } from '../catalog/entry.ts';
import { fieldCommentsOf } from '../catalog/field-comments.ts';
import { checkOptions, type GivenOption, type OptionSpec } from '../catalog/option-spec.ts';
import { shortName, type ObjectPath } from '../catalog/object-path.ts';
import { printEntry } from '../catalog/print-entry.ts';
import { resolveType } from '../catalog/type-resolver.ts';
import { watermarkOptions } from '../catalog/watermark-options.ts';
import { connectors } from '../connectors/connectors.ts';
import { formats } from '../connectors/formats/formats.ts';
import type { ColumnClause, CreateTableStatement } from '../parser/ast-statement.ts';
import { parse } from '../parser/parse.ts';
import { declarationFaults } from '../planner/bind-scan.ts';
import { withMetadata } from './metadata.ts';
import { optionFaults, recordParts } from './record-parts.ts';
import type { Inherited } from './statements/like-clause.ts';

export type ConnectorList = readonly ConnectorDef[];

/** Where a new table goes, and what LIKE gives it. */
export interface NewTable {
  readonly path: ObjectPath;
  readonly inherited?: Inherited | undefined;
  /** True: it was bound when it was made. What it calls may be there only later. */
  readonly isStored?: boolean;
}

/**
 * The entry that CREATE TABLE makes, and every fault of the statement. The entry is undefined when its columns or its watermark cannot be understood:
 * then `draft` has its columns as far as they can be, for what else the script says of them.
 */
export function tableFromStatement(statement: CreateTableStatement, source: SourceText, { path, inherited, isStored = false }: NewTable, extra: ConnectorList): { readonly entry: TableEntry | undefined; readonly errors: readonly SqlError[]; readonly draft?: TableEntry | undefined } {
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
  const name = shortName(path);
  const columns: ColumnEntry[] = [...(inherited?.columns ?? [])];
  let primaryKey: string[] = [];
  let constraint: string | undefined;
  let watermark: TableEntry['watermark'];
  let isWhole = true;
  for (const clause of statement.columns) {
    switch (clause.kind) {
      case 'PhysicalColumn':
      case 'MetadataColumn':
      case 'ComputedColumn': {
        const column = attempt(() => columnOf(clause));
        if (column === undefined) {
          isWhole &&= clause.kind === 'MetadataColumn';
          columns.push({ kind: 'physical', name: clause.name.name, type: types.string });
          break;
        }
        const former = inherited?.columns.findIndex((other) => other.name === column.name && other.kind === column.kind) ?? -1;
        const part = column.kind === 'computed' ? 'GENERATED' : 'METADATA';
        if (former >= 0 && column.kind !== 'physical' && inherited?.overwrites(part) === true) columns[former] = column;
        else columns.push(column);
        if (clause.kind === 'PhysicalColumn' && clause.primaryKey) {
          if (primaryKey.length > 0) errors.push(secondKey(clause.span));
          primaryKey.push(column.name);
        }
        break;
      }
      case 'Watermark':
        if (watermark !== undefined) errors.push(new SqlError({ code: 'E0201', message: 'a table has one watermark', span: clause.column.span, label: 'this one is the second' }));
        watermark = { column: clause.column.name, expr: clause.expr };
        break;
      case 'PrimaryKey':
        if (primaryKey.length > 0) errors.push(secondKey(clause.span));
        primaryKey.push(...clause.columns.map((column) => column.name));
        constraint = clause.constraint?.name;
        break;
      case 'QueryColumn':
        // CREATE TABLE ... AS has given it a type before.
        errors.push(new SqlError({ code: 'E0001', message: `the column "${clause.name.name}" has no type`, span: clause.span, hint: `${clause.name.name} STRING` }));
        isWhole = false;
        break;
      default:
        unreachable(clause);
    }
  }
  if (inherited !== undefined) {
    const { span } = statement.like ?? statement;
    if (watermark !== undefined && inherited.watermark !== undefined && !inherited.overwrites('WATERMARKS')) {
      errors.push(new SqlError({ code: 'E0201', message: 'a table has one watermark, and LIKE gives this one another', span, hint: 'LIKE ... (OVERWRITING WATERMARKS)  or  (EXCLUDING WATERMARKS)' }));
    }
    watermark ??= inherited.watermark;
    if (primaryKey.length > 0 && inherited.primaryKey.length > 0) {
      errors.push(new SqlError({ code: 'E0105', message: 'a table has one primary key, and LIKE gives this one another', span, hint: 'LIKE ... (EXCLUDING CONSTRAINTS)' }));
    }
    if (primaryKey.length === 0) {
      primaryKey = [...inherited.primaryKey];
      constraint = inherited.constraint;
    }
    if (statement.partitionedBy.length > 0 && inherited.partitionedBy !== undefined) {
      errors.push(new SqlError({ code: 'E0105', message: 'a table is partitioned once, and LIKE partitions this one otherwise', span, hint: 'LIKE ... (EXCLUDING PARTITIONS)' }));
    }
  }
  const twice = columns.find((column, i) => columns.findIndex((other) => other.name === column.name) !== i);
  if (twice !== undefined) errors.push(new SqlError({ code: 'E0105', message: `${name} has two columns "${twice.name}"`, span: statement.name.span, label: 'give one of them another name' }));
  for (const [i, key] of primaryKey.entries()) {
    const column = columns.find((candidate) => candidate.name === key);
    if (!isStored && primaryKey.indexOf(key) !== i) errors.push(new SqlError({ code: 'E0105', message: `the primary key names "${key}" twice`, span: statement.name.span }));
    if (isWhole && !isStored && column !== undefined && column.kind !== 'physical') errors.push(new SqlError({ code: 'E0102', message: `the primary key names "${key}", which is no physical column of ${name}`, span: statement.name.span, hint: 'a key is of columns that a row brings with it' }));
    if (isWhole && column === undefined) errors.push(new SqlError({ code: 'E0102', message: `the primary key names "${key}", which ${name} does not have`, span: statement.name.span, ...nearOrListed(key, columns.map((column) => column.name), 'columns:') }));
  }
  const partitionedBy = statement.partitionedBy.length > 0 ? statement.partitionedBy.map((column) => column.name) : inherited?.partitionedBy;
  for (const column of statement.partitionedBy) {
    if (isWhole && !columns.some(({ name: known, kind }) => known === column.name && kind === 'physical')) errors.push(new SqlError({ code: 'E0102', message: `PARTITIONED BY names "${column.name}", which is no physical column of ${name}`, span: column.span, ...nearOrListed(column.name, columns.filter(({ kind }) => kind === 'physical').map((other) => other.name), 'columns:') }));
  }
  const keyed = columns.map((column) => (column.kind !== 'computed' && primaryKey.includes(column.name) ? { ...column, type: withNullable(column.type, false) } : column));
  const options: GivenOption[] = statement.options.map(({ key, value }) => ({ key: key.text, value: value.text, keySpan: key.span, valueSpan: value.span }));
  for (const [i, { key, keySpan }] of options.entries()) {
    if (options.findIndex((other) => other.key === key) !== i) errors.push(new SqlError({ code: 'E0504', message: `the option '${key}' is given twice`, span: keySpan, label: 'keep one of them' }));
    if (inherited?.overwrites('OPTIONS') === false && inherited.options.some((other) => other.key === key)) errors.push(new SqlError({ code: 'E0504', message: `LIKE gives the option '${key}' already`, span: keySpan, hint: 'LIKE ... (OVERWRITING OPTIONS)' }));
  }
  const given = [...options, ...(inherited?.options ?? [])].find(({ key }) => key === 'connector');
  const spanOf = (column: string): Span | undefined => statement.columns.find((clause) => clause.kind === 'MetadataColumn' && clause.name.name === column)?.span ?? statement.name.span;
  const metadata = withMetadata(keyed, findConnector(given?.value ?? '', extra), spanOf);
  errors.push(...metadata.errors);
  const entry: TableEntry = {
    kind: 'table',
    name,
    path,
    temporary: statement.temporary,
    comment: statement.comment,
    columns: metadata.columns,
    watermark,
    primaryKey,
    constraint,
    partitionedBy,
    options: [...(inherited?.options ?? []).filter(({ key }) => !options.some((option) => option.key === key)), ...options],
    optionsSpan: statement.optionsSpan,
    source,
    span: statement.span,
  };
  // Expressions of another table have their places in another text: they are bound in the text that the whole is printed as.
  if (inherited !== undefined && isWhole && errors.length === 0) {
    const rebuilt = rebuildTable(entry, extra);
    return { entry: rebuilt.entry, errors: rebuilt.errors.map((error) => new SqlError({ ...error.diagnostic, span: statement.name.span, source })) };
  }
  const faults = isWhole && twice === undefined && inherited === undefined && !isStored ? declarationFaults(entry) : [];
  errors.push(...faults, ...connect(entry, extra).errors);
  const isUsable = isWhole && faults.length === 0;
  return { entry: isUsable ? entry : undefined, draft: isUsable ? entry : { ...entry, watermark: undefined, columns: columns.map((column): ColumnEntry => (column.kind === 'computed' ? { kind: 'physical', name: column.name, type: types.string } : column)) }, errors: errors.map((error) => new SqlError({ ...error.diagnostic, source })) };
}

/** The same table, checked anew, with the text that it is printed as for its source. */
export function rebuildTable(entry: TableEntry, extra: ConnectorList): ReturnType<typeof tableFromStatement> {
  const text = printEntry(entry);
  const { statements, errors } = parse(text);
  const [statement] = statements;
  if (statement?.kind !== 'CreateTable') return { entry: undefined, errors };
  return tableFromStatement(statement, { text }, { path: entry.path }, extra);
}

/** The column that a clause declares. Throws SqlError for its type. */
export function columnOf(clause: Extract<ColumnClause, { kind: 'PhysicalColumn' | 'MetadataColumn' | 'ComputedColumn' }>): ColumnEntry {
  const { name } = clause.name;
  const comment = clause.comment === undefined ? {} : { comment: clause.comment };
  const fieldComments = clause.kind === 'ComputedColumn' ? undefined : fieldCommentsOf(clause.type);
  const inner = fieldComments === undefined ? {} : { fieldComments };
  switch (clause.kind) {
    case 'PhysicalColumn':
      return { kind: 'physical', name, type: resolveType(clause.type), ...inner, ...comment };
    case 'MetadataColumn':
      return { kind: 'metadata', name, type: resolveType(clause.type), key: clause.key ?? name, isVirtual: clause.isVirtual, ...inner, ...comment };
    case 'ComputedColumn':
      return { kind: 'computed', name, expr: clause.expr, ...comment };
    default:
      return unreachable(clause);
  }
}

/** The table of that name among those of a plan. Throws E0101. */
export function tableIn(tables: ReadonlyMap<string, TableEntry>, name: string): TableEntry {
  const entry = tables.get(name);
  if (entry === undefined) throw new SqlError({ code: 'E0101', message: `there is no table ${name}` });
  return entry;
}

/** True when the rows of a table end, whoever reads them. */
export function endsByItself(entry: TableEntry, extra: ConnectorList): boolean {
  if ((optionOf(entry, 'scan.bounded.mode') ?? 'unbounded') !== 'unbounded') return true;
  const { connected } = connect(entry, extra);
  return connected?.connector.isBounded?.(connected.table.options) ?? false;
}

export interface Connected {
  readonly connector: ConnectorDef;
  readonly table: ConnectedTable;
}

export function findConnector(name: string, extra: ConnectorList): ConnectorDef | undefined {
  return [...extra, ...connectors].find((connector) => connector.name === name);
}

/** The options of a connector's tables: its own, and those about event time where they can be read. */
function optionsOf(connector: ConnectorDef): readonly OptionSpec[] {
  return connector.changelog(true).source === undefined ? connector.options : [...connector.options, ...watermarkOptions];
}

/** Whether any connector or format has the option, under its name of today or a former one. */
function isKnownOption(key: string, all: ConnectorList): boolean {
  const bare = key.replace(/^(key|value)\./, '');
  const fits = (spec: OptionSpec, text: string): boolean => [spec.key, ...(spec.formerly ?? [])].some((name) => (name.endsWith('.*') ? text.startsWith(name.slice(0, -1)) : name === text));
  if (['connector', 'format', 'key.format', 'value.format'].includes(key) || all.some((connector) => optionsOf(connector).some((spec) => fits(spec, key)))) return true;
  return formats.some((format) => bare.startsWith(`${format.name}.`) && format.options.some((spec) => fits(spec, bare.slice(format.name.length + 1))));
}

/** A table's connector and format with their options checked. */
export function connect(entry: TableEntry, extra: ConnectorList): { readonly connected: Connected | undefined; readonly errors: readonly SqlError[] } {
  const { name, optionsSpan } = entry;
  const given = entry.options.find((option) => option.key === 'connector');
  const names = [...extra, ...connectors].map((connector) => connector.name);
  if (given === undefined) {
    const near = entry.options.find(({ key }) => key.toLowerCase() !== 'connector' && didYouMean(key.toLowerCase(), ['connector']) !== undefined);
    if (near !== undefined) return { connected: undefined, errors: [new SqlError({ code: 'E0501', message: `no connector has an option '${near.key}'`, span: near.keySpan, label: "the name is 'connector'" })] };
    return { connected: undefined, errors: [new SqlError({ code: 'E0503', message: `${name} does not say where its rows are`, span: optionsSpan, label: entry.options.some(({ key }) => key.toLowerCase() === 'connector') ? "keys are written small: 'connector'" : `add  WITH ('connector' = 'kafka', ...)`, hint: `connectors: ${names.join(', ')}` })] };
  }
  const connector = findConnector(given.value, extra);
  if (connector === undefined) {
    const label = didYouMean(given.value, names) ?? `there are ${names.map((known) => `'${known}'`).join(', ')}`;
    const nowhere = entry.options.filter(({ key }) => !isKnownOption(key, [...extra, ...connectors]));
    const unknown = nowhere.map(({ key, keySpan }) => new SqlError({ code: 'E0501', message: `no connector has an option '${key}'`, span: keySpan, label: /timestamp|watermark|rowtime/i.test(key) ? 'delete the line; time is declared by WATERMARK FOR' : 'delete the line' }));
    return { connected: undefined, errors: [new SqlError({ code: 'E0502', message: `there is no connector '${given.value}'`, span: given.valueSpan, label }), ...unknown] };
  }
  const errors: SqlError[] = [];
  const { format, formatOptions, key, own, errors: faults } = recordParts(entry, connector);
  const options = checkOptions(`connector ${connector.name}`, optionsOf(connector), own, optionsSpan);
  errors.push(...options.errors, ...faults);
  if (errors.length === 0) errors.push(...optionFaults(entry, [], [''], connector.faults?.(physicalColumns(entry), options.options) ?? []));
  const start = startFault(entry, options.options.text('scan.startup.mode'));
  if (start !== undefined) errors.push(start);
  // Where its broker is, is the last thing to look at: a definition with faults reaches none.
  if (connector.needsBroker) errors.push(...brokerFaults(entry).filter(({ code }) => code !== 'E0507' || errors.length === 0));
  if (connector.needsPrimaryKey === true && entry.primaryKey.length === 0) {
    errors.push(new SqlError({ code: 'E0303', message: `${name} needs a primary key: ${connector.name} keeps the latest row of each key`, span: optionsSpan, hint: `PRIMARY KEY (${physicalColumns(entry)[0]?.name ?? '...'}) NOT ENFORCED` }));
  }
  const table: ConnectedTable = { name, columns: writableColumns(entry), primaryKey: entry.primaryKey, definition: entry.base ?? entry, partitionedBy: entry.partitionedBy, options: options.options, format, formatOptions, key, metadata: entry.columns.flatMap((column) => (column.kind === 'metadata' ? [{ name: column.name, key: column.key }] : [])) };
  return { connected: { connector, table }, errors };
}

/** What would be found only when the job starts: a broker that is not Sluice's own, a topic that none can hold. */
function brokerFaults(entry: TableEntry): readonly SqlError[] {
  const errors: SqlError[] = [];
  for (const { key, value, valueSpan } of entry.options) {
    if (key === 'properties.bootstrap.servers') {
      errors.push(new SqlError({ code: 'E0507', message: `${entry.name} names the broker ${value}, and external brokers are not supported yet`, span: valueSpan, hint: `delete the option '${key}': the topic then lives in Sluice's own broker` }));
    }
    if (key !== 'topic' || value === '') continue;
    const wrong = value.split(';').map((topic) => topic.trim()).find((topic, i, all) => !isTopicName(topic) && !(topic === '' && i > 0 && i === all.length - 1));
    if (wrong !== undefined) errors.push(new SqlError({ code: 'E0605', message: `'${wrong}' cannot be the name of a topic`, span: valueSpan, hint: topicNameRule }));
  }
  return errors;
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

/** Throws E0507 for a table of a broker that is not Sluice's own. */
export function refuseExternal(servers: string | undefined, table: string): void {
  if (servers === undefined) return;
  throw new SqlError({
    code: 'E0507',
    message: `${table} names the broker ${servers}, and external brokers are not supported yet`,
    hint: "delete the option 'properties.bootstrap.servers': the topic then lives in Sluice's own broker",
  });
}

function secondKey(span: Span): SqlError {
  return new SqlError({ code: 'E0105', message: 'a table has one primary key', span, label: 'this one is the second: of several columns it is PRIMARY KEY (a, b)' });
}
