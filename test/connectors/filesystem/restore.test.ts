import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Options } from '../../../catalog/option-spec.ts';
import type { ConnectorServices, Position, Source, SplitReader } from '../../../catalog/connector.ts';
import { openFilesystemSource } from '../../../connectors/filesystem/source.ts';
import { formats } from '../../../connectors/formats/formats.ts';
import { SqlError } from '../../../core/diagnostic.ts';
import { types } from '../../../core/sql-type.ts';
import { readValue } from '../../../core/value.ts';

const root = mkdtempSync(join(tmpdir(), 'sluice-places-'));
after(() => rmSync(root, { recursive: true }));

const columns = [{ name: 'n', type: types.int }, { name: 's', type: types.string }];
const services: ConnectorServices = { broker: () => Promise.reject(new Error('no broker')), group: 'g', bounded: true, fresh: false, incarnation: 'i', stateDir: undefined, clock: { now: () => 0 }, notice: () => undefined, fail: (error) => assert.fail(String(error)) };

async function open(path: string, format: string, position?: Position): Promise<{ readonly source: Source; readonly reader: SplitReader }> {
  const def = formats.find(({ name }) => name === format);
  const formatOptions = new Options(new Map((def?.options ?? []).flatMap(({ key, defaultValue }) => (defaultValue === undefined ? [] : [[key, defaultValue] as const]))));
  const table = { name: 't', columns, primaryKey: [], options: new Options(new Map([['path', path]])), format: def?.forTable?.(columns) ?? def, formatOptions };
  const source = await openFilesystemSource({ table, read: columns.map(({ name, type }) => ({ path: [name], type })), services, ...(position === undefined ? {} : { positions: { 0: position } }) });
  return { source, reader: await source.open('0', position) };
}

/** Up to `limit` rows, `step` at a time. */
async function read(reader: SplitReader, limit: number, step: number): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  while (rows.length < limit && !reader.finished) {
    if (!reader.ready) await reader.fetch(0);
    if (!reader.ready) continue;
    const batch = reader.read(Math.min(step, limit - rows.length));
    for (let row = 0; row < batch.rowCount; row++) rows.push(columns.map(({ type }, c) => readValue(batch.columns[c] as never, type, row)).join('|'));
  }
  return rows;
}

const csv = (from: number, to: number): string => Array.from({ length: to - from }, (_, i) => `${from + i},"a ""${i}""\n${i % 3 === 0 ? '\n' : ''}b"${i % 4 === 0 ? '\r\n' : '\n'}${i % 5 === 0 ? '\n' : ''}`).join('');

test('reading goes on where any position says, as if it had not stopped', async () => {
  const folder = join(root, 'places');
  mkdirSync(join(folder, 'sub'), { recursive: true });
  writeFileSync(join(folder, 'a.csv'), csv(0, 9));
  writeFileSync(join(folder, 'b.csv'), '');
  writeFileSync(join(folder, 'c.csv.gz'), gzipSync(csv(9, 21)));
  writeFileSync(join(folder, 'sub', 'd.csv'), csv(21, 24).trimEnd());
  const whole = await open(folder, 'csv');
  const all = await read(whole.reader, Infinity, 1000);
  assert.equal(all.length, 24);
  for (const step of [1, 2, 7]) {
    for (let cut = 0; cut <= all.length; cut++) {
      const first = await open(folder, 'csv');
      const before = await read(first.reader, cut, step);
      const position = JSON.parse(JSON.stringify(first.reader.position())) as Position;
      await first.source.close();
      const second = await open(folder, 'csv', position);
      const rest = await read(second.reader, Infinity, step);
      assert.deepEqual([...before, ...rest], all, `cut at ${cut}`);
      const end = await open(folder, 'csv', second.reader.position());
      assert.ok(end.reader.finished);
    }
  }
});

test('a line is numbered from the begin of its file after a restart too', async () => {
  const folder = join(root, 'lines');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.csv'), '1,"x\ny"\n\n2,z\nno,z\n');
  const first = await open(folder, 'csv');
  await read(first.reader, 2, 1);
  const second = await open(folder, 'csv', first.reader.position());
  await assert.rejects(read(second.reader, 1, 1), (error: unknown) => error instanceof SqlError && /a\.csv line 5 \(byte offset 13\)/.test(error.message));
});

test('a position in another folder, in a file that is gone or that is shorter now is refused', async () => {
  const folder = join(root, 'gone');
  mkdirSync(folder);
  for (const name of ['a.csv', 'b.csv.gz']) {
    const file = join(folder, name);
    const write = (text: string): void => writeFileSync(file, name.endsWith('gz') ? gzipSync(text) : text);
    write('1,a\n2,b\n3,c\n');
    const { reader } = await open(folder, 'csv');
    await read(reader, 2, 1);
    const position = reader.position();
    const isRefused = (error: unknown): boolean => error instanceof SqlError && error.code === 'E0805';
    await assert.rejects(open(root, 'csv', position), isRefused);
    write('1,a');
    const shorter = await open(folder, 'csv', position);
    await assert.rejects(read(shorter.reader, 1, 1), isRefused);
    rmSync(file);
    await assert.rejects(open(folder, 'csv', position), isRefused);
  }
});
