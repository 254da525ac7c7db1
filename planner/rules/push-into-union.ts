import { firstMatch, type Rule } from '../rule.ts';

/**
 * Project[f](Union(a, b)) = Union(Project[f](a), Project[f](b)), and so for Filter: what is computed of the rows of each input is computed
 * with what lies below it, and each input reads only what is needed. The union takes the projection's columns.
 */
export const pushIntoUnion: Rule = {
  name: 'push-into-union',
  apply: (plan) =>
    firstMatch(plan, (node) => {
      if ((node.kind !== 'Project' && node.kind !== 'Filter') || node.input.kind !== 'Union') return undefined;
      const union = node.input;
      return { ...union, inputs: union.inputs.map((input) => ({ ...node, input })), columns: node.columns };
    }),
};
