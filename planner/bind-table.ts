import { unreachable } from '../core/assert.ts';
import { SqlError, withSource } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { lookUp } from '../catalog/catalog.ts';
import { withHints } from '../catalog/hinted-table.ts';
import { partsOf } from '../catalog/object-path.ts';
import type { ViewEntry } from '../catalog/entry.ts';
import type { Identifier, TableRef } from '../parser/ast.ts';
import { bindJoin } from './bind-join.ts';
import { bindScan } from './bind-scan.ts';
import { bindUnnest, bindUnnestJoin } from './bind-unnest.ts';
import { bindWindow } from './bind-window.ts';
import { inDefinition, type LogicalPlan } from './logical-plan.ts';
import type { Relation, RelationContext } from './relation.ts';

/** What stands in FROM. */
export function bindTable(ref: TableRef, context: RelationContext): Relation {
  const relation = bindBare(ref, context);
  return ref.columns.length === 0 || ref.kind === 'Unnest' ? relation : { ...relation, plan: renamed(relation.plan, ref.columns, ref.alias?.name ?? 'the table', ref.span) };
}

/** The columns under the names of `AS t (a, b)`; `what` names them. */
export function renamed(plan: LogicalPlan, names: readonly Identifier[], what: string, span: Span): LogicalPlan {
  if (names.length !== plan.columns.length) {
    throw new SqlError({ code: 'E0205', message: `${what} names ${names.length} columns of ${plan.columns.length}`, span: names[0]?.span ?? span, label: `it has ${plan.columns.map((column) => column.name).join(', ')}` });
  }
  const columns = plan.columns.map((column, i) => ({ ...column, name: names[i]?.name ?? column.name }));
  return { kind: 'Project', input: plan, exprs: columns.map((column, index) => ({ kind: 'column', index, type: column.type })), columns };
}

function notYet(feature: string, span: Span): SqlError {
  return new SqlError({ code: 'E0002', message: `not supported yet: ${feature}`, span });
}

function bindBare(ref: TableRef, context: RelationContext): Relation {
  switch (ref.kind) {
    case 'NamedTable': {
      const name = ref.name.parts.map((part) => part.name).join('.');
      const common = ref.name.parts.length === 1 ? context.commonTables.get(name) : undefined;
      const [hint] = ref.hints;
      if (common !== undefined && hint !== undefined) throw new SqlError({ code: 'E0001', message: `${name} is a query of WITH: hints stand behind tables`, span: hint.span });
      if (common !== undefined) return { plan: common, qualifiers: [ref.alias?.name ?? name], label: name };
      const entry = lookUp(context.catalog, partsOf(ref.name), ref.name.span);
      if (entry.kind === 'view' && hint !== undefined) throw new SqlError({ code: 'E0001', message: `${name} is a view: hints stand behind tables`, span: hint.span });
      if (entry.kind === 'view') refuseCircle(entry, context.inside, ref.name.span);
      const plan = entry.kind === 'table' ? bindScan(withHints(entry, ref.hints), ref.name.span) : bindView(entry, context);
      const alias = ref.alias?.name ?? ref.name.parts.at(-1)?.name ?? name;
      return { plan, qualifiers: [alias], label: name };
    }
    case 'DerivedTable': {
      const plan = context.bindQuery(ref.query);
      return { plan, qualifiers: ref.alias === undefined ? [] : [ref.alias.name], label: ref.alias?.name ?? 'the query in FROM' };
    }
    case 'TableFunction':
      return bindWindow(ref, (data) => bindTable(data, context));
    case 'Temporal':
      throw notYet('FOR SYSTEM_TIME AS OF', ref.time.span);
    case 'Lateral':
      throw notYet('LATERAL', ref.span);
    case 'Unnest':
      return bindUnnest(ref, { plan: { kind: 'SingleRow', columns: [] }, qualifiers: [], label: 'UNNEST' }, false);
    case 'Join': {
      const bind = (side: TableRef): Relation => bindTable(side, context);
      return bindUnnestJoin(ref, bind) ?? bindJoin(ref, bind);
    }
    case 'MatchRecognize':
      throw notYet('MATCH_RECOGNIZE', ref.match.span);
    default:
      return unreachable(ref);
  }
}

/** Views are read by putting their query in their place, which would never end. ALTER VIEW can make such a circle. */
function refuseCircle(view: ViewEntry, inside: readonly ViewEntry[], span: Span): void {
  const from = inside.findIndex(({ path, temporary }) => path.catalog === view.path.catalog && path.database === view.path.database && path.object === view.path.object && temporary === view.temporary);
  if (from < 0) return;
  const way = [...inside.slice(from).map(({ name }) => name), view.name].join(' reads ');
  throw new SqlError({ code: 'E0105', message: `the view ${view.name} would read itself`, span, label: way, hint: `ALTER VIEW ${view.name} AS SELECT ...;  from something else` });
}

function bindView(view: ViewEntry, { bindDefined }: RelationContext): LogicalPlan {
  try {
    const plan = inDefinition(bindDefined(view), view.name);
    if (view.columns.length === 0) return plan;
    if (view.columns.length !== plan.columns.length) {
      throw new SqlError({ code: 'E0205', message: `the view ${view.name} names ${view.columns.length} columns, its query gives ${plan.columns.length}`, span: view.span, label: 'name as many columns as the query gives' });
    }
    const columns = plan.columns.map((column, i) => ({ ...column, name: view.columns[i] ?? column.name }));
    return { kind: 'Project', input: plan, exprs: columns.map((column, index) => ({ kind: 'column', index, type: column.type })), columns };
  } catch (error) {
    throw error instanceof SqlError ? withSource(error, view.source) : error;
  }
}
