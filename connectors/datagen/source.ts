import { randomInt } from 'node:crypto';
import { allocateBatch, type Batch } from '../../core/batch.ts';
import type { Clock } from '../../core/clock.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { layoutOf } from '../../core/layout.ts';
import type { Position, Source, SourceRequest, SplitReader } from '../../catalog/connector.ts';
import { planFields, sequenceRows, type FieldPlan } from './field-plan.ts';
import { fill, fillNulls } from './generate.ts';

const split = '0';
const rowsAtOnce = 4096;

interface ReadField {
  readonly plan: FieldPlan;
  /** Of the column in the table. */
  readonly index: number;
}

/** Rows that are made up: one split. Throws E0503 where all is to be read and the rows never end. */
export async function openDatagenSource({ table, read, services }: SourceRequest): Promise<Source> {
  const { plans } = planFields(table.columns, table.options);
  const limit = Math.min(sequenceRows(plans), table.options.integer('number-of-rows') ?? Infinity);
  if (services.bounded && limit === Infinity) {
    throw new SqlError({ code: 'E0503', message: `all rows of ${table.name} are asked for, and they never end`, hint: "add  'number-of-rows' = '1000'" });
  }
  const fields = read.map(({ path: [name = ''] }): ReadField => {
    const plan = plans.get(name);
    if (plan === undefined) throw new SqlError({ code: 'E0002', message: `not supported yet: ${name} from datagen` });
    return { plan, index: table.columns.findIndex((column) => column.name === name) };
  });
  const perSecond = table.options.integer('rows-per-second') ?? 10_000;
  return {
    splits: async () => [split],
    open: async (_, position) => new DatagenReader(fields, { limit, perSecond, clock: services.clock }, position),
    close: async () => undefined,
  };
}

class DatagenReader implements SplitReader {
  readonly id = split;
  readonly #fields: readonly ReadField[];
  readonly #limit: number;
  readonly #perSecond: number;
  readonly #clock: Clock;
  readonly #batch: Batch;
  readonly #nulls: readonly Uint8Array[];
  readonly #seed: number;
  /** The next row. */
  #row: number;
  /** Rows before it may be given. */
  #due: number;
  /** When (ms) the next rows are due; undefined before the first. */
  #next: number | undefined;

  constructor(fields: readonly ReadField[], { limit, perSecond, clock }: { readonly limit: number; readonly perSecond: number; readonly clock: Clock }, position: Position | undefined) {
    this.#fields = fields;
    this.#limit = limit;
    this.#perSecond = perSecond;
    this.#clock = clock;
    const layouts = fields.map(({ plan }) => layoutOf(plan.type));
    this.#batch = allocateBatch(layouts, rowsAtOnce);
    this.#nulls = layouts.map(() => new Uint8Array(rowsAtOnce));
    this.#seed = position === undefined ? randomInt(2 ** 31) : Number(position['seed']);
    this.#row = position === undefined ? 0 : Number(position['row']);
    this.#due = this.#row;
  }

  get ready(): boolean {
    return this.#row < this.#due;
  }

  get atEnd(): boolean {
    return !this.ready;
  }

  get finished(): boolean {
    return this.#row >= this.#limit;
  }

  async fetch(waitMs: number): Promise<void> {
    if (this.ready || this.finished) return;
    let now = this.#clock.now();
    if (this.#next !== undefined && now < this.#next) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, (this.#next ?? now) - now)));
      now = this.#clock.now();
      if (now < this.#next) return;
    }
    // What a slow reader has missed is not made up for, as in Flink.
    this.#next = this.#next !== undefined && now - this.#next < 1000 ? this.#next + 1000 : now + 1000;
    this.#due = Math.min(this.#limit, this.#row + this.#perSecond);
  }

  read(maxRows: number): Batch {
    const count = Math.min(maxRows, rowsAtOnce, this.#due - this.#row);
    const batch = this.#batch;
    const now = this.#clock.now();
    for (let c = 0; c < this.#fields.length; c++) {
      const { plan, index } = this.#fields[c] as ReadField;
      const column = batch.columns[c] as Batch['columns'][number];
      const nulls = this.#nulls[c] as Uint8Array;
      fill(column, plan, this.#seed, index, this.#row, count, now);
      column.nulls = plan.nullRate > 0 && fillNulls(column, nulls, plan.nullRate, this.#seed, index, this.#row, count) ? nulls : undefined;
    }
    batch.rowCount = count;
    batch.kinds = undefined;
    this.#row += count;
    return batch;
  }

  position(): Position {
    return { seed: this.#seed, row: this.#row };
  }

  async close(): Promise<void> {
    this.#due = this.#row;
  }
}
