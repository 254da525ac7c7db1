import type { ByteHeap } from '../core/byte-heap.ts';
import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { countAt, keysAt, valuesAt } from '../core/collection.ts';
import type { VectorWriter } from '../core/collection-writer.ts';
import { layoutOf } from '../core/layout.ts';
import { isText, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { emitAdd, emitMade } from './collection-code.ts';
import { List, SortedMap } from './collecting-state.ts';
import type { Accumulator, AggregateFunction, AggregateOverload, AggregateSteps, Lane } from './definition.ts';
import { jsonText } from './json-print.ts';
import type { Operand, OperandOf, Value } from './operand.ts';

/**
 * Aggregates that keep their values: the encoding of an array, or of a map, is their lane, and each row makes it anew. Source: Flink's
 * documentation, aggregate functions, and its ArrayAggFunction, CollectAggFunction, ListAggWithRetractFunction and JsonObjectAggFunction.
 */

/** Lines that change a lane's encoding: the values go to writers, then `change` is called with the old encoding. */
export function emitChange(code: CodeBuilder, lane: Lane | undefined, state: List | SortedMap, method: string, added: readonly (readonly [VectorWriter, Value])[], more?: Js): void {
  if (lane === undefined) return;
  for (const [writer, value] of added) {
    code.line(js`${code.use(writer, 'writer')}.begin();`);
    emitAdd(code, writer, writer.cell, value);
  }
  const old = lane.load() as OperandOf<'bytes'>;
  const name = code.use(state, 'state');
  code.line(js`${name}[${method}](${old.heap}, ${old.offset}, ${old.length}${more === undefined ? js`` : js`, ${more}`});`);
  const made = code.use(state.made, 'made');
  lane.store({ class: 'bytes', heap: js`${made}.bytes`, offset: js`0`, length: js`${made}.used` });
}

function known(operand: Operand | undefined): Value {
  return { operand: operand as Operand, isNull: undefined };
}

export function loaded(state: Accumulator, lane = 0): OperandOf<'bytes'> {
  return state.lanes[lane]?.load() as OperandOf<'bytes'>;
}

/** True where the lane has no element. */
export function isEmpty(code: CodeBuilder, { heap, offset, length }: OperandOf<'bytes'>) {
  return js`(${length} === 0 || ${code.use(countAt, 'countAt')}(${heap}, ${offset}) === 0)`;
}

const bytesLane = (type: SqlType): SqlType => withNullable(type, false);
const listOf = (element: SqlType): SqlType => ({ kind: 'ARRAY', element, nullable: false });

/** An aggregate over a list of its argument's values. */
export function overList(element: (args: readonly SqlType[]) => SqlType, result: AggregateSteps['result'], extraLanes: readonly SqlType[] = [], before?: AggregateSteps['accumulate']): AggregateSteps & Pick<AggregateOverload, 'updating'> {
  const steps: AggregateSteps = {
    lanes: (args) => [bytesLane(listOf(element(args))), ...extraLanes],
    accumulate: (code, state, args, callTypes) => {
      before?.(code, state, args, callTypes);
      const list = new List(layoutOf(element(callTypes.args)));
      emitChange(code, state.lanes[0], list, 'append', [[list.value, known(args[0])]]);
    },
    result,
  };
  return {
    ...steps,
    updating: {
      ...steps,
      keepsValues: false,
      retract: (code, state, args, callTypes) => {
        const list = new List(layoutOf(element(callTypes.args)));
        emitChange(code, state.lanes[0], list, 'remove', [[list.value, known(args[0])]]);
      },
    },
  };
}

const first = ([a]: readonly SqlType[]): SqlType => a ?? types.nothing;

/** The texts of a list with a separator between, or within brackets. */
function joined(out: ByteHeap, heap: Uint8Array, at: number, length: number, separator: Uint8Array, offset: number, width: number): number {
  const from = out.used;
  for (let i = 0; length > 0 && i < countAt(heap, at); i++) {
    if (i > 0) out.append(separator, offset, width);
    const end = countAt(heap, slots(heap, at) + 4 * i);
    const start = i === 0 ? 0 : countAt(heap, slots(heap, at) + 4 * (i - 1));
    out.append(heap, slots(heap, at) + 4 * countAt(heap, at) + start, end - start);
  }
  return from;
}

function slots(heap: Uint8Array, at: number): number {
  return at + 4 + ((countAt(heap, at) + 7) >> 3);
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
  const map = new SortedMap(layoutOf(first(args)), 'i32');
  emitChange(code, state.lanes[0], map, 'count', [[map.key, known(value)]], js`${by}`);
};

/** No keys and no values. */
const emptyMap = new Uint8Array([4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

const collectResult: AggregateSteps['result'] = (code, state) => {
  const { heap, offset, length } = loaded(state);
  const empty = code.use(emptyMap, 'emptyMap');
  const isNone = code.define('b', js`${length} === 0`);
  return known({ class: 'bytes', heap: code.define('h', js`${isNone} ? ${empty} : ${heap}`), offset: code.define('o', js`${isNone} ? 0 : ${offset}`), length: code.define('n', js`${isNone} ? 12 : ${length}`) });
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
      lanes: (args) => [multisetOf(args)],
      accumulate: collectSteps(1),
      result: collectResult,
      updating: { keepsValues: false, lanes: (args) => [multisetOf(args)], accumulate: collectSteps(1), retract: collectSteps(-1), result: collectResult },
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

function jsonObject(out: ByteHeap, heap: Uint8Array, at: number, length: number): number {
  const from = out.appendText('{');
  const [keys, values] = length === 0 ? [0, 0] : [keysAt(at), valuesAt(heap, at)];
  const text = (vector: number, i: number): Uint8Array => {
    const [end, start] = [countAt(heap, slots(heap, vector) + 4 * i), i === 0 ? 0 : countAt(heap, slots(heap, vector) + 4 * (i - 1))];
    const data = slots(heap, vector) + 4 * countAt(heap, vector);
    return heap.subarray(data + start, data + end);
  };
  for (let i = 0; length > 0 && i < countAt(heap, keys); i++) {
    out.appendText(`${i === 0 ? '' : ','}${jsonText(utf8.decode(text(keys, i)))}:`);
    const value = text(values, i);
    out.append(value, 0, value.length);
  }
  out.appendText('}');
  return from;
}

function jsonObjectAgg(name: string): AggregateFunction {
  const put: AggregateSteps['accumulate'] = (code, state, [key, value]) => {
    const map = new SortedMap('bytes', 'bytes');
    emitChange(code, state.lanes[0], map, 'put', [[map.key, known(key)], [map.value, known(value)]]);
  };
  const result: AggregateSteps['result'] = (code, state, { heap }) => {
    const map = loaded(state);
    return known(emitMade(code, heap, js`${code.use(jsonObject, 'jsonObject')}(${heap}, ${map.heap}, ${map.offset}, ${map.length})`));
  };
  const steps: AggregateSteps = { lanes: () => [textMap], accumulate: put, result };
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
            const map = new SortedMap('bytes', 'bytes');
            emitChange(code, state.lanes[0], map, 'remove', [[map.key, known(key)]]);
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
