import { assert } from '../core/assert.ts';
import { printType } from '../core/sql-type.ts';
import { inputsOf, withInputs, type LogicalPlan } from './logical-plan.ts';

/** A small pure function: a plan that gives the same rows for less, or undefined when it does not apply. Its comment says the algebra. */
export interface Rule {
  readonly name: string;
  apply(plan: LogicalPlan): LogicalPlan | undefined;
}

/** Applies the rules in order, each until it no longer applies. A rule that changes the plan's columns is named: it is a bug. */
export function applyRules(plan: LogicalPlan, rules: readonly Rule[]): { readonly plan: LogicalPlan; readonly applied: readonly string[] } {
  let current = plan;
  const applied: string[] = [];
  // Each round takes a step of the plan away or moves one past another.
  const most = 100 + sizeOf(plan) ** 2;
  for (const rule of rules) {
    for (let rounds = 0; ; rounds++) {
      assert(rounds < most, `the rule ${rule.name} does not come to an end`);
      const next = rule.apply(current);
      if (next === undefined) break;
      assert(schemaOf(next) === schemaOf(plan), `the rule ${rule.name} changed the columns of the plan`);
      current = next;
      if (applied.at(-1) !== rule.name) applied.push(rule.name);
    }
  }
  return { plan: current, applied };
}

function sizeOf(plan: LogicalPlan): number {
  return inputsOf(plan).reduce((sum, input) => sum + sizeOf(input), 1);
}

function schemaOf(plan: LogicalPlan): string {
  return plan.columns.map((column) => `${column.name} ${printType(column.type)}`).join(', ');
}

/** `change` at the first node, from the root down, where it gives something. */
export function firstMatch(plan: LogicalPlan, change: (node: LogicalPlan) => LogicalPlan | undefined): LogicalPlan | undefined {
  const here = change(plan);
  if (here !== undefined) return here;
  let found = false;
  const next = withInputs(plan, (input) => {
    if (found) return input;
    const below = firstMatch(input, change);
    found = below !== undefined;
    return below ?? input;
  });
  return found ? next : undefined;
}
