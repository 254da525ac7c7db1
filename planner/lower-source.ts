import { isInsertOnly } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import { types } from '../core/sql-type.ts';
import type { ConnectorDef } from '../catalog/connector.ts';
import { optionOf, physicalColumns, type TableEntry } from '../catalog/entry.ts';
import { substitute, type BoundExpr } from '../expression/bound-expr.ts';
import type { LogicalPlan } from './logical-plan.ts';
import { calc } from './lower-calc.ts';
import type { PhysicalNode, PhysicalPlan } from './physical-plan.ts';

/** Finds connectors by name. */
export type ConnectorLookUp = (name: string) => ConnectorDef | undefined;

/** Watermark? Project? Scan, as one source. Anything else above a scan is a Calc. */
export function lowerSource(node: LogicalPlan, id: number, connectors: ConnectorLookUp): PhysicalPlan {
  const watermark = node.kind === 'Watermark' ? node : undefined;
  const below = watermark === undefined ? node : watermark.input;
  const project = below.kind === 'Project' ? below : undefined;
  const scan = project === undefined ? below : project.input;
  if (scan.kind !== 'Scan') throw new SqlError({ code: 'E0002', message: 'not supported yet: a watermark over a query' });
  const connector = connectorOf(scan.table, connectors);
  const changelog = connector.changelog(scan.table.primaryKey.length > 0).source;
  if (changelog === undefined) throw new SqlError({ code: 'E0502', message: `${connector.name} cannot be read: ${scan.table.name} is only for INSERT`, span: scan.span, label: "rows that are to be read again go into a table of 'kafka' or 'filesystem'" });
  const expr = watermark === undefined ? undefined : project === undefined ? watermark.expr : substitute(watermark.expr, project.exprs);
  const source: PhysicalNode<'TableSourceScan'> = {
    kind: 'TableSourceScan',
    id,
    table: scan.table.name,
    read: scan.read,
    projection: project?.exprs,
    watermark: expr,
    columns: node.columns,
    properties: { changelog, upsertKeys: [], state: 'none' },
  };
  return isInsertOnly(changelog) ? source : keyed(source, scan.table);
}

/** A source of changes emits its key as well, behind what is asked for. */
function keyed(source: PhysicalNode<'TableSourceScan'>, table: TableEntry): PhysicalPlan {
  const { changelog } = source.properties;
  if (table.primaryKey.length === 0) {
    if (changelog.before) return source;
    throw new SqlError({ code: 'E0303', message: `${table.name} needs a primary key: its rows replace the one with the same key`, span: table.span, source: table.source, hint: 'PRIMARY KEY (...) NOT ENFORCED' });
  }
  const read = [...source.read];
  const exprs: BoundExpr[] = [...(source.projection ?? read.map((column, index): BoundExpr => ({ kind: 'column', index, type: column.type })))];
  const columns = [...source.columns];
  const key = table.primaryKey.map((name) => {
    const type = physicalColumns(table).find((column) => column.name === name)?.type ?? types.nothing;
    let index = read.findIndex(({ path }) => path.length === 1 && path[0] === name);
    if (index < 0) index = read.push({ path: [name], type }) - 1;
    const place = exprs.findIndex((expr) => expr.kind === 'column' && expr.index === index);
    if (place >= 0) return place;
    columns.push({ name, type });
    return exprs.push({ kind: 'column', index, type }) - 1;
  });
  const projection = exprs.length === read.length && exprs.every((expr, i) => expr.kind === 'column' && expr.index === i) ? undefined : exprs;
  const scan: PhysicalPlan = { ...source, read, projection, columns, properties: { ...source.properties, upsertKeys: [key] } };
  if (columns.length === source.columns.length) return scan;
  const asked = source.columns.map((column, index): BoundExpr => ({ kind: 'column', index, type: column.type }));
  return calc(source.id, scan, undefined, asked, source.columns);
}

/** Throws E0502 for a table without one. */
export function connectorOf(table: TableEntry, connectors: ConnectorLookUp): ConnectorDef {
  const connector = connectors(optionOf(table, 'connector') ?? '');
  if (connector === undefined) throw new SqlError({ code: 'E0502', message: `${table.name} has no connector`, span: table.span, source: table.source });
  return connector;
}
