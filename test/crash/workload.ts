import type { BrokerLink } from '../../wire/broker-link.ts';
import { BatchBuilder } from '../../wire/batch-builder.ts';

/** What the crash tests run: four jobs over one input topic of two partitions whose record at an offset never changes. */
export const inputTopic = 'readings';
export const inputPartitions = 2;

const input = `
  CREATE TABLE readings (id STRING, v BIGINT, temperature DOUBLE, at BIGINT, ts AS TO_TIMESTAMP_LTZ(at, 3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND)
  WITH ('connector' = 'kafka', 'topic' = '${inputTopic}', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset');`;

export interface Workload {
  readonly job: string;
  readonly topic: string;
  readonly partitions: number;
  readonly insert: string;
  /** 'windows', 'filtered': each record once. 'counts': the last value of each key. 'copied': nothing lost. */
  readonly check: 'once' | 'latest' | 'nothing lost';
}

export const workloads: readonly Workload[] = [
  {
    job: 'windows', topic: 'windows', partitions: 1, check: 'once',
    insert: `INSERT INTO windows SELECT id, window_start, window_end, AVG(temperature) AS average
      FROM TABLE(TUMBLE(TABLE readings, DESCRIPTOR(ts), INTERVAL '10' SECOND)) GROUP BY id, window_start, window_end;`,
  },
  { job: 'counts', topic: 'counts', partitions: 2, check: 'latest', insert: 'INSERT INTO counts SELECT id, COUNT(*) AS n, SUM(v) AS total FROM readings GROUP BY id;' },
  { job: 'filtered', topic: 'filtered', partitions: 2, check: 'once', insert: 'INSERT INTO filtered SELECT id, v * 2 AS twice FROM readings WHERE MOD(v, 3) <> 0;' },
  { job: 'copied', topic: 'copied', partitions: 1, check: 'nothing lost', insert: 'INSERT INTO copied SELECT id, v FROM readings WHERE MOD(v, 5) = 0;' },
];

export const tables = `${input}
  CREATE TABLE windows (id STRING, window_start TIMESTAMP_LTZ(3), window_end TIMESTAMP_LTZ(3), average DOUBLE)
  WITH ('connector' = 'kafka', 'topic' = 'windows', 'format' = 'json', 'sink.delivery-guarantee' = 'exactly-once');
  CREATE TABLE counts (id STRING, n BIGINT, total BIGINT, PRIMARY KEY (id) NOT ENFORCED)
  WITH ('connector' = 'upsert-kafka', 'topic' = 'counts', 'key.format' = 'json', 'value.format' = 'json', 'sink.delivery-guarantee' = 'exactly-once');
  CREATE TABLE filtered (id STRING, twice BIGINT) WITH ('connector' = 'kafka', 'topic' = 'filtered', 'format' = 'json', 'sink.delivery-guarantee' = 'exactly-once');
  CREATE TABLE copied (id STRING, v BIGINT) WITH ('connector' = 'kafka', 'topic' = 'copied', 'format' = 'json');`;

export const settings = { 'execution.checkpointing.interval': '200 ms', 'table.exec.source.idle-timeout': '0 s' };

const utf8 = new TextEncoder();

/**
 * The record at an offset of a partition. `v` is unique, times run on by 20 ms a record with a little disorder within the watermark's
 * delay, temperatures are quarters: their sums are exact in any order.
 */
function record(partition: number, offset: number): Uint8Array {
  const v = offset * inputPartitions + partition;
  const at = 1_700_000_000_000 + offset * 20 - ((offset * 7) % 13) * 100;
  return utf8.encode(JSON.stringify({ id: `s${(offset * 31 + partition) % 17}`, v, temperature: 15 + ((v * 5) % 64) / 4, at }));
}

/** Appends up to `count` of the records that a partition lacks of its first `total`; gives how many it now holds. */
export async function writeMissing(link: BrokerLink, partition: number, count: number, total: number): Promise<number> {
  const { end } = await link.offsets(inputTopic, partition);
  const upTo = Math.min(total, end + count);
  if (upTo <= end) return end;
  const builder = new BatchBuilder();
  for (let offset = end; offset < upTo; offset++) {
    const value = record(partition, offset);
    builder.append(value, 0, -1, value, 0, value.length, 1_700_000_000_000 + offset);
  }
  await link.produce({ batches: [{ topic: inputTopic, partition, bytes: builder.finish() }] });
  return upTo;
}

export async function createTopics(link: BrokerLink): Promise<void> {
  await link.createTopic(inputTopic, inputPartitions);
  for (const { topic, partitions } of workloads) await link.createTopic(topic, partitions);
}
