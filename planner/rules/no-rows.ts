import { padsSide, type LogicalPlan } from '../logical-plan.ts';
import { firstMatch, type Rule } from '../rule.ts';

/**
 * What is made of no rows is no rows, groups too: on a stream the aggregate of nothing gives no row. A union is that of its other inputs, an only
 * one under the union's names.
 */
export const noRows: Rule = {
  name: 'no-rows',
  apply: (plan) =>
    firstMatch(plan, (node) => {
      switch (node.kind) {
        case 'Union': {
          const inputs = node.inputs.filter((input) => !isEmpty(input));
          const [only] = inputs;
          if (inputs.length === node.inputs.length) return undefined;
          if (only === undefined) return { kind: 'Values', rows: [], columns: node.columns };
          if (inputs.length > 1) return { ...node, inputs };
          return { kind: 'Project', input: only, exprs: only.columns.map(({ type }, index) => ({ kind: 'column', index, type })), columns: node.columns };
        }
        case 'Join': {
          // What may be missing on a side is NULL, and its rows are there.
          const isNone = (isEmpty(node.left) && !padsSide(node.type, 'left')) || (isEmpty(node.right) && !padsSide(node.type, 'right')) || (isEmpty(node.left) && isEmpty(node.right));
          return isNone ? { kind: 'Values', rows: [], columns: node.columns } : undefined;
        }
        case 'Project':
        case 'Filter':
        case 'Window':
        case 'Expand':
        case 'Limit':
        case 'Aggregate':
          return isEmpty(node.input) ? { kind: 'Values', rows: [], columns: node.columns } : undefined;
        default:
          return undefined;
      }
    }),
};

function isEmpty(plan: LogicalPlan): boolean {
  return plan.kind === 'Values' && plan.rows.length === 0;
}
