import { printChangelog } from '../core/changelog.ts';
import { printType, withNullable } from '../core/sql-type.ts';
import { printDuration } from '../core/time.ts';
import { printExpr, visit, type BoundExpr } from '../expression/bound-expr.ts';
import type { Span } from '../core/span.ts';
import type { AggregateCall, AlignedWindow } from './logical-plan.ts';
import { inputsOf, nodesOf, type PhysicalPlan } from './physical-plan.ts';
import { unboundedStates } from './unbounded-state.ts';

/** Columns that a line of EXPLAIN may have. */
const width = 100;

/**
 * The plan as a tree for people, in lines of at most 100 columns: the step and what it does; below it where the query asks for it, the changes
 * it emits, its watermark, its keys, and what bounds its state. `placeOf` names the place of a span, as `line 4`.
 */
export function explainPlan(plan: PhysicalPlan, applied: readonly string[], placeOf: (span: Span) => string | undefined = () => undefined): string {
  const lines: string[] = [];
  const walk = (node: PhysicalPlan, depth: number): void => {
    // A tree that is deep stays readable at its left.
    const indent = '   '.repeat(Math.min(depth, 16));
    const head = depth === 0 ? '' : `${indent.slice(3)}+- `;
    lines.push(...laidOut(`${head}${node.kind}[${node.id}]`, '  ', describe(node).split('   ').filter((part) => part !== ''), `${indent}      `));
    const span = spanOf(node);
    const place = span === undefined ? undefined : placeOf(span);
    lines.push(...laidOut(`${indent}   ${place === undefined ? '' : `${place}   `}changes ${printChangelog(node.properties.changelog)}`, '   ', factsOf(node), `${indent}      `));
    for (const input of inputsOf(node)) walk(input, depth + 1);
  };
  walk(plan, 0);
  if (applied.length > 0) lines.push('', ...laidOut('rules:', ' ', [applied.join(', ')], '   '));
  for (const { node, message } of unboundedStates(plan)) {
    const span = spanOf(node);
    const place = span === undefined ? undefined : placeOf(span);
    lines.push(...laidOut('warning[W0401]:', ' ', [`${place === undefined ? '' : `${place}: `}${message}`], '   '));
  }
  return lines.join('\n');
}

/** Parts behind a start, as many on a line as there is room for; a part that is longer than a line goes on at a space. */
function laidOut(start: string, gap: string, parts: readonly string[], indent: string): string[] {
  const lines: string[] = [];
  let line = start;
  let between = gap;
  for (const part of parts) {
    const [first = '', ...rest] = line.length + between.length + part.length <= width || part.length <= width - indent.length ? [part] : part.split(' ');
    const put = (text: string, space: string): void => {
      if (line.length + space.length + text.length <= width || line.trim() === '') line += `${space}${text}`;
      else {
        lines.push(line);
        line = `${indent}${text}`;
      }
    };
    put(first, between);
    for (const word of rest) put(word, ' ');
    between = '   ';
  }
  return [...lines, line].map((text) => (text.length > width ? `${text.slice(0, width - 1)}…` : text));
}

/** Where the query asks for a step; a Calc stands where its first expression does. */
function spanOf(node: PhysicalPlan): Span | undefined {
  if (node.span !== undefined || node.kind !== 'Calc') return node.span;
  return [...(node.condition === undefined ? [] : [node.condition]), ...node.projection].flatMap((expr) => firstSpan(expr) ?? [])[0];
}

function firstSpan(root: BoundExpr): Span | undefined {
  let found: Span | undefined;
  visit(root, (expr) => {
    found ??= expr.span;
    return found === undefined;
  });
  return found;
}

/** What is known of the rows that a step emits, and of what it keeps. */
function factsOf(node: PhysicalPlan): readonly string[] {
  const { upsertKeys, state } = node.properties;
  const names = (columns: readonly number[]): string => columns.map((index) => node.columns[index]?.name ?? '?').join(', ');
  const time = node.columns.find((column) => column.time !== undefined);
  const hasWatermark = nodesOf(node).some((below) => below.kind === 'TableSourceScan' && below.watermark !== undefined);
  return [
    ...(time !== undefined && hasWatermark ? [`watermark on ${time.name}`] : []),
    ...(upsertKeys.length > 0 ? [`key ${upsertKeys.map((key) => `(${names(key)})`).join(' ')}`] : []),
    ...(state === 'none' ? [] : [`state ${state}${boundOf(node)}`]),
  ];
}

/** What bounds a step's state, or what it grows with. */
function boundOf(node: PhysicalPlan): string {
  switch (node.kind) {
    case 'WindowAggregate':
      return ': windows until they close';
    case 'SessionWindow':
      return ': sessions until they close';
    case 'GroupAggregate':
      return node.keys.length === 0 ? ': one group' : ': every group';
    case 'ChangelogNormalize':
      return ': the latest row of every key';
    case 'UpsertMaterialize':
      return ': the rows of every key';
    case 'Join':
      return ': all rows of both sides';
    case 'Limit':
      return ': a count';
    case 'SortLimit':
      return node.identity === undefined && node.count !== undefined ? ': the first rows' : ': all rows';
    case 'TemporalSort':
      return ': rows until their time has passed';
    case 'Sort':
      return ': all rows';
    default:
      return '';
  }
}

/** What a step does, in parts that stand three spaces apart. */
export function describe(node: PhysicalPlan): string {
  switch (node.kind) {
    case 'TableSourceScan': {
      const names = node.read.map((read) => read.path.join('.'));
      const parts = [`${node.table}   reads ${node.read.map((read) => `${read.path.join('.')} ${printType(withNullable(read.type, true))}`).join(', ') || 'no column'}`];
      if (node.projection !== undefined) parts.push(`emits ${printItems(node.projection, node, names)}`);
      if (node.watermark !== undefined) parts.push(`event time ${printExpr(node.watermark, names)}`);
      return parts.join('   ');
    }
    case 'SingleRow':
      return '';
    case 'Values':
      return node.rows.length === 0 ? 'no rows' : node.rows.length <= 3 ? node.rows.map((row) => `(${row.map((expr) => printExpr(expr, [])).join(', ')})`).join(', ') : `${node.rows.length} rows`;
    case 'SortLimit':
      return [...(node.count === undefined ? [] : [`the first ${node.count}`]), ...(node.offset === 0 ? [] : [`behind ${node.offset}`]), ...(node.order.length === 0 ? [] : [`by ${printOrder(node)}`])].join(' ');
    case 'Sort':
      return `by ${printOrder(node)}   at the end of the input`;
    case 'TemporalSort':
      return `by ${printOrder(node)}${processingOf(node)}`;
    case 'Limit':
      return [...(node.count === undefined ? [] : [`the first ${node.count}`]), ...(node.offset === 0 ? [] : [`behind ${node.offset}`])].join(' ');
    case 'Unnest':
      return `${node.input.columns[node.column]?.name ?? '?'}${node.ordinality ? ' with ordinality' : ''}${node.isLeft ? ', left' : ''}`;
    case 'Expand':
      return `to sets ${node.sets.map((set) => `(${set.map((place) => node.input.columns[node.keys[place] ?? -1]?.name ?? '?').join(', ')})`).join(', ')}`;
    case 'Union':
      return `of ${node.inputs.length}`;
    case 'Join':
      return printJoin(node);
    case 'Calc': {
      const names = node.input.columns.map((column) => column.name);
      return `${printItems(node.projection, node, names)}${node.condition === undefined ? '' : `   where ${printExpr(node.condition, names)}`}`;
    }
    case 'Exchange':
      return node.keys.length === 0 ? 'to one' : `by ${node.keys.map((key) => node.columns[key]?.name ?? '?').join(', ')}`;
    case 'WindowAggregate': {
      const names = node.input.columns.map((column) => column.name);
      const keys = node.keys.length === 0 ? '' : `   by ${node.keys.map((key) => names[key] ?? '?').join(', ')}`;
      const window = node.window.kind === 'ATTACHED' ? `by ${names[node.timeColumn] ?? '?'}` : `${printWindow(node.window)} on ${names[node.timeColumn] ?? '?'}`;
      return `${window}${processingOf(node)}${keys}   ${printCalls(node.calls, names)}`;
    }
    case 'WindowTableFunction':
      return `${printWindow(node.window)} on ${node.input.columns[node.timeColumn]?.name ?? '?'}`;
    case 'SessionWindow': {
      const by = node.keys.map((key) => node.columns[key]?.name ?? '?').join(', ');
      return `gap ${printDuration(node.gap)} on ${node.columns[node.timeColumn]?.name ?? '?'}${processingOf(node)}${by === '' ? '' : `   by ${by}`}`;
    }
    case 'GroupAggregate': {
      const names = node.input.columns.map((column) => column.name);
      return `${node.keys.length === 0 ? 'one group' : `by ${node.keys.map((key) => names[key] ?? '?').join(', ')}`}   ${printCalls(node.calls, names)}`;
    }
    case 'ChangelogNormalize':
      return `the latest row by ${node.key.map((key) => node.columns[key]?.name ?? '?').join(', ')}`;
    case 'UpsertMaterialize':
      return `the rows of each ${node.key.map((key) => node.columns[key]?.name ?? '?').join(', ')}, told apart by ${node.upsertKey?.map((key) => node.columns[key]?.name ?? '?').join(', ') ?? 'the whole row'}`;
    case 'Sink':
      return `${node.table}   ${node.mode}${node.key.length === 0 ? '' : ` by ${node.key.map((key) => node.columns[key]?.name ?? '?').join(', ')}`}`;
  }
}

function processingOf({ processing }: { readonly processing?: true }): string {
  return processing === true ? ', processing time' : '';
}

function printJoin({ type, left, right, keys, condition }: Extract<PhysicalPlan, { kind: 'Join' }>): string {
  const on = keys.map((key) => `${left.columns[key.left]?.name ?? '?'} ${key.nullsMatch ? 'IS NOT DISTINCT FROM' : '='} ${right.columns[key.right]?.name ?? '?'}`);
  const names = [...left.columns, ...right.columns].map(({ name }) => name);
  return `${type}   ${on.length === 0 ? 'each with each' : `on ${on.join(' AND ')}`}${condition === undefined ? '' : `   where ${printExpr(condition, names)}`}`;
}

function printOrder({ order, columns }: Extract<PhysicalPlan, { kind: 'Sort' | 'SortLimit' | 'TemporalSort' }>): string {
  return order.map(({ column, descending, nullsFirst }) => `${columns[column]?.name ?? '?'}${descending ? ' DESC' : ''}${nullsFirst === descending ? ` NULLS ${nullsFirst ? 'FIRST' : 'LAST'}` : ''}`).join(', ');
}

function printWindow(window: AlignedWindow): string {
  const pace = window.kind === 'HOP' ? ` every ${printDuration(window.slide)}` : window.kind === 'CUMULATE' ? ` by ${printDuration(window.step)}` : '';
  return `${window.kind} ${printDuration(window.size)}${pace}${window.offset === 0 ? '' : `, offset ${printDuration(window.offset)}`}`;
}

/** What a node computes, with the names that it gives. */
function printItems(exprs: readonly BoundExpr[], node: PhysicalPlan, names: readonly string[]): string {
  const items = exprs.map((expr, i) => {
    const text = printExpr(expr, names);
    const name = node.columns[i]?.name ?? '';
    return text === name ? text : `${text} AS ${name}`;
  });
  return items.join(', ');
}

function printCalls(calls: readonly AggregateCall[], names: readonly string[]): string {
  return calls
    .map((call) => {
      const args = call.args.length === 0 ? '*' : call.args.map((arg) => printExpr(arg, names)).join(', ');
      return `${call.name}(${call.distinct === true ? 'DISTINCT ' : ''}${args})${call.filter === undefined ? '' : ` FILTER (WHERE ${printExpr(call.filter, names)})`}`;
    })
    .join(', ');
}
