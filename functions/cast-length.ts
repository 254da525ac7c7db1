import type { ByteHeap } from '../core/byte-heap.ts';
import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { isText, maxLength, type SqlType } from '../core/sql-type.ts';
import { assign, declare, type Operand } from './operand.ts';

/** Text and bytes brought to the length of their type. */

const utf8 = new TextDecoder();

/** BINARY(n) and VARBINARY(n) hold n bytes: the rest is cut off, and BINARY is filled up with zeros. Text is its UTF-8. */
export function fittedBinary(code: CodeBuilder, value: Operand, to: SqlType, heap: Js): Operand {
  if (value.class !== 'bytes' || !('length' in to) || (to.kind === 'VARBINARY' && to.length === maxLength)) return value;
  if (to.kind === 'VARBINARY') return { ...value, length: code.define('n', js`Math.min(${value.length}, ${to.length})`) };
  const result = declare(code, 'bytes');
  const at = code.define('o', js`${code.use(padBytes, 'padBytes')}(${heap}, ${value.heap}, ${value.offset}, ${value.length}, ${to.length})`);
  assign(code, result, { class: 'bytes', heap: js`${heap}.bytes`, offset: at, length: js`${to.length}` });
  return result;
}

function padBytes(heap: ByteHeap, source: Uint8Array, offset: number, length: number, width: number): number {
  heap.reserve(width);
  const at = heap.append(source, offset, Math.min(length, width));
  heap.bytes.fill(0, heap.used, at + width);
  heap.used = at + width;
  return at;
}

/** CHAR(n) and VARCHAR(n) hold n characters: the rest is cut off, and CHAR is filled up with spaces. */
export function fitted(code: CodeBuilder, value: Operand, from: SqlType, to: SqlType, heap: Js): Operand {
  const isPadded = to.kind === 'CHAR';
  if (value.class !== 'bytes' || !('length' in to) || to.length === maxLength) return value;
  if (!isPadded && isText(from) && 'length' in from && from.length <= to.length) return value;
  const result = declare(code, 'bytes');
  const at = code.define('o', js`${code.use(fitBytes, 'fitBytes')}(${heap}, ${value.heap}, ${value.offset}, ${value.length}, ${to.length}, ${isPadded})`);
  assign(code, result, { class: 'bytes', heap: js`${heap}.bytes`, offset: at, length: js`${heap}.used - ${at}` });
  return result;
}

/** The text brought to at most, or padded to exactly, `characters` code points. */
export function fitText(text: string, characters: number, isPadded: boolean): string {
  const points = [...text];
  return points.length > characters ? points.slice(0, characters).join('') : isPadded ? text + ' '.repeat(characters - points.length) : text;
}

function fitBytes(heap: ByteHeap, source: Uint8Array, offset: number, length: number, characters: number, isPadded: boolean): number {
  // Never longer in characters than in bytes.
  if (!isPadded && length <= characters) return heap.append(source, offset, length);
  return heap.appendText(fitText(utf8.decode(source.subarray(offset, offset + length)), characters, isPadded));
}
