import assert from 'node:assert/strict';
import test from 'node:test';
import { SqlError } from '../../core/diagnostic.ts';
import { Engine } from '../../engine/engine.ts';
import { temporaryFolder } from '../broker/folders.ts';
import { makePlayer, type PlayRow, type PlayValue } from '../conformance/play.ts';

const insert = (...values: PlayValue[]): PlayRow => ({ kind: 0, phase: 1, values });
const day = '2024-05-01 08:00';
const rents: readonly PlayRow[] = [
  insert('oslo', 'red', 3, `${day}:01`),
  insert('oslo', 'blue', 4, `${day}:02`),
  insert('rome', 'red', 5, `${day}:07`),
  insert(null, 'red', 6, `${day}:12`),
  insert('rome', 'blue', 9, `${day}:03`),
];
const columns = 'city STRING, color STRING NOT NULL, km INT, at TIMESTAMP(3), WATERMARK FOR at AS at';

interface Options {
  readonly rows?: readonly PlayRow[];
  readonly connector?: string;
  /** How many rows a read gives. */
  readonly cut?: number;
}

/** What the query gives in the end, a text for each row, in the order of the texts. */
async function run(query: string, { rows = rents, connector = 'play', cut = 2 }: Options = {}): Promise<readonly string[]> {
  const player = makePlayer(new Map([['rents', { splits: [rows] }]]), { cut: () => cut, poison: true });
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec(`CREATE TABLE rents (${columns}) WITH ('connector' = '${connector}')`);
  const { rows: found } = await engine.collect(query);
  return found.map((row) => Object.values(row).map((value) => String(value)).join(' ')).toSorted();
}

test('GROUPING SETS: a group for the keys of each set, with NULL for those that it has not; GROUPING tells it from a NULL that came', async () => {
  const query = 'SELECT city, color, COUNT(*), SUM(km), GROUPING(city), GROUPING_ID(city, color) FROM rents GROUP BY GROUPING SETS ((city), (color), ())';
  assert.deepEqual(await run(query), ['null blue 2 13 1 2', 'null null 1 6 0 1', 'null null 5 27 1 3', 'null red 3 14 1 2', 'oslo null 2 7 0 1', 'rome null 2 14 0 1']);
});

test('ROLLUP leaves out keys from the last on, CUBE any of them; parentheses make several keys one', async () => {
  const of = (groups: string): Promise<readonly string[]> => run(`SELECT GROUPING_ID(city, color), COUNT(*), MAX(km) FROM rents WHERE city = 'rome' GROUP BY ${groups}`);
  assert.deepEqual(await of('ROLLUP (city, color)'), ['0 1 5', '0 1 9', '1 2 9', '3 2 9']);
  assert.deepEqual(await of('CUBE (city, color)'), ['0 1 5', '0 1 9', '1 2 9', '2 1 5', '2 1 9', '3 2 9']);
  assert.deepEqual(await of('ROLLUP ((city, color))'), ['0 1 5', '0 1 9', '3 2 9']);
  assert.deepEqual(await of('city, ROLLUP (color)'), ['0 1 5', '0 1 9', '1 2 9']);
  assert.deepEqual(await of('GROUPING SETS ((city), CUBE (color), ROLLUP (city))'), ['1 2 9', '1 2 9', '2 1 5', '2 1 9', '3 2 9', '3 2 9'].toSorted());
  assert.deepEqual(await of('(city, color)'), ['0 1 5', '0 1 9']);
});

test('sets are multiplied; equal ones stay, and GROUP_ID counts them', async () => {
  assert.deepEqual(await run("SELECT city, GROUP_ID(), COUNT(*) FROM rents WHERE city = 'oslo' GROUP BY GROUPING SETS ((city), (city), (city))"), ['oslo 0 2', 'oslo 1 2', 'oslo 2 2']);
  assert.deepEqual(await run("SELECT city, COUNT(*), GROUPING(city), GROUP_ID() FROM rents WHERE city = 'oslo' GROUP BY city, ()"), ['oslo 2 0 0']);
  assert.deepEqual(await run('SELECT COUNT(*) FROM rents GROUP BY ()'), ['5']);
});

test('an aggregate of a key counts the value itself, also where the set has not that key; keys may be expressions', async () => {
  assert.deepEqual(await run('SELECT km / 5, SUM(km), COUNT(color), color FROM rents GROUP BY GROUPING SETS ((km / 5), (color))'), ['0 7 2 null', '1 20 3 null', 'null 13 2 blue', 'null 14 3 red']);
  assert.deepEqual(await run("SELECT COALESCE(city, '-') || CASE GROUPING(city) WHEN 1 THEN '*' ELSE '' END, COUNT(DISTINCT color) FROM rents GROUP BY ROLLUP (city) HAVING COUNT(*) > 1 OR GROUPING(city) = 0"), ['-* 2', '- 1', 'oslo 2', 'rome 2'].toSorted());
});

test('no rows make no group, not that of () either', async () => {
  assert.deepEqual(await run("SELECT city, COUNT(*) FROM rents WHERE km > 100 GROUP BY ROLLUP (city)"), []);
});

test('rows that are withdrawn leave the groups of all sets, and the keys may change', async () => {
  const change = (kind: number, ...values: PlayValue[]): PlayRow => ({ kind, phase: 1, values });
  const rows = [change(0, 'oslo', 'red', 3, `${day}:01`), change(0, 'oslo', 'blue', 4, `${day}:02`), change(1, 'oslo', 'red', 3, `${day}:01`), change(2, 'rome', 'red', 5, `${day}:01`), change(3, 'oslo', 'blue', 4, `${day}:02`)];
  for (const cut of [1, 5]) assert.deepEqual(await run('SELECT city, color, SUM(km), MIN(km) FROM rents GROUP BY CUBE (city, color)', { rows, connector: 'play-retract', cut }), ['null null 5 5', 'null red 5 5', 'rome null 5 5', 'rome red 5 5']);
});

test('one row in more sets than a batch has room for', async () => {
  const keys = Array.from({ length: 12 }, (_, i) => `km + ${i}`).join(', ');
  const ids = await run(`SELECT GROUPING_ID(${keys}), COUNT(*), SUM(km) FROM rents GROUP BY CUBE (${keys})`, { rows: rents.slice(0, 2), cut: 2 });
  // Two rows with other values are one group only where no key is left.
  assert.equal(ids.length, 2 * 4095 + 1);
  assert.equal(new Set(ids).size, 2 * 4095 + 1);
  assert.ok(ids.includes('4095 2 7'));
});

test('within windows each set has its groups, which come when the window closes; a late row counts in none', async () => {
  const window = (call: string): string => `FROM TABLE(${call})`;
  const items = "SELECT DATE_FORMAT(window_end, 'ss'), color, COUNT(*), SUM(km)";
  const tumble = window("TUMBLE(TABLE rents, DESCRIPTOR(at), INTERVAL '10' SECOND)");
  assert.deepEqual(await run(`${items} ${tumble} GROUP BY window_start, window_end, ROLLUP (color)`), ['10 blue 1 4', '10 null 3 12', '10 red 2 8', '20 null 1 6', '20 red 1 6']);
  const hop = window("HOP(TABLE rents, DESCRIPTOR(at), INTERVAL '5' SECOND, INTERVAL '10' SECOND)");
  assert.deepEqual(await run(`${items} ${hop} GROUP BY GROUPING SETS ((window_start, window_end, color), (window_end, window_start)) HAVING GROUPING(color) = 1`), ['05 null 2 7', '10 null 3 12', '15 null 2 11', '20 null 1 6']);
  const older = await run("SELECT DATE_FORMAT(TUMBLE_END(at, INTERVAL '10' SECOND), 'ss'), city, SUM(km) FROM rents GROUP BY TUMBLE(at, INTERVAL '10' SECOND), CUBE (city)");
  assert.deepEqual(older, ['10 null 12', '10 oslo 7', '10 rome 5', '20 null 6', '20 null 6']);
});

test('a row that is late in all its sets is late once, and told as it came', async () => {
  const player = makePlayer(new Map([['rents', { splits: [rents] }]]));
  const notices: string[] = [];
  await using engine = await Engine.create({ connectors: player.connectors, onNotice: ({ message }) => void notices.push(message) });
  await engine.exec(`CREATE TABLE rents (${columns}) WITH ('connector' = 'play'); CREATE TABLE out (city STRING, n BIGINT) WITH ('connector' = 'play')`);
  const job = await engine.submit("INSERT INTO out SELECT city, COUNT(*) FROM TABLE(TUMBLE(TABLE rents, DESCRIPTOR(at), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, GROUPING SETS ((), (city), (city))", { bounded: true });
  assert.equal((await job.finished).late, 1n);
  const told = notices.filter((message) => message.includes('late')).join('\n');
  assert.match(told, /rome/);
  assert.doesNotMatch(told, /grouping/);
});

test('a window that not every set has is a key like others: its groups change as rows come, late ones too', async () => {
  const query = "SELECT DATE_FORMAT(window_end, 'ss'), color, COUNT(*) FROM TABLE(TUMBLE(TABLE rents, DESCRIPTOR(at), INTERVAL '10' SECOND)) GROUP BY GROUPING SETS ((window_start, window_end), (color))";
  assert.deepEqual(await run(query), ['10 null 4', '20 null 1', 'null blue 2', 'null red 3']);
});

test('a stop changes nothing: the groups of all sets go on, in windows and without', async (t) => {
  const queries = ["SELECT city, CAST(NULL AS STRING), SUM(km) FROM rents GROUP BY GROUPING SETS ((city), ())", "SELECT city, DATE_FORMAT(window_end, 'ss'), SUM(km) FROM TABLE(TUMBLE(TABLE rents, DESCRIPTOR(at), INTERVAL '10' SECOND)) GROUP BY window_start, window_end, ROLLUP (city)"];
  const stateDir = temporaryFolder(t);
  const taken: string[][] = [[], []];
  for (const stopAfter of [2, Infinity]) {
    let stop = (): void => undefined;
    let reads = 0;
    const player = makePlayer(new Map([['rents', { splits: [rents] }]]), { cut: () => 1, onRead: () => { if (++reads === stopAfter) stop(); } });
    await using engine = await Engine.create({ connectors: player.connectors, stateDir });
    await engine.exec(`CREATE TEMPORARY TABLE rents (${columns}) WITH ('connector' = 'play'); CREATE TEMPORARY TABLE out0 (city STRING, t STRING, km INT) WITH ('connector' = 'play'); CREATE TEMPORARY TABLE out1 (city STRING, t STRING, km INT) WITH ('connector' = 'play')`);
    const job = await engine.submit(queries.map((query, i) => `INSERT INTO out${i} ${query}`).join('; '), { bounded: true, name: 'q' });
    stop = () => void job.stop();
    await job.finished;
    for (const [i, list] of taken.entries()) list.push(...(player.taken.get(`out${i}`) ?? []).map(({ kind, values }) => [kind, ...values].join(' ')));
  }
  // Without windows: each change, of which the last of each group stands.
  assert.deepEqual(taken[0]?.filter((change) => change.startsWith('0') || change.startsWith('2')).slice(-2), ['2 rome  14', '2   27']);
  assert.deepEqual(taken[1]?.toSorted(), ['0  10 12', '0  20 6', '0  20 6', '0 oslo 10 7', '0 rome 10 5']);
});

test('GROUPING without a GROUP BY that names its argument, and sets without end, are refused at their places', async () => {
  const refused = async (query: string, code: string, text: RegExp, column: number): Promise<void> => {
    await assert.rejects(run(query), (error) => error instanceof SqlError && error.code === code && text.test(error.message) && error.column === column);
  };
  await refused('SELECT GROUPING(city) FROM rents', 'E0204', /^GROUPING cannot stand here/, 8);
  await refused('SELECT MAX(GROUPING(city)) FROM rents GROUP BY ROLLUP (city)', 'E0204', /^GROUPING cannot stand here/, 12);
  await refused('SELECT GROUPING(color) FROM rents GROUP BY ROLLUP (city)', 'E0204', /what GROUP BY names/, 17);
  await refused('SELECT color FROM rents GROUP BY ROLLUP (city)', 'E0204', /^color is neither grouped/, 8);
  await refused('SELECT GROUP_ID(city) FROM rents GROUP BY city', 'E0208', /^GROUP_ID takes no argument/, 8);
  await refused(`SELECT 1 FROM rents GROUP BY CUBE (${Array.from({ length: 13 }, () => 'km').join(', ')})`, 'E0002', /more than 4096/, 30);
});
