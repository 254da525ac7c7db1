import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CliFolder } from '../cli.ts';
import { keys, paste, Pty, SharedPrompt } from './pty.ts';

const events = "CREATE TABLE events (id INT, note STRING) WITH ('connector' = 'kafka', 'topic' = 'events', 'format' = 'json');";
const ticks = "CREATE TABLE ticks (n INT) WITH ('connector' = 'datagen', 'rows-per-second' = '20', 'fields.n.min' = '1', 'fields.n.max' = '9');";

/** In the engine's thread: a text with 'planted' in it breaks it, one with 'stuck' holds it up for ever. */
const mistakes = "import { parentPort } from 'node:worker_threads'; parentPort?.on('message', ({ task }) => { if (task?.text?.includes('planted')) setImmediate(() => { throw new Error('planted'); }); if (task?.text?.includes('stuck')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); });";

suite('the prompt', () => {
  const plainFolder = new CliFolder();
  const plain = new SharedPrompt(plainFolder.path);
  const planted = new SharedPrompt(new CliFolder().path, { nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(mistakes)}`] });

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

  test('errors show line, column and caret as typed; all of a text are told and nothing of it is done', () => plain.use(async (pty) => {
    const told = await pty.type(paste(`CREATE VIEW v AS SELECT 1 AS a;\nSELECT\n  漢字,\n  b FROM v;\nSELECT LENGHT('x');`) + keys.enter, 'nothing was started.');
    assert.match(told, /error\[E0102\]: [^\n]*\n {4}3 \| {3}漢字,\n {6}\| {3}\^{4}/);
    assert.match(told, /error\[E0103\]: [^\n]*\n {4}5 \| SELECT LENGHT\('x'\);/);
    assert.match(await pty.type(`SELECT * FROM v;${keys.enter}`, '^'), /there is no table v/);
  }));

  test('keys edit, walk through the history, search it and complete', () => plain.use(async (pty) => {
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
    const file = join(plainFolder.path, '.sluice_history');
    const history = readFileSync(file, 'utf8');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(history.includes('"SELECT id\\nFROM events\\nLIMIT 0;"\n'), history);
    assert.ok(!history.includes('hush'), history);
  }));

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

  test('an engine that breaks is told, and a new one answers', () => planted.use(async (pty) => {
    await pty.type(`CREATE VIEW lasting AS SELECT 1 AS a;${keys.enter}`, 'created lasting');
    await pty.type(`SELECT 'planted' FROM lasting;${keys.enter}`, 'error[E0999]: the engine ended: planted');
    await pty.until('sluice> ');
    assert.match(await pty.type(`SELECT a FROM lasting;${keys.enter}`, '1 row'), / a\n -\n 1\n1 row$/);
  }));

  test('an engine that does not stop is ended by a second Ctrl-C', () => planted.use(async (pty) => {
    await pty.type(`SELECT 1 AS a;${keys.enter}`, '1 row');
    await pty.until('sluice> ');
    await pty.type(`SELECT 'stuck' AS a;${keys.enter}`, " a;\r\n");
    await pty.type(keys.ctrlC, 'it has not ended yet; Ctrl-C again ends the engine');
    await pty.type(keys.ctrlC, 'the engine ended');
    await pty.until('sluice> ');
    await pty.type(`SELECT 1 AS a;${keys.enter}`, '1 row');
  }));

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
