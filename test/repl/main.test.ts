import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { CliFolder } from './cli.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string };

suite('the command line', () => {
  const cli = new CliFolder();

  test('--version prints the version and loads no engine', () => {
    const hooks = loadedModules();
    const { status, stdout, stderr } = cli.run(['--version'], { nodeArgs: hooks });
    assert.equal(status, 0);
    assert.equal(stdout, `${version}\n`);
    assert.match(stderr, /repl\/main/);
    assert.doesNotMatch(stderr, /\/engine\/|\/broker\/|\/wire\/|better-sqlite3|chevrotain/);
  });

  test('a query without tables loads neither broker nor SQLite', () => {
    const { status, stdout, stderr } = cli.run(['-e', 'SELECT 1 AS one'], { nodeArgs: loadedModules() });
    assert.equal(status, 0);
    assert.equal(stdout, '{"one":1}\n');
    assert.match(stderr, /engine\/engine/);
    assert.doesNotMatch(stderr, /embedded-broker|\/wire\/|better-sqlite3|checkpoint-store/);
  });

  test('without a terminal and without statements the help is printed', async () => {
    const { status, stdout } = cli.run([]);
    assert.equal(status, 0);
    assert.match(stdout, /run FILE\.\./);
    assert.equal(stdout, (await cli.call(['--help'])).stdout);
  });

  test('a mistake that nobody expected ends with 2 and one line', () => {
    const planted = "setInterval(() => { if (process.listenerCount('uncaughtException') > 0) Promise.reject(new Error('planted')); }, 1)";
    const sql = "CREATE TABLE Notes (id INT) WITH ('connector' = 'kafka', 'topic' = 'notes', 'format' = 'json'); SELECT id FROM Notes";
    const { status, stderr } = cli.run(['-q', '-e', sql], { nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(planted)}`] });
    assert.equal(status, 2, stderr);
    assert.equal(stderr, 'error[E0999]: planted\n  this is a mistake inside Sluice; --debug shows where\n');
  });

  test('help and help COMMAND are --help', async () => {
    assert.equal((await cli.call(['help'])).stdout, (await cli.call(['--help'])).stdout);
    assert.match((await cli.call(['help', 'run'])).stdout, /^sluice run FILE/);
    assert.equal((await cli.call(['help', 'nothing'])).status, 64);
  });

  test('a wrong command or flag ends with 64 and the nearest right one', async () => {
    const command = await cli.call(['chekc', 'a.sql']);
    assert.equal(command.status, 64);
    assert.match(command.stderr, /no command 'chekc'\n  did you mean "check"\?/);
    const flag = cli.run(['run', '--bouded', 'a.sql']);
    assert.equal(flag.status, 64);
    assert.match(flag.stderr, /has no flag --bouded\n  did you mean "--bounded"\?/);
    assert.equal(flag.stdout, '');
  });
});

/** Node's flags that print the address of every module on stderr as it is loaded. */
function loadedModules(): string[] {
  const hooks = `import { registerHooks } from 'node:module';
    registerHooks({ load(url, context, next) { process.stderr.write(url + '\\n'); return next(url, context); } });`;
  return ['--import', `data:text/javascript,${encodeURIComponent(hooks)}`];
}
