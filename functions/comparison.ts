import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { compareBytes, equalBytes } from '../core/hash.ts';
import type { SqlType } from '../core/sql-type.ts';
import { scaleOf } from './numeric.ts';
import { bigOf, type Operand } from './operand.ts';

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** SQL's order of two values of one type. DOUBLE compares as Java's primitives do. */
export function emitComparison(code: CodeBuilder, operator: Comparison, a: Operand, b: Operand, args: readonly SqlType[]): Js {
  if (a.class === 'bytes' && b.class === 'bytes') {
    if (operator === '=' || operator === '<>') {
      const equal = js`${code.use(equalBytes, 'equalBytes')}(${a.heap}, ${a.offset}, ${a.length}, ${b.heap}, ${b.offset}, ${b.length})`;
      return operator === '=' ? equal : js`!${equal}`;
    }
    return compared(operator, js`${code.use(compareBytes, 'compareBytes')}(${a.heap}, ${a.offset}, ${a.length}, ${b.heap}, ${b.offset}, ${b.length})`, js`0`);
  }
  if (a.class === 'decimal' && b.class === 'decimal') {
    const scale = Math.max(...args.map(scaleOf));
    const [factorA, factorB] = args.map((type) => 10 ** (scale - scaleOf(type))) as [number, number];
    const fast = compared(operator, factorA === 1 ? a.small : js`${a.small} * ${factorA}`, factorB === 1 ? b.small : js`${b.small} * ${factorB}`);
    const slow = compared(operator, factorA === 1 ? bigOf(a) : js`${bigOf(a)} * ${BigInt(factorA)}`, factorB === 1 ? bigOf(b) : js`${bigOf(b)} * ${BigInt(factorB)}`);
    const tests = [a.isSmall, b.isSmall].filter((test): test is Js => test !== undefined);
    if (tests.length === 0) return fast;
    return js`(${tests[0] ?? js`true`} && ${tests[1] ?? js`true`} ? ${fast} : ${slow})`;
  }
  if (a.class === 'instant' && b.class === 'instant') {
    if (operator === '=') return js`(${a.millis} === ${b.millis} && ${a.nanos} === ${b.nanos})`;
    if (operator === '<>') return js`(${a.millis} !== ${b.millis} || ${a.nanos} !== ${b.nanos})`;
    return js`(${a.millis} === ${b.millis} ? ${compared(operator, a.nanos, b.nanos)} : ${compared(operator, a.millis, b.millis)})`;
  }
  if ('value' in a && 'value' in b) return compared(operator, a.value, b.value);
  throw new Error(`no ${operator} for ${a.class} and ${b.class}`);
}

function compared(operator: Comparison, a: Js, b: Js): Js {
  switch (operator) {
    case '=':
      return js`${a} === ${b}`;
    case '<>':
      return js`${a} !== ${b}`;
    case '<':
      return js`${a} < ${b}`;
    case '<=':
      return js`${a} <= ${b}`;
    case '>':
      return js`${a} > ${b}`;
    case '>=':
      return js`${a} >= ${b}`;
  }
}
