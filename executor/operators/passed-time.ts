import { noWatermark } from '../../core/batch.ts';
import { shapeOf, type Table } from '../../state/table.ts';
import type { OperatorState } from '../operator.ts';

/** A time that only goes forward, in ms, kept over restarts as the one record of a table. */
export class PassedTime {
  readonly #table: Table;
  readonly #at: number;
  #time: number;

  constructor(state: OperatorState, name: string) {
    const shape = shapeOf([{ layout: 'f64', isKey: false, name: 'passed', type: 'DOUBLE' }], 1);
    this.#table = state.table(name, shape);
    this.#at = shape.offsets[0] ?? 1;
    this.#time = this.#table.size === 0 ? noWatermark : (this.#table.rf64[this.#at] as number);
  }

  /** -Infinity for none yet. */
  get time(): number {
    return this.#time;
  }

  reach(time: number): void {
    if (time <= this.#time) return;
    this.#time = time;
    const table = this.#table;
    if (table.size === 0) {
      table.reserve(1);
      const hash = table.hashOf(0);
      table.allocate(hash, hash & table.mask);
    }
    table.touch(0);
    table.rf64[this.#at] = time;
  }
}
