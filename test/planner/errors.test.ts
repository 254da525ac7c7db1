import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';
import { textCases } from '../text-cases.ts';

const file = new URL('errors.txt', import.meta.url);

/** Tables that the cases speak of. */
const tables = `
  CREATE TABLE orders (id BIGINT, customer STRING, price DECIMAL(10, 2), at TIMESTAMP(3), item ROW<name STRING, size INT>,
    WATERMARK FOR at AS at - INTERVAL '1' SECOND) WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'json');
  CREATE TABLE events (id BIGINT, happened BIGINT, noted TIMESTAMP(3)) WITH ('connector' = 'kafka', 'topic' = 'events', 'format' = 'json');
  CREATE TABLE totals (customer STRING, total DECIMAL(38, 2)) WITH ('connector' = 'kafka', 'topic' = 'totals', 'format' = 'json');
  CREATE TABLE trash (customer STRING, total DECIMAL(38, 2)) WITH ('connector' = 'blackhole');
  CREATE VIEW named AS SELECT customer FROM orders;`;

/** Every error of a script, as people see it; lines are those of the script itself. */
async function errorsOf(sql: string): Promise<string> {
  await using engine = await Engine.create();
  await engine.exec(tables);
  return engine.check(sql, 'case.sql').errors.map((error) => error.format()).join('\n\n');
}

textCases(file, errorsOf);

test('every case is an error, and a good statement is none', async () => {
  assert.equal(/\n---\n\s*(?:===|$)/.test(readFileSync(file, 'utf8')), false);
  assert.equal(await errorsOf('SELECT id FROM orders'), '');
});
