import type { ByteHeap } from '../core/byte-heap.ts';
import { js, joinJs, type CodeBuilder, type Js } from '../core/code.ts';
import { isInteger, isNumeric, isText, maxLength, types, withNullable, type SqlType } from '../core/sql-type.ts';
import type { Example, Overload, ScalarFunction } from './definition.ts';
import { assign, classOf, declare, type Operand, type Value } from './operand.ts';

/**
 * Functions that are written over JavaScript values: text is a string, INT and DOUBLE are numbers, a BOOLEAN a boolean, a DATE days, a
 * TIME ms of the day, a TIMESTAMP ms; a moment is any of the three, as ms. BYTES are a Uint8Array, read as text's UTF-8 is: a view that ends with
 * the call. An instant is a TIMESTAMP(4..9): two arguments, its ms and the nanoseconds within the ms; no result is one. Text is decoded and encoded for each call.
 */
export type ValueKind = 'text' | 'bytes' | 'int' | 'bigint' | 'double' | 'boolean' | 'date' | 'time' | 'timestamp' | 'instant' | 'moment';

export interface Signature {
  readonly args: readonly ValueKind[];
  /** More arguments of this kind may follow. */
  readonly rest?: ValueKind;
  readonly result: ValueKind;
  /** A result of undefined is NULL, and only where `mayBeNull` says so. */
  readonly call: (...values: never[]) => string | number | bigint | boolean | Uint8Array | undefined;
  readonly mayBeNull?: true;
  /** NULL arguments come as undefined; else a call with one is NULL and never made. */
  readonly seesNulls?: true;
  /** The session's time zone comes before the arguments. The function then has `usesZone`. */
  readonly usesZone?: true;
}

const typeOf: Readonly<Record<ValueKind, SqlType>> = {
  text: types.string,
  bytes: { kind: 'VARBINARY', length: maxLength, nullable: true },
  int: types.int,
  bigint: types.bigint,
  double: types.double,
  boolean: types.boolean,
  date: { kind: 'DATE', nullable: true },
  time: { kind: 'TIME', precision: 3, nullable: true },
  timestamp: types.timestamp(3),
  instant: types.timestamp(9),
  moment: types.timestamp(3),
};

function takes(kind: ValueKind, given: SqlType): boolean {
  if (given.kind === 'NULL') return true;
  switch (kind) {
    case 'text':
      return isText(given);
    case 'bytes':
      return given.kind === 'BINARY' || given.kind === 'VARBINARY';
    case 'bigint':
      return isInteger(given);
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
      return given.kind === 'TIMESTAMP' || given.kind === 'TIMESTAMP_LTZ';
    case 'instant':
      return (given.kind === 'TIMESTAMP' || given.kind === 'TIMESTAMP_LTZ') && given.precision > 3;
    case 'moment':
      return takes('date', given) || takes('time', given) || takes('timestamp', given);
  }
}

/** The type that an argument is cast to. Times keep their digits. */
function taken(kind: ValueKind, given: SqlType): SqlType {
  const precision = 'precision' in given ? given.precision : 3;
  if (kind === 'time') return { kind: 'TIME', precision, nullable: given.nullable };
  if (kind === 'timestamp') return { kind: 'TIMESTAMP', precision: Math.min(3, precision), nullable: given.nullable };
  if (kind === 'instant') return { kind: 'TIMESTAMP', precision: Math.max(4, precision), nullable: given.nullable };
  return withNullable(typeOf[kind], given.nullable);
}

/** Why a signature takes no call, besides its types: the literals that stand in it. */
export type LiteralTest = (literals: readonly (string | undefined)[]) => boolean;

/** An overload whose value `call` computes over JavaScript values, one call a row: for functions that need no source of their own. */
export function valueOverload(id: string, { args, rest, result, call, mayBeNull, seesNulls, usesZone }: Signature, allows: LiteralTest = () => true): Overload {
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
    emit: (code, operands, { heap, zone = 'UTC' }) => {
      const given = operands.map((operand, i) => valueOf(operand, (decode) => code.use(decode, 'valueOf'), kindAt(i)));
      const values = usesZone === true ? [js`${zone}`, ...given] : given;
      return made(code, js`${code.use(call, 'call')}(${joinJs(values, ', ')})`, result, mayBeNull === true, heap);
    },
    ...(seesNulls === true && {
      emitNullable: (code, operands, { heap }) => {
        const values = operands.map(({ operand, isNull }, i) => {
          const value = valueOf(operand, (decode) => code.use(decode, 'valueOf'), kindAt(i));
          return isNull === undefined ? value : js`(${isNull} ? undefined : ${value})`;
        });
        return made(code, js`${code.use(call, 'call')}(${joinJs(values, ', ')})`, result, mayBeNull === true, heap);
      },
    }),
  };
}

/** The value of a call as an operand; text and bytes go to the heap. */
function made(code: CodeBuilder, call: Js, result: ValueKind, mayBeNull: boolean, heap: Js): Value {
  const given = code.define('x', call);
  const isNull = mayBeNull ? code.define('n', js`${given} === undefined`) : undefined;
  const of = classOf(typeOf[result]) ?? 'int';
  if (of !== 'bytes') {
    const zero = of === 'bigint' ? 0n : of === 'bool' ? false : 0;
    return { operand: { class: of as 'int', value: isNull === undefined ? given : code.define('x', js`${isNull} ? ${zero} : ${given}`) }, isNull };
  }
  const operand = declare(code, 'bytes');
  const append = result === 'bytes' ? js`${heap}.append(${given}, 0, ${given}.length)` : js`${heap}.appendText(${given})`;
  const at = code.define('o', isNull === undefined ? append : js`${isNull} ? ${heap}.used : ${append}`);
  assign(code, operand, { class: 'bytes', heap: js`${heap}.bytes`, offset: at, length: js`${heap}.used - ${at}` });
  return { operand, isNull };
}

/** A function of one or more signatures, from the narrow to the wide. */
export function valueFunction(name: string, signatures: readonly Signature[], doc: string, examples: readonly (readonly [string, string | null])[], aliases: readonly string[] = []): ScalarFunction {
  const overloads = signatures.map((signature) => valueOverload([...signature.args, ...(signature.rest === undefined ? [] : [`${signature.rest}...`])].join(' ') || 'none', signature));
  return { name, aliases, nulls: signatures.some((signature) => signature.seesNulls) ? 'call' : 'return-null', deterministic: true, ...(signatures.some((signature) => signature.usesZone) && { usesZone: true as const }), overloads, doc, examples: examples.map(([sql, result]): Example => ({ sql, result })) };
}

function valueOf(operand: Operand, use: (decode: typeof textAt | typeof bytesOf) => Js, kind: ValueKind): Js {
  if (operand.class === 'bytes') return js`${use(kind === 'bytes' ? bytesOf : textAt)}(${operand.heap}, ${operand.offset}, ${operand.length})`;
  if (operand.class === 'instant') return js`${operand.millis}, ${operand.nanos}`;
  return 'value' in operand ? operand.value : operand.small;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function bytesOf(heap: ByteHeap['bytes'], offset: number, length: number): Uint8Array {
  return heap.subarray(offset, offset + length);
}

/** The text at a range of a heap. */
export function textAt(heap: ByteHeap['bytes'], offset: number, length: number): string {
  if (length > 24) return utf8.decode(heap.subarray(offset, offset + length));
  let text = '';
  for (let i = offset; i < offset + length; i++) {
    const byte = heap[i] as number;
    if (byte >= 0x80) return utf8.decode(heap.subarray(offset, offset + length));
    text += String.fromCharCode(byte);
  }
  return text;
}
