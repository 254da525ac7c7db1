import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { divideRounded, fitsPrecision, powerOfTen, rescale } from '../core/decimal.ts';
import { asDecimal, commonType, isInteger, isNumeric, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { bigOf, maxSmall, type Operand, type OperandOf, type Value } from './operand.ts';

/** Arithmetic on operands, shared by the operators, the casts and the aggregates. Integers wrap as Java's do. */

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';

/**
 * The type of an arithmetic result, or undefined when the operands are no numbers.
 * Source of the DECIMAL rules: Flink's LogicalTypeMerging, which has them from T-SQL.
 */
export function arithmeticType(operator: ArithmeticOperator, a: SqlType, b: SqlType): SqlType | undefined {
  if (a.kind === 'NULL' && b.kind === 'NULL') return undefined;
  const left = a.kind === 'NULL' ? b : a;
  const right = b.kind === 'NULL' ? a : b;
  if (!isNumeric(left) || !isNumeric(right)) return undefined;
  if (left.kind !== 'DECIMAL' && right.kind !== 'DECIMAL') {
    // The remainder of integers has the divisor's type.
    return operator === '%' && isInteger(left) && isInteger(right) ? withNullable(right, true) : commonType(left, right);
  }
  const x = asDecimal(left);
  const y = asDecimal(right);
  if (x === undefined || y === undefined) return types.double;
  const whole = Math.max(x.precision - x.scale, y.precision - y.scale);
  const scale = Math.max(x.scale, y.scale);
  switch (operator) {
    case '+':
    case '-':
      return decimalWithin(whole + scale + 1, scale);
    case '*':
      return decimalWithin(x.precision + y.precision + 1, x.scale + y.scale);
    case '/': {
      const quotientScale = Math.max(6, x.scale + y.precision + 1);
      return decimalWithin(x.precision - x.scale + y.scale + quotientScale, quotientScale);
    }
    case '%':
      // Without digits of fraction it is the divisor's: Flink's DecimalModTypeStrategy.
      if (scale === 0) return types.decimal(y.precision, 0);
      return decimalWithin(Math.min(x.precision - x.scale, y.precision - y.scale) + scale, scale);
  }
}

/** DECIMAL(precision, scale), brought under 38 digits by giving up fraction digits, but not below 6. */
function decimalWithin(precision: number, scale: number): SqlType {
  if (precision <= 38) return types.decimal(precision, scale);
  const whole = precision - scale;
  return types.decimal(38, Math.max(38 - whole, Math.min(scale, 6)));
}

/** Source for a sum, difference, product, quotient or remainder of operands of one class: integers wrap, a division by zero throws where there is no infinity. */
export function emitArithmetic(code: CodeBuilder, operator: ArithmeticOperator, a: Operand, b: Operand, args: readonly SqlType[], result: SqlType): Value {
  if (a.class === 'decimal' && b.class === 'decimal') return emitDecimal(code, operator, a, b, args, result);
  if (a.class === 'bigint' && b.class === 'bigint') {
    if (operator === '/' || operator === '%') code.line(js`if (${b.value} === 0n) ${code.use(divisionByZero, 'divisionByZero')}();`);
    return plain('bigint', code.define('l', js`BigInt.asIntN(64, ${binary(operator, a.value, b.value)})`));
  }
  if (a.class === 'int' && b.class === 'int') {
    if (operator === '/' || operator === '%') code.line(js`if (${b.value} === 0) ${code.use(divisionByZero, 'divisionByZero')}();`);
    const raw = operator === '*' ? js`Math.imul(${a.value}, ${b.value})` : binary(operator, a.value, b.value);
    const narrow = result.kind === 'TINYINT' ? js`(${raw}) << 24 >> 24` : result.kind === 'SMALLINT' ? js`(${raw}) << 16 >> 16` : js`(${raw}) | 0`;
    return plain('int', code.define('i', narrow));
  }
  if (a.class === 'double' && b.class === 'double') {
    const raw = binary(operator, a.value, b.value);
    return plain('double', code.define('d', result.kind === 'FLOAT' ? js`Math.fround(${raw})` : raw));
  }
  throw new Error(`no ${operator} for ${a.class} and ${b.class}`);
}

function binary(operator: ArithmeticOperator, a: Js, b: Js): Js {
  switch (operator) {
    case '+':
      return js`${a} + ${b}`;
    case '-':
      return js`${a} - ${b}`;
    case '*':
      return js`${a} * ${b}`;
    case '/':
      return js`${a} / ${b}`;
    case '%':
      return js`${a} % ${b}`;
  }
}

function plain(of: 'bigint' | 'int' | 'double', value: Js): Value {
  return { operand: { class: of, value }, isNull: undefined };
}

/** Decimals: numbers while both sides and the result are small, bigints else. A result with too many digits is NULL, as in Flink. */
function emitDecimal(code: CodeBuilder, operator: ArithmeticOperator, a: OperandOf<'decimal'>, b: OperandOf<'decimal'>, args: readonly SqlType[], result: SqlType): Value {
  const [scaleA, scaleB] = args.map(scaleOf) as [number, number];
  const { precision, scale } = result as Extract<SqlType, { kind: 'DECIMAL' }>;
  const exactScale = operator === '*' ? scaleA + scaleB : Math.max(scaleA, scaleB);
  const canBeSmall = operator !== '/' && operator !== '%' && exactScale === scale;
  const slow = code.use(slowDecimal(operator, scaleA, scaleB, precision, scale), 'decimal');
  if (!canBeSmall) {
    const big = code.define('g', js`${slow}(${bigOf(a)}, ${bigOf(b)})`);
    return decimalFromBig(code, big);
  }
  const factorA = operator === '*' ? 1 : 10 ** (scale - scaleA);
  const factorB = operator === '*' ? 1 : 10 ** (scale - scaleB);
  // Zero has one sign: -0 times anything would be told apart later.
  const small = code.define('c', js`${binary(operator, times(a.small, factorA), times(b.small, factorB))} + 0`);
  const limit = Math.min(maxSmall, precision < 16 ? 10 ** precision - 1 : maxSmall);
  const checks = [a.isSmall, b.isSmall].filter((check): check is Js => check !== undefined);
  const inputsSmall = checks.length === 0 ? js`` : js`${checks[0] ?? js`true`} && ${checks[1] ?? js`true`} && `;
  // Both products are exact below 2^53 when scaled inputs stay below it; a sum of two such numbers is exact too.
  const isSmall = code.define('s', js`${inputsSmall}${small} <= ${limit} && ${small} >= ${-limit}`);
  const big = code.define('g', js`${isSmall} ? 0n : ${slow}(${bigOf(a)}, ${bigOf(b)})`);
  return { operand: { class: 'decimal', small, isSmall, big: js`${big}` }, isNull: js`(${big} === undefined)` };
}

function times(value: Js, factor: number): Js {
  return factor === 1 ? value : js`${value} * ${factor}`;
}

function decimalFromBig(code: CodeBuilder, big: Js): Value {
  const isNull = code.define('n', js`${big} === undefined`);
  const isSmall = code.define('s', js`${isNull} || (${big} <= ${BigInt(maxSmall)} && ${big} >= ${-BigInt(maxSmall)})`);
  const small = code.define('c', js`${isSmall} && !${isNull} ? Number(${big}) : 0`);
  return { operand: { class: 'decimal', small, isSmall, big }, isNull };
}

const slowDecimals = new Map<string, (a: bigint, b: bigint) => bigint | undefined>();

/** The exact operation on unscaled bigints; undefined when the result has too many digits. One function per signature. */
function slowDecimal(operator: ArithmeticOperator, scaleA: number, scaleB: number, precision: number, scale: number): (a: bigint, b: bigint) => bigint | undefined {
  const key = `${operator}/${scaleA}/${scaleB}/${precision}/${scale}`;
  let known = slowDecimals.get(key);
  if (known === undefined) {
    const exactScale = Math.max(scaleA, scaleB);
    known = (a, b) => {
      let value: bigint;
      if (operator === '*') value = rescale(a * b, scaleA + scaleB, scale);
      else if (operator === '/') {
        if (b === 0n) divisionByZero();
        const shift = scale - scaleA + scaleB;
        value = divideRounded(shift >= 0 ? a * powerOfTen(shift) : a, shift >= 0 ? b : b * powerOfTen(-shift));
      } else {
        const x = rescale(a, scaleA, exactScale);
        const y = rescale(b, scaleB, exactScale);
        if (operator === '%' && y === 0n) divisionByZero();
        value = rescale(operator === '+' ? x + y : operator === '-' ? x - y : x % y, exactScale, scale);
      }
      return fitsPrecision(value, precision) ? value : undefined;
    };
    slowDecimals.set(key, known);
  }
  return known;
}

export function scaleOf(type: SqlType): number {
  return type.kind === 'DECIMAL' ? type.scale : 0;
}

function divisionByZero(): never {
  throw new RangeError('division by zero');
}
