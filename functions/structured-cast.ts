import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { countAt, isNullAt, keysAt, valuesAt } from '../core/collection.ts';
import { decodeValue } from '../core/collection-value.ts';
import { MapWriter, VectorWriter } from '../core/collection-writer.ts';
import { layoutOf } from '../core/layout.ts';
import { isStructured, isText, sameType, type SqlType } from '../core/sql-type.ts';
import { instantOf, printStructured, printValue, type SqlValue } from '../core/value.ts';
import { localTime } from '../core/zone.ts';
import { emitAdd, emitElement, emitMade } from './collection-code.ts';
import type { OperandOf, Value } from './operand.ts';
import { emitField, emitRow } from './structured.ts';

/** Casts of ARRAY, MAP and ROW: part by part. */

/** Casts one part, which is not NULL. */
export type CastPart = (value: Value['operand'], from: SqlType, to: SqlType) => Value;

/** True where the encoding of a value is that of the other type as well. */
function isFree(from: SqlType, to: SqlType): boolean {
  if (sameType(from, to)) return true;
  if (isText(from) && to.kind === 'VARCHAR' && 'length' in from) return from.length <= to.length;
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') return isFree(from.element, to.element);
  if (from.kind === 'MAP' && to.kind === 'MAP') return isFree(from.key, to.key) && isFree(from.value, to.value);
  return from.kind === 'ROW' && to.kind === 'ROW' && from.fields.every(({ type }, i) => isFree(type, to.fields[i]?.type ?? type));
}

/** A structured value that is not NULL as one of another type. With `isTry` it is NULL where a part cannot be cast. */
export function emitStructuredCast(code: CodeBuilder, value: OperandOf<'bytes'>, from: SqlType, to: SqlType, heap: Js, isTry: boolean, cast: CastPart): Value {
  if (isFree(from, to)) return { operand: value, isNull: undefined };
  const failed = code.name('failed');
  if (isTry) code.line(js`let ${failed} = false;`);
  /** The cast of a part; NULL stays NULL. */
  const castPart = (part: Value, partFrom: SqlType, partTo: SqlType): Value => {
    const done = cast(part.operand, partFrom, partTo);
    if (isTry && done.isNull !== undefined) code.line(js`if (${part.isNull === undefined ? js`` : js`!${part.isNull} && `}${done.isNull}) ${failed} = true;`);
    if (part.isNull === undefined) return done;
    return { operand: done.operand, isNull: done.isNull === undefined ? part.isNull : code.define('n', js`${part.isNull} || ${done.isNull}`) };
  };
  const vector = (writer: VectorWriter, at: Js, partFrom: SqlType, partTo: SqlType): void => {
    const index = code.name('k');
    code.block(js`for (let ${index} = 0; ${index} < ${code.use(countAt, 'countAt')}(${value.heap}, ${at}); ${index}++)`, () => {
      code.either(js`${code.use(isNullAt, 'isNullAt')}(${value.heap}, ${at}, ${index})`, () => code.line(js`${code.use(writer, 'writer')}.addNull();`), () => {
        emitAdd(code, writer, writer.cell, castPart({ operand: emitElement(code, partFrom, value.heap, at, index), isNull: undefined }, partFrom, partTo));
      });
    });
  };
  const isNull = isTry ? failed : undefined;
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') {
    const writer = new VectorWriter(layoutOf(to.element));
    code.line(js`${code.use(writer, 'writer')}.begin();`);
    vector(writer, value.offset, from.element, to.element);
    return { operand: emitMade(code, heap, js`${code.use(writer, 'writer')}.finish(${heap})`), isNull };
  }
  if (from.kind === 'MAP' && to.kind === 'MAP') {
    const writer = new MapWriter(layoutOf(to.key), layoutOf(to.value));
    code.line(js`${code.use(writer, 'map')}.begin();`);
    vector(writer.keys, code.define('at', js`${code.use(keysAt, 'keysAt')}(${value.offset})`), from.key, to.key);
    vector(writer.values, code.define('at', js`${code.use(valuesAt, 'valuesAt')}(${value.heap}, ${value.offset})`), from.value, to.value);
    return { operand: emitMade(code, heap, js`${code.use(writer, 'map')}.finish(${heap})`), isNull };
  }
  if (from.kind !== 'ROW' || to.kind !== 'ROW') throw new Error(`no cast of ${from.kind} to ${to.kind}`);
  const fields = from.fields.map((field, i): Value => {
    const target = to.fields[i]?.type ?? field.type;
    return castPart(emitField(code, value, from, i), field.type, target);
  });
  return { operand: emitRow(code, fields, to.fields.map((field) => field.type), heap), isNull };
}

/** The text of an encoded value as CAST to STRING gives it: bytes are the text that they are in UTF-8, a TIMESTAMP_LTZ the local time. */
export function printEncoded(heap: Uint8Array, at: number, length: number, type: SqlType, zone: string): string {
  return printPart(decodeValue(heap, at, length, type), type, zone) ?? '';
}

const utf8 = new TextDecoder();

function printPart(value: SqlValue, type: SqlType, zone: string): string | undefined {
  if (value === null) return undefined;
  if (value instanceof Uint8Array) return utf8.decode(value);
  if (isStructured(type)) return printStructured(value as readonly SqlValue[], type, (part, of) => printPart(part, of, zone));
  if (type.kind !== 'TIMESTAMP_LTZ') return printValue(value, type);
  const { millis, nanos } = instantOf(value);
  return printValue({ millis: localTime(zone, millis), nanos }, type);
}
