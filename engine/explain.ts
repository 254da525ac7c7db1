import { lineOf } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import type { TableEntry } from '../catalog/entry.ts';
import { describe, explainPlan } from '../planner/explain.ts';
import { explainGraph } from '../planner/explain-graph.ts';
import { nodesOf } from '../planner/physical-plan.ts';
import type { Planned } from '../planner/plan.ts';
import { unboundedStates } from '../planner/unbounded-state.ts';
import { explainCode } from './explain-code.ts';
import type { PlanTexts } from './place.ts';
import { tableIn, type ConnectorList } from './tables.ts';

export type ExplainFormat = 'text' | 'json' | 'code' | 'mermaid' | 'dot';

/** The text of a plan: the tree for people, the plan as JSON, the generated code, or a graph for Mermaid or Graphviz. */
export function explainReady({ physical, applied, tables, texts }: Planned & { readonly tables: ReadonlyMap<string, TableEntry>; readonly texts: PlanTexts }, format: ExplainFormat, connectors: ConnectorList): string {
  switch (format) {
    case 'json':
      return JSON.stringify(physical, undefined, 2);
    case 'code':
      return explainCode(physical, (name) => tableIn(tables, name), connectors);
    case 'mermaid':
    case 'dot':
      return explainGraph(physical, format, describe);
    case 'text':
      return explainPlan(physical, applied, (span) => placeIn(texts, span));
  }
}

/** W0401: what a plan keeps for ever, with the place that asks for it. */
export function growthWarnings({ physical, texts }: Planned & { readonly texts: PlanTexts }): readonly string[] {
  return unboundedStates(physical).map(({ node, message }) => {
    const place = node.span === undefined ? undefined : placeIn(texts, node.span);
    return place === undefined ? message : `${place}: ${message}`;
  });
}

/** The states that a plan's steps keep, each with the place that asks for it. */
export function placesOfState({ physical, texts }: Planned & { readonly texts: PlanTexts }): ReadonlyMap<string, string> {
  return new Map(nodesOf(physical).flatMap((node) => {
    const place = node.span === undefined ? undefined : placeIn(texts, node.span);
    return 'stateName' in node && place !== undefined ? [[node.stateName, place] as const] : [];
  }));
}

/** Where a place of a plan lies, as `queries.sql:4`. A line of another text without a name is told by what it defines. */
function placeIn(texts: PlanTexts, span: Span): string | undefined {
  const source = span.of === undefined ? texts.statement : texts.definitions.get(span.of);
  if (source === undefined) return undefined;
  const line = lineOf(source, span);
  return source.file === undefined && source.text !== texts.statement.text ? `${line} of ${span.of ?? ''}` : line;
}
