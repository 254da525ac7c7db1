import type { TableEntry } from '../catalog/entry.ts';
import { explainPlan } from '../planner/explain.ts';
import type { Planned } from '../planner/plan.ts';
import { explainCode } from './explain-code.ts';
import { tableIn, type ConnectorList } from './tables.ts';

export type ExplainFormat = 'text' | 'json' | 'code';

/** The text of a plan: the tree for people, the plan as JSON, or the generated code. */
export function explainReady({ physical, applied, tables }: Planned & { readonly tables: ReadonlyMap<string, TableEntry> }, format: ExplainFormat, connectors: ConnectorList): string {
  switch (format) {
    case 'json':
      return JSON.stringify(physical, undefined, 2);
    case 'code':
      return explainCode(physical, (name) => tableIn(tables, name), connectors);
    case 'text':
      return explainPlan(physical, applied);
  }
}
