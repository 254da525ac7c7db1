import { unreachable } from '../core/assert.ts';
import { SqlError, withSource } from '../core/diagnostic.ts';
import { lookUp } from '../catalog/catalog.ts';
import type { ViewEntry } from '../catalog/entry.ts';
import { spansOf } from '../expression/bound-expr.ts';
import type { TableRef } from '../parser/ast.ts';
import { bindScan } from './bind-scan.ts';
import { bindWindow } from './bind-window.ts';
import { mapExpressions, type LogicalPlan } from './logical-plan.ts';
import type { Relation, RelationContext } from './relation.ts';

/** What stands in FROM. */
export function bindTable(ref: TableRef, context: RelationContext): Relation {
  switch (ref.kind) {
    case 'NamedTable': {
      const name = ref.name.parts.map((part) => part.name).join('.');
      const entry = lookUp(context.catalog, name, ref.name.span);
      const plan = entry.kind === 'table' ? bindScan(entry, ref.name.span) : bindView(entry, context);
      const alias = ref.alias?.name ?? ref.name.parts.at(-1)?.name ?? name;
      return { plan, qualifiers: [alias], label: name };
    }
    case 'DerivedTable': {
      const plan = context.bindQuery(ref.query);
      return { plan, qualifiers: ref.alias === undefined ? [] : [ref.alias.name], label: ref.alias?.name ?? 'the query in FROM' };
    }
    case 'TableFunction':
      return bindWindow(ref, (data) => bindTable(data, context));
    default:
      return unreachable(ref);
  }
}

function bindView(view: ViewEntry, { bindQuery }: RelationContext): LogicalPlan {
  try {
    const plan = mapExpressions(bindQuery(view.query), (expr) => spansOf(expr, view.name));
    if (view.columns.length === 0) return plan;
    if (view.columns.length !== plan.columns.length) {
      throw new SqlError({ code: 'E0205', message: `the view ${view.name} names ${view.columns.length} columns, its query gives ${plan.columns.length}`, span: view.span });
    }
    const columns = plan.columns.map((column, i) => ({ ...column, name: view.columns[i] ?? column.name }));
    return { kind: 'Project', input: plan, exprs: columns.map((column, index) => ({ kind: 'column', index, type: column.type })), columns };
  } catch (error) {
    throw error instanceof SqlError ? withSource(error, view.source) : error;
  }
}
