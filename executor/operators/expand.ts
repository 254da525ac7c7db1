import type { Batch } from '../../core/batch.ts';
import { CodeBuilder, js, type CompiledKernel } from '../../core/code.ts';
import { layoutOf } from '../../core/layout.ts';
import type { SqlType } from '../../core/sql-type.ts';
import { store } from '../../functions/operand.ts';
import { InputColumns, OutputColumns } from '../kernel-columns.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { CopyingBatch, copyColumn, copyRow } from './copy-row.ts';

export interface ExpandSpec {
  readonly inputTypes: readonly SqlType[];
  readonly outputTypes: readonly SqlType[];
  /** Columns of the input that some sets have not. */
  readonly keys: readonly number[];
  /** For each set which of `keys` it has, by their places there. */
  readonly sets: readonly (readonly number[])[];
}

interface Version {
  readonly input: InputColumns;
  readonly kernel: CompiledKernel;
}

/** Rows that are made before they are handed on. */
const capacity = 4096;

/**
 * Emits each row once for each grouping set, in their order: behind its own columns the keys, NULL where the set has them not, then the number
 * of the set. Keeps nothing and drops nothing; a withdrawn row withdraws what it has given.
 */
export function expandOperator(context: OperatorContext, spec: ExpandSpec): Operator {
  const { inputTypes, keys, sets } = spec;
  const layouts = spec.outputTypes.map(layoutOf);
  const output = new OutputColumns(layouts, js`j`);
  const out = new CopyingBatch(layouts, capacity);
  const versions: [Version | undefined, Version | undefined] = [undefined, undefined];
  const version = (withNulls: boolean): Version => (versions[withNulls ? 1 : 0] ??= compile(spec, output, withNulls));
  /** Whether a set has a key, set by set. */
  const has = Uint8Array.from(sets.flatMap((set) => keys.map((_, key) => (set.includes(key) ? 1 : 0))));
  /** The row and the set to go on with. */
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
        for (const [i, key] of keys.entries()) out.share(inputTypes.length + i, batch.columns[key]);
        const args: unknown[] = [place, to, has, batch.watermarks, out.watermarks, out.any, batch.kinds, out.kinds];
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

function compile({ inputTypes, keys, sets }: ExpandSpec, output: OutputColumns, withNulls: boolean): Version {
  const width = inputTypes.length;
  const code = new CodeBuilder();
  const input = new InputColumns(inputTypes.keys(), inputTypes, js`i`, withNulls);
  code.line(js`let j = 0, i = place[0], s = place[1];`);
  code.block(js`for (; i < to; i++, s = 0)`, () => {
    code.block(js`for (; s < ${sets.length}; s++)`, () => {
      code.line(js`if (j === ${capacity}) { place[0] = i; place[1] = s; return j; }`);
      copyRow(code, input, output, inputTypes.keys());
      for (const [i, key] of keys.entries()) {
        const setNull = (): void => {
          code.line(js`${output.nulls(width + i)}[j] = 1; any[${width + i}] = 1;`);
          for (const line of output.zero(width + i)) code.line(line);
        };
        code.either(js`has[s * ${keys.length} + ${i}] === 0`, setNull, () => copyColumn(code, input, key, output, width + i));
      }
      const number = width + keys.length;
      store(code, output.place(number), { class: 'int', value: js`s` }, undefined);
      code.line(js`${output.nulls(number)}[j] = 0;`);
      code.line(js`if (kindsIn !== undefined) kindsOut[j] = kindsIn[i];`);
      code.line(js`wmOut[j] = wmIn === undefined ? -Infinity : wmIn[i];`);
      code.line(js`j++;`);
    });
  });
  code.line(js`place[0] = to; place[1] = 0;`);
  code.line(js`return j;`);
  const parameters = [js`place`, js`to`, js`has`, js`wmIn`, js`wmOut`, js`any`, js`kindsIn`, js`kindsOut`, ...input.parameters, ...output.parameters];
  return { input, kernel: code.compile('expand', parameters) };
}
