import { SqlError } from '../core/diagnostic.ts';
import type { TableEntry } from '../catalog/entry.ts';
import { nodesOf, type PhysicalPlan } from '../planner/physical-plan.ts';
import { placed, type PlanTexts } from './place.ts';
import { endsByItself, type ConnectorList } from './tables.ts';

/**
 * Throws E0203 for an ORDER BY whose rows could be given only at the end of an input that has none: other than by a rising time attribute, and
 * without a LIMIT.
 */
export function refuseEndlessSort(plan: PhysicalPlan, texts: readonly PlanTexts[], table: (name: string) => TableEntry, connectors: ConnectorList): void {
  for (const node of nodesOf(plan)) {
    if (node.kind !== 'Sort') continue;
    const endless = nodesOf(node).find((below) => below.kind === 'TableSourceScan' && !endsByItself(table(below.table), connectors));
    if (endless?.kind !== 'TableSourceScan') continue;
    const names = node.order.map(({ column, descending }) => `${node.columns[column]?.name ?? '?'}${descending ? ' DESC' : ''}`).join(', ');
    const time = node.columns.find((column) => column.time !== undefined)?.name;
    throw placed(new SqlError({
      code: 'E0203',
      message: `ORDER BY ${names} has to see all rows first, and those of ${endless.table} do not end`,
      span: node.span,
      hint: `fix 1: the first ones, kept up to date:   ORDER BY ${names} LIMIT 10\nfix 2: in the order of event time:        ORDER BY ${time ?? 'the column with the watermark'}\nfix 3: what is there now, sorted:         --bounded`,
    }), texts);
  }
}
