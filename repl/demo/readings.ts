import type { BrokerLink } from '../../wire/broker-link.ts';
import { BatchBuilder } from '../../wire/batch-builder.ts';
import { readBatchHeader } from '../../wire/record-batch.ts';

export const sensors: readonly string[] = ['s1', 's2', 's3', 's4', 's5'];
const readingsTopic = 'sensor-readings';
const partitions = 2;
/** ms between two readings: 20 a second, each sensor in its turn. */
const spacingMs = 50;
/** How often the readings that are due are written, in ms. */
const tickMs = 100;

/** Degrees at an instant (ms): each sensor swings around a level of its own, in one and a half minutes and, less, in seventeen seconds. */
function temperatureAt(sensor: number, instant: number): number {
  const wave = (periodMs: number): number => Math.sin((2 * Math.PI * instant) / periodMs + sensor);
  return Math.round(100 * (18 + 2 * sensor + 3 * wave(90_000) + 0.6 * wave(17_000))) / 100;
}

/** Writes readings of the demo's sensors into the topic: those of the past at once, then those of the present as time goes on. */
export class ReadingsProducer {
  readonly #link: BrokerLink;
  readonly #encoder = new TextEncoder();
  /** Readings are numbered by their time: number n is of instant n * spacingMs. */
  #next: number;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(link: BrokerLink, from: number) {
    this.#link = link;
    this.#next = Math.ceil(from / spacingMs);
  }

  /** `from`: the instant of the first reading, in ms. Readings that the topic holds already are not written again. */
  static async open(link: BrokerLink, from: number): Promise<ReadingsProducer> {
    let next = from;
    const isNew = await link.createTopic(readingsTopic, partitions);
    for (let partition = 0; !isNew && partition < partitions; partition++) {
      const { end } = await link.offsets(readingsTopic, partition);
      if (end === 0) continue;
      const { bytes, length } = await link.fetch({ topic: readingsTopic, partition, offset: end - 1, maxBytes: 1, waitMs: 0, isolation: 'read_uncommitted' });
      const last = readBatchHeader(bytes, 0, length);
      if (last !== undefined) next = Math.max(next, last.maxTimestamp + 1);
    }
    return new ReadingsProducer(link, next);
  }

  /** Writes all readings up to `until` (ms) and resolves when they are on disk. */
  async writeUntil(until: number): Promise<void> {
    const builders = Array.from({ length: partitions }, () => new BatchBuilder());
    for (; this.#next * spacingMs <= until; this.#next++) {
      const instant = this.#next * spacingMs;
      const sensor = this.#next % sensors.length;
      const value = this.#encoder.encode(JSON.stringify({ id: sensors[sensor], temperature: temperatureAt(sensor, instant), timestamp: instant }));
      builders[sensor % partitions]?.append(value, 0, -1, value, 0, value.length, instant);
    }
    const batches = builders.flatMap((builder, partition) => (builder.recordCount === 0 ? [] : [{ topic: readingsTopic, partition, bytes: builder.finish() }]));
    if (batches.length > 0) await this.#link.produce({ batches });
  }

  /** Goes on live until `stop`. `onError` hears of a write that failed. */
  start(onError: (error: unknown) => void): void {
    this.#timer = setInterval(() => {
      this.#writing = this.#writing.then(() => this.writeUntil(Date.now())).catch(onError);
    }, tickMs);
  }

  /** Resolves when the last write has ended. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
  }
}
