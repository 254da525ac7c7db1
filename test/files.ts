import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The test files of a folder and those below it, in the order of their paths. */
export function testFilesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.test.ts')).toSorted().map((name) => join(folder, name));
}

/** What runs whole by its all.ts, in one process, and else each test file: every one of the folder once. */
export function entriesOf(folder: string): readonly string[] {
  const whole = join(folder, 'all.ts');
  if (existsSync(whole)) return [whole];
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? entriesOf(join(folder, entry.name)) : entry.name.endsWith('.test.ts') ? [join(folder, entry.name)] : []));
}

// `npm test` runs what this prints.
if (import.meta.main) for (const entry of entriesOf(import.meta.dirname)) process.stdout.write(`${relative('', entry)}\n`);
