import { isInsertOnly } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { connectorOf, type ConnectorLookUp } from './lower-source.ts';
import type { PhysicalPlan, Properties } from './physical-plan.ts';

/** Throws where the table cannot take the changes that the query gives. */
export function lowerSink(node: Extract<LogicalPlan, { kind: 'Sink' }>, input: PhysicalPlan, id: number, connectors: ConnectorLookUp): PhysicalPlan {
  const { table } = node;
  const connector = connectorOf(table, connectors);
  const takes = connector.changelog(table.primaryKey.length > 0).sink;
  if (takes === undefined) throw new SqlError({ code: 'E0502', message: `${connector.name} cannot be written: ${table.name} is only for reading`, span: node.span });
  const key = table.primaryKey.map((name) => node.columns.findIndex((column) => column.name === name));
  const gives = input.properties.changelog;
  if (!isInsertOnly(gives) && isInsertOnly(takes)) throw updatesIntoInserts(node, input);
  // Rows with one key of the table then are versions of one row. Else several could have it, and somebody would have to keep them all.
  if (!isInsertOnly(gives) && key.length > 0 && !input.properties.upsertKeys.some((upsertKey) => upsertKey.every((index) => key.includes(index)))) {
    throw new SqlError({ code: 'E0002', message: `not supported yet: rows updated by another key than the primary key of ${table.name}`, span: node.span });
  }
  // Without a key, whoever asks for what updates replace tells rows apart by the whole row; the others take rows as they come.
  const mode = isInsertOnly(takes) ? 'append' : key.length === 0 && takes.before ? 'retract' : 'upsert';
  const properties: Properties = { changelog: gives, upsertKeys: input.properties.upsertKeys, state: 'none' };
  return { kind: 'Sink', id, input, table: table.name, mode, key, columns: node.columns, properties };
}

function updatesIntoInserts(node: Extract<LogicalPlan, { kind: 'Sink' }>, input: PhysicalPlan): SqlError {
  const key = input.properties.upsertKeys[0]?.map((index) => node.columns[index]?.name ?? '?') ?? [];
  const aggregate = findAggregateSpan(node.input);
  return new SqlError({
    code: 'E0301',
    message: `${node.table.name} only takes inserts, but this query updates rows it already sent`,
    span: aggregate ?? node.span,
    label: key.length === 0 ? 'this changes with every row' : `this changes with every row of the same ${key.join(', ')}`,
    hint: `fix 1: keep the latest row per key:   'connector' = 'upsert-kafka' with PRIMARY KEY (${key.join(', ') || '...'}) NOT ENFORCED in ${node.table.name}\nfix 2: one final row per window:      FROM TABLE(TUMBLE(...)) GROUP BY window_start, window_end${key.length > 0 ? `, ${key.join(', ')}` : ''}`,
  });
}

function findAggregateSpan(plan: LogicalPlan): { readonly start: number; readonly end: number } | undefined {
  if (plan.kind === 'Aggregate') return plan.calls[0]?.span ?? plan.span;
  return 'input' in plan ? findAggregateSpan(plan.input) : undefined;
}
