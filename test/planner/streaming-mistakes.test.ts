import { Engine } from '../../engine/engine.ts';
import { textCases } from '../text-cases.ts';

/** Tables that the cases speak of. */
const tables = `
  CREATE TABLE orders (id BIGINT, customer STRING, price DECIMAL(10, 2), at TIMESTAMP(3), WATERMARK FOR at AS at - INTERVAL '1' SECOND)
  WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'json');
  CREATE TABLE imports (id BIGINT, customer STRING, price DECIMAL(10, 2), at TIMESTAMP(3)) WITH ('connector' = 'kafka', 'topic' = 'imports', 'format' = 'json');
  CREATE TABLE players (id INT, team STRING, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'players', 'key.format' = 'json', 'value.format' = 'json');
  CREATE TABLE log (customer STRING, total DECIMAL(38, 2)) WITH ('connector' = 'kafka', 'topic' = 'log', 'format' = 'json');
  CREATE VIEW daily AS
    SELECT customer, SUM(price) AS total
    FROM orders GROUP BY customer;`;

/** Every error of a script, as people see it. A mistake that a view makes is told where the view stands. */
async function errorsOf(sql: string): Promise<string> {
  await using engine = await Engine.create();
  await engine.exec(tables);
  return engine.check(sql, 'case.sql').errors.map((error) => error.format()).join('\n\n');
}

textCases(new URL('streaming-mistakes.txt', import.meta.url), errorsOf);
