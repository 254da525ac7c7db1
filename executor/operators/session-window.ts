import type { Batch } from '../../core/batch.ts';
import { RowKind } from '../../core/changelog.ts';
import { CodeBuilder, joinJs, js, type CompiledKernel } from '../../core/code.ts';
import type { I64Column } from '../../core/column.ts';
import { layoutOf } from '../../core/layout.ts';
import type { SqlType } from '../../core/sql-type.ts';
import type { PhysicalNode } from '../../planner/physical-plan.ts';
import { Table } from '../../state/table.ts';
import { AggregateCode } from '../aggregate-code.ts';
import { InputColumns, OutputColumns } from '../kernel-columns.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { rowErrors } from '../row-error.ts';
import { StoredRow } from '../stored-row.ts';
import { Emitter } from './emitter.ts';
import { Sessions, type Session } from './sessions.ts';
import { nullTime } from './window-update.ts';
import { windowZone } from './window-zone.ts';

export interface SessionWindowSpec extends Pick<PhysicalNode<'SessionWindow'>, 'gap' | 'keys' | 'timeColumn' | 'timeSpan' | 'stateName' | 'zone' | 'processing'> {
  readonly inputTypes: readonly SqlType[];
  readonly timeName: string;
  /** Rows may be withdrawn: each is kept with its kind. */
  readonly isUpdating: boolean;
}

interface Version {
  readonly input: InputColumns;
  readonly kernel: CompiledKernel;
}

/**
 * Keeps rows until the watermark has passed the end of their session, which is the time of its last row and the gap; then emits them in order
 * of arrival, session by session in order of their ends, with window_start, window_end and window_time (end - 1 ms) behind their columns.
 * Late rule: a row is late when the watermark at its arrival is at or past the end - 1 ms of the session that it would make or belong to.
 * Over the processing time no row is late, and sessions end by the clock.
 * A row that withdraws another belongs to the session of its own time, which it may begin or make longer as any other, and is given out after it: what
 * both come to is for those to say who read them. So it is in Flink, where a session does not become shorter.
 * State: the rows, each under the number of its arrival, with their kinds where rows may be withdrawn. Keys and sessions are an index over them, built anew after a restore.
 */
export function sessionWindowOperator(context: OperatorContext, spec: SessionWindowSpec): Operator {
  const { gap, keys, inputTypes } = spec;
  const width = inputTypes.length;
  const keyCode = new AggregateCode(inputTypes, keys, []);
  const stored = new StoredRow(inputTypes, 'row', spec.isUpdating ? [{ layout: 'i32', isKey: false, name: 'kind', type: 'INT' }] : []);
  const rows = context.state.table(spec.stateName, stored.shape);
  const keyTable = new Table(keyCode.shape);
  const zone = windowZone(spec.zone);
  const sessions = new Sessions(gap, zone);
  const layouts = [...inputTypes.map(layoutOf), 'i64', 'i64', 'i64'] as const;
  const emitter = new Emitter(layouts, Math.min(2048, context.budget));
  const output = new OutputColumns(layouts.map((layout, i) => (i < width ? layout : undefined)), js`j`);
  const emit = compileEmit(stored, output);
  const kinds = spec.isUpdating ? new Uint8Array(emitter.capacity) : undefined;
  /** Where in the state's 32-bit units the kind of a row stands. */
  const kindAt = (id: number): number => 2 * (id * stored.shape.quads + (stored.shape.offsets.at(-1) ?? 0));
  const versions: [Version | undefined, Version | undefined] = [undefined, undefined];
  const version = (withNulls: boolean): Version => (versions[withNulls ? 1 : 0] ??= compileTake(context.id, spec, keyCode, stored, withNulls));
  /** The number of the next row to arrive. */
  let arrivals = 0;
  /** Where a firing goes on between two calls of onTimers: rows of the first session that are out. 0 whenever else: never a part of the state. */
  let resumeAt = 0;
  /** While the index is built: the ids of the rows that come, which are stored already. */
  let restoring: readonly number[] | undefined;

  const owner = {
    /** The record to write the row to; -1 for none. */
    place: (batch: Batch, i: number, key: number, time: number, watermark: number): number => {
      const session = sessions.find(key, zone.local(time), restoring === undefined ? watermark : -Infinity);
      if (session === undefined) {
        if (sessions.isEmpty(key)) keyTable.remove(key);
        context.late(batch, i, watermark - zone.due(zone.local(time) + gap), watermark);
        return -1;
      }
      const known = restoring?.[i];
      const id = known ?? stored.allocate(rows, arrivals++);
      if (kinds !== undefined && known === undefined) rows.r32[kindAt(id)] = batch.kinds?.[i] ?? RowKind.insert;
      session.ids.push(id);
      return known === undefined ? id : -1;
    },
  };

  const take = (batch: Batch, from: number, to: number): void => {
    const { input, kernel } = version(version(true).input.needsNulls(batch));
    keyTable.reserve(to - from);
    if (restoring === undefined) rows.reserve(to - from);
    const args: unknown[] = [owner, keyTable, rows, batch, from, to, spec.processing === true ? undefined : batch.watermarks];
    input.pushArguments(batch, args);
    (kernel.run as (...values: unknown[]) => void)(...args);
  };

  /** The rows `ids`, from `from` on, in the emitter's batch; gives how many. */
  const gather = (ids: readonly number[], from: number): number => {
    const upTo = Math.min(ids.length, from + emitter.capacity);
    emitter.begin();
    const args: unknown[] = [rows, ids, from, upTo, emitter.heap, emitter.any];
    output.pushArguments(emitter.batch.columns, emitter.nulls, args);
    (emit.run as (...values: unknown[]) => void)(...args);
    if (kinds !== undefined) {
      for (let i = from; i < upTo; i++) kinds[i - from] = rows.r32[kindAt(ids[i] as number)] as number;
      emitter.batch.kinds = kinds;
    }
    return upTo - from;
  };

  if (rows.size > 0) restore();

  return {
    layouts,
    get sources() {
      return [version(false).kernel.source, version(true).kernel.source, emit.source];
    },
    onBatch: (_input, batch, from, to) => take(batch, from, to),
    onTimers: spec.processing === true ? () => false : fireDue,
    ...(spec.processing === true && { onProcessingTime: fireDue }),
    onFlush: () => undefined,
    onEnd: () => undefined,
  };

  function fireDue(time: number): boolean {
    let left = context.budget;
    for (let session = sessions.due(time); session !== undefined; session = sessions.due(time)) {
      if (left <= 0) return true;
      left -= fire(session, left);
      if (resumeAt > 0) return true;
      for (const id of session.ids) rows.remove(id);
      sessions.close(session);
      if (sessions.isEmpty(session.key)) keyTable.remove(session.key);
    }
    // The index knows no checkpoints: ids of keys that are gone may be used at once.
    keyTable.nextEpoch();
    return false;
  }

  /** Emits a session from `resumeAt` on, at most about `budget` rows; gives how many. `resumeAt` is 0 again when all are out. */
  function fire(session: Session, budget: number): number {
    const { ids, start, end } = session;
    if (resumeAt === 0) ids.sort((a, b) => stored.arrivalOf(rows, a) - stored.arrivalOf(rows, b));
    let fired = 0;
    while (resumeAt < ids.length && fired < budget) {
      const count = gather(ids, resumeAt);
      for (const [i, value] of [start, end, zone.lastInstant(end)].entries()) (emitter.batch.columns[width + i] as I64Column).values.fill(BigInt(value), 0, count);
      resumeAt += count;
      fired += count;
      context.metrics.rowsOut += count;
      context.emit(emitter.finish(count, context.outputWatermark));
    }
    if (resumeAt >= ids.length) resumeAt = 0;
    return fired;
  }

  function restore(): void {
    const ids = stored.ids(rows);
    arrivals = stored.arrivalOf(rows, ids.at(-1) ?? 0) + 1;
    for (let from = 0; from < ids.length; ) {
      const count = gather(ids, from);
      restoring = ids.slice(from, from + count);
      take(emitter.finish(count, -Infinity), 0, count);
      from += count;
    }
    restoring = undefined;
  }
}

/** Finds the key and the session of each row and writes the row to its record. */
function compileTake(name: string, spec: SessionWindowSpec, keyCode: AggregateCode, stored: StoredRow, withNulls: boolean): Version {
  const { inputTypes, timeColumn } = spec;
  const code = new CodeBuilder();
  const input = new InputColumns(inputTypes.keys(), inputTypes, js`i`, withNulls);
  const words = input.array(timeColumn, 'words');
  const timeNulls = input.nulls(timeColumn);
  code.line(js`let i = from;`);
  keyCode.declareViews(code);
  stored.declareViews(code);
  code.line(js`const epoch = table.epoch;`);
  code.block(js`try`, () => {
    code.block(js`for (; i < to; i++)`, () => {
      if (timeNulls !== undefined) code.line(js`if (${timeNulls}[i] === 1) ${code.use(nullTime(spec), 'nullTime')}();`);
      keyCode.find(code, input);
      code.line(js`const target = owner.place(batch, i, id, ${words}[2 * i + 1] * 4294967296 + (${words}[2 * i] >>> 0), watermarks === undefined ? -Infinity : watermarks[i]);`);
      code.line(js`if (target < 0) continue;`);
      stored.write(code, input, js`target`);
    });
  });
  const fail = code.use(rowErrors(name, [], input), 'rowError');
  code.block(js`catch (error)`, () => code.line(js`throw ${fail}(i, error, [${joinJs(input.parameters, ', ')}]);`));
  return { input, kernel: code.compile('takeRows', [js`owner`, js`table`, stored.table, js`batch`, js`from`, js`to`, js`watermarks`, ...input.parameters]) };
}

/** Writes the records ids[from, to) to rows 0 and up. */
function compileEmit(stored: StoredRow, output: OutputColumns): CompiledKernel {
  const code = new CodeBuilder();
  stored.declareViews(code);
  code.block(js`for (let k = from, j = 0; k < to; k++, j++)`, () => stored.emit(code, output, js`ids[k]`));
  return code.compile('emitRows', [stored.table, js`ids`, js`from`, js`to`, js`heap`, js`any`, ...output.parameters]);
}
