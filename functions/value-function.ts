import type { ByteHeap } from '../core/byte-heap.ts';
import { js, joinJs, type Js } from '../core/code.ts';
import { isInteger, isNumeric, isText, types, withNullable, type SqlType } from '../core/sql-type.ts';
import type { Example, Overload, ScalarFunction } from './definition.ts';
import { assign, classOf, declare, type Operand } from './operand.ts';

/**
 * Functions that are written over JavaScript values: text is a string, INT and DOUBLE are numbers, a BOOLEAN a boolean, a DATE days, a
 * TIME ms of the day, a TIMESTAMP ms; a moment is any of the three, as ms. Text is decoded and encoded for each call.
 */
export type ValueKind = 'text' | 'int' | 'double' | 'boolean' | 'date' | 'time' | 'timestamp' | 'moment';

export interface Signature {
  readonly args: readonly ValueKind[];
  /** More arguments of this kind may follow. */
  readonly rest?: ValueKind;
  readonly result: ValueKind | 'bigint';
  /** NULL arguments never come here. A result of undefined is NULL, and only where `mayBeNull` says so. */
  readonly call: (...values: never[]) => string | number | bigint | boolean | undefined;
  readonly mayBeNull?: true;
}

const typeOf: Readonly<Record<ValueKind | 'bigint', SqlType>> = {
  text: types.string,
  int: types.int,
  bigint: types.bigint,
  double: types.double,
  boolean: types.boolean,
  date: { kind: 'DATE', nullable: true },
  time: { kind: 'TIME', precision: 3, nullable: true },
  timestamp: types.timestamp(3),
  moment: types.timestamp(3),
};

function takes(kind: ValueKind, given: SqlType): boolean {
  if (given.kind === 'NULL') return true;
  switch (kind) {
    case 'text':
      return isText(given);
    case 'int':
      return isInteger(given) && given.kind !== 'BIGINT';
    case 'double':
      return isNumeric(given);
    case 'boolean':
      return given.kind === 'BOOLEAN';
    case 'date':
      return given.kind === 'DATE';
    case 'time':
      return given.kind === 'TIME' && given.precision <= 3;
    case 'timestamp':
      // A TIMESTAMP_LTZ is the local time of the session's zone.
      return (given.kind === 'TIMESTAMP' || given.kind === 'TIMESTAMP_LTZ') && given.precision <= 3;
    case 'moment':
      return takes('date', given) || takes('time', given) || takes('timestamp', given);
  }
}

/** The type that an argument is cast to. Times keep their digits. */
function taken(kind: ValueKind, given: SqlType): SqlType {
  const precision = 'precision' in given ? given.precision : 3;
  if (kind === 'time') return { kind: 'TIME', precision, nullable: given.nullable };
  if (kind === 'timestamp') return { kind: 'TIMESTAMP', precision, nullable: given.nullable };
  return withNullable(typeOf[kind], given.nullable);
}

/** Why a signature takes no call, besides its types: the literals that stand in it. */
export type LiteralTest = (literals: readonly (string | undefined)[]) => boolean;

export function valueOverload(id: string, { args, rest, result, call, mayBeNull }: Signature, allows: LiteralTest = () => true): Overload {
  const kindAt = (i: number): ValueKind => args[i] ?? rest ?? 'text';
  return {
    id,
    version: 1,
    accept: (given, literals) => {
      if (given.length < args.length || (rest === undefined && given.length > args.length) || !allows(literals)) return undefined;
      return given.every((type, i) => takes(kindAt(i), type)) ? given.map((type, i) => taken(kindAt(i), type)) : undefined;
    },
    // What comes out of a time has as many digits.
    returns: (given) => withNullable(given.find((type) => (result === 'time' || result === 'timestamp') && type.kind === typeOf[result].kind) ?? typeOf[result], mayBeNull === true),
    emit: (code, operands, { heap }) => {
      const values = operands.map((operand) => valueOf(operand, (decode) => code.use(decode, 'textOf')));
      const given = code.define('x', js`${code.use(call, 'call')}(${joinJs(values, ', ')})`);
      const isNull = mayBeNull === true ? code.define('n', js`${given} === undefined`) : undefined;
      const of = classOf(typeOf[result]) ?? 'int';
      if (of !== 'bytes') {
        const zero = of === 'bigint' ? 0n : of === 'bool' ? false : 0;
        return { operand: { class: of as 'int', value: isNull === undefined ? given : code.define('x', js`${isNull} ? ${zero} : ${given}`) }, isNull };
      }
      const made = declare(code, 'bytes');
      const at = code.define('o', js`${heap}.appendText(${isNull === undefined ? given : js`${isNull} ? '' : ${given}`})`);
      assign(code, made, { class: 'bytes', heap: js`${heap}.bytes`, offset: at, length: js`${heap}.used - ${at}` });
      return { operand: made, isNull };
    },
  };
}

/** A function of one or more signatures, from the narrow to the wide. */
export function valueFunction(name: string, signatures: readonly Signature[], doc: string, examples: readonly (readonly [string, string | null])[], aliases: readonly string[] = []): ScalarFunction {
  const overloads = signatures.map((signature) => valueOverload([...signature.args, ...(signature.rest === undefined ? [] : [`${signature.rest}...`])].join(' ') || 'none', signature));
  return { name, aliases, nulls: 'return-null', deterministic: true, overloads, doc, examples: examples.map(([sql, result]): Example => ({ sql, result })) };
}

function valueOf(operand: Operand, use: (decode: typeof textOf) => Js): Js {
  if (operand.class === 'bytes') return js`${use(textOf)}(${operand.heap}, ${operand.offset}, ${operand.length})`;
  return 'value' in operand ? operand.value : operand.small;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function textOf(heap: ByteHeap['bytes'], offset: number, length: number): string {
  if (length > 24) return utf8.decode(heap.subarray(offset, offset + length));
  let text = '';
  for (let i = offset; i < offset + length; i++) {
    const byte = heap[i] as number;
    if (byte >= 0x80) return utf8.decode(heap.subarray(offset, offset + length));
    text += String.fromCharCode(byte);
  }
  return text;
}
