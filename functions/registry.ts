import { assert } from '../core/assert.ts';
import type { SqlType } from '../core/sql-type.ts';
import { aggregateFunctions } from './aggregate.ts';
import type { AggregateFunction, AggregateOverload, Overload, ScalarFunction } from './definition.ts';
import { scalarFunctions } from './scalar.ts';

/** Functions by name (case does not count), and the overload that takes given arguments. */
const scalars = new Map(scalarFunctions.flatMap((definition) => [definition.name, ...(definition.aliases ?? [])].map((name) => [name, definition] as const)));
const aggregates = new Map(aggregateFunctions.map((definition) => [definition.name, definition] as const));

export function findScalar(name: string): ScalarFunction | undefined {
  return scalars.get(name.toUpperCase());
}

export function findAggregate(name: string): AggregateFunction | undefined {
  return aggregates.get(name.toUpperCase());
}

export function functionNames(): readonly string[] {
  return [...scalars.keys(), ...aggregates.keys()].filter((name) => /^\w+$/.test(name));
}

export interface Resolved<O> {
  readonly overload: O;
  /** The types that the arguments are cast to. */
  readonly args: readonly SqlType[];
  readonly result: SqlType;
}

/** The first overload that accepts the arguments: overloads are listed from the narrow to the wide. */
export function resolveOverload<O extends Overload | AggregateOverload>(
  overloads: readonly O[],
  args: readonly SqlType[],
  literals: readonly (string | undefined)[] = [],
): Resolved<O> | undefined {
  for (const overload of overloads) {
    const accepted = overload.accept(args, literals);
    if (accepted !== undefined) return { overload, args: accepted, result: overload.returns(accepted) };
  }
  return undefined;
}

/** The overload that a plan names. */
export function scalarOverload(name: string, id: string, version: number): Overload {
  const found = findScalar(name)?.overloads.find((overload) => overload.id === id && overload.version === version);
  assert(found !== undefined, `the plan names ${name} ${id} version ${version}, which this build does not have`);
  return found;
}

export function aggregateOverload(name: string, id: string, version: number): AggregateOverload {
  const found = findAggregate(name)?.overloads.find((overload) => overload.id === id && overload.version === version);
  assert(found !== undefined, `the plan names ${name} ${id} version ${version}, which this build does not have`);
  return found;
}
