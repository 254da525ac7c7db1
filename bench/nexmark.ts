import { eventKinds, nexmarkEvents, usualSettings, type EventField, type NexmarkEvents } from '../connectors/nexmark/events.ts';
import { TextBuffer } from '../connectors/nexmark/text-buffer.ts';
import type { BrokerLink } from '../wire/broker-link.ts';
import { BatchBuilder } from '../wire/batch-builder.ts';

/**
 * The events of connectors/nexmark in the form of the benchmark's Kafka set-up: one topic, `event_type` (0 person, 1 auction, 2 bid) and
 * one nested row of that kind, the other two null.
 */
export interface EventOptions {
  readonly topic: string;
  readonly events: number;
  readonly seed: number;
}

/** Event time starts here: 2026-01-01 00:00:00. */
const firstTime = Date.UTC(2026, 0, 1);

/** What makes an event 336 bytes of JSON on average. */
const sizes = { personBytes: 168, auctionBytes: 303, bidBytes: 117 };

const recordBatchBytes = 64 << 10;
const batchesPerRequest = 512;
const msPerDay = 86_400_000;

const encoder = new TextEncoder();
const ascii = (text: string): Uint8Array => encoder.encode(text);

/** A field's value between what stands before it and after it in the record. */
interface WrittenField {
  readonly before: Uint8Array;
  readonly field: EventField;
  readonly after: Uint8Array;
}

/** The fields of one kind as a record: the other kinds are null. */
function recordOf(events: NexmarkEvents, kind: number): readonly WrittenField[] {
  const fields = Object.entries(events.fields[kind] ?? {});
  const nulls = (kinds: readonly string[]): string => kinds.map((name) => `,"${name}":null`).join('');
  return fields.map(([name, field], i) => {
    const quote = field.form === 'number' ? '' : '"';
    const head = i === 0 ? `{"event_type":${kind}${nulls(eventKinds.slice(0, kind))},"${eventKinds[kind] ?? ''}":{` : ',';
    return { before: ascii(`${head}"${name}":${quote}`), field, after: ascii(i === fields.length - 1 ? `${quote}}${nulls(eventKinds.slice(kind + 1))}}` : quote) };
  });
}

/** Writes one event after the other as JSON. */
class EventWriter {
  readonly out = new TextBuffer(4096);
  readonly #events: NexmarkEvents;
  readonly #records: readonly (readonly WrittenField[])[];
  #day = -1;
  #date = ascii('');

  constructor(seed: number) {
    this.#events = nexmarkEvents({ ...usualSettings, ...sizes, seed, baseTime: firstTime });
    this.#records = eventKinds.map((_, kind) => recordOf(this.#events, kind));
  }

  /** Replaces what `out` holds by event number `n`; gives its event time in ms. */
  write(n: number): number {
    const { out } = this;
    out.length = 0;
    for (const { before, field, after } of this.#records[this.#events.kindOf(n)] ?? []) {
      out.put(before);
      if (field.form === 'text') field.write(n, out);
      else if (field.form === 'number') out.number(field.value(n));
      else this.#time(field.value(n));
      out.put(after);
    }
    return this.#events.timeOf(n);
  }

  #time(millis: number): void {
    const day = Math.floor(millis / msPerDay);
    if (day !== this.#day) {
      this.#day = day;
      this.#date = ascii(new Date(millis).toISOString().slice(0, 10));
    }
    this.out.time(millis, this.#date);
  }
}

/** Creates the topic (one partition) and fills it. Gives the bytes of all values. */
export async function writeEvents(link: BrokerLink, { topic, events, seed }: EventOptions): Promise<number> {
  await link.createTopic(topic, 1);
  const writer = new EventWriter(seed);
  const builder = new BatchBuilder(recordBatchBytes + 4096);
  const { out } = writer;
  let batches: { topic: string; partition: number; bytes: Uint8Array }[] = [];
  let valueBytes = 0;
  /** One request is on its way to the disk while the next is written. */
  let sent: Promise<unknown> = Promise.resolve();
  for (let n = 0; n < events; n++) {
    const time = writer.write(n);
    builder.append(out.bytes, 0, -1, out.bytes, 0, out.length, time);
    valueBytes += out.length;
    if (builder.size < recordBatchBytes) continue;
    batches.push({ topic, partition: 0, bytes: builder.finish() });
    if (batches.length < batchesPerRequest) continue;
    await sent;
    sent = link.produce({ batches });
    batches = [];
  }
  await sent;
  if (builder.recordCount > 0) batches.push({ topic, partition: 0, bytes: builder.finish() });
  if (batches.length > 0) await link.produce({ batches });
  return valueBytes;
}
