import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { deflateSync, gzipSync } from 'node:zlib';
import { Engine, SqlError } from '../../../index.ts';

const root = mkdtempSync(join(tmpdir(), 'sluice-files-'));
after(() => rmSync(root, { recursive: true }));
let folders = 0;

/** A new folder with files of these texts. */
function folderOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = join(root, `f${folders++}`);
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

async function read(columns: string, path: string, options: string, select = '*'): Promise<readonly unknown[][]> {
  await using engine = await Engine.create();
  await engine.exec(`CREATE TABLE t (${columns}) WITH ('connector' = 'filesystem', 'path' = '${path}', ${options})`);
  return (await engine.collect(`SELECT ${select} FROM t`)).rows.map((row) => Object.values(row));
}

const isError = (code: string, text: RegExp) => (error: unknown): boolean => error instanceof SqlError && error.code === code && text.test(`${error.message} ${error.hint}`);

test('all files of a folder are read in the order of their names, and those in folders below it; hidden ones are not', async () => {
  const folder = folderOf({ 'b.json': '{"n":2}\n', 'a.json': '{"n":1}', 'c/d/e.json': '\n{"n":3}\r\n\r\n{"n":4}', '.h.json': '{"n":7}', '_h.json': '{"n":8}', '_s/x.json': '{"n":9}', empty: '' });
  assert.deepEqual(await read('n INT', folder, "'format' = 'json'"), [[1], [2], [3], [4]]);
  assert.deepEqual(await read('n INT', pathToFileURL(folder).href, "'format' = 'json'"), [[1], [2], [3], [4]]);
  assert.deepEqual(await read('n INT', join(folder, 'b.json'), "'format' = 'json'"), [[2]]);
  assert.deepEqual(await read('n INT', folder, "'format' = 'json', 'source.path.regex-pattern' = '.*/(a|e)[.]json'"), [[1], [3], [4]]);
});

test('CSV: quoted line breaks, doubled quotes, comments, line ends of each kind', async () => {
  const folder = folderOf({ 'a.csv': '\ufeff1,"two\nlines"\r\n2,"a ""b\r\n"" c"\n#9,"not\n3,x"y\r4,"z"' });
  assert.deepEqual(await read('n INT, s STRING', folder, "'format' = 'csv', 'csv.allow-comments' = 'true'"), [[1, 'two\nlines'], [2, 'a "b\r\n" c'], [3, 'x"y'], [4, 'z']]);
});

test('raw: a record is a line, an empty one too', async () => {
  assert.deepEqual(await read('s STRING', folderOf({ a: 'x\n\ny\r\n' }), "'format' = 'raw'"), [['x'], [''], ['y']]);
});

test('records that lie across pieces of a file, and one that is larger than a piece', async () => {
  const text = (n: number): string => `${n}:`.padEnd(n === 150 ? 5 << 20 : 30_000 + n, 'x');
  const records = Array.from({ length: 300 }, (_, n) => ({ n, s: text(n) }));
  const folder = folderOf({ 'a.json': records.map((record) => JSON.stringify(record)).join('\n'), 'b.csv': '' });
  const rows = await read('n INT, s STRING', join(folder, 'a.json'), "'format' = 'json'");
  assert.deepEqual(rows.map(([n, s]) => [n, String(s).length]), records.map(({ n, s }) => [n, s.length]));
  assert.ok(rows.every(([n, s]) => s === text(Number(n))));
});

test('compressed files are read by their ending; what cannot be read is told', async () => {
  const lines = Array.from({ length: 50_000 }, (_, n) => `{"n":${n}}\n`).join('');
  const folder = folderOf({ 'a.json.gz': gzipSync(lines), 'b.json.deflate': deflateSync('{"n":-1}') });
  const rows = await read('n INT', folder, "'format' = 'json'");
  assert.deepEqual(rows.map(([n]) => n), [...Array.from({ length: 50_000 }, (_, n) => n), -1]);
  await assert.rejects(read('n INT', folderOf({ 'a.gz': 'no gzip' }), "'format' = 'json'"), isError('E0606', /a\.gz/));
  await assert.rejects(read('n INT', folderOf({ 'a.bz2': 'x' }), "'format' = 'json'"), isError('E0002', /a\.bz2/));
  await assert.rejects(read('n INT', join(root, 'nowhere'), "'format' = 'json'"), isError('E0606', /nowhere/));
});

test('a bad record is told by file, line and byte offset', async () => {
  const folder = folderOf({ 'a.json': '{"n":1}\n\n{"n":2}\n{"n":"no"}\n', 'b.csv': '1,"a\nb"\nx,y\n' });
  await assert.rejects(read('n INT', join(folder, 'a.json'), "'format' = 'json'"), isError('E0701', /a\.json line 4 \(byte offset 17\).*n is not.*"no"/));
  await assert.rejects(read('n INT, s STRING', join(folder, 'b.csv'), "'format' = 'csv'"), isError('E0701', /b\.csv line 3 \(byte offset 8\)/));
  assert.deepEqual(await read('n INT', join(folder, 'a.json'), "'format' = 'json', 'json.ignore-parse-errors' = 'true'"), [[1], [2], [null]]);
});

test('a header line and a record of another format say what to do', async () => {
  const folder = folderOf({ 'a.csv': 'n,Label\n1,x\n', 'b.csv': '# N;label\n1;x\n', 'c.csv': '{"n":1,"label":"x"}\n' });
  const told = (file: string, format: string, text: RegExp): Promise<void> => assert.rejects(read('n INT, label STRING', join(folder, file), `'format' = '${format}'`), isError('E0701', text));
  await told('a.csv', 'csv', /line 1 .*n is not an INT; it looks like a header line [^]*\nfields are columns by their place, .*delete that line\n'csv\.ignore-parse-errors'/);
  await told('b.csv', 'csv', /it looks like a header line [^]*\n'csv\.field-delimiter' = ';'\n.*'csv\.allow-comments' = 'true'/);
  await told('c.csv', 'csv', /it looks like JSON [^]*\n.*'format' = 'json'\n/);
  await told('a.csv', 'json', /it is not JSON [^]*\nit looks like the header line of CSV: .*'format' = 'csv'/);
  assert.deepEqual(await read('n INT, label STRING', join(folder, 'a.csv'), "'format' = 'csv', 'error-handling.mode' = 'ignore'"), [[1, 'x']]);
});

test('options that cannot be are told with the table', async () => {
  const path = folderOf({});
  await assert.rejects(read('n INT', 's3://bucket/x', "'format' = 'json'"), isError('E0002', /files of s3:/));
  await assert.rejects(read('n INT', path, "'format' = 'json', 'source.path.regex-pattern' = '('"), isError('E0504', /regular expression/));
  await assert.rejects(read('n INT', path, "'format' = 'json', 'sink.rolling-policy.file-size' = 'big'"), isError('E0504', /128MB/));
  await assert.rejects(read('n INT', path, "'format' = 'json', 'auto-compaction' = 'true'"), isError('E0002', /auto-compaction/));
});

test('with a monitor interval new files are read as they come, once each', async () => {
  const folder = folderOf({ 'b.json': '{"n":1}\n' });
  await using engine = await Engine.create();
  await engine.exec(`CREATE TABLE t (n INT) WITH ('connector' = 'filesystem', 'path' = '${folder}', 'format' = 'json', 'source.monitor-interval' = '10 ms')`);
  const seen: unknown[] = [];
  for await (const { n } of engine.query('SELECT n FROM t')) {
    seen.push(n);
    // A file that was read is not read again, whatever is added to it.
    appendFileSync(join(folder, 'b.json'), '{"n":100}\n');
    if (n === 1) writeFileSync(join(folder, 'a.json'), '{"n":2}\n{"n":3}\n');
    if (n === 3) writeFileSync(join(folder, 'c.json'), '{"n":4}');
    if (n === 4) break;
  }
  assert.deepEqual(seen, [1, 2, 3, 4]);
});

test('records that do not fit are left out or NULL where the options say so, counted, and the first ones told', async () => {
  const folder = folderOf({ 'a.json': '{"n":1}\nno\n{"n":"x"}\n{"n":2}\n{"n":"y"}\n{"n":"z"}\n{"n":3}\n' });
  for (const [mode, rows, bad] of [['ignore', [1, 2, 3], 4], ['null-field', [1, null, 2, null, null, 3], 4]] as const) {
    const notices: string[] = [];
    await using engine = await Engine.create({ onNotice: ({ message }) => void notices.push(message) });
    await engine.exec(`CREATE TABLE t (n INT) WITH ('connector' = 'filesystem', 'path' = '${folder}', 'format' = 'json', 'error-handling.mode' = '${mode}')`);
    const collected = await engine.collect('SELECT n FROM t');
    assert.deepEqual(collected.rows.map(({ n }) => n), rows);
    assert.equal(collected.stats.bad, BigInt(bad));
    assert.equal(notices.length, 4);
    assert.match(notices[0] ?? '', /a\.json line 2 \(byte offset 8\).*left out/);
    assert.match(notices[3] ?? '', /4 records did not fit/);
  }
});

test('METADATA columns say which file a record stands in', async () => {
  const folder = folderOf({ 'a/x.csv': '1\n2\n', 'b.csv': '3\n' });
  utimesSync(join(folder, 'b.csv'), 1_700_000_000, 1_700_000_000.25);
  const columns = "at STRING METADATA FROM 'file.path' VIRTUAL, n INT, name STRING METADATA FROM 'file.name' VIRTUAL, size INT METADATA FROM 'file.size' VIRTUAL, `file.modification-time` TIMESTAMP_LTZ(3) METADATA VIRTUAL";
  const rows = await read(columns, folder, "'format' = 'csv'");
  assert.deepEqual(rows.map((row) => row.slice(0, 4)), [
    [join(folder, 'a', 'x.csv'), 1, 'x.csv', 4],
    [join(folder, 'a', 'x.csv'), 2, 'x.csv', 4],
    [join(folder, 'b.csv'), 3, 'b.csv', 2],
  ]);
  assert.deepEqual(rows[2]?.[4], new Date(1_700_000_000_250));
  assert.deepEqual(await read(columns, folder, "'format' = 'csv'", 'SUM(size), MAX(name)'), [[10, 'x.csv']]);
});

test('a link to a folder around it leads nowhere; a pipe is no file', async () => {
  const folder = folderOf({ 'a.json': '{"n":1}', 'c/b.json': '{"n":2}' });
  symlinkSync(folder, join(folder, 'c', 'again'));
  symlinkSync(join(folder, 'c'), join(folder, 'd'));
  assert.deepEqual(await read('n INT', folder, "'format' = 'json'"), [[1], [2], [2]]);
  if (process.platform === 'win32') return;
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  assert.deepEqual(await read('n INT', folder, "'format' = 'json'"), [[1], [2], [2]]);
  await assert.rejects(read('n INT', join(folder, 'pipe'), "'format' = 'json'"), isError('E0606', /neither a file nor a folder/));
});

test('a file that is no text in UTF-8 says so, and nothing that it holds obeys the terminal', async () => {
  const of = (bytes: Uint8Array | string): Promise<unknown> => read('n INT', folderOf({ 'a.json': bytes }), "'format' = 'json'");
  await assert.rejects(of(gzipSync('{"n":1}')), isError('E0701', /compressed by gzip.*[.]gz/));
  await assert.rejects(of(Buffer.from('\ufeff{"n":1}', 'utf16le')), isError('E0701', /UTF-16/));
  await assert.rejects(of('{"n":"\u001b[2J\u0000\u202e"}'), (error: unknown) => error instanceof SqlError && error.hint?.includes('{"n":"\\x1b[2J\\x00\\u202e"}') === true);
});
