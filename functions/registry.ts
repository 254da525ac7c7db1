import { assert } from '../core/assert.ts';
import type { SqlType } from '../core/sql-type.ts';
import { aggregateFunctions, internalAggregates } from './aggregate.ts';
import type { AggregateFunction, AggregateOverload, Overload, ScalarFunction } from './definition.ts';
import { scalarFunctions } from './scalar.ts';

/** Functions by name (case does not count), and the overload that takes given arguments. */
const scalars = new Map(scalarFunctions.flatMap((definition) => [definition.name, ...(definition.aliases ?? [])].map((name) => [name, definition] as const)));
const aggregates = new Map(aggregateFunctions.map((definition) => [definition.name, definition] as const));

/** User functions by name in capitals, one map for each engine that has some, by the engine's number. */
const users = new Map<number, ReadonlyMap<string, ScalarFunction>>();
let binding: number | undefined;

/** Makes the functions of an engine known, under a number that no other engine of this process has. Replaces those of before. */
export function setUserFunctions(engine: number, functions: ReadonlyMap<string, ScalarFunction> | undefined): void {
  if (functions === undefined) users.delete(engine);
  else users.set(engine, functions);
}

/** Runs the binding of statements, which never waits, with the functions of one engine in sight. */
export function withUserFunctions<T>(engine: number, bind: () => T): T {
  const outer = binding;
  binding = engine;
  try {
    return bind();
  } finally {
    binding = outer;
  }
}

/** The engine whose function a name is while its statements are bound; undefined for a function of Sluice. */
export function userEngineOf(name: string): number | undefined {
  return binding !== undefined && !scalars.has(name.toUpperCase()) && users.get(binding)?.has(name.toUpperCase()) === true ? binding : undefined;
}

/** A function of Sluice, or of the engine whose statements are being bound. */
export function findScalar(name: string): ScalarFunction | undefined {
  const key = name.toUpperCase();
  return scalars.get(key) ?? (binding === undefined ? undefined : users.get(binding)?.get(key));
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

/** False for a function that may give something else for the same arguments; `engine` for a user function. */
export function isDeterministic(name: string, engine?: number): boolean {
  return (engine === undefined ? scalars.get(name) : users.get(engine)?.get(name.toUpperCase()))?.deterministic === true;
}

/** The overload that a plan names; `engine` for a user function. */
export function scalarOverload(name: string, id: string, version: number, engine?: number): Overload {
  const definition = engine === undefined ? scalars.get(name) : users.get(engine)?.get(name.toUpperCase());
  const found = definition?.overloads.find((overload) => overload.id === id && overload.version === version);
  assert(found !== undefined, `the plan names ${name} ${id} version ${version}, which this build does not have`);
  return found;
}

/** The overload of an aggregate that a plan names. */
export function aggregateOverload(name: string, id: string, version: number): AggregateOverload {
  const definition = findAggregate(name) ?? internalAggregates.find((internal) => internal.name === name);
  const found = definition?.overloads.find((overload) => overload.id === id && overload.version === version);
  assert(found !== undefined, `the plan names ${name} ${id} version ${version}, which this build does not have`);
  return found;
}
