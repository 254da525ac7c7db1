import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { crc32 } from 'node:zlib';
import Database from 'better-sqlite3';
import { Engine, type Notice, type SqlError } from '../../index.ts';
import { Random, seedFromEnvironment } from '../random.ts';
import { failure } from './tables.ts';

const table = (name: string, columns: string, topic = 'x'): string => `CREATE TABLE ${name} (${columns}) WITH ('connector' = 'kafka', 'topic' = '${topic}', 'format' = 'json');`;

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-catalog-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** What the script answers in a new engine over the folder. */
async function inFolder(stateDir: string, script: string, onNotice?: (notice: Notice) => void): Promise<readonly unknown[]> {
  await using engine = await Engine.create({ stateDir, onNotice });
  return (await engine.exec(script)).map((result) => (result.kind === 'done' ? result.message : result.rows.map((row) => Object.values(row).join(' | '))));
}

const all = 'SHOW DATABASES; SHOW TABLES; SHOW TABLES FROM d; DESCRIBE t; DESCRIBE v; DESCRIBE d.t';

test('what an engine with a state folder defines is there in the next', async (t) => {
  const dir = folder(t);
  const [databases, tables, ...more] = (await inFolder(dir, `${table('t', 'a INT, b AS a + 1')} CREATE VIEW v AS SELECT b FROM t; CREATE DATABASE d COMMENT 'c'; ${table('d.t', 'x STRING')} ${table('temp', 'a INT').replace('TABLE', 'TEMPORARY TABLE')} USE d; USE default_database; ${all}`)).slice(-6);
  assert.deepEqual(tables, ['t', 'temp', 'v']);
  assert.deepEqual(await inFolder(dir, all), [databases, ['t', 'v'], ...more], 'but for what is temporary');
  await inFolder(dir, 'ALTER TABLE t ADD c STRING; ALTER TABLE d.t RENAME TO u; DROP VIEW v');
  assert.deepEqual(await inFolder(dir, 'SHOW TABLES; SHOW TABLES FROM d; SHOW COLUMNS FROM t'), [['t'], ['u'], ['a | INT | true |  |  | ', 'b | INT | true |  | AS a + 1 | ', 'c | STRING | true |  |  | ']]);
  await inFolder(dir, 'DROP DATABASE d CASCADE; DROP TABLE t');
  assert.deepEqual(await inFolder(dir, 'SHOW DATABASES; SHOW TABLES'), [['default_database'], []]);
});

test('CREATE of a stored table: the same is no error, another is one that shows the difference', async (t) => {
  const dir = folder(t);
  await inFolder(dir, table('t', 'a INT, b STRING'));
  assert.deepEqual(await inFolder(dir, table('t', 'a   INTEGER, `b` STRING')), ['t is there already, defined just so']);
  await assert.rejects(inFolder(dir, table('t', 'a INT, b BIGINT', 'y')), failure('E0105', /- `b` STRING[^]*- 'topic' = 'x'[^]*\+ `b` BIGINT[^]*\+ 'topic' = 'y'/));
  const secret = (password: string): string => table('s', 'a INT').replace("'format'", `'properties.sasl.password' = '${password}', 'format'`);
  await inFolder(dir, secret('one'));
  await assert.rejects(inFolder(dir, secret('two')), (error: SqlError) => error.code === 'E0105' && !/'one'|'two'/.test(`${error.message} ${error.hint}`));
  assert.deepEqual(await inFolder(dir, `DROP TABLE s; DROP TABLE t; ${table('t', 'c INT')} SHOW TABLES`), ['dropped s', 'dropped t', 'created t', ['t']]);
});

test('CREATE of a stored view as SHOW CREATE prints it is no error', async (t) => {
  const dir = folder(t);
  const [, , shown] = await inFolder(dir, `${table('t', 'a INT, r ROW<x INT>')} CREATE VIEW v AS SELECT a FROM t; SHOW CREATE VIEW v`);
  const text = String((shown as readonly unknown[])[0]);
  assert.match(text, /FROM default_catalog\.default_database\.t/);
  assert.deepEqual(await inFolder(dir, text), ['default_catalog.default_database.v is there already, defined just so']);
  await assert.rejects(inFolder(dir, text.replace('SELECT a', 'SELECT a + 1')), failure('E0105', /defined otherwise/));
});

test('CREATE of a stored database or catalog: the same is no error, another is one that shows the difference', async (t) => {
  const dir = folder(t);
  const script = "CREATE DATABASE d COMMENT 'c' WITH ('k' = 'v'); CREATE CATALOG g COMMENT 'x' WITH ('type' = 'generic_in_memory')";
  await inFolder(dir, script);
  assert.deepEqual(await inFolder(dir, script), ['the database d is there already, defined just so', 'the catalog g is there already, defined just so']);
  await assert.rejects(inFolder(dir, "CREATE DATABASE d WITH ('k' = 'w')"), failure('E0105', /- COMMENT 'c'\s+- 'k' = 'v'\s+\+ 'k' = 'w'/));
  await assert.rejects(inFolder(dir, "CREATE CATALOG g WITH ('type' = 'generic_in_memory')"), failure('E0105', /- COMMENT 'x'/));
  assert.deepEqual(await inFolder(dir, 'DESCRIBE CATALOG g'), [['name | g', 'type | generic_in_memory', 'comment | x']]);
  // What the same run has made is not stored from before.
  await assert.rejects(inFolder(dir, 'CREATE DATABASE e; CREATE DATABASE e'), failure('E0105', /IF NOT EXISTS/));
});

test('a view reads what it read where it was made, whatever is in use where it is read', async (t) => {
  const dir = folder(t);
  const columns = 'DESCRIBE d.v; DESCRIBE w';
  const there = [['a | INT | true |  |  | '], ['a | INT | true |  |  | ']];
  const made = `CREATE DATABASE d; USE d; ${table('t', 'a INT')} CREATE VIEW v AS SELECT * FROM t; CREATE VIEW default_database.w AS SELECT * FROM (SELECT * FROM v) AS x; USE default_database; ${table('t', 'other STRING')}`;
  assert.deepEqual((await inFolder(dir, `${made} ${columns}`)).slice(-2), there);
  assert.deepEqual(await inFolder(dir, columns), there, 'and in the next engine');
  // The same words from another place are another view.
  await assert.rejects(inFolder(dir, 'CREATE VIEW d.v AS SELECT * FROM t'), failure('E0105', /- USE `default_catalog`\.`d`/));
  assert.deepEqual((await inFolder(dir, 'USE d; CREATE VIEW v AS SELECT * FROM t; ALTER VIEW v RENAME TO u; USE default_database; DESCRIBE d.u')).at(-1), there[0]);
  assert.deepEqual((await inFolder(dir, 'ALTER VIEW d.u AS SELECT * FROM t; DESCRIBE d.u')).at(-1), ['other | STRING | true |  |  | ']);
  assert.deepEqual(await inFolder(dir, 'DESCRIBE d.u'), [['other | STRING | true |  |  | ']]);
});

test('what is only adopted lies over the folder and is not stored', async (t) => {
  const dir = folder(t);
  await inFolder(dir, table('kept', 'a INT'));
  {
    await using engine = await Engine.create({ stateDir: dir });
    engine.adopt(engine.check(`${table('mine', 'a INT')} DROP TABLE kept;`));
    assert.deepEqual(engine.check('SELECT a FROM mine').errors, []);
    await engine.exec(table('later', 'a INT'));
  }
  assert.deepEqual(await inFolder(dir, 'SHOW TABLES'), [['kept', 'later']]);
});

test('an engine that defines nothing makes no file', async (t) => {
  const dir = folder(t);
  await inFolder(dir, 'SHOW TABLES; USE default_database');
  await assert.rejects(inFolder(dir, `${table('t', 'a INT')} SELECT none FROM t`), failure('E0102'));
  assert.equal(existsSync(join(dir, 'catalog.db')), false);
});

test('a file that is none, one of a newer program, and a definition that nobody understands', async (t) => {
  const broken = folder(t);
  writeFileSync(join(broken, 'catalog.db'), 'no database '.repeat(100));
  await assert.rejects(Engine.create({ stateDir: broken }), failure('E0804', /catalog\.db/));

  const dir = folder(t);
  await inFolder(dir, `${table('t', 'a INT')} ${table('u', 'a INT')}`);
  const database = new Database(join(dir, 'catalog.db'));
  const name = database.prepare("SELECT name FROM objects WHERE name LIKE '%`t`'").pluck().get();
  const sql = 'CREATE TABLE t (a NOTYPE)';
  database.prepare('UPDATE objects SET sql = ?, sum = ? WHERE name = ?').run(sql, crc32(JSON.stringify([name, sql])), name);
  const notices: string[] = [];
  assert.deepEqual(await inFolder(dir, 'SHOW TABLES', ({ message }) => notices.push(message)), [['u']]);
  assert.equal(notices.length, 1);
  assert.match(notices[0] ?? '', /`t` cannot be read and is left out: there is no type NOTYPE/);
  database.pragma('user_version = 99');
  database.close();
  await assert.rejects(Engine.create({ stateDir: dir }), failure('E0802'));
});

/** All that is defined in a folder, as text; the code of the error where it is refused. */
async function definitions(dir: string, onNotice?: (notice: Notice) => void): Promise<readonly string[]> {
  try {
    await using engine = await Engine.create({ stateDir: dir, ...(onNotice === undefined ? {} : { onNotice }) });
    const of = engine.catalog.lasting().map((entry) => JSON.stringify([entry.path, entry.kind === 'table' ? entry.source.text : entry.query]));
    return [...of, ...engine.catalog.catalogs().flatMap((name) => [...engine.catalog.databases(name)].map(([database, facts]) => JSON.stringify([name, database, facts])))];
  } catch (error) {
    return [(error as SqlError).code];
  }
}

test('one bit that has turned in the file changes no definition: it is left out and told, or all is refused', async (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const random = new Random(seed);
  const dir = folder(t);
  await inFolder(dir, `CREATE DATABASE d COMMENT 'the second'; ${table('t', 'a INT, b STRING')} ${table('d.u', 'a INT', 'other')} CREATE VIEW v AS SELECT a + 1 AS c FROM t;`);
  const path = join(dir, 'catalog.db');
  const whole = readFileSync(path);
  const all = await definitions(dir);
  assert.equal(all.length, 5);
  const outcomes: Record<string, number> = {};
  // The texts lie in few of the bytes.
  const text = whole.lastIndexOf("'topic' = 'other'");
  for (let n = 0; n < 120; n++) {
    const copy = Buffer.from(whole);
    const at = n % 2 === 0 ? random.int(0, whole.length - 1) : Math.min(whole.length - 1, text - 100 + random.int(0, 200));
    copy.writeUInt8((copy[at] ?? 0) ^ (1 << random.int(0, 7)), at);
    writeFileSync(path, copy);
    let told = 0;
    const found = await definitions(dir, () => told++);
    const kind = found.length === 1 ? (found[0] ?? '') : told > 0 ? 'left out' : found.length === all.length ? 'no harm' : 'less';
    outcomes[kind] = (outcomes[kind] ?? 0) + 1;
    if (found.length === 1) assert.match(found[0] ?? '', /^E080[24]$/, `byte ${at}`);
    else for (const one of found) assert.ok(all.includes(one), `byte ${at}: ${one}`);
  }
  t.diagnostic(JSON.stringify(outcomes));
  assert.ok((outcomes['left out'] ?? 0) > 0);
});

test('a file of before, which had no checksums, is read and goes on', async (t) => {
  const dir = folder(t);
  await inFolder(dir, `CREATE DATABASE d COMMENT 'c'; ${table('t', 'a INT')} ${table('d.u', 'a INT')}`);
  const before = await definitions(dir);
  const database = new Database(join(dir, 'catalog.db'));
  database.exec('ALTER TABLE objects DROP COLUMN sum; ALTER TABLE facts DROP COLUMN sum; PRAGMA user_version = 1');
  database.close();
  assert.deepEqual(await definitions(dir), before);
  await inFolder(dir, `DROP TABLE t; ${table('w', 'a INT')}`);
  assert.deepEqual(await inFolder(dir, 'SHOW TABLES; SHOW TABLES FROM d'), [['w'], ['u']]);
});
