import type { Batch } from '../../core/batch.ts';
import { CodeBuilder, js, type CompiledKernel, type Js } from '../../core/code.ts';
import { countAt, entryTypes, isNullAt, keysAt, valuesAt } from '../../core/collection.ts';
import type { BytesColumn } from '../../core/column.ts';
import { layoutOf } from '../../core/layout.ts';
import type { SqlType } from '../../core/sql-type.ts';
import { emitElement } from '../../functions/collection-code.ts';
import { store, type OperandOf, type Value } from '../../functions/operand.ts';
import { emitField } from '../../functions/structured.ts';
import { InputColumns, OutputColumns } from '../kernel-columns.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { CopyingBatch, copyRow } from './copy-row.ts';

export interface UnnestSpec {
  readonly inputTypes: readonly SqlType[];
  readonly outputTypes: readonly SqlType[];
  /** The ARRAY, MAP or MULTISET. */
  readonly column: number;
  readonly ordinality: boolean;
  readonly isLeft: boolean;
}

interface Version {
  readonly input: InputColumns;
  readonly kernel: CompiledKernel;
}

/** Rows that are made before they are handed on. */
const capacity = 4096;

/**
 * Emits each row once for each element of a collection, with the element's columns, and its place from 1, behind its own. Of a MULTISET an
 * element comes as often as it occurs. With `isLeft` a row without elements comes once, with NULLs. Keeps nothing; a withdrawn row
 * withdraws what it has given.
 */
export function unnestOperator(context: OperatorContext, spec: UnnestSpec): Operator {
  const layouts = spec.outputTypes.map(layoutOf);
  const output = new OutputColumns(layouts, js`j`);
  const out = new CopyingBatch(layouts, capacity);
  const versions: [Version | undefined, Version | undefined] = [undefined, undefined];
  const version = (withNulls: boolean): Version => (versions[withNulls ? 1 : 0] ??= compile(spec, output, withNulls));
  const width = spec.inputTypes.length;
  /** The row and the element to go on with. */
  const place = new Int32Array(2);
  return {
    layouts,
    get sources() {
      return [version(false).kernel.source, version(true).kernel.source];
    },
    onBatch: (_input, batch, from, to) => {
      const { input, kernel } = version(version(true).input.needsNulls(batch));
      place[0] = from;
      place[1] = 0;
      while (place[0] < to) {
        out.begin(batch);
        // Elements lie in the collections' own bytes.
        const { heap } = batch.columns[spec.column] as BytesColumn;
        for (const column of out.batch.columns.slice(width)) if (column.layout === 'bytes') column.heap = heap;
        const args: unknown[] = [place, to, batch.watermarks, out.watermarks, out.any, batch.kinds, out.kinds];
        input.pushArguments(batch, args);
        output.pushArguments(out.batch.columns, out.nulls, args);
        const rows = (kernel.run as (...values: unknown[]) => number)(...args);
        if (rows > 0) context.emit(out.finish(rows, watermarkAt(batch, Math.min(to, place[0] + 1) - 1)), place[0] < to);
      }
    },
    onTimers: () => false,
    onFlush: () => undefined,
    onEnd: () => undefined,
  };
}

function watermarkAt(batch: Batch, row: number): number {
  return batch.watermarks?.[row] ?? batch.watermarkAfter;
}

/** How many elements the multiset at `at` has, each as often as it occurs; and which of the different ones is the one at place `index`. */
function copies(heap: Uint8Array, at: number): number {
  const counts = valuesAt(heap, at);
  let sum = 0;
  for (let i = 0; i < countAt(heap, counts); i++) sum += count(heap, counts, i);
  return sum;
}

function elementOfCopy(heap: Uint8Array, at: number, index: number): number {
  const counts = valuesAt(heap, at);
  let left = index;
  let element = 0;
  while (left >= count(heap, counts, element)) left -= count(heap, counts, element++);
  return element;
}

function count(heap: Uint8Array, counts: number, index: number): number {
  const at = counts + 4 + ((countAt(heap, counts) + 7) >> 3) + 4 * index;
  return countAt(heap, at);
}

function compile(spec: UnnestSpec, output: OutputColumns, withNulls: boolean): Version {
  const { inputTypes, column } = spec;
  const type = inputTypes[column] as SqlType;
  const code = new CodeBuilder();
  const input = new InputColumns(inputTypes.keys(), inputTypes, js`i`, withNulls);
  const heap = input.array(column, 'heap');
  const nulls = input.nulls(column);
  code.line(js`let j = 0, i = place[0], k = place[1];`);
  code.block(js`for (; i < to; i++, k = 0)`, () => {
    code.line(js`const at = ${input.array(column, 'offsets')}[i];`);
    const size = type.kind === 'MULTISET' ? js`${code.use(copies, 'copies')}(${heap}, at)` : js`${code.use(countAt, 'countAt')}(${heap}, at${type.kind === 'MAP' ? js` + 4` : js``})`;
    code.line(js`const count = ${nulls === undefined ? size : js`${nulls}[i] === 1 ? 0 : ${size}`};`);
    code.block(js`for (; k < ${spec.isLeft ? js`(count === 0 ? 1 : count)` : js`count`}; k++)`, () => {
      code.line(js`if (j === ${capacity}) { place[0] = i; place[1] = k; return j; }`);
      copyRow(code, input, output, inputTypes.keys());
      writeElement(code, spec, type, heap, output);
      code.line(js`if (kindsIn !== undefined) kindsOut[j] = kindsIn[i];`);
      code.line(js`wmOut[j] = wmIn === undefined ? -Infinity : wmIn[i];`);
      code.line(js`j++;`);
    });
  });
  code.line(js`place[0] = to; place[1] = 0;`);
  code.line(js`return j;`);
  const parameters = [js`place`, js`to`, js`wmIn`, js`wmOut`, js`any`, js`kindsIn`, js`kindsOut`, ...input.parameters, ...output.parameters];
  return { input, kernel: code.compile('unnest', parameters) };
}

/** The columns of element k of the collection at `at`. */
function writeElement(code: CodeBuilder, { inputTypes, ordinality, isLeft }: UnnestSpec, type: SqlType, heap: Js, output: OutputColumns): void {
  const width = inputTypes.length;
  const [keyType, valueType] = entryTypes(type);
  const element = type.kind === 'ARRAY' ? type.element : keyType;
  const vector = type.kind === 'ARRAY' ? js`at` : js`${code.use(keysAt, 'keysAt')}(at)`;
  const index = type.kind === 'MULTISET' ? js`${code.use(elementOfCopy, 'elementOfCopy')}(${heap}, at, k)` : js`k`;
  const parts: readonly { readonly type: SqlType; readonly vector: Js; readonly fields: readonly SqlType[] | undefined }[] =
    type.kind === 'MAP'
      ? [{ type: keyType, vector, fields: undefined }, { type: valueType, vector: js`${code.use(valuesAt, 'valuesAt')}(${heap}, at)`, fields: undefined }]
      : [{ type: element, vector, fields: element.kind === 'ROW' ? element.fields.map((field) => field.type) : undefined }];
  let target = width;
  const setNull = (column: number): void => {
    code.line(js`${output.nulls(column)}[j] = 1; any[${column}] = 1;`);
    for (const line of output.zero(column)) code.line(line);
  };
  const setValue = (column: number, { operand, isNull }: Value): void => {
    const write = (): void => {
      store(code, output.place(column), operand, undefined);
      code.line(js`${output.nulls(column)}[j] = 0;`);
    };
    if (isNull === undefined) write();
    else code.either(isNull, () => setNull(column), write);
  };
  for (const part of parts) {
    const columns = (part.fields ?? [part.type]).map((_, i) => target + i);
    target += columns.length;
    const of = code.define('of', part.vector);
    const place = isLeft ? code.define('e', js`count === 0 ? -1 : ${index}`) : code.define('e', index);
    const isNone = js`${isLeft ? js`${place} < 0 || ` : js``}${code.use(isNullAt, 'isNullAt')}(${heap}, ${of}, ${place})`;
    code.either(isNone, () => columns.forEach(setNull), () => {
      const value = emitElement(code, part.type, heap, of, place);
      if (part.fields === undefined) setValue(columns[0] as number, { operand: value, isNull: undefined });
      else for (const [i, column] of columns.entries()) setValue(column, emitField(code, value as OperandOf<'bytes'>, part.type, i));
    });
  }
  if (!ordinality) return;
  if (isLeft) code.either(js`count === 0`, () => setNull(target), () => setValue(target, { operand: { class: 'int', value: js`k + 1` }, isNull: undefined }));
  else setValue(target, { operand: { class: 'int', value: js`k + 1` }, isNull: undefined });
}
