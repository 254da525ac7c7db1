import { js, joinJs, type CodeBuilder, type Js } from '../core/code.ts';
import { Cell, type RowWriter, type VectorWriter } from '../core/collection-writer.ts';
import { isNullAt, valueLength, valueStart } from '../core/collection.ts';
import { columnArrays, columnSlots } from '../core/column.ts';
import { layoutOf } from '../core/layout.ts';
import type { SqlType } from '../core/sql-type.ts';
import { assign, classOf, declare, load, store, type Operand, type OperandOf, type Place, type Value } from './operand.ts';

/** How generated code puts values into encodings and takes them out. Each place in the code has writers of its own. */

function placeOf(code: CodeBuilder, { column, layout }: Cell): Place {
  const arrays = columnArrays(column);
  return { layout, arrays: Object.fromEntries(columnSlots[layout].map((slot, i) => [slot, code.use(arrays[i], slot)])), index: js`0` };
}

/** Adds a value to what a writer builds; `cell` is the one that the writer takes it from. */
export function emitAdd(code: CodeBuilder, writer: VectorWriter | RowWriter, cell: Cell, { operand, isNull }: Value): void {
  const name = code.use(writer, 'writer');
  const add = (): void => {
    if (operand.class === 'bytes') {
      code.line(js`${name}.addBytes(${operand.heap}, ${operand.offset}, ${operand.length});`);
      return;
    }
    store(code, placeOf(code, cell), operand, undefined);
    code.line(js`${name}.add();`);
  };
  if (isNull === undefined) add();
  else code.either(isNull, () => code.line(js`${name}.addNull();`), add);
}

/** The value of a type that is not NULL and lies encoded at `start`; `length` counts for layout bytes. */
export function emitRead(code: CodeBuilder, type: SqlType, heap: Js, start: Js, length: Js): Operand {
  const layout = layoutOf(type);
  if (layout === 'bytes') return { class: 'bytes', heap, offset: code.define('o', start), length: code.define('n', length) };
  const cell = new Cell(layout);
  code.line(js`${code.use(cell, 'cell')}.read(${heap}, ${start});`);
  return load(code, placeOf(code, cell), type);
}

/** Value `index` of the vector at `at`, which is not NULL. */
export function emitElement(code: CodeBuilder, type: SqlType, heap: Js, at: Js, index: Js): Operand {
  const layout = layoutOf(type);
  return emitRead(code, type, heap, js`${code.use(valueStart, 'valueStart')}(${heap}, ${at}, ${index}, ${layout})`, js`${code.use(valueLength, 'valueLength')}(${heap}, ${at}, ${index}, ${layout})`);
}

/** Value `index` of the vector at `at`; NULL also where `isOutside`. */
export function emitNullableElement(code: CodeBuilder, type: SqlType, heap: Js, at: Js, index: Js, isOutside: Js): Value {
  const result = declare(code, classOf(type) ?? 'int');
  const isNull = code.define('n', js`${isOutside} || ${code.use(isNullAt, 'isNullAt')}(${heap}, ${at}, ${index})`);
  code.block(js`if (!${isNull})`, () => assign(code, result, emitElement(code, type, heap, at, index)));
  return { operand: result, isNull };
}

/** What a call has appended to the kernel's heap, whose offset it gives. */
export function emitMade(code: CodeBuilder, heap: Js, call: Js): OperandOf<'bytes'> {
  const result = declare(code, 'bytes') as OperandOf<'bytes'>;
  const at = code.define('o', call);
  assign(code, result, { class: 'bytes', heap: js`${heap}.bytes`, offset: at, length: js`${heap}.used - ${at}` });
  return result;
}

/** A vector of one value. */
export function emitVectorOf(code: CodeBuilder, writer: VectorWriter, values: readonly Value[], heap: Js): OperandOf<'bytes'> {
  const name = code.use(writer, 'writer');
  code.line(js`${name}.begin();`);
  for (const value of values) emitAdd(code, writer, writer.cell, value);
  return emitMade(code, heap, js`${name}.finish(${heap})`);
}

/** The value of `emit` where none of the arguments is NULL, and NULL elsewhere. */
export function emitUnlessNull(code: CodeBuilder, args: readonly Value[], type: SqlType, emit: () => Value): Value {
  const nulls = args.map((arg) => arg.isNull).filter((isNull): isNull is Js => isNull !== undefined);
  if (nulls.length === 0) return emit();
  const result = declare(code, classOf(type) ?? 'int');
  const resultNull = code.name('n');
  code.line(js`let ${resultNull} = ${joinJs(nulls, ' || ')};`);
  code.block(js`if (!${resultNull})`, () => {
    const value = emit();
    if (value.isNull === undefined) assign(code, result, value.operand);
    else code.either(value.isNull, () => code.line(js`${resultNull} = true;`), () => assign(code, result, value.operand));
  });
  return { operand: result, isNull: resultNull };
}
