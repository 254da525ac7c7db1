import type { Batch } from '../../core/batch.ts';
import { CodeBuilder, joinJs, js, type CompiledKernel, type Js } from '../../core/code.ts';
import type { I64Column } from '../../core/column.ts';
import { hashFinish, hashSeed, hashWord } from '../../core/hash.ts';
import { layoutOf } from '../../core/layout.ts';
import { printType, withNullable, type SqlType } from '../../core/sql-type.ts';
import { load, store, type Operand } from '../../functions/operand.ts';
import type { PhysicalNode } from '../../planner/physical-plan.ts';
import { shapeOf, Table, type RecordShape } from '../../state/table.ts';
import { AggregateCode } from '../aggregate-code.ts';
import { InputColumns, OutputColumns } from '../kernel-columns.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { RecordCode } from '../record-code.ts';
import { rowErrors } from '../row-error.ts';
import { Emitter } from './emitter.ts';
import { Sessions, type Session } from './sessions.ts';
import { nullTime } from './window-update.ts';
import { windowZone } from './window-zone.ts';

export interface SessionWindowSpec extends Pick<PhysicalNode<'SessionWindow'>, 'gap' | 'keys' | 'timeColumn' | 'timeSpan' | 'stateName' | 'zone' | 'processing'> {
  readonly inputTypes: readonly SqlType[];
  readonly timeName: string;
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
 * State: the rows, each under the number of its arrival. Keys and sessions are an index over them, built anew after a restore.
 */
export function sessionWindowOperator(context: OperatorContext, spec: SessionWindowSpec): Operator {
  const { gap, keys, inputTypes } = spec;
  const width = inputTypes.length;
  const keyCode = new AggregateCode(inputTypes, keys, []);
  const shape = rowShape(inputTypes);
  const rows = context.state.table(spec.stateName, shape);
  const keyTable = new Table(keyCode.shape);
  const zone = windowZone(spec.zone);
  const sessions = new Sessions(gap, zone);
  const layouts = [...inputTypes.map(layoutOf), 'i64', 'i64', 'i64'] as const;
  const emitter = new Emitter(layouts, Math.min(2048, context.budget));
  const output = new OutputColumns(layouts.map((layout, i) => (i < width ? layout : undefined)), js`j`);
  const emit = compileEmit(shape, inputTypes, output);
  const versions: [Version | undefined, Version | undefined] = [undefined, undefined];
  const version = (withNulls: boolean): Version => (versions[withNulls ? 1 : 0] ??= compileTake(context.id, spec, keyCode, shape, withNulls));
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
      const stored = restoring?.[i];
      const id = stored ?? allocate(rows, arrivals++);
      session.ids.push(id);
      return stored === undefined ? id : -1;
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
    return upTo - from;
  };

  const arrivalOf = (id: number): number => {
    const at = 2 * (id * shape.quads + (shape.offsets[0] ?? 0));
    return (rows.r32[at + 1] as number) * 4294967296 + ((rows.r32[at] as number) >>> 0);
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
    if (resumeAt === 0) ids.sort((a, b) => arrivalOf(a) - arrivalOf(b));
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
    const ids: number[] = [];
    for (let id = 0; id < rows.limit; id++) if (rows.r32[id * shape.quads * 2] !== 0) ids.push(id);
    ids.sort((a, b) => arrivalOf(a) - arrivalOf(b));
    arrivals = arrivalOf(ids.at(-1) ?? 0) + 1;
    for (let from = 0; from < ids.length; ) {
      const count = gather(ids, from);
      restoring = ids.slice(from, from + count);
      take(emitter.finish(count, -Infinity), 0, count);
      from += count;
    }
    restoring = undefined;
  }
}

/** A record: the number of the row's arrival, then its columns; after the key's flag one for the NULL of each column. */
function rowShape(types: readonly SqlType[]): RecordShape {
  const columns = types.map((type, i) => ({ layout: layoutOf(type), isKey: false, name: `column ${i + 1}`, type: printType(withNullable(type, true)) }));
  return shapeOf([{ layout: 'i64', isKey: true, name: 'arrival', type: 'BIGINT' }, ...columns], 1 + types.length);
}

/** A new record for the row that arrived as the nth. */
function allocate(rows: Table, arrival: number): number {
  const [low, high] = [arrival | 0, Math.floor(arrival / 4294967296)];
  const hash = hashFinish(hashWord(hashWord(hashSeed, low), high));
  let slot = hash & rows.mask;
  while (rows.index[2 * slot + 1] !== 0) slot = (slot + 1) & rows.mask;
  const id = rows.allocate(hash, slot);
  const at = 2 * (id * rows.shape.quads + (rows.shape.offsets[0] ?? 0));
  rows.r32[at] = low;
  rows.r32[at + 1] = high;
  return id;
}

/** Where the NULL of a column stands: its word in the record at `q`, and its bit. */
function nullFlag(record: RecordCode, column: number): { readonly word: Js; readonly bit: number } {
  const flag = 1 + column;
  return { word: js`${record.view('r32')}[2 * ${record.q} + ${1 + (flag >> 5)}]`, bit: 1 << (flag & 31) };
}

/** Finds the key and the session of each row and writes the row to its record. */
function compileTake(name: string, spec: SessionWindowSpec, keyCode: AggregateCode, shape: RecordShape, withNulls: boolean): Version {
  const { inputTypes, timeColumn } = spec;
  const code = new CodeBuilder();
  const input = new InputColumns(inputTypes.keys(), inputTypes, js`i`, withNulls);
  const record = new RecordCode(shape, 'row');
  const words = input.array(timeColumn, 'words');
  const timeNulls = input.nulls(timeColumn);
  code.line(js`let i = from;`);
  keyCode.declareViews(code);
  record.declareViews(code);
  code.line(js`const epoch = table.epoch;`);
  code.block(js`try`, () => {
    code.block(js`for (; i < to; i++)`, () => {
      if (timeNulls !== undefined) code.line(js`if (${timeNulls}[i] === 1) ${code.use(nullTime(spec), 'nullTime')}();`);
      keyCode.find(code, input);
      code.line(js`const target = owner.place(batch, i, id, ${words}[2 * i + 1] * 4294967296 + (${words}[2 * i] >>> 0), watermarks === undefined ? -Infinity : watermarks[i]);`);
      code.line(js`if (target < 0) continue;`);
      code.line(js`const ${record.q} = target * ${shape.quads};`);
      for (const [column, type] of inputTypes.entries()) {
        const write = (): void => record.store(code, 1 + column, type, operandOf(code, input, column, type));
        const nulls = input.nulls(column);
        const { word, bit } = nullFlag(record, column);
        if (nulls === undefined) code.block(js``, write);
        else code.either(js`${nulls}[i] === 1`, () => code.line(js`${word} |= ${bit};`), write);
      }
    });
  });
  const fail = code.use(rowErrors(name, [], input), 'rowError');
  code.block(js`catch (error)`, () => code.line(js`throw ${fail}(i, error, [${joinJs(input.parameters, ', ')}]);`));
  return { input, kernel: code.compile('takeRows', [js`owner`, js`table`, record.table, js`batch`, js`from`, js`to`, js`watermarks`, ...input.parameters]) };
}

function operandOf(code: CodeBuilder, input: InputColumns, column: number, type: SqlType): Operand {
  if (layoutOf(type) !== 'bytes') return load(code, input.place(column), type);
  return { class: 'bytes', heap: input.array(column, 'heap'), offset: js`${input.array(column, 'offsets')}[i]`, length: js`${input.array(column, 'lengths')}[i]` };
}

/** Writes the records ids[from, to) to rows 0 and up. */
function compileEmit(shape: RecordShape, types: readonly SqlType[], output: OutputColumns): CompiledKernel {
  const code = new CodeBuilder();
  const record = new RecordCode(shape, 'row');
  record.declareViews(code);
  code.block(js`for (let k = from, j = 0; k < to; k++, j++)`, () => {
    code.line(js`const ${record.q} = ids[k] * ${shape.quads};`);
    for (const [column, type] of types.entries()) {
      const { word, bit } = nullFlag(record, column);
      code.either(js`(${word} & ${bit}) !== 0`, () => {
        code.line(js`${output.nulls(column)}[j] = 1; any[${column}] = 1;`);
        for (const line of output.zero(column)) code.line(line);
      }, () => {
        code.line(js`${output.nulls(column)}[j] = 0;`);
        store(code, output.place(column), record.load(code, 1 + column, type), js`heap`);
      });
    }
  });
  return code.compile('emitRows', [record.table, js`ids`, js`from`, js`to`, js`heap`, js`any`, ...output.parameters]);
}
