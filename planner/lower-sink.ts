import { isInsertOnly, mergeChangelogs, upserts, type Changelog } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import { types, withNullable } from '../core/sql-type.ts';
import { writableColumns } from '../catalog/entry.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import { updatesIntoInserts } from './lost-property.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { calc } from './lower-calc.ts';
import { exchangeOn } from './lower-exchange.ts';
import { connectorOf, type ConnectorLookUp } from './lower-source.ts';
import type { PhysicalPlan, Properties } from './physical-plan.ts';
import { stateName } from './state-name.ts';

/** What SET says about the rows that go into tables: Flink's table.exec.sink.*. */
export interface SinkOptions {
  readonly upsertMaterialize: 'AUTO' | 'NONE' | 'FORCE';
  readonly notNull: 'ERROR' | 'DROP';
  readonly typeLength: 'IGNORE' | 'TRIM_PAD' | 'ERROR';
}

type SinkNode = Extract<LogicalPlan, { kind: 'Sink' }>;

/** Throws where the table cannot take the changes that the query gives. */
export function lowerSink(node: SinkNode, query: PhysicalPlan, nextId: () => number, connectors: ConnectorLookUp, options: Partial<SinkOptions> = {}): PhysicalPlan {
  const { table } = node;
  const connector = connectorOf(table, connectors);
  const takes = connector.changelog(table.primaryKey.length > 0).sink;
  if (takes === undefined) throw new SqlError({ code: 'E0502', message: `${connector.name} cannot be written: ${table.name} is only for reading`, span: node.span });
  const key = table.primaryKey.map((name) => node.columns.findIndex((column) => column.name === name));
  const checked = options.notNull === 'DROP' ? withoutNulls(node, query, nextId) : query;
  const gives = checked.properties.changelog;
  if (!isInsertOnly(gives) && isInsertOnly(takes)) throw updatesIntoInserts(node, checked);
  // Rows with one key of the table are versions of one row where what tells them apart lies within it. Else several rows may have it.
  const isCovered = checked.properties.upsertKeys.some((upsertKey) => upsertKey.every((index) => key.includes(index)));
  const isUpsert = key.length > 0 && !isInsertOnly(takes) && !takes.before;
  const wanted = options.upsertMaterialize ?? 'AUTO';
  const isMaterialized = isUpsert && (wanted === 'FORCE' || (wanted === 'AUTO' && !isInsertOnly(gives) && !isCovered));
  const input = isMaterialized ? materialized(node, checked, key, nextId) : checked;
  // Who asks for what updates replace tells rows apart by the whole row, where no key of the table does; the others take rows as they come.
  const mode = isInsertOnly(takes) ? 'append' : takes.before && (key.length === 0 || !(isCovered || isInsertOnly(gives))) ? 'retract' : 'upsert';
  const properties: Properties = { changelog: input.properties.changelog, upsertKeys: input.properties.upsertKeys, state: 'none' };
  return { kind: 'Sink', id: nextId(), input, table: table.name, mode, key, columns: node.columns, properties };
}

/** See UpsertMaterialize. What comes out of it is told apart by the sink's key. */
function materialized(node: SinkNode, input: PhysicalPlan, key: readonly number[], nextId: () => number): PhysicalPlan {
  const upsertKey = smallest(input.properties.upsertKeys);
  const identity = new Set([...key, ...(upsertKey ?? input.columns.keys())]);
  if (identity.size > 32) throw new SqlError({ code: 'E0002', message: `not supported yet: rows of more than 32 columns for a primary key that does not tell them apart, as those for ${node.table.name}`, span: node.span });
  const changelog: Changelog = { ...mergeChangelogs([input.properties.changelog, upserts]), before: false, fullDeletes: true };
  return {
    kind: 'UpsertMaterialize',
    id: nextId(),
    input: exchangeOn(input, key, nextId()),
    key,
    ...(upsertKey === undefined ? {} : { upsertKey }),
    columns: input.columns,
    // What it keeps is its rows: their columns are part of what it is.
    stateName: stateName('UpsertMaterialize', input, [...key, ...input.columns.keys()], [], { key: key.length, upsertKey: upsertKey ?? null }, undefined),
    properties: { changelog, upsertKeys: [key], state: 'unbounded' },
  };
}

function smallest(keys: readonly (readonly number[])[]): readonly number[] | undefined {
  return keys.reduce<readonly number[] | undefined>((least, key) => (least === undefined || key.length < least.length ? key : least), undefined);
}

/** Without the rows that have NULL where the table says NOT NULL. That a column of the query is NOT NULL does not say so: a record may lack a field. */
function withoutNulls({ table, columns }: SinkNode, input: PhysicalPlan, nextId: () => number): PhysicalPlan {
  const tests = writableColumns(table).flatMap(({ type }, index): readonly BoundExpr[] => {
    const given = columns[index]?.type;
    if (type.nullable || given === undefined) return [];
    return [{ kind: 'is', operand: { kind: 'column', index, type: withNullable(given, true) }, test: 'NULL', negated: true, type: types.boolean }];
  });
  const [only] = tests;
  if (only === undefined) return input;
  const condition: BoundExpr = tests.length === 1 ? only : { kind: 'logic', operator: 'AND', args: tests, type: types.boolean };
  return calc(nextId(), input, condition, input.columns.map(({ type }, index) => ({ kind: 'column', index, type })), input.columns);
}
