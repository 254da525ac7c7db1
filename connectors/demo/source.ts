import { allocateBatch, type Batch } from '../../core/batch.ts';
import { layoutOf } from '../../core/layout.ts';
import type { Clock } from '../../core/clock.ts';
import type { Position, Source, SourceRequest } from '../../catalog/connector.ts';
import { draw } from '../datagen/generate.ts';
import { MadeRows } from '../datagen/made-rows.ts';
import { sensorColumns } from './sensors.ts';

const rowsAtOnce = 2048;
const two32 = 4294967296;
/** ms of readings that there are when all is asked for that is there now. */
const history = 60_000;
/** ms that a reading may be under way: less than the second by which the watermark of demo.sensors stays behind. */
const greatestDelay = 400;
/** The names of the sensors, one behind the other, and what 8 readable bytes behind them are. */
const names = new TextEncoder().encode('s1s2s3s4\0\0\0\0\0\0\0\0');
/** By sensor: degrees around which its readings go, and ms of a whole swing. */
const middles = [21.4, 19, 23.2, 17.6] as const;
const swings = [60_000, 90_000, 45_000, 120_000] as const;

/** Readings at even distances of time: one split. */
export async function openDemoSource({ table, read, services }: SourceRequest): Promise<Source> {
  const columns = read.map(({ path: [name = ''] }) => sensorColumns.findIndex((column) => column.name === name));
  const made = { columns, every: 1000 / (table.options.integer('rows-per-second') ?? 100), seed: table.options.integer('seed') ?? 1, clock: services.clock, isBounded: services.bounded };
  return {
    splits: async () => ['0'],
    open: async (_, position) => new SensorReader(made, position),
    close: async () => undefined,
  };
}

interface Made {
  /** What is read, as places in sensorColumns. */
  readonly columns: readonly number[];
  /** ms between two readings. */
  readonly every: number;
  readonly seed: number;
  readonly clock: Clock;
  readonly isBounded: boolean;
}

class SensorReader extends MadeRows {
  readonly #made: Made;
  readonly #batch: Batch;
  /** ms: when reading 0 was, or would have been, made. What nobody read while the job did not run was not made. */
  readonly #start: number;
  protected readonly limit: number;

  constructor(made: Made, position: Position | undefined) {
    super(position === undefined ? 0 : Number(position['row']));
    const { columns, every, clock, isBounded } = made;
    this.#made = made;
    const rows = isBounded ? Math.floor(history / every) : 0;
    this.limit = isBounded ? this.row + rows : Infinity;
    this.due = this.row + rows;
    this.#start = clock.now() - this.due * every;
    this.#batch = allocateBatch(columns.map((column) => layoutOf((sensorColumns[column] as (typeof sensorColumns)[number]).type)), rowsAtOnce);
    for (const column of this.#batch.columns) {
      if (column.layout !== 'bytes') continue;
      column.heap = names;
      column.lengths.fill(2);
    }
  }

  protected untilDue(): number {
    const { clock, every } = this.#made;
    return this.#start + (this.row + 1) * every - clock.now();
  }

  protected nextDue(): number {
    const { clock, every } = this.#made;
    return Math.floor((clock.now() - this.#start) / every);
  }

  protected make(first: number, most: number): Batch {
    const { columns, every, seed } = this.#made;
    const batch = this.#batch;
    const count = Math.min(most, rowsAtOnce);
    for (let i = 0; i < count; i++) {
      const row = first + i;
      const sensor = draw(seed, 0, row, 0) & 3;
      const time = Math.floor(this.#start + (row + 1) * every) - (draw(seed, 1, row, 0) % greatestDelay);
      for (let c = 0; c < columns.length; c++) {
        const column = batch.columns[c] as Batch['columns'][number];
        if (column.layout === 'bytes') column.offsets[i] = 2 * sensor;
        else if (column.layout === 'f64') column.values[i] = temperature(seed, sensor, row, time);
        else if (column.layout === 'i64') {
          column.words[2 * i] = time;
          column.words[2 * i + 1] = Math.floor(time / two32);
        }
      }
    }
    batch.rowCount = count;
    return batch;
  }

  position(): Position {
    return { row: this.row };
  }
}

/** Degrees, in hundredths: a slow swing around the sensor's middle, and up to half a degree of noise. */
function temperature(seed: number, sensor: number, row: number, time: number): number {
  const swing = 2 * Math.sin((2 * Math.PI * time) / (swings[sensor] as number));
  const noise = (draw(seed, 2, row, 0) % 1001) / 1000 - 0.5;
  return Math.round(((middles[sensor] as number) + swing + noise) * 100) / 100;
}
