import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CliFolder, type CliResult } from '../cli.ts';

suite('sluice diff', () => {
  const cli = new CliFolder();
  const orders = "CREATE TABLE orders (shop STRING, item VARCHAR(10), price BIGINT) WITH ('connector' = 'kafka', 'topic' = 'orders', 'format' = 'json');\n";
  const sink = (columns: string): string => `CREATE TABLE totals (shop STRING, ${columns}, PRIMARY KEY (shop) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'totals', 'key.format' = 'json', 'value.format' = 'json');\n`;
  const write = (name: string, sql: string): string => {
    writeFileSync(join(cli.path, name), sql);
    return name;
  };
  const old = (): string => write('old.sql', `${orders}${sink('n BIGINT')}INSERT INTO totals SELECT shop, COUNT(*) AS n FROM orders GROUP BY shop;`);
  const compare = (sql: string): Promise<CliResult> => cli.call(['diff', old(), write('new.sql', sql)]);

  test('what changes no state keeps all of it: names, order, a column more, a longer text', async () => {
    const { status, stdout } = await compare(`-- another text\n${orders.replace('price', 'note STRING, price').replace('VARCHAR(10)', 'VARCHAR(20)')}${sink('amount BIGINT, twice BIGINT')}INSERT INTO totals SELECT s, n, n * 2 FROM (SELECT shop AS s, COUNT(*) AS n FROM orders GROUP BY shop) AS q;`);
    assert.match(stdout, /^keeps all state\n {2}reuse {3}new\.sql:4 {2}GroupAggregate-\S+ of totals@orders\n$/);
    assert.equal(status, 0);
  });

  test('a condition behind keeps the state, and says what the sink will not be told', async () => {
    const { status, stdout } = await compare(`${orders}${sink('n BIGINT')}INSERT INTO totals SELECT shop, n FROM (SELECT shop, COUNT(*) AS n FROM orders GROUP BY shop) AS q WHERE n > 1;`);
    assert.match(stdout, /^keeps part of the state\n {2}convert new\.sql:3 {2}GroupAggregate-\S+ of totals@orders: its results pass another condition on their way to the sink: /);
    assert.equal(status, 2);
  });

  test('an aggregate more keeps the others, with the line', async () => {
    const { status, stdout } = await compare(`${orders}${sink('n BIGINT, total BIGINT')}INSERT INTO totals\n  SELECT shop, COUNT(*), SUM(price) FROM orders GROUP BY shop;`);
    assert.match(stdout, /^keeps part of the state\n {2}convert new\.sql:4 {2}GroupAggregate-\S+ of totals@orders: 1 new aggregate starts empty\n$/);
    assert.equal(status, 2);
  });

  test('other groups are other state', async () => {
    const { status, stdout } = await compare(`${orders}${sink('n BIGINT')}INSERT INTO totals SELECT item, COUNT(*) FROM orders GROUP BY item;`);
    assert.match(stdout, /^rebuild needed: no state goes on\n {2}drop {4}new\.sql:3 .*does not hold\n {2}drop {4}old\.sql:3 .*does not use it\n$/);
    assert.equal(status, 3);
  });

  test('a file with errors is told as check tells it', async () => {
    const { status } = await compare('SELECT');
    assert.equal(status, 1);
  });
});
