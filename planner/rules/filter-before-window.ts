import { columnsOf } from '../../expression/bound-expr.ts';
import { isRepeatable } from '../determinism.ts';
import { firstMatch, type Rule } from '../rule.ts';

/**
 * Filter[c](Window(x)) = Window(Filter[c](x)) for a condition that does not read the window's columns: a row that is dropped is given no windows,
 * and an aggregate above can assign them itself. Not for SESSION, where a row that is dropped would have kept a session together; there only for
 * conditions on what parts the sessions, which drop all rows of one or none.
 */
export const filterBeforeWindow: Rule = {
  name: 'filter-before-window',
  apply: (plan) =>
    firstMatch(plan, (node) => {
      if (node.kind !== 'Filter' || node.input.kind !== 'Window') return undefined;
      const { input: window, condition } = node;
      const { input } = window;
      const read = [...columnsOf(condition)];
      const mayPass = window.window.kind === 'SESSION' ? window.window.keys : [...input.columns.keys()];
      if (!isRepeatable(condition) || !read.every((column) => mayPass.includes(column))) return undefined;
      return { ...window, input: { kind: 'Filter', input, condition, columns: input.columns } };
    }),
};
