import { assert } from '../core/assert.ts';
import { layoutOf } from '../core/layout.ts';
import { printType, withNullable, type SqlType } from '../core/sql-type.ts';
import { canonicalText, type BoundExpr } from '../expression/bound-expr.ts';
import type { AggregateOverload, AggregateSteps } from '../functions/definition.ts';
import { aggregateOverload } from '../functions/registry.ts';
import type { FieldSpec } from '../state/field-spec.ts';
import type { PhysicalNode } from '../planner/physical-plan.ts';
import { mostFilters } from './value-set-code.ts';

/** One aggregate call as a plan names it. */
export type CallSpec = PhysicalNode<'GroupAggregate'>['calls'][number];

export interface BoundCall {
  readonly spec: CallSpec;
  readonly overload: AggregateOverload;
  readonly steps: AggregateSteps;
  /** The group's different values, when the call sees each of them once: which of `BoundCalls.values`. */
  readonly bag: number | undefined;
  /** Over input that only inserts: which of their filters is the call's. */
  readonly filter: number;
  readonly laneTypes: readonly SqlType[];
  /** The record's field of the first lane. */
  readonly firstField: number;
  /** The flag bit that says that a value has been seen. */
  readonly flag: number;
}

/** The different values of one argument, which calls share: over updating input those with one filter, over input that only inserts those with several. */
export interface CallValues {
  readonly arg: BoundExpr;
  readonly filters: readonly (BoundExpr | undefined)[];
}

export interface BoundCalls {
  readonly calls: readonly BoundCall[];
  readonly values: readonly CallValues[];
  /** The lanes of the calls, in their order. */
  readonly fields: readonly FieldSpec[];
}

/** Finds the overload of each call and gives it its lanes, behind `keys` fields of the record, and its flag, behind as many flags. */
export function bindCalls(specs: readonly CallSpec[], keys: number, isUpdating: boolean): BoundCalls {
  const fields: FieldSpec[] = [];
  const values: { readonly text: string; readonly arg: BoundExpr; readonly texts: string[]; readonly filters: (BoundExpr | undefined)[] }[] = [];
  const calls = specs.map((spec, i): BoundCall => {
    const overload = aggregateOverload(spec.name, spec.overload, spec.version);
    const steps = isUpdating ? overload.updating : overload;
    assert(steps !== undefined, `${spec.name} over rows that are withdrawn`);
    const laneTypes = steps.lanes(spec.args.map((arg) => arg.type));
    const firstField = keys + fields.length;
    fields.push(...laneTypes.map((type, lane) => fieldOf(`${spec.name} ${i + 1}${laneTypes.length === 1 ? '' : `.${lane + 1}`}`, type, false)));
    let bag: number | undefined;
    let filter = 0;
    const [arg] = spec.args;
    if (arg !== undefined && ((spec.distinct === true && overload.ignoresDuplicates !== true) || (isUpdating && overload.updating?.keepsValues === true))) {
      const filterAs = filterText(spec.filter);
      const text = isUpdating ? JSON.stringify([canonicalText(arg), filterAs]) : canonicalText(arg);
      bag = values.findIndex((other) => other.text === text && (other.filters.length < mostFilters || other.texts.includes(filterAs)));
      if (bag < 0) bag = values.push({ text, arg, texts: [], filters: [] }) - 1;
      const { texts, filters } = values[bag] as (typeof values)[number];
      filter = texts.indexOf(filterAs);
      if (filter < 0) {
        filter = texts.push(filterAs) - 1;
        filters.push(spec.filter);
      }
    }
    return { spec, overload, steps, bag, filter, laneTypes, firstField, flag: keys + i };
  });
  return { calls, values, fields };
}

/** One text for equal filters; '' for none. */
export function filterText(filter: BoundExpr | undefined): string {
  return filter === undefined ? '' : canonicalText(filter);
}

export function fieldOf(name: string, type: SqlType, isKey: boolean): FieldSpec {
  return { layout: layoutOf(type), isKey, name, type: printType(withNullable(type, true)) };
}
