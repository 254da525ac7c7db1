import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrokerLink } from '../../wire/broker-link.ts';
import { BatchBuilder } from '../../wire/batch-builder.ts';

/** How what a job wrote is compared with what it writes undisturbed. */
export type Comparison =
  /** Each row once, in any order. */
  | 'once'
  /** Each row once, in this order. */
  | 'in order'
  /** The last row of each key that was not deleted. */
  | 'latest'
  /** Each row at least once. */
  | 'nothing lost'
  /** The sum of `n` for each `g`, however the rows were divided. */
  | 'sums';

export interface Output {
  /** A topic, or a folder beside the state. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly comparison: Comparison;
}

export interface Shape {
  readonly job: string;
  readonly tables: string;
  readonly insert: string;
  readonly outputs: readonly Output[];
}

const window = 'g STRING, start TIMESTAMP_LTZ(3), n BIGINT';
const bounds = 'window_start, window_end';
const over = (table: string, kind: string): string => `FROM TABLE(${kind.replace('(', `(TABLE ${table}, DESCRIPTOR(ts), `)})`;

const topic = (job: string): string => `WITH ('connector' = 'kafka', 'topic' = '${job}', 'format' = 'json', 'sink.delivery-guarantee' = 'exactly-once')`;
const upsert = (job: string): string => `WITH ('connector' = 'upsert-kafka', 'topic' = '${job}', 'key.format' = 'json', 'value.format' = 'json', 'sink.delivery-guarantee' = 'exactly-once')`;
const parts = (path: string): string => `WITH ('connector' = 'filesystem', 'path' = '${path}', 'format' = 'json', 'sink.rolling-policy.file-size' = '2kb', 'sink.rolling-policy.rollover-interval' = '200 ms', 'sink.rolling-policy.check-interval' = '50 ms')`;

function intoTopic(job: string, columns: string, query: string, comparison: Comparison = 'once'): Shape {
  return { job, tables: `CREATE TABLE ${job} (${columns}) ${topic(job)};`, insert: `INSERT INTO ${job} ${query};`, outputs: [{ name: job, isFolder: false, comparison }] };
}

function intoUpserts(job: string, columns: string, key: string, query: string): Shape {
  return { job, tables: `CREATE TABLE ${job} (${columns}, PRIMARY KEY (${key}) NOT ENFORCED) ${upsert(job)};`, insert: `INSERT INTO ${job} ${query};`, outputs: [{ name: job, isFolder: false, comparison: 'latest' }] };
}

function intoFolder(dir: string, job: string, columns: string, query: string, partitioned = ''): Shape {
  return { job, tables: `CREATE TABLE ${job} (${columns}) ${partitioned} ${parts(join(dir, job))};`, insert: `INSERT INTO ${job} ${query};`, outputs: [{ name: job, isFolder: true, comparison: 'once' }] };
}

/** A job for each way of keeping state, of reading and of writing. */
export function shapesOf(dir: string): readonly Shape[] {
  return [
    intoTopic('hops', `id STRING, ${window}, mean DOUBLE`, `SELECT id, MIN(g), window_start, COUNT(*), AVG(q) ${over('events', "HOP(INTERVAL '2' SECOND, INTERVAL '6' SECOND)")} GROUP BY id, ${bounds}`),
    intoTopic('steps', `${window}, most BIGINT`, `SELECT g, window_start, COUNT(*), MAX(v) ${over('events', "CUMULATE(INTERVAL '2' SECOND, INTERVAL '6' SECOND)")} GROUP BY g, ${bounds}`),
    intoTopic('distinct_hops', 'start TIMESTAMP_LTZ(3), n BIGINT, some BIGINT', `SELECT window_start, COUNT(DISTINCT id), COUNT(DISTINCT v) FILTER (WHERE MOD(v, 3) = 0) ${over('events', "HOP(INTERVAL '2' SECOND, INTERVAL '6' SECOND)")} GROUP BY ${bounds}`),
    intoTopic('sessions', `${window}, total BIGINT`, `SELECT g, window_start, COUNT(*), SUM(v) FROM TABLE(SESSION(TABLE events PARTITION BY g, DESCRIPTOR(ts), INTERVAL '1' SECOND)) GROUP BY g, ${bounds}`),
    intoTopic('nested_windows', 'start TIMESTAMP_LTZ(3), n BIGINT', `SELECT window_start, MAX(n) FROM (SELECT id, ${bounds}, COUNT(*) AS n ${over('events', "TUMBLE(INTERVAL '3' SECOND)")} GROUP BY id, ${bounds}) GROUP BY ${bounds}`),
    intoTopic('texts', 'start TIMESTAMP_LTZ(3), ids STRING', `SELECT window_start, LISTAGG(id) ${over('single', "TUMBLE(INTERVAL '2' SECOND)")} GROUP BY ${bounds}`),
    intoTopic('paged', 'a BIGINT, b BIGINT, start TIMESTAMP(3), n BIGINT', `SELECT bid.auction, bid.bidder, window_start, COUNT(*) ${over('market', "TUMBLE(INTERVAL '8' SECOND)")} WHERE event_type = 2 GROUP BY bid.auction, bid.bidder, ${bounds}`),
    intoTopic('clock_windows', window, `SELECT g, window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(p), INTERVAL '1' SECOND)) GROUP BY g, ${bounds}`, 'sums'),
    intoTopic('clock_sessions', window, `SELECT g, window_start, COUNT(*) FROM TABLE(SESSION(TABLE events PARTITION BY g, DESCRIPTOR(p), INTERVAL '1' SECOND)) GROUP BY g, ${bounds}`, 'sums'),
    intoTopic('sorted', 'v BIGINT', 'SELECT v FROM events ORDER BY ts, v', 'in order'),
    intoTopic('different', 'id STRING, m BIGINT', 'SELECT DISTINCT id, MOD(v, 60) FROM events'),
    intoTopic('united', window, `SELECT g, window_start, COUNT(*) ${over('both_topics', "TUMBLE(INTERVAL '2' SECOND)")} GROUP BY g, ${bounds}`),
    intoTopic('places', 'v BIGINT, p INT, o BIGINT, t TIMESTAMP_LTZ(3)', 'SELECT v, p, o, t FROM places_of'),
    intoTopic('from_files', 'id STRING, v BIGINT', 'SELECT id, v FROM lines WHERE MOD(v, 3) > 0'),
    intoTopic('counted', 'n BIGINT', 'SELECT n FROM numbers'),
    intoUpserts('counts', 'g STRING, n BIGINT, some BIGINT', 'g', 'SELECT g, COUNT(DISTINCT id), COUNT(DISTINCT v) FILTER (WHERE MOD(v, 3) = 0) FROM events GROUP BY g'),
    intoUpserts('highest', 'v BIGINT, m BIGINT', 'v', 'SELECT v, MOD(v * 7919, 100003) AS m FROM events ORDER BY m, v LIMIT 10'),
    intoUpserts('missing', 'id STRING, m BIGINT', 'id, m', 'SELECT id, MOD(v, 40) FROM events EXCEPT SELECT id, MOD(v, 40) FROM single WHERE MOD(v, 3) = 0'),
    intoUpserts('shared', 'id STRING, m BIGINT', 'id, m', 'SELECT id, MOD(v, 40) FROM events INTERSECT SELECT id, MOD(v, 40) FROM single WHERE MOD(v, 3) = 0'),
    intoUpserts('several_to_a_key', 'n BIGINT, id STRING', 'n', 'SELECT COUNT(*), id FROM single GROUP BY id'),
    intoUpserts('groups_of_groups', 'n BIGINT, c BIGINT', 'n', 'SELECT n, COUNT(*) FROM (SELECT id, COUNT(*) AS n FROM single GROUP BY id) GROUP BY n'),
    intoUpserts('joined', 'g STRING, n BIGINT, total BIGINT', 'g', 'SELECT e.g, COUNT(*), SUM(s.v) FROM events AS e JOIN single AS s ON e.v = s.v GROUP BY e.g'),
    intoUpserts('half_joined', 'v BIGINT, g STRING, x BIGINT', 'v', 'SELECT e.v, i.g, i.x FROM events AS e LEFT JOIN items AS i ON MOD(e.v, 60) = i.x WHERE e.v < 600'),
    intoUpserts('while_there', 'v BIGINT, g STRING', 'v', 'SELECT v, g FROM events WHERE v < 600 AND MOD(v, 60) IN (SELECT x FROM items)'),
    intoUpserts('while_not_there', 'v BIGINT, g STRING', 'v', 'SELECT v, g FROM events AS e WHERE v < 600 AND NOT EXISTS (SELECT 1 FROM items AS i WHERE i.x = MOD(e.v, 60))'),
    intoUpserts('beside_values', 'v BIGINT, high BIGINT, n BIGINT', 'v', 'SELECT v, (SELECT MAX(x) FROM items), (SELECT COUNT(*) FROM items AS i WHERE i.g = e.g) FROM events AS e WHERE v < 300'),
    intoUpserts('groups_beside_values', 'g STRING, n BIGINT, low BIGINT', 'g', 'SELECT g, COUNT(*), (SELECT MIN(x) FROM items AS i WHERE i.g = e.g) FROM events AS e GROUP BY g HAVING COUNT(*) > (SELECT COUNT(*) FROM items)'),
    intoUpserts('rolled_up', 'g STRING, id STRING, n BIGINT, some BIGINT', 'g, id', "SELECT COALESCE(g, 'all'), COALESCE(id, 'all'), COUNT(*), COUNT(DISTINCT v) FILTER (WHERE MOD(v, 3) = 0) FROM events GROUP BY ROLLUP (g, id)"),
    intoTopic('windows_of_sets', `id STRING, ${window}`, `SELECT id, g, window_start, COUNT(*) ${over('events', "TUMBLE(INTERVAL '2' SECOND)")} GROUP BY GROUPING SETS ((id, ${bounds}), (g, ${bounds}), (${bounds}))`),
    intoTopic('watermarks', 'v BIGINT, w TIMESTAMP_LTZ(3)', 'SELECT v, CURRENT_WATERMARK(ts) FROM single'),
    intoUpserts('of_changes', 'g STRING, n BIGINT, low BIGINT, high BIGINT', 'g', 'SELECT g, COUNT(*), MIN(x), MAX(x) FROM items WHERE x > 10 GROUP BY g'),
    intoUpserts('highest_of_changes', 'id STRING, x BIGINT', 'id', 'SELECT id, x FROM items ORDER BY x DESC, id LIMIT 5'),
    { ...intoUpserts('gathered', 'id STRING, n BIGINT', 'id', 'SELECT id, COUNT(*) FROM events GROUP BY id'), tables: `CREATE TABLE gathered (id STRING, n BIGINT, PRIMARY KEY (id) NOT ENFORCED) ${upsert('gathered').replace(')', ", 'sink.buffer-flush.max-rows' = '40', 'sink.buffer-flush.interval' = '50 ms')")};` },
    intoFolder(dir, 'files', 'id STRING, v BIGINT', 'SELECT id, v FROM events WHERE MOD(v, 3) > 0'),
    intoFolder(dir, 'divided', 'v BIGINT, g STRING', 'SELECT v, g FROM events', 'PARTITIONED BY (g)'),
    intoFolder(dir, 'files_of_files', window, `SELECT id, window_start, COUNT(*) ${over('lines', "TUMBLE(INTERVAL '2' SECOND)")} GROUP BY id, ${bounds}`),
    {
      job: 'one_job',
      tables: `CREATE TABLE set_windows (${window}) ${topic('set_windows')}; CREATE TABLE set_files (v BIGINT) ${parts(join(dir, 'set_files'))};
        CREATE TABLE set_counts (id STRING, n BIGINT, PRIMARY KEY (id) NOT ENFORCED) ${upsert('set_counts')}; CREATE TABLE set_copies (v BIGINT) ${topic('set_copies')};`,
      insert: `EXECUTE STATEMENT SET BEGIN INSERT INTO set_windows SELECT id, window_start, COUNT(*) ${over('events', "TUMBLE(INTERVAL '2' SECOND)")} GROUP BY id, ${bounds};
        INSERT INTO set_files SELECT v FROM events WHERE MOD(v, 5) = 1; INSERT INTO set_counts SELECT id, COUNT(*) FROM events GROUP BY id; INSERT INTO set_copies SELECT v FROM single; END;`,
      outputs: [{ name: 'set_windows', isFolder: false, comparison: 'once' }, { name: 'set_files', isFolder: true, comparison: 'once' }, { name: 'set_counts', isFolder: false, comparison: 'latest' }, { name: 'set_copies', isFolder: false, comparison: 'once' }],
    },
    {
      job: 'spread',
      tables: `CREATE TABLE spread (${window}, topic STRING METADATA) ${topic('spread_a;spread_b')};`,
      insert: `INSERT INTO spread SELECT g, window_start, COUNT(*), CASE g WHEN 'g0' THEN 'spread_a' ELSE 'spread_b' END ${over('events', "TUMBLE(INTERVAL '2' SECOND)")} GROUP BY g, ${bounds};`,
      outputs: [{ name: 'spread_a', isFolder: false, comparison: 'once' }, { name: 'spread_b', isFolder: false, comparison: 'once' }],
    },
    { ...intoTopic('good', 'id STRING, v BIGINT', 'SELECT id, v FROM mixed'), outputs: [{ name: 'good', isFolder: false, comparison: 'once' }, { name: 'mixed_errors', isFolder: false, comparison: 'nothing lost' }] },
  ];
}

const columns = 'id STRING, g STRING, v BIGINT, q DOUBLE, at BIGINT';
const time = "ts AS TO_TIMESTAMP_LTZ(at, 3), WATERMARK FOR ts AS ts - INTERVAL '2' SECOND";
const from = (name: string, more = ''): string => `WITH ('connector' = 'kafka', 'topic' = '${name}', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset'${more})`;
const bid = 'ROW<auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, `dateTime` TIMESTAMP(3), extra STRING>';
const dated = (row: string): string => row.replace('ROW<', 'ROW<id BIGINT, ').replace(/auction BIGINT.*url STRING, /, '');

/** What the jobs read, in a state folder beside which `dir` has room for files. */
export function sourcesOf(dir: string): string {
  return `CREATE TABLE events (${columns}, p AS PROCTIME(), ${time}) ${from('events')};
    CREATE TABLE single (${columns}, ${time}) ${from('single')};
    CREATE VIEW both_topics AS SELECT g, ts FROM events UNION ALL SELECT id, ts FROM single;
    CREATE TABLE places_of (v BIGINT, p INT METADATA FROM 'partition' VIRTUAL, o BIGINT METADATA FROM 'offset' VIRTUAL, t TIMESTAMP_LTZ(3) METADATA FROM 'timestamp') ${from('events')};
    CREATE TABLE mixed (${columns}) ${from('mixed', ", 'error-handling.mode' = 'log', 'error-handling.log.target' = 'mixed_errors'")};
    CREATE TABLE items (id STRING, g STRING, x BIGINT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'items', 'key.format' = 'json', 'value.format' = 'json');
    CREATE TABLE lines (${columns}, ${time}) WITH ('connector' = 'filesystem', 'path' = '${join(dir, 'lines')}', 'format' = 'csv', 'source.monitor-interval' = '50 ms');
    CREATE TABLE market (event_type INT, person ${dated(bid)}, auction ${dated(bid)}, bid ${bid}, ts AS CASE event_type WHEN 0 THEN person.\`dateTime\` WHEN 1 THEN auction.\`dateTime\` ELSE bid.\`dateTime\` END, WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)
      WITH ('connector' = 'nexmark', 'events.num' = '40000', 'first-event.rate' = '2000', 'base-time' = '2026-01-01 00:00:00');
    CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '2000', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '15000');`;
}

interface Made {
  readonly key?: object;
  readonly value: object | string | null;
}

/** A row of the topics, the same whenever it is asked for. Times run on by 20 ms, with a little disorder within the watermark's delay. */
function event(partition: number, offset: number): { readonly id: string; readonly g: string; readonly v: number; readonly q: number; readonly at: number } {
  const v = offset * 2 + partition;
  return { id: `s${(offset * 31 + partition) % 17}`, g: `g${Math.floor(offset / 120) % 5}`, v, q: 15 + ((v * 5) % 64) / 4, at: 1_700_000_000_000 + offset * 20 - ((offset * 7) % 13) * 100 };
}

function item(offset: number): Made {
  const id = `k${(offset * 37 + (offset >> 4)) % 41}`;
  return { key: { id }, value: (offset * 29) % 7 === 0 ? null : { id, g: `g${(offset * 17) % 6}`, x: (offset * 53) % 97 } };
}

const inputs: Readonly<Record<string, { readonly partitions: number; readonly make: (partition: number, offset: number) => Made }>> = {
  events: { partitions: 2, make: (partition, offset) => ({ value: event(partition, offset) }) },
  single: { partitions: 1, make: (partition, offset) => ({ value: event(partition, offset) }) },
  mixed: { partitions: 2, make: (partition, offset) => ({ value: (offset * 13 + partition) % 11 === 0 ? `{"id": "x${partition}-${offset}", "v": no` : event(partition, offset) }) },
  items: { partitions: 1, make: (_, offset) => item(offset) },
};

const utf8 = new TextEncoder();
const linesOfFile = 60;

/** Appends up to `count` records to each partition, of its first `total`, and writes the files that go with them; gives how many the partition with the fewest holds. */
export async function feed(link: BrokerLink, dir: string, count: number, total: number): Promise<number> {
  let fewest = total;
  for (const [topic, { partitions, make }] of Object.entries(inputs)) {
    await link.createTopic(topic, partitions);
    for (let partition = 0; partition < partitions; partition++) {
      const { end } = await link.offsets(topic, partition);
      const upTo = Math.min(total, end + count);
      fewest = Math.min(fewest, upTo);
      if (upTo === end) continue;
      const builder = new BatchBuilder();
      for (let offset = end; offset < upTo; offset++) append(builder, make(partition, offset), offset);
      await link.produce({ batches: [{ topic, partition, bytes: builder.finish() }] });
    }
  }
  const folder = join(dir, 'lines');
  mkdirSync(folder, { recursive: true });
  for (let file = 0; file < Math.ceil(fewest / linesOfFile); file++) {
    const path = join(folder, `${String(file).padStart(5, '0')}.csv`);
    if (existsSync(path)) continue;
    const lines = Array.from({ length: linesOfFile }, (_, i) => Object.values(event(0, file * linesOfFile + i)).join(','));
    writeFileSync(`${folder}/.new`, `${lines.join('\n')}\n`);
    renameSync(`${folder}/.new`, path);
  }
  return fewest;
}

function append(builder: BatchBuilder, { key, value }: Made, offset: number): void {
  const keyBytes = key === undefined ? undefined : utf8.encode(JSON.stringify(key));
  const bytes = value === null ? undefined : utf8.encode(typeof value === 'string' ? value : JSON.stringify(value));
  const none = new Uint8Array(0);
  builder.append(keyBytes ?? none, 0, keyBytes?.length ?? -1, bytes ?? none, 0, bytes?.length ?? -1, 1_700_000_000_000 + offset);
}
