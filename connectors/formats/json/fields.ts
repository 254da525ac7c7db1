import { columnSlots } from '../../../core/column.ts';
import { js, Js, type CodeBuilder } from '../../../core/code.ts';
import { SqlError } from '../../../core/diagnostic.ts';
import { layoutOf } from '../../../core/layout.ts';
import { isText, printType, type SqlType } from '../../../core/sql-type.ts';
import type { ReadColumn } from '../../../catalog/format.ts';
import { integerRange } from '../../../functions/cast-number.ts';
import type { EpochReader } from './epoch.ts';
import * as scan from './scan.ts';
import { readEncoded, readRaw } from './skip.ts';
import { readEscapedString, readString } from './text.ts';

/** The fields of a record that are read, as a tree: a leaf is a column, an inner node an object. */
export interface FieldNode {
  readonly name: string;
  readonly column: number | undefined;
  readonly children: readonly FieldNode[];
}

/** The paths of the columns as one tree of names: what a decoder walks along beside the record. */
export function fieldTree(columns: readonly ReadColumn[]): FieldNode {
  interface Draft {
    name: string;
    column: number | undefined;
    children: Draft[];
  }
  const root: Draft = { name: '', column: undefined, children: [] };
  for (const [index, column] of columns.entries()) {
    let node = root;
    for (const name of column.path) {
      let child = node.children.find((candidate) => candidate.name === name);
      if (child === undefined) {
        child = { name, column: undefined, children: [] };
        node.children.push(child);
      }
      node = child;
    }
    node.column = index;
  }
  return root;
}

/** The columns at or below a node. */
export function leavesOf(node: FieldNode): readonly number[] {
  return [...(node.column === undefined ? [] : [node.column]), ...node.children.flatMap(leavesOf)];
}

/** True when a column is read whole and one within it too: only the slow tier does that. */
export function hasLeafWithin(node: FieldNode): boolean {
  return (node.column !== undefined && node.children.length > 0) || node.children.some(hasLeafWithin);
}

/** The names of a decoder's column arrays, in the order of its parameters. */
export function columnParameters(columns: readonly ReadColumn[]): Js[] {
  return columns.flatMap(({ type }, i) => [...slots(type).map((slot) => array(i, slot)), array(i, 'nulls')]);
}

function slots(type: SqlType): readonly string[] {
  return columnSlots[layoutOf(type)].filter((slot) => slot !== 'heap');
}

export function array(column: number, slot: string): Js {
  return new Js(`c${column}_${slot}`);
}

/** Source that reads the value at `p` into the column's row: an expression that gives the place after it, or -1 (-2: no slack). */
export function readCall(code: CodeBuilder, column: number, type: SqlType, tolerant: boolean, epoch?: EpochReader, nested?: NestedReader): Js {
  const values = array(column, 'values');
  const words = array(column, 'words');
  switch (type.kind) {
    case 'BOOLEAN':
      return js`${code.use(scan.readBoolean, 'readBoolean')}(heap, p, ${values}, row)`;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT': {
      const [low, high] = integerRange(type);
      return js`${code.use(scan.readInt, 'readInt')}(heap, p, ${values}, row, ${Number(low)}, ${Number(high)})`;
    }
    case 'BIGINT':
      return js`${code.use(scan.readLong, 'readLong')}(heap, p, ${words}, row)`;
    case 'FLOAT':
    case 'DOUBLE':
      return js`${code.use(scan.readDouble, 'readDouble')}(heap, p, ${values}, row)`;
    case 'DECIMAL': {
      const high = layoutOf(type) === 'i128' ? array(column, 'highWords') : js`undefined`;
      return js`${code.use(scan.readDecimal, 'readDecimal')}(heap, p, ${words}, ${high}, row, ${type.precision}, ${type.scale})`;
    }
    case 'VARCHAR':
    case 'CHAR': {
      const plain = js`${code.use(readString, 'readString')}(heap, p, ${array(column, 'offsets')}, ${array(column, 'lengths')}, row)`;
      if (!tolerant) return plain;
      const escaped = js`${code.use(readEscapedString, 'readEscapedString')}(heap, p, end, ${array(column, 'offsets')}, ${array(column, 'lengths')}, row, slack, limit)`;
      return js`((t = ${plain}) >= 0 ? t : heap[p] === 34 ? ${escaped} : ${readRawCall(code, column)})`;
    }
    case 'DATE':
      return js`${code.use(scan.readDate, 'readDate')}(heap, p, ${values}, row)`;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      if (type.precision <= 3) {
        const time = js`${code.use(scan.readTimestamp, 'readTimestamp')}(heap, p, ${words}, row)`;
        return epoch === undefined || type.kind === 'TIMESTAMP' ? time : js`(heap[p] === 34 ? ${time} : ${code.use(epoch, 'epoch')}.read(heap, p, ${words}, row))`;
      }
      return js`${code.use(scan.readNanoTimestamp, 'readNanoTimestamp')}(heap, p, ${words}, ${array(column, 'nanos')}, row, ${10 ** (9 - type.precision)})`;
    case 'TIME':
    case 'BINARY':
    case 'VARBINARY':
      return js`-1`;
    case 'ARRAY':
    case 'MAP':
    case 'MULTISET':
    case 'ROW': {
      if (nested === undefined) return js`-1`;
      const encode = (json: string): Uint8Array | undefined => nested(json, type);
      return js`${code.use(readEncoded, 'readEncoded')}(heap, p, end, ${array(column, 'offsets')}, ${array(column, 'lengths')}, row, slack, limit, ${code.use(encode, 'encode')})`;
    }
    default:
      throw notYet(type);
  }
}

/** The encoding of the JSON of an array or an object as a structured type; undefined when it does not fit. */
export type NestedReader = (json: string, type: SqlType) => Uint8Array | undefined;

/** False for a type that the fast tier does not read, and leaves the whole record for. */
export function isFast(type: SqlType): boolean {
  switch (type.kind) {
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return type.precision <= 3;
    case 'TIME':
    case 'BINARY':
    case 'VARBINARY':
      return false;
    default:
      return true;
  }
}

/** Source that gives a text column the JSON at `p`, which is no text and not null: the place after it, or -1. */
function readRawCall(code: CodeBuilder, column: number): Js {
  return js`${code.use(readRaw, 'readRaw')}(heap, p, end, ${array(column, 'offsets')}, ${array(column, 'lengths')}, row)`;
}

/** True for types that records can have so far. */
export function isHeld(type: SqlType): boolean {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'FLOAT':
    case 'DOUBLE':
    case 'DECIMAL':
    case 'CHAR':
    case 'VARCHAR':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
    case 'BINARY':
    case 'VARBINARY':
      return true;
    case 'ARRAY':
      return isHeld(type.element);
    case 'MAP':
      return isText(type.key) && isHeld(type.value);
    case 'MULTISET':
      return isText(type.element);
    case 'ROW':
      return type.fields.every((field) => isHeld(field.type));
    default:
      return false;
  }
}

export function notYet(type: SqlType): SqlError {
  return new SqlError({ code: 'E0002', message: `not supported yet: ${printType({ ...type, nullable: true })} in JSON` });
}

/** Lines that make the column's row NULL: zero or empty under the flag. */
export function writeNull(code: CodeBuilder, column: number, type: SqlType): void {
  code.line(js`${array(column, 'nulls')}[row] = 1; any[${column}] = 1;`);
  for (const slot of slots(type)) {
    const target = array(column, slot);
    const layout = layoutOf(type);
    if (slot === 'words' || slot === 'highWords') code.line(js`${target}[2 * row] = ${target}[2 * row + 1] = 0;`);
    else if (!(slot === 'values' && (layout === 'i64' || layout === 'i128' || layout === 'i64n')) && slot !== 'high') code.line(js`${target}[row] = 0;`);
  }
}
