import { Engine, SqlError, type EngineOptions } from '../../index.ts';
import { produce } from './topics.ts';

/** An engine with a table `t` (k STRING, v BIGINT, d DOUBLE, at BIGINT, ts), whose topic holds `rows`. */
export async function engineWith(rows: readonly unknown[], options: EngineOptions = {}): Promise<Engine> {
  const engine = await Engine.create({ kafka: 'embedded', ...options });
  await engine.exec(`
    CREATE TABLE t (k STRING, v BIGINT, d DOUBLE, at BIGINT, ts AS TO_TIMESTAMP_LTZ(at, 3), WATERMARK FOR ts AS ts)
    WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset')`);
  const link = await engine.brokerLink();
  await link.createTopic('t', 1);
  if (rows.length > 0) await produce(link, 't', rows);
  return engine;
}

/** True for an SqlError of that code whose message, place or hint match. */
export function failure(code: string, text = /^/, column?: number): (error: unknown) => boolean {
  return (error) => error instanceof SqlError && error.code === code && text.test(error.format()) && (column === undefined || error.column === column);
}
