import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CliFolder } from '../cli.ts';
import { keys, Pty, SharedPrompt } from './pty.ts';

const events = "CREATE TABLE events (id INT, note STRING) WITH ('connector' = 'kafka', 'topic' = 'events', 'format' = 'json');";
const ticks = "CREATE TABLE ticks (n INT) WITH ('connector' = 'datagen', 'rows-per-second' = '20', 'fields.n.min' = '1', 'fields.n.max' = '9');";

suite('the commands of the prompt', () => {
  const colorlessFolder = new CliFolder();
  const colorless = new SharedPrompt(colorlessFolder.path, { env: { NO_COLOR: '1', EDITOR: `sh ${join(colorlessFolder.path, 'edit.sh')}` } });
  const plain = new SharedPrompt(new CliFolder().path);

  test('backslash commands: help, timing, files, what is missing and what nobody knows', () => colorless.use(async (pty) => {
    assert.match(await pty.type(`\\?${keys.enter}`, 'Ctrl-D leaves'), /\\d \[TABLE\] +tables and views/);
    for (const word of ['help', 'HELP SELECT;', '?']) {
      await pty.until('sluice> ');
      await pty.type(`${word}${keys.enter}`, 'Ctrl-D leaves');
    }
    await pty.type(`\\dtt${keys.enter}`, 'did you mean "\\dt"?');
    await pty.type(`\\stop${keys.enter}`, 'what is missing:  \\stop JOB');
    await pty.type(`STOP JOB 'nothing';${keys.enter}`, 'no job nothing runs');
    await pty.type(`stop job it WITH SAVEPOINT WITH DRAIN;${keys.enter}`, 'no job it runs');
    await pty.type(`\\stop 'quoted';${keys.enter}`, 'no job quoted runs');
    await pty.type(`\\watch${keys.enter}`, 'there is no query yet:  SELECT ..;  and then \\watch');
    await pty.type(`\\log${keys.enter}`, 'nothing was told yet; what jobs and the engine tell is kept here');
    await pty.type(`\\doctor${keys.enter}`, '.sluice is not there yet; the first table or job makes it');
    await pty.type(`\\doctor a b${keys.enter}`, "'a b' is no address:  \\doctor localhost:9092");
    await pty.type(`\\i nowhere.sql${keys.enter}`, 'nowhere.sql cannot be read: there is no such file');
    assert.match(await pty.type(`\\dt ev*${keys.enter}`, "LIKE 'ev%';"), /\\dt takes nothing, not 'ev\*'/);
    assert.match(await pty.type(`\\du${keys.enter}`, 'there are no users'), /there is no command \\du\n {2}there are no users$/);
    await pty.type(`\\l${keys.enter}`, 'here it is  SHOW DATABASES;');
    await pty.type(`\\k${keys.enter}`, '  \\? lists all');
    await pty.type(`\\timing maybe${keys.enter}`, "\\timing takes on or off, not 'maybe'");
    await pty.type(`\\timing off${keys.enter}`, 'timing is off');
    await pty.type(`\\timing on${keys.enter}`, 'timing is on');
    await pty.type(`\\timing${keys.enter}`, 'timing is off');
    await pty.type(`\\timing${keys.enter}`, 'timing is on');
    await pty.type(`\\o out.txt${keys.enter}`, 'results go to out.txt');
    await pty.type(`SELECT 5 AS n;${keys.enter}`, ' ms');
    await pty.type(`\\o${keys.enter}`, 'results come here');
    assert.equal(readFileSync(join(colorlessFolder.path, 'out.txt'), 'utf8'), ' n\n -\n 5\n');
    await pty.type(`\\df upper${keys.enter}`, 'UPPER  ');
    await pty.type(`\\explain SELECT 1 AS a;${keys.enter}`, 'SingleRow');
    assert.ok(!/\p{Cc}\[[\d;]*m/u.test(pty.raw), 'NO_COLOR is obeyed');
  }));

  test('\\e edits the last text in an editor, \\! runs a command, \\i a file', () => colorless.use(async (pty) => {
    writeFileSync(join(colorlessFolder.path, 'edit.sh'), 'grep -q "SELECT 1 AS one;" "$1" && echo "SELECT 6 AS six;" > "$1"\n');
    writeFileSync(join(colorlessFolder.path, 'some.sql'), 'SELECT 7 AS seven;\nSELECT nothing;\n');
    await pty.type(`SELECT 1 AS one;${keys.enter}`, '1 row');
    await pty.until('sluice> ');
    await pty.type(`\\e${keys.enter}`, 'sluice> SELECT 6 AS six;');
    assert.match(await pty.type(keys.enter, '1 row'), / six\n ---\n {3}6\n1 row$/);
    await pty.until('sluice> ');
    await pty.type(`\\! echo $((40 + 2)) said the shell${keys.enter}`, '42 said the shell');
    await pty.until('sluice> ');
    await pty.type(`\\i some.sql${keys.enter}`, 'some.sql:2:8');
    await pty.until('sluice> ');
    await pty.type(`\\q${keys.enter}`, '\\q');
    assert.equal((await pty.ended).exitCode, 0);
  }));

  test('rows that are wider than the terminal stand a value a line', async () => {
    const cli = new CliFolder();
    using pty = new Pty(cli.path, { cols: 40, env: { TMPDIR: join(cli.path, 'gone') } });
    await pty.until('sluice> ');
    const sql = `SELECT '${'a'.repeat(38)}' AS first, CAST(NULL AS INT) AS second;`;
    assert.match(await pty.type(sql + keys.enter, '1 row'), /-- row 1 --\n first {3}a{38}\n second {2}NULL\n1 row$/);
    await pty.type(`\\x off${keys.enter}`, '\\x is off');
    assert.match(await pty.type(sql + keys.enter, '1 row'), / first +second\n/);
    await pty.type(`\\format csv${keys.enter}`, 'format is csv');
    assert.match(await pty.type(sql + keys.enter, 'aaa,\r\n'), /first,second\na{38},\n$/);
    assert.match(await pty.type(`SHOW DATABASES;${keys.enter}`, 'default_database\r\n'), /\ndatabase name\ndefault_database\n$/);
    await pty.type(`\\format auto${keys.enter}`, 'format is auto');
    assert.match(await pty.type(`SHOW DATABASES;${keys.enter}`, 'default_database\r\n'), / database name\n -+\n default_database\n$/);
    // What the operating system refuses ends nothing.
    await pty.type(`\\e${keys.enter}`, 'error: ENOENT: no such file or directory, mkdtemp');
    await pty.type(`\\x on${keys.enter}`, '\\x is on');
    await pty.type(`\\format csv${keys.enter}`, 'format is csv');
    await pty.type(`\\x off${keys.enter}`, '\\x is off; it is for ta');
  });

  test('\\fix puts the mended text where it is edited', () => plain.use(async (pty) => {
    await pty.type(`SELECT 1 AS a， 2 AS b;${keys.enter}`, 'error[E0003]');
    await pty.type(`\\fix${keys.enter}`, '\\fix');
    await pty.until(', ');
    assert.match(await pty.type(keys.enter, '1 row'), / a  b\n/);
  }));

  test('\\watch repeats a query over what is there, until q, and nothing else; \\log keeps what jobs told; \\doctor examines', () => plain.use(async (pty) => {
    await pty.type(ticks + keys.enter, 'created ticks');
    await pty.type(`${events}${keys.enter}`, 'created events');
    await pty.type(`\\watch${keys.enter}`, '\\watch repeats queries, not what changes tables or settings');
    await pty.type(`INSERT INTO events VALUES (1, 'a'), (2, 'b');${keys.enter}`, 'inserted 2 rows');
    await pty.type(`\\log events${keys.enter}`, 'ended: 0 rows read, 2 rows written');
    await pty.type(`INSERT INTO events VALUES (1 / 0, 'c');${keys.enter}`, 'division by zero');
    await pty.type(`\\log events 1${keys.enter}`, 'events  failed: error[E0207]: division by zero');
    await pty.type(`\\watch 1${keys.enter}`, '\\watch repeats queries, not INSERT');
    await pty.type(`SELECT COUNT(*) AS n FROM events LIMIT 1;${keys.enter}`, 'reading events until q');
    await pty.type('q', ', stopped');
    await pty.until('sluice> ');
    assert.match(await pty.type(`\\watch 0.01 c=2${keys.enter}`, '1 row'), /\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(every 0\.01 s\)\n n\n -\n 2\n1 row$/);
    assert.match(await pty.until('1 row'), /\n\d{4}-[^\n]* \(every 0\.01 s\)\n n\n -\n 2\n1 row$/);
    await pty.type('SELECT 5 AS e;\r', ' 5');
    await pty.type(`\\watch 3600${keys.enter}`, ' every 3600 s   q stop');
    await pty.type('q', 'sluice> ');
    await pty.type(`\\watch 0.01${keys.enter}`, '1 row');
    await pty.until('1 row');
    await pty.type(`${keys.ctrlC}\\x auto${keys.enter}`, '\\x is auto');
    await pty.type(`\\watch often${keys.enter}`, "\\watch takes seconds, as \\watch 2, and how often, as \\watch 2 c=3; not 'often'");
    await pty.type(`INSERT INTO events SELECT n, 'x' FROM ticks;${keys.enter}`, 'job events is live.');
    await pty.type(`\\stop events${keys.enter}`, 'checkpoint 1 stored');
    assert.match(await pty.type(`\\log events 2${keys.enter}`, 'checkpoint 1 stored'), /\n\d{4}-[\dT:.-]+Z {2}events {2}is live\n\d{4}-[\dT:.-]+Z {2}events {2}stopped: \d+ rows? read, /);
    await pty.type(`\\log event${keys.enter}`, 'did you mean');
    assert.match(await pty.type(`\\doctor${keys.enter}`, 'none runs'), /ok {5}broker {4}embedded: 1 topic, 1 partition, /);
    await pty.type(`\\doctor 127.0.0.1:1${keys.enter}`, 'nothing listens on 127.0.0.1:1 (connection refused)');
    await pty.type(`SELECT 1 AS one;${keys.enter}`, '1 row');
    await pty.type(`\\watch 3600${keys.enter}`, 'q stop');
    pty.signal('SIGTERM');
    assert.equal((await pty.ended).exitCode, 143);
  }));
});
