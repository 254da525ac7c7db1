import { bigOf } from './operand.ts';
import { printDecimal } from '../core/decimal.ts';
import { js, joinJs, type CodeBuilder, type Js } from '../core/code.ts';
import { isInteger, isText, isTimestamp, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { printTimestamp } from '../core/time.ts';
import { printValue } from '../core/value.ts';
import type { ScalarFunction } from './definition.ts';
import { formatJava, type JavaObject } from './java-format.ts';
import { assign, declare, type Value } from './operand.ts';
import { textAt } from './value-function.ts';

/** PRINTF. Source: Flink's documentation, string functions, and its PrintfFunction: what Java's Formatter rejects is NULL. */

/** The bits of what Flink holds as a whole number: a DATE is its days, a TIME its milliseconds. */
const bitsOf: Readonly<Partial<Record<SqlType['kind'], number>>> = { TINYINT: 8, SMALLINT: 16, INT: 32, BIGINT: 64, DATE: 32, TIME: 32 };

function isFormatted(type: SqlType): boolean {
  return isText(type) || isInteger(type) || isTimestamp(type) || ['BOOLEAN', 'FLOAT', 'DOUBLE', 'DECIMAL', 'DATE', 'TIME', 'NULL'].includes(type.kind);
}

/** A time as java.time.LocalDateTime prints it: without seconds that are zero, and with 0, 3, 6 or 9 digits of fraction. */
function localDateTimeText(millis: number, nanos: number): string {
  const [date, time = ''] = printTimestamp(millis, nanos, 9).split(' ');
  const [seconds = '', fraction = ''] = time.split('.');
  const digits = fraction.replace(/(?:000)+$/, '');
  return `${date}T${digits === '' ? seconds.replace(/:00$/, '') : `${seconds}.${digits}`}`;
}

/** A value that is not NULL as Java has it. */
function javaObject(type: SqlType): (value: string | number | bigint | boolean) => JavaObject {
  const bits = bitsOf[type.kind];
  if (bits !== undefined) return (value) => ({ kind: 'integer', value: BigInt(value), bits, text: String(value) });
  if (type.kind === 'BOOLEAN') return (value) => ({ kind: 'boolean', value: value === true, text: String(value) });
  if (type.kind === 'FLOAT' || type.kind === 'DOUBLE') return (value) => ({ kind: 'double', value: Number(value), text: printValue(Number(value), type) ?? '' });
  if (type.kind === 'DECIMAL') return (value) => ({ kind: 'other', text: printDecimal(BigInt(value), type.scale) });
  return (value) => ({ kind: 'other', text: String(value) });
}

const none: JavaObject = { kind: 'null' };

function timeObject(millis: number, nanos: number): JavaObject {
  return { kind: 'other', text: localDateTimeText(millis, nanos) };
}

function emitObject(code: CodeBuilder, { operand, isNull }: Value, type: SqlType): Js {
  if (type.kind === 'NULL') return code.use(none, 'none');
  if (isTimestamp(type)) {
    const at = operand.class === 'instant' ? js`${operand.millis}, ${operand.nanos}` : js`${'value' in operand ? operand.value : js`0`}, 0`;
    const time = js`${code.use(timeObject, 'timeObject')}(${at})`;
    return isNull === undefined ? time : js`(${isNull} ? ${code.use(none, 'none')} : ${time})`;
  }
  const value = operand.class === 'bytes' ? js`${code.use(textAt, 'textAt')}(${operand.heap}, ${operand.offset}, ${operand.length})` : operand.class === 'decimal' ? bigOf(operand) : 'value' in operand ? operand.value : js`0`;
  const object = js`${code.use(javaObject(type), 'javaObject')}(${value})`;
  return isNull === undefined ? object : js`(${isNull} ? ${code.use(none, 'none')} : ${object})`;
}

export const printf: ScalarFunction = {
  name: 'PRINTF',
  nulls: 'call',
  deterministic: true,
  overloads: [
    {
      id: 'format',
      version: 1,
      accept: ([format, ...values]) => {
        if (format === undefined || !(isText(format) || format.kind === 'NULL') || !values.every(isFormatted)) return undefined;
        return [withNullable(types.string, format.nullable), ...values];
      },
      returns: () => types.string,
      emit: () => {
        throw new Error('PRINTF has no such code');
      },
      emitNullable: (code, [format, ...values], { args, heap }) => {
        const objects = values.map((value, i) => emitObject(code, value, args[i + 1] ?? types.nothing));
        const text = format?.operand;
        if (text?.class !== 'bytes') throw new Error('a format is a text');
        const made = js`${code.use(formatJava, 'formatJava')}(${code.use(textAt, 'textAt')}(${text.heap}, ${text.offset}, ${text.length}), [${joinJs(objects, ', ')}])`;
        const given = code.define('x', format?.isNull === undefined ? made : js`${format.isNull} ? undefined : ${made}`);
        const isNull = code.define('n', js`${given} === undefined`);
        const operand = declare(code, 'bytes');
        const at = code.define('o', js`${isNull} ? ${heap}.used : ${heap}.appendText(${given})`);
        assign(code, operand, { class: 'bytes', heap: js`${heap}.bytes`, offset: at, length: js`${heap}.used - ${at}` });
        return { operand, isNull };
      },
    },
  ],
  doc: "The format with the values in its places, as Java's String.format has them; NULL where the format does not suit the values.",
  examples: [
    { sql: "PRINTF('%s: %05.1f of %,d', 'load', CAST(7.25 AS DOUBLE), 12000)", result: 'load: 007.3 of 12,000' },
    { sql: "PRINTF('%d', 'seven')", result: null },
  ],
};
