import { columnsOf, substitute } from '../../expression/bound-expr.ts';
import { isRepeatable } from '../determinism.ts';
import { firstMatch, type Rule } from '../rule.ts';

/**
 * Filter[c](Project[f](x)) = Project[f](Filter[c o f](x)): rows that are dropped are not computed first.
 * Not where the condition reads what is not the same when it is computed again. Never below a Watermark: the rows that a filter drops still move event time.
 */
export const filterBeforeProjection: Rule = {
  name: 'filter-before-projection',
  apply: (plan) =>
    firstMatch(plan, (node) => {
      if (node.kind !== 'Filter' || node.input.kind !== 'Project') return undefined;
      const { input: project, condition } = node;
      if ([...columnsOf(condition)].some((column) => project.exprs[column] !== undefined && !isRepeatable(project.exprs[column]))) return undefined;
      const filter = { kind: 'Filter' as const, input: project.input, condition: substitute(condition, project.exprs), columns: project.input.columns };
      return { ...project, input: filter };
    }),
};
