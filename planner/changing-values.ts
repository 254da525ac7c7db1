import { isInsertOnly } from '../core/changelog.ts';
import { unreachable } from '../core/assert.ts';
import { SqlError } from '../core/diagnostic.ts';
import { columnsOf, visit, type BoundExpr } from '../expression/bound-expr.ts';
import { isRepeatable } from './determinism.ts';
import { inputsOf, nodesOf, type PhysicalNode, type PhysicalPlan } from './physical-plan.ts';
import { withRowKey } from './row-key.ts';

/**
 * E0304 where a row would be withdrawn by a value that is another one each time it is computed, such as UUID() or the time of day: the withdrawal would find
 * nothing, and what it was to take back would stay for ever. Goes down a plan with the columns by which somebody takes rows back; a step that keeps rows gives
 * out what it kept. The cases are those of Flink's StreamNonDeterministicUpdatePlanVisitor, which asks only where it is told to.
 */
export function refuseChangingValues(plan: PhysicalPlan): void {
  if (plan.kind === 'Sink') return demand(plan, new Set());
  const { physical, key } = withRowKey(plan);
  demand(physical, new Set(isInsertOnly(plan.properties.changelog) ? [] : (key ?? physical.columns.keys())));
}

const none: ReadonlySet<number> = new Set();

/** `columns`: those of the plan that have to be the same in a row and in its withdrawal. */
function demand(plan: PhysicalPlan, columns: ReadonlySet<number>): void {
  switch (plan.kind) {
    case 'SingleRow':
    case 'Values':
      return;
    case 'TableSourceScan':
      if (isInsertOnly(plan.properties.changelog)) return;
      for (const column of columns) refuse(plan.projection?.[column], plan);
      return;
    case 'Union':
      for (const input of plan.inputs) demand(input, columns);
      return;
    case 'Exchange':
      return demand(plan.input, columns);
    case 'Calc':
      return demandOfCalc(plan, columns);
    case 'Join': {
      const width = plan.left.columns.length;
      if (inputsOf(plan).some((side) => !isInsertOnly(side.properties.changelog))) refuse(plan.condition, plan);
      const all = [...columns, ...(plan.condition === undefined ? [] : columnsOf(plan.condition))];
      demand(plan.left, new Set([...all.filter((column) => column < width), ...plan.keys.map(({ left }) => left), ...(plan.leftIdentity ?? [])]));
      return demand(plan.right, new Set([...all.filter((column) => column >= width).map((column) => column - width), ...plan.keys.map(({ right }) => right), ...(plan.rightIdentity ?? [])]));
    }
    case 'Unnest':
    case 'WindowTableFunction': {
      const read = plan.kind === 'Unnest' ? plan.column : plan.timeColumn;
      return demand(plan.input, new Set([...[...columns].filter((column) => column < plan.input.columns.length), read]));
    }
    case 'Expand':
      return demand(plan.input, new Set([...[...columns].filter((column) => column < plan.input.columns.length), ...plan.keys]));
    case 'GroupAggregate':
    case 'WindowAggregate': {
      const read = plan.calls.flatMap(({ args, filter }) => [...args, ...(filter === undefined ? [] : [filter])]);
      if (!isInsertOnly(plan.input.properties.changelog)) for (const expr of read) refuse(expr, plan.input);
      const time = plan.kind === 'WindowAggregate' ? [plan.timeColumn] : [];
      return demand(plan.input, new Set([...plan.keys, ...time, ...read.flatMap((expr) => [...columnsOf(expr)])]));
    }
    case 'ChangelogNormalize':
      return demand(plan.input, new Set(plan.key));
    case 'UpsertMaterialize':
      return demand(plan.input, new Set([...plan.key, ...(plan.upsertKey ?? plan.input.columns.keys())]));
    case 'SortLimit':
    case 'Sort':
      return demand(plan.input, new Set(plan.identity));
    case 'SessionWindow':
      return demand(plan.input, isInsertOnly(plan.properties.changelog) ? none : new Set([...[...columns].filter((column) => column < plan.input.columns.length), ...plan.keys, plan.timeColumn]));
    case 'Limit':
    case 'TemporalSort':
      return demand(plan.input, none);
    case 'Sink': {
      const isUpdating = !isInsertOnly(plan.input.properties.changelog);
      return demand(plan.input, !isUpdating ? none : plan.mode === 'retract' ? new Set(plan.input.columns.keys()) : new Set(plan.key));
    }
    default:
      return unreachable(plan);
  }
}

function demandOfCalc({ input, condition, projection }: PhysicalNode<'Calc'>, columns: ReadonlySet<number>): void {
  if (isInsertOnly(input.properties.changelog)) return demand(input, none);
  if (condition !== undefined) refuse(condition, input);
  const read = new Set(condition === undefined ? [] : columnsOf(condition));
  for (const column of columns) {
    const expr = projection[column];
    refuse(expr, input);
    if (expr !== undefined) columnsOf(expr, read);
  }
  demand(input, read);
}

/** `input`: whose rows the expression is computed of. */
function refuse(expr: BoundExpr | undefined, input: PhysicalPlan): void {
  if (expr === undefined || isRepeatable(expr)) return;
  let call: Extract<BoundExpr, { kind: 'call' }> | undefined;
  visit(expr, (node) => {
    if (call === undefined && node.kind === 'call' && !isRepeatable({ ...node, args: [] })) call = node;
    return call === undefined;
  });
  const name = call?.name ?? 'this';
  const table = nodesOf(input).find((node) => node.kind === 'TableSourceScan' && !isInsertOnly(node.properties.changelog));
  const rows = table?.kind === 'TableSourceScan' ? `rows of ${table.table} are updated` : 'rows are updated here';
  throw new SqlError({
    code: 'E0304',
    message: `${name} is another value each time, and rows are taken back by it`,
    span: call?.span ?? expr.span,
    label: `${rows}: what is withdrawn would not be found`,
    hint: `select ${name} only beside a key that tells the rows apart, into a table with that PRIMARY KEY; not in WHERE, GROUP BY or an aggregate`,
  });
}
