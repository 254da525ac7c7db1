import { types } from '../../core/sql-type.ts';
import { columnsOf, rewriteTop, substitute, visit, type BoundExpr } from '../../expression/bound-expr.ts';
import type { LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { firstMatch, type Rule } from '../rule.ts';

/**
 * Project[f](x) needs only what f reads, so everything below computes and decodes nothing else: projections lose columns, a ROW column
 * of which only fields are used becomes those fields, and a scan reads only the leaves of records that are used. Starts at a projection
 * or an aggregate and goes down through Filter, Window, Watermark and Project to the Scan.
 */
export const projectionIntoScan: Rule = {
  name: 'projection-into-scan',
  apply: (plan) =>
    firstMatch(plan, (node) => {
      if (node.kind === 'Project') {
        const narrowed = narrow(node.input, node.exprs);
        return narrowed === undefined ? undefined : { ...node, input: narrowed.plan, exprs: node.exprs.map(narrowed.move) };
      }
      if (node.kind !== 'Aggregate') return undefined;
      const keys = node.keys.map((index) => column(node.input, index));
      const used = [...keys, ...node.calls.flatMap((call) => [...call.args, ...(call.filter === undefined ? [] : [call.filter])])];
      const narrowed = narrow(node.input, used);
      if (narrowed === undefined) return undefined;
      const { move } = narrowed;
      const calls = node.calls.map((call) => ({ ...call, args: call.args.map(move), filter: call.filter === undefined ? undefined : move(call.filter) }));
      return { ...node, input: narrowed.plan, keys: keys.map((key) => indexOf(move(key))), calls };
    }),
};

interface Narrowed {
  readonly plan: LogicalPlan;
  /** An expression over the old columns, over the new ones. */
  readonly move: (expr: BoundExpr) => BoundExpr;
}

/** A column, or a chain of fields of one. */
interface Use {
  readonly index: number;
  readonly fields: readonly string[];
  readonly expr: BoundExpr;
}

/** The plan with only what the expressions use, or undefined when it has nothing else. */
function narrow(plan: LogicalPlan, exprs: readonly BoundExpr[]): Narrowed | undefined {
  switch (plan.kind) {
    case 'Scan':
    case 'Project': {
      const uses = usesOf(exprs);
      if (uses.length === plan.columns.length && uses.every((use, i) => use.fields.length === 0 && use.index === i)) return undefined;
      const columns = uses.map((use): PlanColumn => ({ name: [plan.columns[use.index]?.name, ...use.fields].join('.'), type: use.expr.type, ...(use.fields.length === 0 ? { time: plan.columns[use.index]?.time } : {}) }));
      const move = mover((use) => ({ kind: 'column', index: uses.findIndex((other) => keyOf(other) === keyOf(use)), type: use.expr.type }));
      if (plan.kind === 'Scan') {
        const read = uses.map((use) => ({ path: [...(plan.read[use.index]?.path ?? []), ...use.fields], type: use.expr.type }));
        return { plan: { ...plan, read, columns }, move };
      }
      return { plan: { ...plan, exprs: uses.map((use) => reRoot(use.expr, plan.exprs)), columns }, move };
    }
    case 'Values': {
      const used = [...new Set(exprs.flatMap((expr) => [...columnsOf(expr)]))].toSorted((a, b) => a - b);
      if (used.length === plan.columns.length) return undefined;
      const replacements = plan.columns.map(({ type }, index): BoundExpr => ({ kind: 'column', index: used.indexOf(index), type }));
      const columns = plan.columns.filter((_, i) => used.includes(i));
      return { plan: { ...plan, rows: plan.rows.map((row) => row.filter((_, i) => used.includes(i))), columns }, move: (expr) => substitute(expr, replacements) };
    }
    case 'Union': {
      // The projections that this puts over the inputs are narrowed next.
      const uses = usesOf(exprs);
      if (uses.length === plan.columns.length && uses.every((use, i) => use.fields.length === 0 && use.index === i)) return undefined;
      const columns = uses.map((use): PlanColumn => (use.fields.length === 0 ? (plan.columns[use.index] as PlanColumn) : { name: [plan.columns[use.index]?.name, ...use.fields].join('.'), type: use.expr.type }));
      const inputs = plan.inputs.map((input): LogicalPlan => ({ kind: 'Project', input, exprs: uses.map((use) => reRoot(use.expr, input.columns.map((_, i) => column(input, i)))), columns }));
      const move = mover((use) => ({ kind: 'column', index: uses.findIndex((other) => keyOf(other) === keyOf(use)), type: use.expr.type }));
      return { plan: { ...plan, inputs, columns }, move };
    }
    case 'Join': {
      // The projections that this puts over the sides are narrowed next.
      const width = plan.left.columns.length;
      const uses = usesOf([...exprs, ...(plan.condition === undefined ? [] : [plan.condition])]);
      const [left, right] = [uses.filter((use) => use.index < width), uses.filter((use) => use.index >= width)];
      const isAll = (side: readonly Use[], from: number, count: number): boolean => side.length === count && side.every((use, i) => use.fields.length === 0 && use.index === from + i);
      if (isAll(left, 0, width) && isAll(right, width, plan.columns.length - width)) return undefined;
      const sideOf = (input: LogicalPlan, side: readonly Use[], from: number): LogicalPlan => {
        const own = input.columns.map((_, i) => column(input, i));
        const exprsOf = side.map((use) => reRoot(atColumn(use.expr, -from), own));
        return { kind: 'Project', input, exprs: exprsOf, columns: side.map((use, i): PlanColumn => (use.fields.length === 0 ? (input.columns[use.index - from] as PlanColumn) : { name: [input.columns[use.index - from]?.name, ...use.fields].join('.'), type: exprsOf[i]?.type ?? use.expr.type })) };
      };
      const all = [...left, ...right];
      const move = mover((use) => ({ kind: 'column', index: all.findIndex((other) => keyOf(other) === keyOf(use)), type: use.expr.type }));
      const columns = all.map((use): PlanColumn => ({ name: [plan.columns[use.index]?.name, ...use.fields].join('.'), type: use.fields.length === 0 ? (plan.columns[use.index]?.type ?? use.expr.type) : use.expr.type }));
      return { plan: { ...plan, left: sideOf(plan.left, left, 0), right: sideOf(plan.right, right, width), condition: plan.condition && move(plan.condition), columns }, move };
    }
    case 'Sort': {
      const keys = plan.order.map((key) => column(plan.input, key.column));
      const below = narrow(plan.input, [...exprs, ...keys]);
      if (below === undefined) return undefined;
      const order = plan.order.map((key, i) => ({ ...key, column: indexOf(below.move(keys[i] as BoundExpr)) }));
      return { plan: { ...plan, input: below.plan, order, columns: below.plan.columns }, move: below.move };
    }
    case 'Limit': {
      const below = narrow(plan.input, exprs);
      return below && { plan: { ...plan, input: below.plan, columns: below.plan.columns }, move: below.move };
    }
    case 'Filter': {
      const below = narrow(plan.input, [...exprs, plan.condition]);
      return below && { plan: { ...plan, input: below.plan, condition: below.move(plan.condition), columns: below.plan.columns }, move: below.move };
    }
    case 'Watermark': {
      const time = column(plan.input, plan.column);
      const below = narrow(plan.input, [...exprs, plan.expr, time]);
      if (below === undefined) return undefined;
      const moved = indexOf(below.move(time));
      const columns = below.plan.columns.map((candidate, i): PlanColumn => (i === moved ? { ...candidate, time: 'rowtime' } : candidate));
      return { plan: { ...plan, input: below.plan, column: moved, expr: below.move(plan.expr), columns }, move: below.move };
    }
    case 'Unnest': {
      const width = plan.input.columns.length;
      const collection = column(plan.input, plan.column);
      const below = narrow(plan.input, [...usesOf(exprs).filter((use) => use.index < width).map((use) => use.expr), collection]);
      if (below === undefined) return undefined;
      const newWidth = below.plan.columns.length;
      const move = mover((use) => (use.index < width ? below.move(use.expr) : reRoot(use.expr, plan.columns.map(({ type }, index) => ({ kind: 'column', index: index - width + newWidth, type })))));
      return { plan: { ...plan, input: below.plan, column: indexOf(below.move(collection)), columns: [...below.plan.columns, ...plan.columns.slice(width)] }, move };
    }
    case 'Expand': {
      const width = plan.input.columns.length;
      const keys = plan.keys.map((key) => column(plan.input, key));
      const below = narrow(plan.input, [...usesOf(exprs).filter((use) => use.index < width).map((use) => use.expr), ...keys]);
      if (below === undefined) return undefined;
      const newWidth = below.plan.columns.length;
      const move = mover((use) => (use.index < width ? below.move(use.expr) : reRoot(use.expr, plan.columns.map(({ type }, index) => ({ kind: 'column', index: index - width + newWidth, type })))));
      return { plan: { ...plan, input: below.plan, keys: keys.map((key) => indexOf(below.move(key))), columns: [...below.plan.columns, ...plan.columns.slice(width)] }, move };
    }
    case 'Window': {
      const width = plan.input.columns.length;
      const time = column(plan.input, plan.timeColumn);
      const inner = usesOf(exprs).filter((use) => use.index < width);
      const keys = plan.window.kind === 'SESSION' ? plan.window.keys.map((key) => column(plan.input, key)) : [];
      const below = narrow(plan.input, [...inner.map((use) => use.expr), time, ...keys]);
      if (below === undefined) return undefined;
      const window = plan.window.kind === 'SESSION' ? { ...plan.window, keys: keys.map((key) => indexOf(below.move(key))) } : plan.window;
      const added = plan.columns.slice(width);
      const newWidth = below.plan.columns.length;
      const move = mover((use) => (use.index < width ? below.move(use.expr) : { kind: 'column', index: use.index - width + newWidth, type: use.expr.type }));
      const columns = [...below.plan.columns.map(({ name, type }) => ({ name, type })), ...added];
      return { plan: { ...plan, input: below.plan, window, timeColumn: indexOf(below.move(time)), columns }, move };
    }
    default:
      return undefined;
  }
}

function column(plan: LogicalPlan, index: number): BoundExpr {
  return { kind: 'column', index, type: plan.columns[index]?.type ?? types.nothing };
}

function indexOf(expr: BoundExpr): number {
  return expr.kind === 'column' ? expr.index : -1;
}

function keyOf(use: Use): string {
  return [use.index, ...use.fields].join('\0');
}

/** The distinct uses in expressions, by column and then by field. */
function usesOf(exprs: readonly BoundExpr[]): readonly Use[] {
  const found = new Map<string, Use>();
  for (const expr of exprs) {
    visit(expr, (node) => {
      const use = useOf(node);
      if (use !== undefined && !found.has(keyOf(use))) found.set(keyOf(use), use);
      return use === undefined;
    });
  }
  return [...found.values()].toSorted((a, b) => a.index - b.index);
}

function useOf(expr: BoundExpr): Use | undefined {
  if (expr.kind === 'column') return { index: expr.index, fields: [], expr };
  if (expr.kind !== 'field') return undefined;
  const inner = useOf(expr.operand);
  return inner && { index: inner.index, fields: [...inner.fields, expr.field], expr };
}

function mover(replace: (use: Use) => BoundExpr): (expr: BoundExpr) => BoundExpr {
  return (expr) =>
    rewriteTop(expr, (node) => {
      const use = useOf(node);
      if (use === undefined) return undefined;
      const { span } = node;
      return span === undefined ? replace(use) : { ...replace(use), span };
    });
}

/** A chain of fields over a column, over the one that stands `by` further on. */
function atColumn(expr: BoundExpr, by: number): BoundExpr {
  if (expr.kind === 'field') return { ...expr, operand: atColumn(expr.operand, by) };
  return expr.kind === 'column' ? { ...expr, index: expr.index + by } : expr;
}

/** A chain of fields over column i, over the expression that computes column i. */
function reRoot(expr: BoundExpr, exprs: readonly BoundExpr[]): BoundExpr {
  if (expr.kind === 'field') return { ...expr, operand: reRoot(expr.operand, exprs) };
  return expr.kind === 'column' ? (exprs[expr.index] ?? expr) : expr;
}

