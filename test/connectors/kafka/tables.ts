import { Engine, SqlError, type EngineOptions, type Row } from '../../../index.ts';
import { BatchBuilder } from '../../../wire/batch-builder.ts';

const encoder = new TextEncoder();

/** A record: key and value as text, null for none, and its time in ms. */
export type Written = readonly [key: string | null, value: string | null, time?: number];

/** An engine whose topic `t` has one partition, with these records. */
export async function engineWith(records: readonly Written[], options: EngineOptions = {}): Promise<Engine> {
  const engine = await Engine.create({ kafka: 'embedded', ...options });
  const link = await engine.brokerLink();
  await link.createTopic('t', 1);
  if (records.length === 0) return engine;
  const builder = new BatchBuilder();
  for (const [key, value, time = 1_700_000_000_000] of records) {
    const [k, v] = [encoder.encode(key ?? ''), encoder.encode(value ?? '')];
    builder.append(k, 0, key === null ? -1 : k.length, v, 0, value === null ? -1 : v.length, time);
  }
  await link.produce({ batches: [{ topic: 't', partition: 0, bytes: builder.finish() }] });
  return engine;
}

/** A table over topic `t`, or another, that reads from its start to its end. */
export function table(name: string, columns: string, options: string, topic = 't'): string {
  return `CREATE TABLE ${name} (${columns}) WITH ('connector' = 'kafka', 'topic' = '${topic}', 'scan.startup.mode' = 'earliest-offset', 'scan.bounded.mode' = 'latest-offset', ${options})`;
}

/** The values of a query's rows. */
export async function rowsOf(engine: Engine, sql: string): Promise<unknown[][]> {
  return (await engine.collect(sql)).rows.map((row: Row) => Object.values(row));
}

/** Code and text of the error of a script. */
export async function errorOf(engine: Engine, sql: string): Promise<string> {
  try {
    await engine.exec(sql);
  } catch (error) {
    if (error instanceof SqlError) return error.format();
    throw error;
  }
  return 'no error';
}
