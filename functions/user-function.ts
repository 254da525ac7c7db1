import { js, joinJs, type CodeBuilder, type Js } from '../core/code.ts';
import { decimalFromText, fitsPrecision, rescale } from '../core/decimal.ts';
import { SqlError } from '../core/diagnostic.ts';
import { defaultJsTypes, toJsValue, type JsValue } from '../core/js-value.ts';
import { canWidenTo, isStructured, isText, isTimestamp, printType, withNullable, type SqlType } from '../core/sql-type.ts';
import { parseDate, parseTimestamp } from '../core/time.ts';
import type { SqlValue } from '../core/value.ts';
import { integerRange } from './cast-number.ts';
import type { Overload, ScalarFunction } from './definition.ts';
import { assign, bigOf, classOf, declare, maxSmall, type Operand, type Value } from './operand.ts';

/** Functions that a program gives the engine: JavaScript, called once for each row with values as a result has them. */
export interface UserFunction {
  readonly name: string;
  readonly args: readonly SqlType[];
  readonly returns: SqlType;
  readonly deterministic: boolean;
  readonly nulls: 'return-null' | 'call';
  readonly call: (...values: JsValue[]) => unknown;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** The definition of a function of one signature. Its result may be NULL: null or undefined. */
export function userScalar({ name, args, returns, deterministic, nulls, call }: UserFunction): ScalarFunction {
  const shown = args.map((type) => printType(withNullable(type, true))).join(', ');
  const result = withNullable(returns, true);
  const run = (...values: SqlValue[]): SqlValue | undefined => {
    const given = values.map((value, i) => toJsValue(value, args[i] ?? result, defaultJsTypes));
    let answer: unknown;
    try {
      answer = call(...given);
    } catch (error) {
      throw new SqlError({ code: 'E0207', message: `${name}(${given.map(shortText).join(', ')}) threw ${error instanceof Error ? error.message : String(error)}` });
    }
    if (answer === null || answer === undefined) return undefined;
    const value = sqlValueOf(answer, result);
    if (answer instanceof Promise) {
      // Nobody waits for it: its failure is no failure of the process.
      answer.catch(() => undefined);
      throw new SqlError({ code: 'E0207', message: `${name}(${given.map(shortText).join(', ')}) gave a Promise, and asynchronous functions are not supported yet`, hint: 'wait for the values before, and push them as rows: engine.table(name).push(row)' });
    }
    if (value === undefined) throw new SqlError({ code: 'E0207', message: `${name}(${given.map(shortText).join(', ')}) gave ${shortText(answer)}, which is no ${printType(result)}` });
    return value;
  };
  const emit = (code: CodeBuilder, values: readonly Js[], heap: Js): Value => received(code, js`${code.use(run, 'user')}(${joinJs(values, ', ')})`, result, heap);
  const overload: Overload = {
    id: `(${shown}) ${printType(result)}`,
    version: 1,
    accept: (given) => (given.length === args.length && given.every((type, i) => canWidenTo(type, args[i] ?? type)) ? args.map((type, i) => withNullable(type, given[i]?.nullable ?? true)) : undefined),
    returns: () => result,
    emit: (code, operands, { heap, args: types }) => emit(code, operands.map((operand, i) => sent(code, operand, types[i] ?? result)), heap),
    ...(nulls === 'call' && {
      emitNullable: (code: CodeBuilder, given: readonly Value[], { heap, args: types }: { readonly heap: Js; readonly args: readonly SqlType[] }) =>
        emit(code, given.map(({ operand, isNull }, i) => (isNull === undefined ? sent(code, operand, types[i] ?? result) : js`(${isNull} ? null : ${sent(code, operand, types[i] ?? result)})`)), heap),
    }),
  };
  return { name, nulls, deterministic, overloads: [overload], doc: `A function of the program: ${name}(${shown}).`, examples: [] };
}

function shortText(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : value instanceof Date ? value.toISOString() : typeof value === 'object' && value !== null ? Object.prototype.toString.call(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

/** An operand as a SqlValue. */
function sent(code: CodeBuilder, operand: Operand, type: SqlType): Js {
  switch (operand.class) {
    case 'bytes':
      return js`${code.use(isText(type) ? textOf : bytesOf, 'valueOf')}(${operand.heap}, ${operand.offset}, ${operand.length})`;
    case 'decimal':
      return bigOf(operand);
    case 'instant':
      return js`{ millis: ${operand.millis}, nanos: ${operand.nanos} }`;
    default:
      return operand.value;
  }
}

function textOf(heap: Uint8Array, offset: number, length: number): string {
  return utf8.decode(heap.subarray(offset, offset + length));
}

/** A copy: the program may keep it. */
function bytesOf(heap: Uint8Array, offset: number, length: number): Uint8Array {
  return heap.slice(offset, offset + length);
}

/** A SqlValue, or undefined for NULL, as an operand. */
function received(code: CodeBuilder, call: Js, type: SqlType, heap: Js): Value {
  const given = code.define('x', call);
  const isNull = code.define('n', js`${given} === undefined`);
  const of = classOf(type);
  const or = (zero: Js): Js => js`(${isNull} ? ${zero} : ${given})`;
  switch (of) {
    case 'bytes': {
      const operand = declare(code, 'bytes');
      const append = isText(type) ? js`${heap}.appendText(${given})` : js`${heap}.append(${given}, 0, ${given}.length)`;
      const at = code.define('o', js`${isNull} ? ${heap}.used : ${append}`);
      assign(code, operand, { class: 'bytes', heap: js`${heap}.bytes`, offset: at, length: js`${heap}.used - ${at}` });
      return { operand, isNull };
    }
    case 'decimal': {
      const big = code.define('g', or(js`0n`));
      const isSmall = code.define('s', js`${big} <= ${BigInt(maxSmall)} && ${big} >= ${-BigInt(maxSmall)}`);
      return { operand: { class: of, small: code.define('c', js`${isSmall} ? Number(${big}) : 0`), isSmall, big }, isNull };
    }
    case 'instant':
      return { operand: { class: of, millis: code.define('t', js`${isNull} ? 0 : ${given}.millis`), nanos: code.define('i', js`${isNull} ? 0 : ${given}.nanos`) }, isNull };
    case 'bigint':
      return { operand: { class: of, value: code.define('l', or(js`0n`)) }, isNull };
    case 'bool':
      return { operand: { class: of, value: code.define('b', or(js`false`)) }, isNull };
    default:
      return { operand: { class: of ?? 'int', value: code.define('i', or(js`0`)) }, isNull };
  }
}

/** What JavaScript gave as a value of the type, without rounding; undefined when it is none. */
function sqlValueOf(value: unknown, type: SqlType): SqlValue | undefined {
  switch (type.kind) {
    case 'BOOLEAN':
      return typeof value === 'boolean' ? value : undefined;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT': {
      if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) return undefined;
      const exact = BigInt(value as bigint | number);
      const [least, greatest] = integerRange(type);
      if (exact < least || exact > greatest) return undefined;
      return type.kind === 'BIGINT' ? exact : Number(exact);
    }
    case 'FLOAT':
    case 'DOUBLE':
      return typeof value !== 'number' ? undefined : type.kind === 'FLOAT' ? Math.fround(value) : value;
    case 'DECIMAL': {
      if (typeof value === 'bigint') {
        const scaled = rescale(value, 0, type.scale);
        return fitsPrecision(scaled, type.precision) ? scaled : undefined;
      }
      return typeof value === 'string' || typeof value === 'number' ? decimalFromText(String(value), type.precision, type.scale) : undefined;
    }
    case 'CHAR':
    case 'VARCHAR':
      return typeof value === 'string' && value.isWellFormed() && [...value].length <= type.length ? value : undefined;
    case 'BINARY':
    case 'VARBINARY':
      return value instanceof Uint8Array && value.length <= type.length ? value : undefined;
    case 'DATE':
      return typeof value === 'string' ? parseDate(value) : undefined;
    default: {
      if (!isTimestamp(type) || !('precision' in type)) return undefined;
      const instant = value instanceof Date && Number.isFinite(value.getTime()) ? { millis: value.getTime(), nanos: 0 } : typeof value === 'string' ? parseTimestamp(value) : undefined;
      return instant === undefined || type.precision > 3 ? instant : instant.millis;
    }
  }
}

/** The types that a user function may take and give. */
export function isUserType(type: SqlType): boolean {
  return !['TIME', 'INTERVAL_MONTH', 'INTERVAL_SECOND', 'NULL'].includes(type.kind) && !isStructured(type);
}
