import type { ByteHeap } from '../core/byte-heap.ts';
import { js, type CodeBuilder, type Js } from '../core/code.ts';
import type { VectorWriter } from '../core/collection-writer.ts';
import { layoutOf } from '../core/layout.ts';
import { isText, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { emitAdd, emitMade } from './collection-code.ts';
import type { Accumulator, AggregateFunction, AggregateOverload, AggregateSteps, Lane } from './definition.ts';
import { jsonText } from './json-print.ts';
import type { Operand, OperandOf, Value } from './operand.ts';
import { loggedCount, loggedFirst, loggedFrom, loggedLength, loggedStart, ValueLog } from './value-log.ts';
import { ValueTree } from './value-tree.ts';

/**
 * Aggregates that keep their values: their lane is a run of bytes that a row changes where it lies, in the order of arrival (value-log.ts) or of the
 * values (value-tree.ts). Source: Flink's documentation, aggregate functions, and its ArrayAggFunction, CollectAggFunction,
 * ListAggWithRetractFunction and JsonObjectAggFunction.
 */

/** Lines that change what a lane keeps: the values go to writers, then `method` is called with the lane's bytes, and new ones are stored where these had no room. */
export function emitChange(code: CodeBuilder, lane: Lane | undefined, state: ValueLog | ValueTree, method: string, added: readonly (readonly [VectorWriter, Value])[], more?: Js): void {
  if (lane === undefined) return;
  for (const [writer, value] of added) {
    code.line(js`${code.use(writer, 'writer')}.begin();`);
    emitAdd(code, writer, writer.cell, value);
  }
  const old = lane.load() as OperandOf<'bytes'>;
  const name = code.use(state, 'state');
  const made = code.use(state.made, 'made');
  code.block(js`if (${name}[${method}](${old.heap}, ${old.offset}, ${old.length}${more === undefined ? js`` : js`, ${more}`}))`, () => {
    lane.store({ class: 'bytes', heap: js`${made}.bytes`, offset: js`0`, length: js`${made}.used` });
  });
}

function known(operand: Operand | undefined): Value {
  return { operand: operand as Operand, isNull: undefined };
}

export function loaded(state: Accumulator, lane = 0): OperandOf<'bytes'> {
  return state.lanes[lane]?.load() as OperandOf<'bytes'>;
}

/** True where the lane has no value. */
export function isEmpty(code: CodeBuilder, { heap, offset, length }: OperandOf<'bytes'>): Js {
  return js`(${code.use(loggedCount, 'loggedCount')}(${heap}, ${offset}, ${length}) === 0)`;
}

/** The type of a lane that is a log or a tree of what would be a value of the type: bytes, which a checkpoint tells from that value's own. */
function laneOf(way: 'log' | 'tree', type: SqlType): SqlType {
  return { kind: 'ROW', fields: [{ name: way, type }], nullable: false };
}
const logOf = (element: SqlType): SqlType => laneOf('log', { kind: 'ARRAY', element, nullable: false });
export const treeOf = (type: SqlType): SqlType => laneOf('tree', type);

/** An aggregate over a list of its argument's values. */
export function overList(element: (args: readonly SqlType[]) => SqlType, result: AggregateSteps['result'], extraLanes: readonly SqlType[] = [], before?: AggregateSteps['accumulate']): AggregateSteps & Pick<AggregateOverload, 'updating'> {
  const steps: AggregateSteps = {
    lanes: (args) => [logOf(element(args)), ...extraLanes],
    accumulate: (code, state, args, callTypes) => {
      before?.(code, state, args, callTypes);
      emitLogged(code, state, element(callTypes.args), 'append', known(args[0]), false);
    },
    result,
  };
  return {
    ...steps,
    updating: {
      ...steps,
      keepsValues: false,
      accumulate: (code, state, args, callTypes) => {
        before?.(code, state, args, callTypes);
        emitLogged(code, state, element(callTypes.args), 'append', known(args[0]), true);
      },
      retract: (code, state, args, callTypes) => emitLogged(code, state, element(callTypes.args), 'remove', known(args[0]), true),
    },
  };
}

/** Puts a value into the log in the call's lane, or takes it out. */
export function emitLogged(code: CodeBuilder, state: Accumulator, element: SqlType, method: 'append' | 'remove', value: Value, isUpdating: boolean): void {
  const log = new ValueLog(layoutOf(element), isUpdating);
  emitChange(code, state.lanes[0], log, method, [[log.value, value]]);
}

const first = ([a]: readonly SqlType[]): SqlType => a ?? types.nothing;

/** The texts of a log with a separator between, or within brackets. */
function joined(out: ByteHeap, heap: Uint8Array, at: number, length: number, separator: Uint8Array, offset: number, width: number): number {
  const from = out.used;
  const count = loggedCount(heap, at, length);
  for (let i = 0, entry = count === 0 ? 0 : loggedFirst(heap, at); i < count; i++, entry++) {
    if (i > 0) out.append(separator, offset, width);
    entry = loggedFrom(heap, at, entry);
    out.append(heap, loggedStart(heap, at, entry), loggedLength(heap, at, entry));
  }
  return from;
}

const comma = new Uint8Array([44, 0, 0, 0, 0, 0, 0, 0, 0]);

const listAgg: AggregateFunction = {
  name: 'LISTAGG',
  overloads: [
    {
      id: 'texts',
      version: 1,
      accept: ([a, separator, ...rest]) => {
        const isTextual = (type: SqlType): boolean => isText(type) || type.kind === 'NULL';
        if (a === undefined || !isTextual(a) || rest.length > 0 || (separator !== undefined && !isTextual(separator))) return undefined;
        return [a, ...(separator === undefined ? [] : [separator])].map((type) => withNullable(types.string, type.nullable));
      },
      returns: () => types.string,
      ...overList(
        () => types.string,
        (code, state, { args, heap }) => {
          const list = loaded(state);
          const separator = args.length > 1 ? loaded(state, 1) : ({ class: 'bytes', heap: code.use(comma, 'comma'), offset: js`0`, length: js`1` } as const);
          return { operand: emitMade(code, heap, js`${code.use(joined, 'joined')}(${heap}, ${list.heap}, ${list.offset}, ${list.length}, ${separator.heap}, ${separator.offset}, ${separator.length})`), isNull: isEmpty(code, list) };
        },
        [withNullable(types.string, false)],
        (_code, state, [, separator]) => {
          if (separator !== undefined) state.lanes[1]?.store(separator);
        },
      ),
    },
  ],
  doc: 'The texts in the order in which they came, with a separator between, a comma if not said; NULL when there are none.',
  examples: [],
};

const collectSteps = (by: 1 | -1): AggregateSteps['accumulate'] => (code, state, [value], { args }) => {
  const tree = new ValueTree(layoutOf(first(args)), 'count');
  emitChange(code, state.lanes[0], tree, 'count', [[tree.key, known(value)]], js`${by}`);
};

const collectResult: AggregateSteps['result'] = (code, state, { args, heap: out }) => {
  const { heap, offset, length } = loaded(state);
  return known(emitMade(code, out, js`${code.use(new ValueTree(layoutOf(first(args)), 'count'), 'tree')}.write(${out}, ${heap}, ${offset}, ${length})`));
};

const multisetOf = (args: readonly SqlType[]): SqlType => ({ kind: 'MULTISET', element: withNullable(first(args), false), nullable: false });

const collect: AggregateFunction = {
  name: 'COLLECT',
  overloads: [
    {
      id: 'values',
      version: 1,
      accept: (args) => (args.length === 1 ? args : undefined),
      returns: multisetOf,
      lanes: (args) => [treeOf(multisetOf(args))],
      accumulate: collectSteps(1),
      result: collectResult,
      updating: { keepsValues: false, lanes: (args) => [treeOf(multisetOf(args))], accumulate: collectSteps(1), retract: collectSteps(-1), result: collectResult },
    },
  ],
  doc: 'The multiset of the values that are not NULL.',
  examples: [],
};

/** Lists of JSON texts, in brackets. */
function jsonArray(out: ByteHeap, heap: Uint8Array, at: number, length: number): number {
  const from = out.appendText('[');
  joined(out, heap, at, length, comma, 0, 1);
  out.appendText(']');
  return from;
}

function jsonArrayAgg(name: string): AggregateFunction {
  return {
    name,
    overloads: [
      {
        id: 'json',
        version: 1,
        accept: ([a, ...rest]) => (a !== undefined && isText(a) && rest.length === 0 ? [withNullable(types.string, a.nullable)] : undefined),
        returns: () => withNullable(types.string, false),
        ...overList(() => types.string, (code, state, { heap }) => {
          const list = loaded(state);
          return known(emitMade(code, heap, js`${code.use(jsonArray, 'jsonArray')}(${heap}, ${list.heap}, ${list.offset}, ${list.length})`));
        }),
      },
    ],
    doc: 'The JSON array of the values, in the order in which they came; NULL is left out, or null with NULL ON NULL.',
    examples: [],
  };
}

const textMap: SqlType = { kind: 'MAP', key: types.string, value: types.string, nullable: false };
const utf8 = new TextDecoder();

function jsonObject(tree: ValueTree, out: ByteHeap, heap: Uint8Array, at: number, length: number): number {
  const from = out.appendText('{');
  let separator = '';
  tree.each(heap, at, length, (key, keyBytes, value, valueBytes) => {
    out.appendText(`${separator}${jsonText(utf8.decode(heap.subarray(key, key + keyBytes)))}:`);
    out.append(heap, value, valueBytes);
    separator = ',';
  });
  out.appendText('}');
  return from;
}

function jsonObjectAgg(name: string): AggregateFunction {
  const put: AggregateSteps['accumulate'] = (code, state, [key, value]) => {
    const tree = new ValueTree('bytes', 'bytes');
    emitChange(code, state.lanes[0], tree, 'put', [[tree.key, known(key)], [tree.value, known(value)]]);
  };
  const result: AggregateSteps['result'] = (code, state, { heap }) => {
    const map = loaded(state);
    return known(emitMade(code, heap, js`${code.use(jsonObject, 'jsonObject')}(${code.use(new ValueTree('bytes', 'bytes'), 'tree')}, ${heap}, ${map.heap}, ${map.offset}, ${map.length})`));
  };
  const steps: AggregateSteps = { lanes: () => [treeOf(textMap)], accumulate: put, result };
  return {
    name,
    overloads: [
      {
        id: 'json',
        version: 1,
        accept: ([key, value, ...rest]) => (key !== undefined && isText(key) && value !== undefined && isText(value) && rest.length === 0 ? [key, value].map((type) => withNullable(types.string, type.nullable)) : undefined),
        returns: () => withNullable(types.string, false),
        ...steps,
        updating: {
          ...steps,
          keepsValues: false,
          retract: (code, state, [key]) => {
            const tree = new ValueTree('bytes', 'bytes');
            emitChange(code, state.lanes[0], tree, 'remove', [[tree.key, known(key)]]);
          },
        },
      },
    ],
    doc: 'The JSON object of keys and values, in the order of the keys; of equal keys the last value stays. A value that is NULL is null, or left out with ABSENT ON NULL.',
    examples: [],
  };
}

/** With a clause the call is bound to the name that has it (planner/bind-json.ts); the planner gives these the JSON of their values. */
export const collectingAggregates: readonly AggregateFunction[] = [
  collect,
  listAgg,
  ...['JSON_ARRAYAGG', 'JSON_ARRAYAGG NULL ON NULL', 'JSON_ARRAYAGG ABSENT ON NULL'].map(jsonArrayAgg),
  ...['JSON_OBJECTAGG', 'JSON_OBJECTAGG NULL ON NULL', 'JSON_OBJECTAGG ABSENT ON NULL'].map(jsonObjectAgg),
];
