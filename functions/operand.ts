import { unreachable } from '../core/assert.ts';
import { js, type CodeBuilder, type Js } from '../core/code.ts';
import type { Layout } from '../core/layout.ts';
import type { SqlType } from '../core/sql-type.ts';

/**
 * One SQL value inside generated code, as JavaScript variables or constants:
 * - bool: a boolean
 * - int: a number that is an int32 (TINYINT to INT, DATE, TIME, months)
 * - double: a number (FLOAT is kept rounded by Math.fround)
 * - bigint: a bigint of 64 bits (BIGINT)
 * - time: a number of whole ms (TIMESTAMP(<=3), INTERVAL SECOND): exact, as |ms| < 2^53
 * - instant: whole ms and the nanoseconds within the ms, 0 to 999999 (TIMESTAMP(4..9))
 * - decimal: the unscaled value, in `small` (a number) while |value| <= 2^53 and in `big` (a bigint) else; `isSmall` undefined means always
 * - bytes: a range of a heap; of ARRAY, MAP, MULTISET and ROW their encoding (core/collection.ts)
 * NULL is told apart beside it (see Value).
 */
export type Operand =
  | { readonly class: 'bool' | 'int' | 'double' | 'bigint' | 'time'; readonly value: Js }
  | { readonly class: 'decimal'; readonly small: Js; readonly isSmall: Js | undefined; readonly big: Js }
  | { readonly class: 'instant'; readonly millis: Js; readonly nanos: Js }
  | { readonly class: 'bytes'; readonly heap: Js; readonly offset: Js; readonly length: Js };

export type OperandClass = Operand['class'];
export type OperandOf<C extends OperandClass> = C extends 'decimal' | 'bytes' | 'instant' ? Extract<Operand, { class: C }> : { readonly class: C; readonly value: Js };

/** An operand and whether it is NULL; `isNull` undefined means never. */
export interface Value {
  readonly operand: Operand;
  readonly isNull: Js | undefined;
}

/** The largest unscaled decimal that stays a number. */
export const maxSmall = 9007199254740991;

/** Undefined for types that kernels do not hold yet. */
export function classOf(type: SqlType): OperandClass | undefined {
  switch (type.kind) {
    case 'BOOLEAN':
      return 'bool';
    case 'NULL':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'DATE':
    case 'TIME':
    case 'INTERVAL_MONTH':
      return 'int';
    case 'BIGINT':
      return 'bigint';
    case 'FLOAT':
    case 'DOUBLE':
      return 'double';
    case 'INTERVAL_SECOND':
      return 'time';
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return type.precision <= 3 ? 'time' : 'instant';
    case 'DECIMAL':
      return 'decimal';
    case 'CHAR':
    case 'VARCHAR':
    case 'BINARY':
    case 'VARBINARY':
    case 'ROW':
    case 'ARRAY':
    case 'MULTISET':
    case 'MAP':
      return 'bytes';
    default:
      return unreachable(type);
  }
}

const emptyBytes = new Uint8Array(8);

/** What stands under a NULL: zero or empty. */
export function zero(code: CodeBuilder, of: OperandClass): Operand {
  switch (of) {
    case 'bool':
      return { class: of, value: js`false` };
    case 'int':
    case 'double':
    case 'time':
      return { class: of, value: js`0` };
    case 'bigint':
      return { class: of, value: js`0n` };
    case 'decimal':
      return { class: of, small: js`0`, isSmall: undefined, big: js`0n` };
    case 'instant':
      return { class: of, millis: js`0`, nanos: js`0` };
    case 'bytes':
      return { class: of, heap: code.use(emptyBytes, 'empty'), offset: js`0`, length: js`0` };
    default:
      return unreachable(of);
  }
}

/** Variables that hold a value of a class, set to zero; `assign` fills them. */
export function declare(code: CodeBuilder, of: OperandClass): Operand {
  const variable = (stem: string, initial: Js): Js => {
    const name = code.name(stem);
    code.line(js`let ${name} = ${initial};`);
    return name;
  };
  switch (of) {
    case 'bool':
      return { class: of, value: variable('b', js`false`) };
    case 'int':
      return { class: of, value: variable('i', js`0`) };
    case 'double':
      return { class: of, value: variable('d', js`0`) };
    case 'time':
      return { class: of, value: variable('t', js`0`) };
    case 'bigint':
      return { class: of, value: variable('l', js`0n`) };
    case 'decimal':
      return { class: of, small: variable('c', js`0`), isSmall: variable('s', js`true`), big: variable('g', js`0n`) };
    case 'instant':
      return { class: of, millis: variable('t', js`0`), nanos: variable('i', js`0`) };
    case 'bytes':
      return { class: of, heap: variable('h', code.use(emptyBytes, 'empty')), offset: variable('o', js`0`), length: variable('n', js`0`) };
    default:
      return unreachable(of);
  }
}

/** Source that gives the names of `target`, which are variables, the value of `source`. Both are of one class. */
export function assign(code: CodeBuilder, target: Operand, source: Operand): void {
  if (target.class === 'decimal' && source.class === 'decimal') {
    code.line(js`${target.small} = ${source.small}; ${target.isSmall ?? js`true`} = ${source.isSmall ?? js`true`}; ${target.big} = ${source.big};`);
  } else if (target.class === 'bytes' && source.class === 'bytes') {
    code.line(js`${target.heap} = ${source.heap}; ${target.offset} = ${source.offset}; ${target.length} = ${source.length};`);
  } else if (target.class === 'instant' && source.class === 'instant') {
    code.line(js`${target.millis} = ${source.millis}; ${target.nanos} = ${source.nanos};`);
  } else if ('value' in target && 'value' in source) {
    code.line(js`${target.value} = ${source.value};`);
  }
}

/** The unscaled value of a decimal as a bigint: only on paths that are rare. */
export function bigOf(operand: OperandOf<'decimal'>): Js {
  return operand.isSmall === undefined ? js`BigInt(${operand.small})` : js`(${operand.isSmall} ? BigInt(${operand.small}) : ${operand.big})`;
}

/** Names of the typed arrays that hold values of one layout: a column's, or a record's lanes. `index` counts values. */
export interface Place {
  readonly layout: Layout;
  /** By the names of core/column.ts `columnSlots`. */
  readonly arrays: Readonly<Record<string, Js>>;
  readonly index: Js;
}

const two32 = 4294967296;

/** Reads the value at a place into constants. */
export function load(code: CodeBuilder, place: Place, type: SqlType): Operand {
  const { arrays, index } = place;
  const array = (slot: string): Js => arrays[slot] ?? js`undefined`;
  const of = classOf(type);
  switch (place.layout) {
    case 'u8':
      return { class: 'bool', value: code.define('b', js`${array('values')}[${index}] === 1`) };
    case 'i32':
      return { class: 'int', value: code.define('i', js`${array('values')}[${index}]`) };
    case 'f32':
    case 'f64':
      return { class: 'double', value: code.define('d', js`${array('values')}[${index}]`) };
    case 'i64':
      if (of === 'bigint') return { class: 'bigint', value: code.define('l', js`${array('values')}[${index}]`) };
      if (of === 'decimal') {
        const high = code.define('w', js`${array('words')}[2 * ${index} + 1]`);
        const small = code.define('c', js`${high} * ${two32} + (${array('words')}[2 * ${index}] >>> 0)`);
        const isSmall = code.define('s', js`${high} >= -2097152 && ${high} < 2097152`);
        return { class: 'decimal', small, isSmall, big: code.define('g', js`${isSmall} ? 0n : ${array('values')}[${index}]`) };
      }
      return { class: 'time', value: code.define('t', js`${array('words')}[2 * ${index} + 1] * ${two32} + (${array('words')}[2 * ${index}] >>> 0)`) };
    case 'i128': {
      const high = code.define('w', js`${array('words')}[2 * ${index} + 1]`);
      const sign = js`(${high} >> 31)`;
      const isSmall = code.define(
        's',
        js`${high} >= -2097152 && ${high} < 2097152 && ${array('highWords')}[2 * ${index}] === ${sign} && ${array('highWords')}[2 * ${index} + 1] === ${sign}`,
      );
      const small = code.define('c', js`${high} * ${two32} + (${array('words')}[2 * ${index}] >>> 0)`);
      const join = code.use(joinHalves, 'joinHalves');
      return { class: 'decimal', small, isSmall, big: code.define('g', js`${isSmall} ? 0n : ${join}(${array('values')}, ${array('high')}, ${index})`) };
    }
    case 'bytes':
      return {
        class: 'bytes',
        heap: array('heap'),
        offset: code.define('o', js`${array('offsets')}[${index}]`),
        length: code.define('n', js`${array('lengths')}[${index}]`),
      };
    case 'i64n':
      return {
        class: 'instant',
        millis: code.define('t', js`${array('words')}[2 * ${index} + 1] * ${two32} + (${array('words')}[2 * ${index}] >>> 0)`),
        nanos: code.define('i', nanosAt(place)),
      };
    default:
      return unreachable(place.layout);
  }
}

/** Writes a value to a place. Bytes go through `heap`, a ByteHeap that the place's column takes as its heap after the loop. */
export function store(code: CodeBuilder, place: Place, value: Operand, heap: Js | undefined): void {
  const { arrays, index } = place;
  const array = (slot: string): Js => arrays[slot] ?? js`undefined`;
  switch (value.class) {
    case 'bool':
      code.line(js`${array('values')}[${index}] = ${value.value} ? 1 : 0;`);
      return;
    case 'int':
    case 'double':
    case 'bigint':
      code.line(js`${array('values')}[${index}] = ${value.value};`);
      return;
    case 'time':
      code.line(js`${array('words')}[2 * ${index}] = ${value.value};`);
      code.line(js`${array('words')}[2 * ${index} + 1] = Math.floor(${value.value} / ${two32});`);
      return;
    case 'instant':
      code.line(js`${array('words')}[2 * ${index}] = ${value.millis};`);
      code.line(js`${array('words')}[2 * ${index} + 1] = Math.floor(${value.millis} / ${two32});`);
      code.line(js`${nanosAt(place)} = ${value.nanos};`);
      return;
    case 'decimal': {
      const writeSmall = (): void => {
        code.line(js`${array('words')}[2 * ${index}] = ${value.small};`);
        code.line(js`${array('words')}[2 * ${index} + 1] = Math.floor(${value.small} / ${two32});`);
        if (place.layout === 'i128') {
          code.line(js`${array('highWords')}[2 * ${index}] = ${array('highWords')}[2 * ${index} + 1] = ${value.small} < 0 ? -1 : 0;`);
        }
      };
      if (value.isSmall === undefined) {
        writeSmall();
        return;
      }
      code.either(value.isSmall, writeSmall, () => {
        if (place.layout === 'i128') code.line(js`${code.use(splitHalves, 'splitHalves')}(${array('values')}, ${array('high')}, ${index}, ${value.big});`);
        else code.line(js`${array('values')}[${index}] = BigInt.asIntN(64, ${value.big});`);
      });
      return;
    }
    case 'bytes':
      code.line(js`${array('lengths')}[${index}] = ${value.length};`);
      code.line(
        heap === undefined
          ? js`${array('offsets')}[${index}] = ${value.offset};`
          : js`${array('offsets')}[${index}] = ${heap}.append(${value.heap}, ${value.offset}, ${value.length});`,
      );
      return;
    default:
      unreachable(value);
  }
}

/** A column has an array of its own for the nanoseconds; in a record they follow the ms. */
function nanosAt({ arrays, index }: Place): Js {
  return arrays['nanos'] === undefined ? js`${arrays['words'] ?? js`undefined`}[2 * ${index} + 2]` : js`${arrays['nanos']}[${index}]`;
}

function joinHalves(low: BigInt64Array, high: BigInt64Array, index: number): bigint {
  return ((high[index] as bigint) << 64n) | BigInt.asUintN(64, low[index] as bigint);
}

function splitHalves(low: BigInt64Array, high: BigInt64Array, index: number, value: bigint): void {
  low[index] = BigInt.asIntN(64, value);
  high[index] = BigInt.asIntN(64, value >> 64n);
}

