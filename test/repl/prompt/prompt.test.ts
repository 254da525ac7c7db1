import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CliFolder } from '../cli.ts';
import { keys, paste, Pty } from './pty.ts';

const events = "CREATE TABLE events (id INT, note STRING) WITH ('connector' = 'kafka', 'topic' = 'events', 'format' = 'json');";
const ticks = "CREATE TABLE ticks (n INT) WITH ('connector' = 'datagen', 'rows-per-second' = '20', 'fields.n.min' = '1', 'fields.n.max' = '9');";

suite('the prompt', () => {
  test('the first screen, a statement of several lines, its rows, and the way out', async () => {
    const cli = new CliFolder();
    using pty = new Pty(cli.path);
    assert.match(await pty.until('sluice> '), /^Sluice \d+\.\d+\.\d+ {3}broker: embedded, files in \.\/\.sluice {3}\\\? help\n/);
    await pty.type(`SELECT 1 AS one,${keys.enter}`, '      | ');
    assert.match(await pty.type(`2 AS two;${keys.enter}`, '1 row'), / one  two\n ---  ---\n {3}1 {4}2\n1 row$/);
    await pty.until('sluice> ');
    await pty.type(keys.ctrlC, 'Ctrl-D or \\q leaves');
    await pty.type(`SELECT 'given up${keys.ctrlC}`, 'sluice> ');
    pty.write(keys.ctrlD);
    assert.deepEqual(await pty.ended, { exitCode: 0, signal: 0 });
    assert.equal(existsSync(join(cli.path, '.sluice', 'broker')), false, 'nothing needed a broker');
    assert.ok(pty.raw.endsWith('\u001b[?2004l'), 'bracketed paste is off again');
  });

  test('an INSERT that goes on is a job: the prompt stays, a query over it shows rows as they come, and stops', async () => {
    const cli = new CliFolder();
    using pty = new Pty(cli.path);
    await pty.until('sluice> ');
    await pty.type(ticks + keys.enter, 'created ticks');
    await pty.type(events + keys.enter, 'created events');
    await pty.type(`INSERT INTO events SELECT n, '漢' FROM ticks;${keys.enter}`, 'job events is live.   \\jobs lists, \\stop events ends it');
    await pty.type(`SELECT * FROM events;${keys.enter}`, 'reading events until q or Ctrl-C stops it');
    assert.match(await pty.until('漢'), / id  note\n --  ----\n {2}\d  漢$/);
    await pty.until('rows read');
    assert.match(await pty.until('w why'), /^(?: {2}[\d,]+\/s)? {3}q stop {2}p pause {2}e end input {2}w why$/);
    await pty.type('w', 'sink ');
    await pty.type('p', 'paused; p goes on, q stops');
    await pty.type('p', 'going on');
    await pty.type('e', ' rows\r\n');
    await pty.type(`SELECT COUNT(*) AS n FROM events;${keys.enter}`, '+U');
    await pty.type(keys.ctrlC, 'changes, stopped');
    assert.match(await pty.type(`\\jobs${keys.enter}`, 'live'), / job +state +read +written +late +watermark\n[- ]+\n events  live$/);
    await pty.type(`SHOW JOBS;${keys.enter}`, 'events');
    assert.match(await pty.type(`\\why events${keys.enter}`, 'sink '), /job events\n step +in +out\n/);
    await pty.type(keys.ctrlD, 'job events runs; Ctrl-D again stops it with a checkpoint and leaves');
    await pty.type(`\\stop events${keys.enter}`, 'job events is stopped: ');
    await pty.until('checkpoint 1 stored');
    assert.match(await pty.type(`\\stop events${keys.enter}`, 'none runs'), /error\[E0904\]: no job events runs/);
    pty.write(keys.ctrlD);
    assert.equal((await pty.ended).exitCode, 0);
  });

  test('what a session defines is there in the next, and its job goes on; leaving stops it with a checkpoint', async () => {
    const cli = new CliFolder();
    {
      using pty = new Pty(cli.path);
      await pty.until('sluice> ');
      await pty.type(paste(`${ticks}\n${events}\nINSERT INTO events SELECT n, 'x' FROM ticks;`) + keys.enter, 'job events is live.');
      await pty.type(keys.ctrlD, 'Ctrl-D again');
      await pty.type(keys.ctrlD, 'stopping events with a last checkpoint');
      assert.equal((await pty.ended).exitCode, 0);
    }
    using pty = new Pty(cli.path);
    await pty.until('sluice> ');
    assert.match(await pty.type(`\\d${keys.enter}`, 'ticks '), /\n events +table +kafka\n ticks $/);
    await pty.type(`INSERT INTO events SELECT n, 'x' FROM ticks;${keys.enter}`, 'job events goes on from checkpoint 1.');
    pty.signal('SIGTERM');
    await pty.until('stopping events with a last checkpoint');
    assert.equal((await pty.ended).exitCode, 143);
  });

  test('errors show line, column and caret as typed; all of a text are told and nothing of it is done', async () => {
    const cli = new CliFolder();
    using pty = new Pty(cli.path);
    await pty.until('sluice> ');
    const told = await pty.type(paste(`CREATE VIEW v AS SELECT 1 AS a;\nSELECT\n  漢字,\n  b FROM v;\nSELECT LENGHT('x');`) + keys.enter, 'nothing was started.');
    assert.match(told, /error\[E0102\]: [^\n]*\n {4}3 \| {3}漢字,\n {6}\| {3}\^{4}/);
    assert.match(told, /error\[E0103\]: [^\n]*\n {4}5 \| SELECT LENGHT\('x'\);/);
    assert.match(await pty.type(`SELECT * FROM v;${keys.enter}`, '^'), /there is no table v/);
  });

  test('keys edit, walk through the history, search it and complete', async () => {
    const cli = new CliFolder();
    using pty = new Pty(cli.path);
    await pty.until('sluice> ');
    await pty.type(events + keys.enter, 'created events');
    await pty.type(`XX 1 AS a;${keys.ctrlA}${keys.ctrlK}SELECT 7 AS b oops${keys.ctrlW};${keys.ctrlA}${keys.ctrlE}${keys.enter}`, '1 row');
    await pty.type(`SELECT 8 AS c;${keys.enter}`, '1 row');
    assert.match(await pty.type(`${keys.up}${keys.up}${keys.down}${keys.up}${keys.enter}`, '1 row'), / b\n -\n 7\n1 row$/);
    assert.match(await pty.type(`${keys.ctrlR}as c${keys.enter}`, '1 row'), / c\n -\n 8\n1 row$/);
    await pty.type(`SEL${keys.up}${keys.ctrlU}`, 'sluice> ');
    await pty.type(`SELECT id, no FROM ev${keys.tab}`, 'events ');
    await pty.type(`${keys.ctrlU}SELECT e. FROM events e${keys.left.repeat(' FROM events e'.length)}${keys.tab}`, 'STRING');
    await pty.type(`${keys.ctrlU}${keys.ctrlK}CREATE TABLE u (a INT) WITH ('connector' = 'ka${keys.tab}`, "'kafka");
    await pty.type(`', 'scan.startup.mo${keys.tab}' = 'ear${keys.tab}`, 'earliest-offset');
    await pty.type(`${keys.ctrlU}\\sto${keys.tab}`, '\\stop ');
    await pty.type(`${keys.ctrlU}SELECT id${keys.enter}FROM events${keys.enter}LIMIT 0;${keys.enter}`, '0 rows');
    await pty.type(`CREATE TABLE three (n INT) WITH ('connector' = 'datagen', 'number-of-rows' = '3', 'rows-per-second' = '1000');${keys.enter}`, 'created three');
    await pty.type(`SELECT COUNT(*) AS c FROM three;${keys.enter}`, '3 changes\r\n');
    await pty.type(`CREATE TABLE s (a INT) WITH ('connector' = 'kafka', 'topic' = 's', 'properties.sasl.password' = 'hush', 'format' = 'json');${keys.enter}`, 'created s');
    await pty.until('sluice> ');
    pty.write(keys.ctrlU + keys.ctrlD);
    assert.equal((await pty.ended).exitCode, 0);
    const file = join(cli.path, '.sluice_history');
    const history = readFileSync(file, 'utf8');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(history.includes('"SELECT id\\nFROM events\\nLIMIT 0;"\n'), history);
    assert.ok(!history.includes('hush'), history);
  });

  test('what jobs say comes above what is typed', async () => {
    const cli = new CliFolder();
    using pty = new Pty(cli.path, { env: { NO_COLOR: '1' } });
    await pty.until('sluice> ');
    await pty.type(paste(`${events}\nCREATE TABLE numbers (n INT) WITH ('connector' = 'print');\nINSERT INTO numbers SELECT CAST(note AS INT) FROM events;`) + keys.enter, 'job numbers is live.');
    await pty.type(`INSERT INTO events VALUES (1, '12');${keys.enter}SELECT`, '+I[12]');
    await pty.until('sluice> SELECT');
    await pty.type(`${keys.ctrlU}INSERT INTO events VALUES (2, 'twelve');${keys.enter}SELECT 3 AS c`, 'job numbers failed:');
    const told = await pty.until('sluice> SELECT 3');
    assert.match(told, /error\[E\d+\]: [^]*\n {4}3 \| INSERT INTO numbers SELECT CAST\(note AS INT\) FROM events;\n {6}\| {28}\^+/);
    assert.match(await pty.type(`;${keys.enter}`, '1 row'), / c\n -\n 3\n1 row$/);
    await pty.type(`\\jobs${keys.enter}`, 'no job runs');
  });

  test('an engine that breaks is told, and a new one answers', async () => {
    const cli = new CliFolder();
    const planted = "import { parentPort } from 'node:worker_threads'; parentPort?.on('message', (message) => { if (message.task?.text?.includes('planted')) setImmediate(() => { throw new Error('planted'); }); });";
    using pty = new Pty(cli.path, { nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(planted)}`] });
    await pty.until('sluice> ');
    await pty.type(`CREATE VIEW lasting AS SELECT 1 AS a;${keys.enter}`, 'created lasting');
    await pty.type(`SELECT 'planted' FROM lasting;${keys.enter}`, 'error[E0999]: the engine ended: planted');
    await pty.until('sluice> ');
    assert.match(await pty.type(`SELECT a FROM lasting;${keys.enter}`, '1 row'), / a\n -\n 1\n1 row$/);
  });

  test('an engine that does not stop is ended by a second Ctrl-C', async () => {
    const cli = new CliFolder();
    const planted = "import { parentPort } from 'node:worker_threads'; parentPort?.on('message', (message) => { if (message.task?.text?.includes('planted')) for (;;); });";
    using pty = new Pty(cli.path, { nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(planted)}`] });
    await pty.until('sluice> ');
    await pty.type(`SELECT 1 AS a;${keys.enter}`, '1 row');
    await pty.until('sluice> ');
    await pty.type(`SELECT 'planted' AS a;${keys.enter}`, " a;\r\n");
    await pty.type(keys.ctrlC, 'it has not ended yet; Ctrl-C again ends the engine');
    await pty.type(keys.ctrlC, 'the engine ended');
    await pty.until('sluice> ');
    await pty.type(`SELECT 1 AS a;${keys.enter}`, '1 row');
  });

  test('a second one in the same folder says who holds it, what to do, and leaves with 2', async () => {
    const cli = new CliFolder();
    using first = new Pty(cli.path);
    await first.until('sluice> ');
    await first.type(`${events} INSERT INTO events VALUES (1, 'a');${keys.enter}`, 'inserted 1 row');
    using second = new Pty(cli.path);
    const told = await second.until('--state-dir');
    assert.match(told, /error\[E0603\]: another engine works in \.sluice\/broker \(process \d+\)\n {2}stop it first, or give this one a folder of its own/);
    assert.equal((await second.ended).exitCode, 2);
    const batch = cli.run(['-e', 'SELECT * FROM events', '--bounded']);
    assert.equal(batch.status, 2, batch.stderr);
    assert.match(batch.stderr, /E0603/);
    await first.type(`SELECT 1 AS still;${keys.enter}`, '1 row');
  });

  test('rows that are wider than the terminal stand a value a line', async () => {
    const cli = new CliFolder();
    using pty = new Pty(cli.path, { cols: 40 });
    await pty.until('sluice> ');
    const sql = `SELECT '${'a'.repeat(38)}' AS first, CAST(NULL AS INT) AS second;`;
    assert.match(await pty.type(sql + keys.enter, '1 row'), /-- row 1 --\n first {3}a{38}\n second {2}NULL\n1 row$/);
    await pty.type(`\\x off${keys.enter}`, '\\x is off');
    assert.match(await pty.type(sql + keys.enter, '1 row'), / first +second\n/);
    await pty.type(`\\format csv${keys.enter}`, 'format is csv');
    assert.match(await pty.type(sql + keys.enter, 'aaa,\r\n'), /first,second\na{38},\n$/);
  });

  test('backslash commands: help, timing, files, what is missing and what nobody knows', async () => {
    const cli = new CliFolder();
    using pty = new Pty(cli.path, { env: { NO_COLOR: '1' } });
    await pty.until('sluice> ');
    assert.match(await pty.type(`\\?${keys.enter}`, 'Ctrl-D leaves'), /\\d \[TABLE\] +tables and views/);
    await pty.type(`help${keys.enter}`, 'Ctrl-D leaves');
    await pty.type(`\\dtt${keys.enter}`, 'did you mean "\\dt"?');
    await pty.type(`\\stop${keys.enter}`, 'what is missing:  \\stop JOB');
    await pty.type(`STOP JOB 'nothing';${keys.enter}`, 'no job nothing runs');
    await pty.type(`\\watch${keys.enter}`, 'there is no query yet:  SELECT ..;  and then \\watch');
    await pty.type(`\\log${keys.enter}`, 'nothing was told yet; what jobs and the engine tell is kept here');
    await pty.type(`\\doctor${keys.enter}`, '.sluice is not there yet; the first table or job makes it');
    await pty.type(`\\doctor a b${keys.enter}`, "'a b' is no address:  \\doctor localhost:9092");
    await pty.type(`\\i nowhere.sql${keys.enter}`, 'nowhere.sql cannot be read: there is no such file');
    await pty.type(`\\timing${keys.enter}`, 'timing is on');
    await pty.type(`\\o out.txt${keys.enter}`, 'results go to out.txt');
    await pty.type(`SELECT 5 AS n;${keys.enter}`, ' ms');
    await pty.type(`\\o${keys.enter}`, 'results come here');
    assert.equal(readFileSync(join(cli.path, 'out.txt'), 'utf8'), ' n\n -\n 5\n');
    await pty.type(`\\df upper${keys.enter}`, 'UPPER  ');
    await pty.type(`\\explain SELECT 1 AS a;${keys.enter}`, 'SingleRow');
    assert.ok(!/\p{Cc}\[[\d;]*m/u.test(pty.raw), 'NO_COLOR is obeyed');
    await pty.type(`\\q${keys.enter}`, '\\q');
    assert.equal((await pty.ended).exitCode, 0);
  });

  test('\\watch repeats a query over what is there, until q, and nothing else; \\log keeps what jobs told; \\doctor examines', async () => {
    const cli = new CliFolder();
    using pty = new Pty(cli.path);
    await pty.until('sluice> ');
    await pty.type(ticks + keys.enter, 'created ticks');
    await pty.type(`${events}${keys.enter}`, 'created events');
    await pty.type(`\\watch${keys.enter}`, '\\watch repeats queries, not what changes tables or settings');
    await pty.type(`INSERT INTO events VALUES (1, 'a'), (2, 'b');${keys.enter}`, 'inserted 2 rows');
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
  });

  test('\\fix puts the mended text where it is edited', async () => {
    const cli = new CliFolder();
    using pty = new Pty(cli.path);
    await pty.until('sluice> ');
    await pty.type(`SELECT 1 AS a， 2 AS b;${keys.enter}`, 'error[E0003]');
    await pty.type(`\\fix${keys.enter}`, '\\fix');
    await pty.until(', ');
    assert.match(await pty.type(keys.enter, '1 row'), / a  b\n/);
  });
});

suite('the prompt and other programs', () => {
  test('\\e edits the last text in an editor, \\! runs a command, \\i a file', async () => {
    const cli = new CliFolder();
    writeFileSync(join(cli.path, 'edit.sh'), 'grep -q "SELECT 1 AS one;" "$1" && echo "SELECT 6 AS six;" > "$1"\n');
    writeFileSync(join(cli.path, 'some.sql'), 'SELECT 7 AS seven;\nSELECT nothing;\n');
    using pty = new Pty(cli.path, { env: { NO_COLOR: '1', EDITOR: `sh ${join(cli.path, 'edit.sh')}` } });
    await pty.until('sluice> ');
    await pty.type(`SELECT 1 AS one;${keys.enter}`, '1 row');
    await pty.until('sluice> ');
    await pty.type(`\\e${keys.enter}`, 'sluice> SELECT 6 AS six;');
    assert.match(await pty.type(keys.enter, '1 row'), / six\n ---\n {3}6\n1 row$/);
    await pty.until('sluice> ');
    await pty.type(`\\! echo $((40 + 2)) said the shell${keys.enter}`, '42 said the shell');
    await pty.until('sluice> ');
    await pty.type(`\\i some.sql${keys.enter}`, 'some.sql:2:8');
    await pty.until('sluice> ');
    pty.write(keys.ctrlD);
    assert.equal((await pty.ended).exitCode, 0);
  });
});

suite('the prompt where keys cannot be drawn', () => {
  test('a dumb terminal gets lines and no sequences', async () => {
    const cli = new CliFolder();
    using pty = new Pty(cli.path, { term: 'dumb' });
    await pty.until('sluice> ');
    await pty.type('SELECT 1 AS a,\n', '      | ');
    assert.match(await pty.type('2 AS b;\n', '1 row'), / a  b\n -  -\n 1  2\n/);
    await pty.until('sluice> ');
    await pty.type(keys.ctrlC, 'Ctrl-D or \\q leaves');
    await pty.type(`${ticks}\n`, 'created ticks');
    await pty.until('sluice> ');
    await pty.type('SELECT COUNT(*) AS n FROM ticks WHERE n > 0;\n', '+U');
    await pty.type(keys.ctrlC, 'stopped');
    await pty.until('sluice> ');
    await pty.type('SELECT 1\n', '      | ');
    await pty.type(keys.ctrlD, 'the last statement has no ; and was not run');
    assert.equal((await pty.ended).exitCode, 0);
    assert.ok(!pty.raw.includes('\u001b'), JSON.stringify(pty.raw));
  });

  test('with a pipe behind it, rows go there as jsonl and words to the terminal', async () => {
    const cli = new CliFolder();
    using pty = new Pty(cli.path, { shell: '$SLUICE | cat > rows.jsonl' });
    await pty.until('sluice> ');
    await pty.type('SELECT 1 AS a;\n', 'sluice> ');
    pty.write('\\q\n');
    await pty.ended;
    assert.equal(readFileSync(join(cli.path, 'rows.jsonl'), 'utf8'), '{"a":1}\n');
  });
});
