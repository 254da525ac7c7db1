import type { ByteHeap } from '../core/byte-heap.ts';
import { js } from '../core/code.ts';
import { commonType, isInteger, isNumeric, isStructured, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { numberOfBigint } from './bigint-words.ts';
import { emitComparison, type Comparison } from './comparison.ts';
import { dateTextFunctions, instantsOfText } from './date-text.ts';
import { dateTimeFunctions } from './date-time.ts';
import type { CallTypes, Overload, ScalarFunction } from './definition.ts';
import { intervalProducts, intervalSums, negatedInterval } from './interval.ts';
import { arrayFunctions } from './array.ts';
import { identityFunctions } from './identity.ts';
import { jsonClauseFunctions, jsonPathFunctions } from './json-clauses.ts';
import { jsonMakers } from './json-make.ts';
import { mapFunctions } from './map.ts';
import { structuredFunctions } from './structured.ts';
import { toInteger } from './cast-number.ts';
import { arithmeticType, emitArithmetic, type ArithmeticOperator } from './numeric.ts';
import { jsonFunctions } from './json.ts';
import { mathFunctions } from './math.ts';
import { encodingFunctions } from './encoding.ts';
import { timeFunctions } from './now.ts';
import { printf } from './printf.ts';
import { randomFunctions } from './random.ts';
import { regexpFunctions } from './regexp.ts';
import { sessionFunctions } from './session.ts';
import { moreTextFunctions } from './text-more.ts';
import { textTests } from './text-tests.ts';
import { textFunctions } from './text.ts';
import { assign, declare, type Operand, type OperandOf, type Value } from './operand.ts';

function arithmetic(name: string, operator: ArithmeticOperator, doc: string, example: readonly [string, string]): ScalarFunction {
  const numbers: Overload = {
    id: 'numbers',
    version: 1,
    accept: ([a, b]) => {
      if (a === undefined || b === undefined) return undefined;
      const result = arithmeticType(operator, a, b);
      if (result === undefined) return undefined;
      // Decimals keep their own scales; everything else is brought to one type first.
      if (result.kind === 'DECIMAL') return [decimalArgument(a, b), decimalArgument(b, a)];
      const common = commonType(a, b) ?? result;
      return [withNullable(common, a.nullable), withNullable(common, b.nullable)];
    },
    returns: ([a, b]) => {
      const result = arithmeticType(operator, a ?? types.nothing, b ?? types.nothing) ?? types.nothing;
      return result.kind === 'DECIMAL' ? result : withNullable(result, false);
    },
    emit: (code, [a, b], { args, result }) => emitArithmetic(code, operator, a as Operand, b as Operand, args, result),
  };
  const intervals = operator === '+' || operator === '-' ? intervalSums(operator) : operator === '*' || operator === '/' ? intervalProducts(operator) : [];
  const overloads = operator === '%' ? [...remaindersByNarrower, ...remaindersByInteger, numbers] : [numbers, ...intervals];
  return { name, operator, nulls: 'return-null', deterministic: true, overloads, doc, examples: [{ sql: example[0], result: example[1] }] };
}

/**
 * The remainder of a wider integer by a narrower one: computed in the wider type, of the divisor's type, which always holds it. One
 * overload for each divisor's type, as only the cast arguments are known where the result's type is asked for.
 * Source: Calcite's ReturnTypes.NULLABLE_MOD, which Flink's MOD and % have.
 */
const remaindersByNarrower: readonly Overload[] = (['TINYINT', 'SMALLINT', 'INT'] as const).map((divisor) => ({
  id: `by-${divisor.toLowerCase()}`,
  version: 1,
  accept: ([a, b, ...rest]) => {
    if (a === undefined || b?.kind !== divisor || rest.length > 0 || !isInteger(a)) return undefined;
    const common = commonType(a, b);
    return common === undefined || common.kind === divisor ? undefined : [withNullable(common, a.nullable), withNullable(common, b.nullable)];
  },
  returns: () => ({ kind: divisor, nullable: false }),
  emit: (code, [a, b], { args }) => {
    const common = args[0] ?? types.nothing;
    const { operand } = emitArithmetic(code, '%', a as Operand, b as Operand, args, common);
    if (operand.class !== 'bigint') return { operand, isNull: undefined };
    // Number() of a bigint costs six times the remainder, a store and a load of its low word nothing; in a function of their own a bigint would cross the call.
    code.line(js`${code.use(wide, 'wide')}[0] = ${operand.value};`);
    return { operand: { class: 'int', value: code.define('i', js`${code.use(low, 'low')}[0]`) }, isNull: undefined };
  },
}));

/** The remainder of a DECIMAL without digits of fraction by an integer: computed as a DECIMAL, of the divisor's type. Source: Flink's DecimalModTypeStrategy. */
const remaindersByInteger: readonly Overload[] = (['TINYINT', 'SMALLINT', 'INT', 'BIGINT'] as const).map((divisor) => ({
  id: `decimal by-${divisor.toLowerCase()}`,
  version: 1,
  accept: ([a, b, ...rest]) => (a?.kind === 'DECIMAL' && a.scale === 0 && b?.kind === divisor && rest.length === 0 ? [a, decimalArgument(b, a)] : undefined),
  returns: () => ({ kind: divisor, nullable: false }),
  emit: (code, [a, b], { args }) => {
    const result = withNullable(args[1] ?? types.nothing, false);
    const { operand } = emitArithmetic(code, '%', a as Operand, b as Operand, args, result);
    return { operand: toInteger(code, operand, result, { kind: divisor, nullable: false }), isNull: undefined };
  },
}));

const wide = new BigInt64Array(1);
const low = new Int32Array(wide.buffer);

function decimalArgument(type: SqlType, other: SqlType): SqlType {
  if (type.kind === 'DECIMAL') return type;
  if (type.kind === 'NULL') return withNullable(other, true);
  const precision = type.kind === 'TINYINT' ? 3 : type.kind === 'SMALLINT' ? 5 : type.kind === 'INT' ? 10 : 19;
  return { kind: 'DECIMAL', precision, scale: 0, nullable: type.nullable };
}

function comparison(operator: Comparison, doc: string, example: readonly [string, string]): ScalarFunction {
  const overload: Overload = {
    id: 'values',
    version: 1,
    accept: ([a, b]) => {
      if (a === undefined || b === undefined) return undefined;
      // A text beside a number or a time is read as one, as Flink does.
      const common = commonType(a, b) ?? (isTextual(a) && !isTextual(b) ? b : isTextual(b) && !isTextual(a) ? a : undefined);
      if (common === undefined || (isStructured(common) && operator !== '=' && operator !== '<>')) return undefined;
      return [withNullable(common, a.nullable), withNullable(common, b.nullable)];
    },
    returns: () => ({ kind: 'BOOLEAN', nullable: false }),
    emit: (code, [a, b], { args }) => ({
      operand: { class: 'bool', value: code.define('b', emitComparison(code, operator, a as Operand, b as Operand, args)) },
      isNull: undefined,
    }),
  };
  return { name: operator, operator, nulls: 'return-null', deterministic: true, overloads: [overload], doc, examples: [{ sql: example[0], result: example[1] }] };
}

function isTextual(type: SqlType): boolean {
  return type.kind === 'CHAR' || type.kind === 'VARCHAR';
}

const negate: ScalarFunction = {
  name: 'NEGATE',
  operator: '-',
  nulls: 'return-null',
  deterministic: true,
  overloads: [
    {
      id: 'numbers',
      version: 1,
      accept: ([a, ...rest]) => (a !== undefined && rest.length === 0 && isNumeric(a) ? [a] : undefined),
      returns: ([a]) => withNullable(a ?? types.nothing, false),
      emit: (code, [a], { result }: CallTypes): Value => {
        const value = a as Operand;
        if (value.class === 'decimal') {
          const big = code.define('g', value.isSmall === undefined ? js`0n` : js`-${value.big}`);
          return { operand: { class: 'decimal', small: code.define('c', js`0 - ${value.small}`), isSmall: value.isSmall, big }, isNull: undefined };
        }
        if (value.class === 'bigint') return { operand: { class: 'bigint', value: code.define('l', js`BigInt.asIntN(64, -${value.value})`) }, isNull: undefined };
        if (value.class === 'int') {
          const shift = result.kind === 'TINYINT' ? js` << 24 >> 24` : result.kind === 'SMALLINT' ? js` << 16 >> 16` : js` | 0`;
          return { operand: { class: 'int', value: code.define('i', js`(0 - ${value.value})${shift}`) }, isNull: undefined };
        }
        return { operand: { class: 'double', value: code.define('d', js`-${(value as OperandOf<'double'>).value}`) }, isNull: undefined };
      },
    },
    negatedInterval,
  ],
  doc: 'The number, or the interval, with the other sign.',
  examples: [{ sql: '-(3)', result: '-3' }],
};

const toTimestampLtz: ScalarFunction = {
  name: 'TO_TIMESTAMP_LTZ',
  nulls: 'return-null',
  deterministic: true,
  overloads: [...[0, 3].map((digits) => ({
    id: digits === 0 ? 'seconds' : 'millis',
    version: 1,
    accept: ([epoch, precision, ...rest], literals) => {
      if (epoch === undefined || rest.length > 0 || !(isNumeric(epoch) || epoch.kind === 'NULL')) return undefined;
      const type = withNullable(isInteger(epoch) ? types.bigint : types.double, epoch.nullable);
      if (precision === undefined) return digits === 3 ? [type] : undefined;
      return precision.kind === 'INT' && literals[1] === String(digits) ? [type, precision] : undefined;
    },
    returns: () => types.timestampLtz(3),
    emit: (code, [epoch]) => {
      const given = epoch as OperandOf<'bigint'> | OperandOf<'double'>;
      const value = given.class === 'bigint' ? numberOfBigint(code, given.value).number : given.value;
      const whole = digits === 0 ? js`${value} * 1000` : value;
      const number = code.define('t', given.class === 'bigint' ? whole : js`Math.trunc(${whole})`);
      // Beyond year 9999 there is no such timestamp: NULL, as Flink gives.
      return { operand: { class: 'time', value: number }, isNull: js`!(${number} >= -62167219200000 && ${number} <= 253402300799999)` };
    },
  })) satisfies Overload[], ...instantsOfText],
  doc: 'The instant that lies so many seconds (precision 0) or milliseconds (precision 3) after 1970-01-01 00:00 UTC; of a text, by a pattern as of TO_TIMESTAMP, the local time of the zone given, or of UTC; NULL of one that is no time.',
  examples: [
    { sql: 'TO_TIMESTAMP_LTZ(1500, 3)', result: '1970-01-01 00:00:01.500' },
    { sql: 'TO_TIMESTAMP_LTZ(2, 0)', result: '1970-01-01 00:00:02.000' },
    { sql: 'TO_TIMESTAMP_LTZ(2.5, 0)', result: '1970-01-01 00:00:02.500' },
    { sql: "TO_TIMESTAMP_LTZ('28.2.2026 07:08', 'd.M.yyyy HH:mm', 'Asia/Tokyo')", result: '2026-02-27 22:08:00.000' },
  ],
};

/** UPPER and LOWER: ASCII letters byte by byte, other text by the rules of Unicode. */
function changeCase(name: 'UPPER' | 'LOWER'): ScalarFunction {
  const change = (text: string): string => (name === 'UPPER' ? text.toUpperCase() : text.toLowerCase());
  const convert = (heap: ByteHeap, source: Uint8Array, offset: number, length: number): number => {
    const [first, last, shift] = name === 'UPPER' ? [97, 122, -32] : [65, 90, 32];
    heap.reserve(length);
    const at = heap.used;
    const target = heap.bytes;
    for (let i = 0; i < length; i++) {
      const byte = source[offset + i] as number;
      if (byte >= 0x80) return heap.appendText(change(utf8.decode(source.subarray(offset, offset + length))));
      target[at + i] = byte >= first && byte <= last ? byte + shift : byte;
    }
    heap.used = at + length;
    return at;
  };
  return {
    name,
    nulls: 'return-null',
    deterministic: true,
    overloads: [
      {
        id: 'text',
        version: 1,
        accept: ([a, ...rest]) => (a !== undefined && rest.length === 0 && isTextual(a) ? [a] : undefined),
        returns: () => ({ ...types.string, nullable: false }),
        emit: (code, [a], { heap }) => {
          const text = a as OperandOf<'bytes'>;
          const at = code.define('o', js`${code.use(convert, 'convert')}(${heap}, ${text.heap}, ${text.offset}, ${text.length})`);
          const result = declare(code, 'bytes');
          assign(code, result, { class: 'bytes', heap: js`${heap}.bytes`, offset: at, length: js`${heap}.used - ${at}` });
          return { operand: result, isNull: undefined };
        },
      },
    ],
    doc: name === 'UPPER' ? 'The text in capital letters.' : 'The text in small letters.',
    examples: [name === 'UPPER' ? { sql: "UPPER('Grün')", result: 'GRÜN' } : { sql: "LOWER('ABC')", result: 'abc' }],
  };
}

const utf8 = new TextDecoder();

/** Every scalar function and operator of this build. */
export const scalarFunctions: readonly ScalarFunction[] = [
  arithmetic('+', '+', 'The sum; of a time and an interval, the later time.', ['1 + 2', '3']),
  arithmetic('-', '-', 'The difference; of a time and an interval, the earlier time.', ['5 - 7', '-2']),
  arithmetic('*', '*', 'The product; of a number and an interval, an interval.', ['CAST(1.50 AS DECIMAL(5, 2)) * 2', '3.00']),
  arithmetic('/', '/', 'The quotient; of integers, cut toward zero; of an interval and a number, an interval.', ['7 / 2', '3']),
  arithmetic('MOD', '%', 'The remainder, with the sign of the dividend; of integers, in the type of the divisor.', ['MOD(-7, 3)', '-1']),
  negate,
  comparison('=', 'TRUE when both are equal.', ["'a' = 'a'", 'TRUE']),
  comparison('<>', 'TRUE when they differ.', ['1 <> 1', 'FALSE']),
  comparison('<', 'TRUE when the left is less.', ['1 < 2', 'TRUE']),
  comparison('<=', 'TRUE when the left is less or equal.', ['2 <= 2', 'TRUE']),
  comparison('>', 'TRUE when the left is greater.', ["'b' > 'a'", 'TRUE']),
  comparison('>=', 'TRUE when the left is greater or equal.', ['1.5 >= 2', 'FALSE']),
  toTimestampLtz,
  changeCase('UPPER'),
  changeCase('LOWER'),
  ...mathFunctions,
  ...textFunctions,
  ...moreTextFunctions,
  ...textTests,
  printf,
  ...regexpFunctions,
  ...encodingFunctions,
  ...jsonFunctions,
  ...jsonPathFunctions,
  ...dateTimeFunctions,
  ...dateTextFunctions,
  ...structuredFunctions,
  ...arrayFunctions,
  ...mapFunctions,
  ...jsonClauseFunctions,
  ...jsonMakers,
  ...identityFunctions,
  ...randomFunctions,
  ...timeFunctions,
  ...sessionFunctions,
];
