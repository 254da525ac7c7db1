import { Engine } from '../../engine/engine.ts';
import { textCases } from '../text-cases.ts';

/** Tables that the cases speak of. */
const tables = `
  CREATE TABLE orders (id BIGINT, customer STRING, price DECIMAL(10, 2), at TIMESTAMP(3), WATERMARK FOR at AS at - INTERVAL '1' SECOND)
  WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'json');
  CREATE TABLE limits (owner STRING, most DECIMAL(10, 2)) WITH ('connector' = 'kafka', 'topic' = 'limits', 'format' = 'json');`;

/** Every error of a query that has queries within it, as people see it. */
async function errorsOf(sql: string): Promise<string> {
  await using engine = await Engine.create();
  await engine.exec(tables);
  return engine.check(sql, 'case.sql').errors.map((error) => error.format()).join('\n\n');
}

textCases(new URL('subquery-mistakes.txt', import.meta.url), errorsOf);
