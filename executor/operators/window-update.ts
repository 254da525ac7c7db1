import type { StepClock } from '../../core/clock.ts';
import { RowKind } from '../../core/changelog.ts';
import { CodeBuilder, joinJs, js, type CompiledKernel, type Js } from '../../core/code.ts';
import { SqlError } from '../../core/diagnostic.ts';
import type { Span } from '../../core/span.ts';
import type { SqlType } from '../../core/sql-type.ts';
import { ExpressionCompiler } from '../../expression/compile.ts';
import type { AlignedWindow } from '../../planner/logical-plan.ts';
import type { PhysicalNode } from '../../planner/physical-plan.ts';
import type { AggregateCode } from '../aggregate-code.ts';
import { InputColumns } from '../kernel-columns.ts';
import { rowErrors } from '../row-error.ts';
import { windowZone } from './window-zone.ts';

/** Which rows belong to which windows. */
export interface Windowing extends Pick<PhysicalNode<'WindowAggregate'>, 'window' | 'timeColumn' | 'timeSpan' | 'zone' | 'processing'> {
  readonly inputTypes: readonly SqlType[];
  /** For messages. */
  readonly timeName: string;
}

export interface WindowAggregateSpec extends Windowing, Pick<PhysicalNode<'WindowAggregate'>, 'keys' | 'calls' | 'stateName'> {
  readonly outputTypes: readonly SqlType[];
  /** The input takes rows back too; a key without rows gives none. */
  readonly isUpdating?: boolean;
}

export interface Update {
  readonly input: InputColumns;
  readonly kernel: CompiledKernel;
}

/**
 * The loop that adds rows to the slices of their windows. It takes runs of neighbouring rows that lie in the same windows, so that a slice
 * is looked up once for a run. With `isShared` a row goes into one slice, of the length of a pace, of which windows are made when they close. A row is late when its watermark has passed the end of its last window; windows before are skipped alone.
 */
export function compileUpdate(name: string, clock: StepClock, code: AggregateCode, windowing: Windowing, withNulls: boolean, isShared = false): Update {
  const { timeColumn, inputTypes, window } = windowing;
  const builder = new CodeBuilder();
  const input = new InputColumns(code.usedColumns().add(timeColumn), inputTypes, js`i`, withNulls);
  const words = input.array(timeColumn, 'words');
  const timeNulls = input.nulls(timeColumn);
  const instant = js`${words}[2 * i + 1] * 4294967296 + (${words}[2 * i] >>> 0)`;
  const zone = windowZone(windowing.zone);
  const time = zone.zone === undefined || window.kind === 'ATTACHED' ? instant : js`${builder.use(zone.local, 'localTime')}(${instant})`;
  /** The watermark that closes the window with this end. */
  const due = (end: Js): Js => (zone.zone === undefined ? js`${end} - 1` : js`${builder.use(zone.due, 'due')}(${end})`);
  const isMissing = timeNulls === undefined ? js`` : js`if (${timeNulls}[i] === 1) `;
  const addRow = (): void => {
    const compiler = new ExpressionCompiler(builder, input, js`heap`, clock);
    if (!code.isUpdating) {
      code.find(builder, input);
      code.accumulate(builder, compiler);
      return;
    }
    builder.line(js`const withdraws = kinds !== undefined && (kinds[i] === ${RowKind.updateBefore} || kinds[i] === ${RowKind.delete});`);
    code.find(builder, input, { test: js`withdraws`, onNone: js`owner.unmatched(); continue;` });
    builder.block(js`if (withdraws && ${code.rows} <= 1)`, () => {
      code.remove(builder);
      builder.line(js`continue;`);
    });
    code.update(builder, compiler, js`withdraws`, js`owner.unmatched();`);
  };
  /**
   * One loop over the rows, which finds the slice of the next run where one ends. A loop of its own for each run would be optimised by V8
   * without what is around it, and the code given up again at every run's end.
   */
  const inRuns = (): void => {
    builder.line(js`let low = 0, high = 0, openDue = 0, epoch = 0, upTo = from;`);
    builder.block(js`try`, () => {
      builder.block(js`for (; i < to; i++)`, () => {
        if (timeNulls !== undefined) builder.line(js`${isMissing}${builder.use(nullTime(windowing), 'nullTime')}();`);
        builder.line(js`const time = ${time};`);
        builder.block(js`if (i >= upTo || ${window.kind === 'ATTACHED' ? js`time !== high` : js`time < low || time >= high`} || watermarks[i] >= openDue)`, () => {
          // Nothing of the last run holds for a row after one that is late.
          builder.line(js`upTo = 0;`);
          beginRun();
          code.assignViews(builder);
          builder.line(js`epoch = table.epoch; upTo = Math.min(to, i + table.room);`);
        });
        addRow();
      });
    });
  };
  /** Finds the slice of row i, which is named by its end, or leaves the row as late. Windows of shared slices that the watermark has passed are closed before a row comes that is late for them and not for others. */
  const beginRun = (): void => {
    if (window.kind === 'ATTACHED' || window.kind === 'TUMBLE') {
      if (window.kind === 'TUMBLE') builder.line(js`low = Math.floor((time - ${window.offset}) / ${window.size}) * ${window.size} + ${window.offset}; high = low + ${window.size};`);
      else builder.line(js`high = time;`);
      builder.line(js`openDue = ${due(js`high`)};`);
      builder.line(js`if (watermarks[i] >= openDue) { owner.late(batch, i, openDue, watermarks[i]); continue; }`);
    } else {
      const pace = paceOf(window);
      builder.line(js`low = Math.floor((time - ${window.offset}) / ${pace}) * ${pace} + ${window.offset}; high = low + ${pace};`);
      const last = window.kind === 'HOP' ? js`low + ${window.size}` : js`Math.floor((time - ${window.offset}) / ${window.size}) * ${window.size} + ${window.offset + window.size}`;
      builder.line(js`const last = ${last}, lastDue = ${due(js`(last)`)};`);
      builder.line(js`if (watermarks[i] >= lastDue) { owner.late(batch, i, lastDue, watermarks[i]); continue; }`);
      builder.line(js`openDue = ${due(js`high`)};`);
      builder.block(js`if (watermarks[i] >= openDue)`, () => {
        builder.line(js`let open = high;`);
        builder.line(js`do { open += ${pace}; openDue = ${due(js`open`)}; } while (watermarks[i] >= openDue);`);
        builder.line(js`owner.close(watermarks[i]);`);
      });
    }
    builder.line(js`table = owner.slice(high, to - i);`);
  };
  /** Every row goes into each of its windows: a run lies within one pace, so that all its rows have the same, from the one that ends first to the one that ends last. */
  const inEachWindow = (of: Exclude<AlignedWindow, { kind: 'TUMBLE' }>): void => {
    builder.block(js`try`, () => {
      builder.block(js`while (i < to)`, () => {
        if (timeNulls !== undefined) builder.line(js`${isMissing}${builder.use(nullTime(windowing), 'nullTime')}();`);
        builder.line(js`const first = ${time};`);
        const pace = paceOf(of);
        builder.line(js`const low = Math.floor((first - ${of.offset}) / ${pace}) * ${pace} + ${of.offset}, high = low + ${pace};`);
        const last = of.kind === 'HOP' ? js`low + ${of.size}` : js`Math.floor((first - ${of.offset}) / ${of.size}) * ${of.size} + ${of.offset + of.size}`;
        builder.line(js`const run = i, last = ${last}, lastDue = ${due(js`(${last})`)};`);
        // Windows that start further apart than they are long leave rows between them.
        if (of.kind === 'HOP' && of.slide > of.size) builder.line(js`if (first >= last) { i++; continue; }`);
        builder.line(js`if (watermarks[i] >= lastDue) { owner.late(batch, i, lastDue, watermarks[i]); i++; continue; }`);
        builder.block(js`for (i++; i < to; i++)`, () => {
          if (timeNulls !== undefined) builder.line(js`${isMissing}break;`);
          builder.line(js`const time = ${time};`);
          builder.line(js`if (time < low || time >= high || watermarks[i] >= lastDue) break;`);
        });
        builder.line(js`const runEnd = i;`);
        builder.block(js`for (let end = last; end > low; end -= ${pace})`, () => {
          builder.line(js`const due = ${due(js`end`)};`);
          builder.line(js`if (watermarks[run] >= due) break;`);
          builder.line(js`i = run;`);
          builder.block(js`while (i < runEnd)`, () => {
            builder.line(js`table = owner.slice(end, runEnd - i);`);
            code.assignViews(builder);
            builder.line(js`const epoch = table.epoch, upTo = Math.min(runEnd, i + table.room);`);
            builder.block(js`for (; i < upTo; i++)`, () => {
              // What follows in the run has no lower watermark: the window is over for it too.
              builder.line(js`if (watermarks[i] >= due) { i = runEnd; break; }`);
              if (of.kind === 'HOP' && of.size % of.slide !== 0) builder.line(js`if (${time} >= end) continue;`);
              addRow();
            });
          });
        });
        builder.line(js`i = runEnd;`);
      });
    });
  };
  builder.line(js`let i = from;`);
  code.declareNoViews(builder);
  if (isShared || window.kind === 'ATTACHED' || window.kind === 'TUMBLE') inRuns();
  else inEachWindow(window);
  const fail = builder.use(rowErrors(name, code.expressions, input), 'rowError');
  builder.block(js`catch (error)`, () => builder.line(js`throw ${fail}(i, error, [${joinJs(input.parameters, ', ')}]);`));
  return { input, kernel: builder.compile('windowAggregate', [js`owner`, js`batch`, js`from`, js`to`, js`watermarks`, js`heap`, js`kinds`, ...input.parameters]) };
}

/** Throws E0702 with the column and its place in the query. */
export function nullTime({ timeName, timeSpan }: { readonly timeName: string; readonly timeSpan: Span | undefined }): () => never {
  return () => {
    throw new SqlError({ code: 'E0702', message: `${timeName}, the time column of a window, is NULL`, span: timeSpan, hint: `drop such rows first:  WHERE \`${timeName}\` IS NOT NULL` });
  };
}

/** ms: how far windows start (HOP) or end (CUMULATE) apart. */
export function paceOf(window: Exclude<AlignedWindow, { kind: 'TUMBLE' }>): number {
  return window.kind === 'HOP' ? window.slide : window.step;
}

/** The start of the window that ends at `end` in ms. */
export function startOf(window: Exclude<Windowing['window'], { kind: 'ATTACHED' }>, end: number): number {
  if (window.kind !== 'CUMULATE') return end - window.size;
  return Math.floor((end - 1 - window.offset) / window.size) * window.size + window.offset;
}

