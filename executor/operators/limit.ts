import { layoutOf } from '../../core/layout.ts';
import type { SqlType } from '../../core/sql-type.ts';
import { shapeOf } from '../../state/table.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { Calc } from './calc.ts';

export interface LimitSpec {
  readonly inputTypes: readonly SqlType[];
  readonly offset: number;
  /** Undefined for all rows behind the offset. */
  readonly count: number | undefined;
  readonly stateName: string;
}

/** The rows behind the first `offset`, at most `count`, in the order in which they come. Keeps how many have come. Needs input that only inserts. */
export function limitOperator(context: OperatorContext, { inputTypes, offset, count, stateName }: LimitSpec): Operator {
  const shape = shapeOf([{ layout: 'i64', isKey: false, name: 'rows', type: 'BIGINT' }], 1);
  const table = context.state.table(stateName, shape);
  const projection = inputTypes.map((type, index) => ({ kind: 'column' as const, index, type }));
  const calc = new Calc(context.id, { inputTypes, condition: undefined, projection });
  const end = count === undefined ? Infinity : offset + count;
  // The one record that there is.
  const at = shape.offsets[0] ?? 1;
  let seen = table.size === 0 ? 0 : Number(table.r64[at]);

  return {
    layouts: inputTypes.map(layoutOf),
    sources: [],
    isFull: () => seen >= end,
    onBatch: (_input, batch, from, to) => {
      const first = from + Math.min(to - from, Math.max(0, offset - seen));
      const last = Math.min(to, from + Math.max(0, end - seen));
      if (seen < end) {
        seen = Math.min(end, seen + to - from);
        keep();
      }
      if (last <= first) return;
      const out = calc.run(batch, first, last);
      context.metrics.rowsOut += out.rowCount;
      context.emit(out);
    },
    onTimers: () => false,
    onFlush: () => undefined,
    onEnd: () => undefined,
  };

  function keep(): void {
    if (table.size === 0) {
      table.reserve(1);
      const hash = table.hashOf(0);
      table.allocate(hash, hash & table.mask);
    }
    table.touch(0);
    table.r64[at] = BigInt(seen);
  }
}
