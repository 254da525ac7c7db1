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
  /** In place of `emit`, for a call that NULL arguments do not make NULL. `returns` says whether the result can be NULL. */
  emitNullable?(code: CodeBuilder, args: readonly Value[], types: CallTypes): Value;
}

export interface CallTypes {
  readonly args: readonly SqlType[];
  readonly result: SqlType;
  /** Names the kernel's ByteHeap, where text that is made lies. */
  readonly heap: Js;
  /** The text of each argument of a scalar function that is written as one. */
  readonly literals?: readonly (string | undefined)[];
  /** The session's time zone, for functions that say so; of all others UTC. */
  readonly zone?: string;
  /** Names the time of the step, in ms, for functions of the time of day. */
  readonly now?: () => Js;
  /** Names the watermark, in ms, as the row arrived, -Infinity before the first; only where rows pass one by one. */
  readonly watermark?: Js;
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
  /** return-null: NULL when an argument is NULL, and `emit` sees none. call: each overload has `emitNullable`. */
  readonly nulls: 'return-null' | 'call';
  readonly deterministic: boolean;
  /** The result depends on the session's time zone: of every call, or of calls with an argument of type TIMESTAMP_LTZ. */
  readonly usesZone?: true | 'of-instants';
  readonly overloads: readonly Overload[];
  /** It reads the watermark of its row: it stands in SELECT and WHERE only, over an event time. */
  readonly readsWatermark?: true;
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
  readonly hasValue: { test(): Js; set(): void; clear(): void };
  /** Writes a loop over the different values that the group still has; only where the call keeps them (`AggregateUpdating.keepsValues`). */
  eachValue(body: (value: Operand) => void): void;
}

/** How a call takes rows in, for one kind of input. */
export interface AggregateSteps {
  lanes(args: readonly SqlType[]): readonly SqlType[];
  /** Adds one row. Arguments are never NULL here: rows with a NULL argument are skipped. */
  accumulate(code: CodeBuilder, state: Accumulator, args: readonly Operand[], types: CallTypes): void;
  result(code: CodeBuilder, state: Accumulator, types: CallTypes): Value;
  /** Adds what `from` has seen to `into`, of input that only inserts; both have seen a row. Absent: windows that share rows cannot share the work. */
  merge?(code: CodeBuilder, into: Accumulator, from: Accumulator, types: CallTypes): void;
}

/** The steps for input that also withdraws rows. */
export interface AggregateUpdating extends AggregateSteps {
  /**
   * True: the group keeps its different values in a bag. Then `accumulate` sees each value once, when its first row comes, and `retract`
   * when its last row has gone, as with DISTINCT.
   */
  readonly keepsValues: boolean;
  /** Takes back one row that was added. */
  retract(code: CodeBuilder, state: Accumulator, args: readonly Operand[], types: CallTypes): void;
  /** What taking back a row whose argument is NULL does; absent: nothing. */
  retractNull?(code: CodeBuilder, state: Accumulator, types: CallTypes): void;
}

/** The call's own `lanes`, `accumulate` and `result` are for input that only inserts. */
export interface AggregateOverload extends AggregateSteps {
  readonly id: string;
  readonly version: number;
  accept(args: readonly SqlType[]): readonly SqlType[] | undefined;
  returns(args: readonly SqlType[]): SqlType;
  /** Undefined: over input that withdraws rows the call is not supported. */
  readonly updating: AggregateUpdating | undefined;
  /** True: DISTINCT changes nothing. */
  readonly ignoresDuplicates?: boolean;
  /** Whether over at least one row, of arguments of these types that are not NULL, the result is not NULL either; absent: it may be. */
  readonly keepsPresence?: (args: readonly SqlType[]) => boolean;
  /** What a row whose argument is NULL does; absent: nothing. `isUpdating`: the input withdraws rows, too. */
  accumulateNull?(code: CodeBuilder, state: Accumulator, types: CallTypes, isUpdating: boolean): void;
}

/** Everything there is to know about an aggregate function, in one object. */
export interface AggregateFunction {
  readonly name: string;
  readonly overloads: readonly AggregateOverload[];
  readonly doc: string;
  readonly examples: readonly Example[];
}
