import { columnsOf, substitute, type BoundExpr } from '../../expression/bound-expr.ts';
import type { LogicalPlan } from '../logical-plan.ts';
import { firstMatch, type Rule } from '../rule.ts';

/**
 * Project[f](Aggregate[k, a and b](x)) = Project[f](Aggregate[k, a](x)) where f does not read b, seen through a Filter between: what nobody reads is
 * neither counted nor kept, and changes of it alone are no changes. Without keys one call stays: it makes the group.
 */
export const unreadAggregates: Rule = {
  name: 'unread-aggregates',
  apply: (plan) =>
    firstMatch(plan, (node) => {
      if (node.kind !== 'Project') return undefined;
      const filter = node.input.kind === 'Filter' ? node.input : undefined;
      const aggregate = filter === undefined ? node.input : filter.input;
      if (aggregate.kind !== 'Aggregate') return undefined;
      const width = aggregate.keys.length;
      const read = new Set<number>();
      for (const expr of [...node.exprs, ...(filter === undefined ? [] : [filter.condition])]) columnsOf(expr, read);
      if (width === 0 && !aggregate.calls.some((_, i) => read.has(i))) read.add(0);
      const kept = aggregate.columns.map((_, index) => index).filter((index) => index < width || read.has(index));
      if (kept.length === aggregate.columns.length) return undefined;
      const replacements = aggregate.columns.map(({ type }, index): BoundExpr => ({ kind: 'column', index: kept.indexOf(index), type }));
      const columns = kept.flatMap((index) => aggregate.columns[index] ?? []);
      const narrowed: LogicalPlan = { ...aggregate, calls: aggregate.calls.filter((_, i) => read.has(width + i)), columns };
      const input: LogicalPlan = filter === undefined ? narrowed : { ...filter, input: narrowed, condition: substitute(filter.condition, replacements), columns };
      return { ...node, input, exprs: node.exprs.map((expr) => substitute(expr, replacements)) };
    }),
};
