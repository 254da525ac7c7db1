import { randomInt } from 'node:crypto';
import { allocateBatch, type Batch } from '../../core/batch.ts';
import type { Clock } from '../../core/clock.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { layoutOf } from '../../core/layout.ts';
import type { Position, Source, SourceRequest } from '../../catalog/connector.ts';
import { tellParallelism } from '../parallelism.ts';
import { fieldChain, fieldOf, type RowField } from '../memory/row-field.ts';
import { planFields, sequenceRows, type FieldPlan } from './field-plan.ts';
import { fill, fillNulls } from './generate.ts';
import { MadeRows } from './made-rows.ts';

const rowsAtOnce = 4096;

interface ReadField {
  readonly plan: FieldPlan;
  /** Of the column in the table. */
  readonly index: number;
  /** The way to the field that is read of it. */
  readonly chain: readonly RowField[];
}

/** Rows that are made up: one split. Throws E0503 where all is to be read and the rows never end. */
export async function openDatagenSource({ table, read, services }: SourceRequest): Promise<Source> {
  tellParallelism(table, services, 'scan.parallelism');
  const { plans } = planFields(table.columns, table.options);
  const limit = Math.min(sequenceRows(plans), table.options.integer('number-of-rows') ?? Infinity);
  if (services.bounded && limit === Infinity) {
    throw new SqlError({ code: 'E0503', message: `all rows of ${table.name} are asked for, and they never end`, hint: "add  'number-of-rows' = '1000'" });
  }
  const fields = read.map(({ path: [name = '', ...names] }): ReadField => {
    const plan = plans.get(name);
    if (plan === undefined) throw new SqlError({ code: 'E0002', message: `not supported yet: ${name} from datagen` });
    return { plan, index: table.columns.findIndex((column) => column.name === name), chain: fieldChain(plan.type, names) };
  });
  const perSecond = table.options.integer('rows-per-second') ?? 10_000;
  return {
    splits: async () => ['0'],
    open: async (_, position) => new DatagenReader(fields, { limit, perSecond, clock: services.clock }, position),
    close: async () => undefined,
  };
}

class DatagenReader extends MadeRows {
  readonly #fields: readonly ReadField[];
  protected readonly limit: number;
  readonly #perSecond: number;
  readonly #clock: Clock;
  readonly #batch: Batch;
  readonly #nulls: readonly Uint8Array[];
  readonly #seed: number;
  /** When (ms) the next rows are due; undefined before the first. */
  #next: number | undefined;

  constructor(fields: readonly ReadField[], { limit, perSecond, clock }: { readonly limit: number; readonly perSecond: number; readonly clock: Clock }, position: Position | undefined) {
    super(position === undefined ? 0 : Number(position['row']));
    this.#fields = fields;
    this.limit = limit;
    this.#perSecond = perSecond;
    this.#clock = clock;
    const layouts = fields.map(({ plan }) => layoutOf(plan.type));
    this.#batch = allocateBatch(layouts, rowsAtOnce);
    this.#nulls = layouts.map(() => new Uint8Array(rowsAtOnce));
    this.#seed = position === undefined ? randomInt(2 ** 31) : Number(position['seed']);
  }

  protected untilDue(): number {
    return this.#next === undefined ? 0 : this.#next - this.#clock.now();
  }

  protected nextDue(): number {
    const now = this.#clock.now();
    if (this.#next !== undefined && now < this.#next) return this.row;
    // What a slow reader has missed is not made up for, as in Flink.
    this.#next = this.#next !== undefined && now - this.#next < 1000 ? this.#next + 1000 : now + 1000;
    return this.row + this.#perSecond;
  }

  protected make(first: number, most: number): Batch {
    const count = Math.min(most, rowsAtOnce);
    const batch = this.#batch;
    const now = this.#clock.now();
    for (let c = 0; c < this.#fields.length; c++) {
      const { plan, index } = this.#fields[c] as ReadField;
      const column = batch.columns[c] as Batch['columns'][number];
      const nulls = this.#nulls[c] as Uint8Array;
      fill(column, plan, this.#seed, index, first, count, now);
      column.nulls = plan.nullRate > 0 && fillNulls(column, nulls, plan.nullRate, this.#seed, index, first, count) ? nulls : undefined;
    }
    batch.rowCount = count;
    batch.kinds = undefined;
    return this.#fields.every(({ chain }) => chain.length === 0) ? batch : { ...batch, columns: batch.columns.map((column, c) => fieldOf(column, this.#fields[c]?.chain ?? [], count)) };
  }

  position(): Position {
    return { seed: this.#seed, row: this.row };
  }
}
