import type { Batch } from '../../core/batch.ts';
import { CodeBuilder, js, type CompiledKernel } from '../../core/code.ts';
import { layoutOf } from '../../core/layout.ts';
import { store } from '../../functions/operand.ts';
import { InputColumns, OutputColumns } from '../kernel-columns.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { CopyingBatch, copyRow } from './copy-row.ts';
import { nullTime, type Windowing } from './window-update.ts';
import { windowZone } from './window-zone.ts';
import type { AlignedWindow } from '../../planner/logical-plan.ts';

export interface WindowTableFunctionSpec extends Windowing {
  readonly window: AlignedWindow;
}

interface Version {
  readonly input: InputColumns;
  readonly kernel: CompiledKernel;
}

/**
 * Emits each row once for each of its windows, in order of their ends, with window_start, window_end and window_time behind its columns.
 * Keeps nothing and drops nothing: whether a row is late for a window is for those to say who close it.
 */
export function windowTableFunctionOperator(context: OperatorContext, spec: WindowTableFunctionSpec): Operator {
  const inputLayouts = spec.inputTypes.map(layoutOf);
  const layouts = [...inputLayouts, 'i64', 'i64', 'i64'] as const;
  const output = new OutputColumns(layouts, js`j`);
  const out = new CopyingBatch(layouts, 4096);
  const most = windowsOfRow(spec.window);
  const versions: [Version | undefined, Version | undefined] = [undefined, undefined];
  const version = (withNulls: boolean): Version => (versions[withNulls ? 1 : 0] ??= compile(spec, output, withNulls));
  return {
    layouts,
    get sources() {
      return [version(false).kernel.source, version(true).kernel.source];
    },
    onBatch: (_input, batch, from, to) => {
      const { input, kernel } = version(version(true).input.needsNulls(batch));
      // As many rows at a time as have room for all their windows.
      const step = Math.max(1, Math.floor(out.capacity / most));
      for (let at = from; at < to; at += step) {
        out.reserve(most);
        out.begin(batch);
        const args: unknown[] = [at, Math.min(to, at + step), batch.watermarks, out.watermarks, out.any, batch.kinds, out.kinds];
        input.pushArguments(batch, args);
        output.pushArguments(out.batch.columns, out.nulls, args);
        const rows = (kernel.run as (...values: unknown[]) => number)(...args);
        if (rows > 0) context.emit(out.finish(rows, watermarkAt(batch, Math.min(to, at + step) - 1)), at + step < to);
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

/** The most windows that a row lies in. */
function windowsOfRow(window: AlignedWindow): number {
  switch (window.kind) {
    case 'TUMBLE':
      return 1;
    case 'HOP':
      return Math.ceil(window.size / window.slide);
    case 'CUMULATE':
      return window.size / window.step;
  }
}

function compile(spec: WindowTableFunctionSpec, output: OutputColumns, withNulls: boolean): Version {
  const { window, timeColumn, inputTypes } = spec;
  const zone = windowZone(spec.zone);
  const code = new CodeBuilder();
  const input = new InputColumns(inputTypes.keys(), inputTypes, js`i`, withNulls);
  const words = input.array(timeColumn, 'words');
  const timeNulls = input.nulls(timeColumn);
  const width = inputTypes.length;
  code.line(js`let j = 0;`);
  code.block(js`for (let i = from; i < to; i++)`, () => {
    if (timeNulls !== undefined) code.line(js`if (${timeNulls}[i] === 1) ${code.use(nullTime(spec), 'nullTime')}();`);
    const instant = js`${words}[2 * i + 1] * 4294967296 + (${words}[2 * i] >>> 0)`;
    code.line(zone.zone === undefined ? js`const time = ${instant};` : js`const time = ${code.use(zone.local, 'localTime')}(${instant});`);
    const floorTo = (length: number) => js`Math.floor((time - ${window.offset}) / ${length}) * ${length} + ${window.offset}`;
    const emit = (start: ReturnType<typeof js>): void => {
      copyRow(code, input, output, inputTypes.keys());
      for (const [i, value] of [start, js`end`, zone.zone === undefined ? js`end - 1` : js`${code.use(zone.lastInstant, 'lastInstant')}(end)`].entries()) {
        store(code, output.place(width + i), { class: 'time', value: code.define('bound', value) }, undefined);
        code.line(js`${output.nulls(width + i)}[j] = 0;`);
      }
      code.line(js`if (kindsIn !== undefined) kindsOut[j] = kindsIn[i];`);
      code.line(js`wmOut[j] = wmIn === undefined ? -Infinity : wmIn[i];`);
      code.line(js`j++;`);
    };
    if (window.kind === 'TUMBLE') {
      code.line(js`const start = ${floorTo(window.size)}, end = start + ${window.size};`);
      emit(js`start`);
    } else if (window.kind === 'HOP') {
      code.line(js`const last = ${floorTo(window.slide)} + ${window.size};`);
      code.line(js`let end = last - Math.max(0, Math.ceil((last - time) / ${window.slide}) - 1) * ${window.slide};`);
      code.block(js`for (; end <= last; end += ${window.slide})`, () => {
        code.line(js`if (end <= time) continue;`);
        emit(js`end - ${window.size}`);
      });
    } else {
      code.line(js`const start = ${floorTo(window.size)};`);
      code.line(js`let end = ${floorTo(window.step)} + ${window.step};`);
      code.block(js`for (; end <= start + ${window.size}; end += ${window.step})`, () => emit(js`start`));
    }
  });
  code.line(js`return j;`);
  const parameters = [js`from`, js`to`, js`wmIn`, js`wmOut`, js`any`, js`kindsIn`, js`kindsOut`, ...input.parameters, ...output.parameters];
  return { input, kernel: code.compile('assignWindows', parameters) };
}
