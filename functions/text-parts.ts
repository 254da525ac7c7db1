import type { ByteHeap } from '../core/byte-heap.ts';
import { js, type CodeBuilder, type Js } from '../core/code.ts';
import type { CallTypes, Overload } from './definition.ts';
import { javaRegex } from './java-regex.ts';
import { assign, declare, type Operand, type OperandOf, type Value } from './operand.ts';

/** Functions that give a piece of their text: over its bytes, with no copy and no string made. */

/** Where the piece lies that the last call found. One for each call of a kernel, read at once. */
class Piece {
  bytes: Uint8Array = noBytes;
  offset = 0;
  length = 0;
}

const noBytes = new Uint8Array(8);

/** The part `index`, from 0, of a text between separators; a separator of no bytes is a space. False where there is none. */
function splitPart(piece: Piece, bytes: Uint8Array, offset: number, length: number, separator: Uint8Array, separatorOffset: number, separatorLength: number, index: number): boolean {
  if (index < 0 || length === 0) return false;
  const end = offset + length;
  const width = separatorLength === 0 ? 1 : separatorLength;
  const last = end - width;
  const first = separatorLength === 0 ? 32 : (separator[separatorOffset] as number);
  let start = offset;
  let at = offset;
  for (let left = index; ; left--) {
    if (width === 1) while (at < end && bytes[at] !== first) at++;
    else while (at <= last && (bytes[at] !== first || !sameRest(bytes, at, separator, separatorOffset, width))) at++;
    if (left === 0) break;
    if (at > last) return false;
    at += width;
    start = at;
  }
  piece.offset = start;
  piece.length = (at > last ? end : at) - start;
  return true;
}

function sameRest(bytes: Uint8Array, at: number, separator: Uint8Array, separatorOffset: number, width: number): boolean {
  for (let i = 1; i < width; i++) if (bytes[at + i] !== separator[separatorOffset + i]) return false;
  return true;
}

/** SPLIT_INDEX of the overload's types. */
export function splitIndex(overload: Overload): Overload {
  return {
    ...overload,
    emit: (code, args) => {
      const [text, separator, index] = args as readonly [OperandOf<'bytes'>, OperandOf<'bytes'>, OperandOf<'int'>];
      const piece = code.use(new Piece(), 'piece');
      const isFound = code.define('b', js`${code.use(splitPart, 'splitPart')}(${piece}, ${text.heap}, ${text.offset}, ${text.length}, ${separator.heap}, ${separator.offset}, ${separator.length}, ${index.value})`);
      return found(code, { class: 'bytes', heap: text.heap, offset: js`${piece}.offset`, length: js`${piece}.length` }, isFound);
    },
  };
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A regular expression and the piece that it found last. */
class RegexPiece extends Piece {
  readonly #pattern: string;
  #regex: RegExp | undefined;
  #isMade = false;

  constructor(pattern: string) {
    super();
    this.#pattern = pattern;
  }

  /** Finds a group (0: the whole) of the first match. False where there is none. Throws E0002 for the pattern. */
  find(heap: ByteHeap, bytes: Uint8Array, offset: number, length: number, group: number): boolean {
    if (group < 0) return false;
    if (!this.#isMade) {
      this.#regex = javaRegex(this.#pattern);
      this.#isMade = true;
    }
    const regex = this.#regex;
    if (regex === undefined) return false;
    const text = utf8.decode(bytes.subarray(offset, offset + length));
    regex.lastIndex = 0;
    const match = regex.exec(text);
    const part = match?.[group];
    if (match === null || part === undefined) return false;
    if (text.length === length) {
      // As many units as bytes: each is ASCII, and what stands in the text stands there as bytes. A group that looks about may lie before the match.
      const at = group === 0 ? match.index : Math.max(text.indexOf(part, match.index), text.indexOf(part));
      this.bytes = bytes;
      this.offset = offset + at;
      this.length = part.length;
    } else {
      this.offset = heap.appendText(part);
      this.bytes = heap.bytes;
      this.length = heap.used - this.offset;
    }
    return true;
  }
}

/** REGEXP_EXTRACT of the overload's types, where the pattern is a literal. */
export function regexpExtract(overload: Overload): Overload {
  return {
    ...overload,
    emit: (code: CodeBuilder, args: readonly Operand[], callTypes: CallTypes): Value => {
      const pattern = callTypes.literals?.[1];
      const [text, , group] = args;
      if (pattern === undefined || text?.class !== 'bytes') return overload.emit(code, args, callTypes);
      const piece = code.use(new RegexPiece(pattern), 'regex');
      const number = group?.class === 'int' ? group.value : js`0`;
      const isFound = code.define('b', js`${piece}.find(${callTypes.heap}, ${text.heap}, ${text.offset}, ${text.length}, ${number})`);
      return found(code, { class: 'bytes', heap: js`${piece}.bytes`, offset: js`${piece}.offset`, length: js`${piece}.length` }, isFound);
    },
  };
}

function found(code: CodeBuilder, piece: Operand, isFound: Js): Value {
  const operand = declare(code, 'bytes');
  code.block(js`if (${isFound})`, () => assign(code, operand, piece));
  return { operand, isNull: js`!${isFound}` };
}

/** The definition with each of its overloads as `by` gives it. */
export function withOverloads<T extends { readonly overloads: readonly Overload[] }>(definition: T, by: (overload: Overload) => Overload): T {
  return { ...definition, overloads: definition.overloads.map(by) };
}
