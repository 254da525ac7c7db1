import { isInteger, isText, type SqlType } from '../core/sql-type.ts';
import { js } from '../core/code.ts';
import type { Example, Overload, ScalarFunction } from './definition.ts';
import { textAt } from './value-function.ts';

/** Tests of what a text consists of; FALSE of NULL. Source: Flink's SqlFunctionUtils; Java's Double.parseDouble, Character.isDigit and isLetter. */

/** What Double.parseDouble reads, which trims all characters up to the blank. */
const javaNumber = /^[\0- ]*[+-]?(?:NaN|Infinity|(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|0[xX](?:[\da-fA-F]+\.?[\da-fA-F]*|\.[\da-fA-F]+)[pP][+-]?\d+)[fFdD]?)[\0- ]*$/;

/** `isNumber`: what the test says of numbers of a type; undefined of one that it does not take. */
function testOfText(name: string, test: (text: string) => boolean, isNumber: (type: SqlType) => boolean | undefined, doc: string, examples: readonly Example[]): ScalarFunction {
  const answer = (type: SqlType): boolean | undefined => (type.kind === 'NULL' ? false : isNumber(type));
  const overload: Overload = {
    id: 'value',
    version: 1,
    accept: ([a, ...rest]) => (a !== undefined && rest.length === 0 && (isText(a) || answer(a) !== undefined) ? [a] : undefined),
    returns: () => ({ kind: 'BOOLEAN', nullable: false }),
    emit: () => {
      throw new Error(`${name} has no such code`);
    },
    emitNullable: (code, [a], { args: [type] }) => {
      const text = a?.operand;
      const is = text?.class === 'bytes' ? js`${code.use(test, 'test')}(${code.use(textAt, 'textAt')}(${text.heap}, ${text.offset}, ${text.length}))` : js`${type !== undefined && answer(type) === true}`;
      return { operand: { class: 'bool', value: code.define('b', a?.isNull === undefined ? is : js`!${a.isNull} && ${is}`) }, isNull: undefined };
    },
  };
  return { name, nulls: 'call', deterministic: true, overloads: [overload], doc, examples };
}

const isFloating = (type: SqlType): boolean => type.kind === 'FLOAT' || type.kind === 'DOUBLE';

export const textTests: readonly ScalarFunction[] = [
  testOfText('IS_ALPHA', (text) => /^\p{L}+$/u.test(text) && !/[\u{10000}-\u{10ffff}]/u.test(text), (type) => (isInteger(type) || isFloating(type) ? false : undefined), 'TRUE when the text has letters only.', [{ sql: "IS_ALPHA('Straße')", result: 'TRUE' }, { sql: "IS_ALPHA('a1')", result: 'FALSE' }]),
  testOfText('IS_DIGIT', (text) => /^\p{Nd}+$/u.test(text) && !/[\u{10000}-\u{10ffff}]/u.test(text), (type) => (isInteger(type) ? true : isFloating(type) ? false : undefined), 'TRUE when the text has digits only.', [{ sql: "IS_DIGIT('0042')", result: 'TRUE' }, { sql: "IS_DIGIT('-1')", result: 'FALSE' }]),
  testOfText('IS_DECIMAL', (text) => javaNumber.test(text), (type) => (isInteger(type) || isFloating(type) ? true : undefined), 'TRUE when the text is a number, as Java reads one.', [{ sql: "IS_DECIMAL('-1.5e3')", result: 'TRUE' }, { sql: "IS_DECIMAL('1,5')", result: 'FALSE' }, { sql: 'IS_DECIMAL(CAST(NULL AS STRING))', result: 'FALSE' }]),
];
