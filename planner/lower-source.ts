import { isInsertOnly } from '../core/changelog.ts';
import { SqlError } from '../core/diagnostic.ts';
import type { ConnectorDef } from '../catalog/connector.ts';
import { optionOf, type TableEntry } from '../catalog/entry.ts';
import { substitute } from '../expression/bound-expr.ts';
import type { LogicalPlan } from './logical-plan.ts';
import type { PhysicalPlan } from './physical-plan.ts';

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
  if (changelog === undefined) throw new SqlError({ code: 'E0502', message: `${connector.name} cannot be read: ${scan.table.name} is only for INSERT`, span: scan.span });
  if (!isInsertOnly(changelog)) throw new SqlError({ code: 'E0002', message: `not supported yet: reading from ${connector.name}`, span: scan.span });
  const expr = watermark === undefined ? undefined : project === undefined ? watermark.expr : substitute(watermark.expr, project.exprs);
  return {
    kind: 'TableSourceScan',
    id,
    table: scan.table.name,
    read: scan.read,
    projection: project?.exprs,
    watermark: expr,
    columns: node.columns,
    properties: { changelog, upsertKeys: [], state: 'none' },
  };
}

/** Throws E0502 for a table without one. */
export function connectorOf(table: TableEntry, connectors: ConnectorLookUp): ConnectorDef {
  const connector = connectors(optionOf(table, 'connector') ?? '');
  if (connector === undefined) throw new SqlError({ code: 'E0502', message: `${table.name} has no connector`, span: table.span, source: table.source });
  return connector;
}
