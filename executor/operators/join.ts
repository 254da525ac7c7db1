import type { Batch } from '../../core/batch.ts';
import { CodeBuilder, js, type CompiledKernel } from '../../core/code.ts';
import type { BytesColumn } from '../../core/column.ts';
import { layoutOf } from '../../core/layout.ts';
import type { SqlType } from '../../core/sql-type.ts';
import type { BoundExpr } from '../../expression/bound-expr.ts';
import { isHalf, type JoinType } from '../../planner/logical-plan.ts';
import type { JoinKey } from '../../planner/physical-plan.ts';
import { Table } from '../../state/table.ts';
import { OutputColumns } from '../kernel-columns.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { Emitter } from './emitter.ts';
import { compileEnter, compileJoin, placeWords, type JoinCodeSpec, type JoinVersion } from './join-code.ts';
import { JoinRows, type JoinSide } from './join-rows.ts';

export interface JoinSpec {
  readonly type: JoinType;
  /** Left and right: inputs 0 and 1. */
  readonly sides: readonly [JoinSide, JoinSide];
  readonly keys: readonly JoinKey[];
  /** Over the columns of both; undefined for none beside the keys. */
  readonly condition: BoundExpr | undefined;
  readonly outputTypes: readonly SqlType[];
  readonly stateName: string;
}

/** Rows of one output batch, at most, however many rows one row meets. */
const mostRows = 4096;

/**
 * The regular join: keeps the rows of both sides, and emits each change of one with each row of the other that it meets, of the kind that it has. As Flink's:
 * a row of a side whose rows come out though they meet nothing stands beside NULLs as long as that is so; what comes in that place is
 * +I and -D, not an update. SEMI and ANTI give a row of the left while it meets any, or none: with its own changes, and as +I and -D when that changes. A NULL in a key meets nothing, but where both NULLs count as equal. Rows that are equal are kept each on its own. A
 * withdrawal of what is not there is counted in `metrics.unmatched` and dropped; but not where a key is NULL, as such rows are not kept.
 * No row is late.
 */
export function joinOperator(context: OperatorContext, spec: JoinSpec): Operator {
  const { type, sides, keys, outputTypes, stateName } = spec;
  const capacity = Math.max(2, Math.min(mostRows, context.budget));
  const outer: readonly [boolean, boolean] = [type === 'LEFT' || type === 'FULL', type === 'RIGHT' || type === 'FULL'];
  const layouts = outputTypes.map(layoutOf);
  const rows: readonly [JoinRows, JoinRows] = [
    new JoinRows(sides[0], keys.map((key) => key.left), 'left', outer[0] || isHalf(type), context.state, `${stateName} left`),
    new JoinRows(sides[1], keys.map((key) => key.right), 'right', outer[1], context.state, `${stateName} right`),
  ];
  /** The keys of both sides, by which their lists are found: an index, as these are. */
  const keyTable = new Table(rows[0].keyCode.shape);
  const hasKinds = (type !== 'INNER' && type !== 'SEMI') || sides.some((side) => side.identity !== undefined);
  const code: JoinCodeSpec = { keys, condition: spec.condition, outputTypes, rows, types: [sides[0].types, sides[1].types], outer, half: isHalf(type) ? type : undefined, hasKinds, capacity };
  const emitter = new Emitter(layouts, capacity);
  const output = new OutputColumns(layouts, js`j`);
  const kinds = new Uint8Array(capacity);
  const watermarks = new Float64Array(capacity);
  let inserts = new Uint8Array(0);
  let none = new Float64Array(0);
  const counted = { unmatched: 0 };
  const place = new Int32Array(placeWords);
  const versions: (JoinVersion | undefined)[] = [undefined, undefined, undefined, undefined];
  const version = (side: 0 | 1, withNulls: boolean): JoinVersion => (versions[2 * side + (withNulls ? 1 : 0)] ??= compileJoin(context, code, side, withNulls));
  const width = sides[0].types.length;

  for (const side of [0, 1] as const) restore(side);

  return {
    layouts,
    get sources() {
      return ([0, 1] as const).flatMap((side) => [version(side, false).kernel.source, version(side, true).kernel.source]);
    },
    onBatch: (input, batch, from, to) => take(input === 0 ? 0 : 1, batch, from, to),
    onTimers: () => false,
    onFlush: () => undefined,
    onEnd: () => undefined,
  };

  function take(side: 0 | 1, batch: Batch, from: number, to: number): void {
    const { input, kernel } = version(side, version(side, true).input.needsNulls(batch));
    const [mine, other] = [rows[side], rows[1 - side] as JoinRows];
    if (batch.kinds === undefined && inserts.length < to) inserts = new Uint8Array(to);
    if (batch.watermarks === undefined && none.length < to) none = new Float64Array(to).fill(-Infinity);
    keyTable.reserve(to - from);
    mine.reserve(to - from, keyTable);
    other.reserveKeys(keyTable.limit + to - from);
    place[0] = from;
    place[1] = -1;
    while (place[0] < to) {
      emitter.begin();
      const args: unknown[] = [place, to, counted, mine, keyTable, mine.identities, mine.table, other.table, other.first, other.next, batch.kinds ?? inserts, kinds, batch.watermarks ?? none, watermarks, emitter.heap, emitter.any];
      input.pushArguments(batch, args);
      output.pushArguments(emitter.batch.columns, emitter.nulls, args);
      const count = (kernel.run as (...values: unknown[]) => number)(...args);
      const goesOn = place[0] < to;
      if (count > 0) emit(side, batch, goesOn, count, batch.watermarks?.[Math.min(to, place[0] + 1) - 1] ?? batch.watermarkAfter);
    }
    context.metrics.unmatched += counted.unmatched;
    counted.unmatched = 0;
    // The indexes know no checkpoints: ids of what is gone may be used at once.
    keyTable.nextEpoch();
    mine.identities?.nextEpoch();
  }

  /** Hands on what the kernel has written. The bytes of the batch's own columns lie where the batch has them. */
  function emit(side: 0 | 1, batch: Batch, goesOn: boolean, count: number, watermark: number): void {
    const out = emitter.finish(count, watermark);
    for (const [i, column] of out.columns.entries()) {
      if (column.layout !== 'bytes') continue;
      const own = (i < width) === (side === 0) ? (batch.columns[side === 0 ? i : i - width] as BytesColumn) : undefined;
      if (own !== undefined) column.heap = own.heap;
      column.isPlain = own?.isPlain === true;
    }
    out.kinds = hasKinds ? kinds : undefined;
    out.watermarks = batch.watermarks === undefined ? undefined : watermarks;
    context.metrics.rowsOut += count;
    context.emit(out, goesOn);
  }

  /** Enters the stored rows of a side in the lists. */
  function restore(side: 0 | 1): void {
    const mine = rows[side];
    if (mine.table.size === 0) return;
    const { types } = sides[side];
    const source = new Emitter(types.map(layoutOf), capacity);
    const target = new OutputColumns(types.map(layoutOf), js`j`);
    const read = compileRead(mine, target);
    const { input, kernel } = compileEnter(mine, types);
    const ids = mine.stored.ids(mine.table);
    for (let from = 0; from < ids.length; from += capacity) {
      const part = ids.slice(from, from + capacity);
      keyTable.reserve(part.length);
      mine.reserve(part.length, keyTable);
      source.begin();
      const args: unknown[] = [mine.table, part, source.heap, source.any];
      target.pushArguments(source.batch.columns, source.nulls, args);
      (read.run as (...values: unknown[]) => void)(...args);
      const entered: unknown[] = [part, mine, keyTable, mine.identities];
      input.pushArguments(source.finish(part.length, -Infinity), entered);
      (kernel.run as (...values: unknown[]) => void)(...entered);
    }
    keyTable.nextEpoch();
    mine.identities?.nextEpoch();
  }
}

/** Writes the records `ids` to rows 0 and up. */
function compileRead({ stored }: JoinRows, output: OutputColumns): CompiledKernel {
  const code = new CodeBuilder();
  stored.declareViews(code);
  code.block(js`for (let j = 0; j < ids.length; j++)`, () => stored.emit(code, output, js`ids[j]`));
  return code.compile('readRows', [stored.table, js`ids`, js`heap`, js`any`, ...output.parameters]);
}
