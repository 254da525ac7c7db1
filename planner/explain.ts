import { printChangelog } from '../core/changelog.ts';
import { printType, withNullable } from '../core/sql-type.ts';
import { printDuration } from '../core/time.ts';
import { printExpr, type BoundExpr } from '../expression/bound-expr.ts';
import type { AggregateCall, AlignedWindow } from './logical-plan.ts';
import { inputsOf, nodesOf, type PhysicalPlan } from './physical-plan.ts';

/** The plan as a tree for people: the step, what it does, the changes it emits, its watermark, and what bounds its state. */
export function explainPlan(plan: PhysicalPlan, applied: readonly string[]): string {
  const lines: string[] = [];
  const walk = (node: PhysicalPlan, depth: number): void => {
    const head = depth === 0 ? '' : `${'   '.repeat(depth - 1)}+- `;
    lines.push(`${head}${node.kind}[${node.id}]  ${describe(node)}`);
    const indent = '   '.repeat(depth);
    const facts = [`changes ${printChangelog(node.properties.changelog)}`];
    const time = node.columns.find((column) => column.time !== undefined);
    if (time !== undefined) facts.push(`watermark on ${time.name}`);
    if (node.properties.upsertKeys.length > 0) facts.push(`key ${node.properties.upsertKeys.map((key) => `(${key.map((index) => node.columns[index]?.name ?? '?').join(', ')})`).join(' ')}`);
    if (node.properties.state !== 'none') facts.push(`state ${node.properties.state}`);
    lines.push(`${indent}   ${facts.join('   ')}`);
    for (const input of inputsOf(node)) walk(input, depth + 1);
  };
  walk(plan, 0);
  if (applied.length > 0) lines.push('', `rules: ${applied.join(', ')}`);
  const unbounded = nodesOf(plan).filter((node) => node.properties.state === 'unbounded');
  for (const node of unbounded) lines.push(`warning: ${node.kind}[${node.id}] keeps every key for ever`);
  return lines.join('\n');
}

function describe(node: PhysicalPlan): string {
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
      return node.rows.length <= 3 ? node.rows.map((row) => `(${row.map((expr) => printExpr(expr, [])).join(', ')})`).join(', ') : `${node.rows.length} rows`;
    case 'Limit':
      return [...(node.count === undefined ? [] : [`the first ${node.count}`]), ...(node.offset === 0 ? [] : [`behind ${node.offset}`])].join(' ');
    case 'Union':
      return `of ${node.inputs.length}`;
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
      return `${window}${keys}   ${printCalls(node.calls, names)}`;
    }
    case 'WindowTableFunction':
      return `${printWindow(node.window)} on ${node.input.columns[node.timeColumn]?.name ?? '?'}`;
    case 'SessionWindow': {
      const by = node.keys.map((key) => node.columns[key]?.name ?? '?').join(', ');
      return `gap ${printDuration(node.gap)} on ${node.columns[node.timeColumn]?.name ?? '?'}${by === '' ? '' : `   by ${by}`}`;
    }
    case 'GroupAggregate': {
      const names = node.input.columns.map((column) => column.name);
      return `${node.keys.length === 0 ? 'one group' : `by ${node.keys.map((key) => names[key] ?? '?').join(', ')}`}   ${printCalls(node.calls, names)}`;
    }
    case 'ChangelogNormalize':
      return `the latest row by ${node.key.map((key) => node.columns[key]?.name ?? '?').join(', ')}`;
    case 'Sink':
      return `${node.table}   ${node.mode}${node.key.length === 0 ? '' : ` by ${node.key.map((key) => node.columns[key]?.name ?? '?').join(', ')}`}`;
  }
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
