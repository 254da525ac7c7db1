import type { CodeBuilder, Js } from '../core/code.ts';
import type { SqlType } from '../core/sql-type.ts';
import type { Operand, Value } from './operand.ts';

/** One way to call a scalar function. `id` and `version` stand in stored plans: a change of meaning is a new version. */
export interface Overload {
  readonly id: string;
  readonly version: number;
  /**
   * The types that the arguments are cast to; undefined when this overload does not take them. `literals` holds the value of each
   * argument that is written as one, as its text.
   */
  accept(args: readonly SqlType[], literals: readonly (string | undefined)[]): readonly SqlType[] | undefined;
  /** The result's type for the accepted argument types. For nulls: 'return-null' the planner adds nullability. */
  returns(args: readonly SqlType[]): SqlType;
  /** Source for the value. With nulls: 'return-null' the arguments are never NULL here. */
  emit(code: CodeBuilder, args: readonly Operand[], types: CallTypes): Value;
}

export interface CallTypes {
  readonly args: readonly SqlType[];
  readonly result: SqlType;
  /** Names the kernel's ByteHeap, where text that is made lies. */
  readonly heap: Js;
}

export interface Example {
  readonly sql: string;
  /** The result as text; null for NULL. */
  readonly result: string | null;
}

/** Everything there is to know about a scalar function, in one object. */
export interface ScalarFunction {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** The operator that SQL writes instead of a call. */
  readonly operator?: string;
  /** return-null: NULL when an argument is NULL, and `emit` sees none. */
  readonly nulls: 'return-null';
  readonly deterministic: boolean;
  readonly overloads: readonly Overload[];
  readonly doc: string;
  readonly examples: readonly Example[];
}

/** One field of an aggregate's accumulator: where its value is read and written inside generated code. */
export interface Lane {
  load(): Operand;
  store(value: Operand): void;
}

/** The accumulator of one aggregate call inside a kernel: its lanes, and a flag that says that a value has been seen. */
export interface Accumulator {
  readonly lanes: readonly Lane[];
  readonly hasValue: { test(): Js; set(): void };
}

export interface AggregateOverload {
  readonly id: string;
  readonly version: number;
  accept(args: readonly SqlType[]): readonly SqlType[] | undefined;
  returns(args: readonly SqlType[]): SqlType;
  /** The types of the lanes for input that only inserts. */
  lanes(args: readonly SqlType[]): readonly SqlType[];
  /** Adds one row. Arguments are never NULL here: rows with a NULL argument are skipped. */
  accumulate(code: CodeBuilder, state: Accumulator, args: readonly Operand[], types: CallTypes): void;
  result(code: CodeBuilder, state: Accumulator, types: CallTypes): Value;
}

/** Everything there is to know about an aggregate function, in one object. */
export interface AggregateFunction {
  readonly name: string;
  readonly overloads: readonly AggregateOverload[];
  readonly doc: string;
  readonly examples: readonly Example[];
}
