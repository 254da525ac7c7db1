import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { CaseLine, CaseResult, Status } from './case-file.ts';
import { runCase } from './run-case.ts';

/**
 * Runs case files of the conformance format: `npm run conformance -- [FILES] [--results OUT.jsonl] [--filter TEXT] [--update]`.
 * Over all files, exits 1 when a case of passing.txt no longer passes; --update adds the cases that newly pass and removes none.
 */
const here = dirname(fileURLToPath(import.meta.url));
const passingFile = join(here, 'passing.txt');
const defaultFolder = join(here, '../../../shared/conformance');

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { results: { type: 'string' }, filter: { type: 'string' }, update: { type: 'boolean', default: false } },
});

function defaultFiles(): string[] {
  if (!existsSync(defaultFolder)) return [];
  return readdirSync(defaultFolder).filter((name) => name.endsWith('.jsonl')).sort().map((name) => join(defaultFolder, name));
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function runFile(file: string, filter: string | undefined): Promise<readonly CaseResult[]> {
  const lines = readFileSync(file, 'utf8').split('\n').filter((text) => text !== '' && (filter === undefined || text.includes(filter)));
  const results: CaseResult[] = [];
  for (const text of lines) results.push(await runCase(JSON.parse(text) as CaseLine));
  return results;
}

function readPassing(): string[] {
  return existsSync(passingFile) ? readFileSync(passingFile, 'utf8').split('\n').filter((id) => id !== '') : [];
}

const files = positionals.length > 0 ? positionals : defaultFiles();
if (files.length === 0) print('skipped: no case files');
const all: CaseResult[] = [];
for (const file of files) {
  const results = await runFile(file, flags.filter);
  const count = (status: Status): number => results.filter((result) => result.status === status).length;
  print(`${basename(file)}: ${count('pass')} pass, ${count('fail')} fail, ${count('error')} error, ${count('unsupported')} unsupported`);
  all.push(...results);
}
if (flags.results !== undefined) writeFileSync(flags.results, all.map((result) => `${JSON.stringify(result)}\n`).join(''));
else for (const { id, status, detail } of all) if (status === 'fail' || status === 'error') print(`${status} ${id}: ${detail.split('\n')[0] ?? ''}`);

if (positionals.length === 0 && flags.filter === undefined && files.length > 0) {
  const passing = new Set(all.filter((result) => result.status === 'pass').map((result) => result.id));
  const known = readPassing();
  const lost = known.filter((id) => !passing.has(id));
  for (const id of lost) print(`no longer passes: ${id}`);
  if (lost.length > 0) process.exitCode = 1;
  if (flags.update) {
    const ids = [...new Set([...known, ...passing])].sort();
    writeFileSync(passingFile, ids.map((id) => `${id}\n`).join(''));
    print(`passing.txt: ${ids.length} cases, ${ids.length - known.length} of them new`);
  }
}
// A case that hangs leaves its job behind, which must not keep the run from ending.
if (all.some((result) => result.detail.startsWith('still running'))) process.exit();
