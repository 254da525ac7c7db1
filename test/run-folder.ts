import { dirname, relative } from 'node:path';
import test from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { testFilesIn } from './files.ts';

/**
 * Runs the test files of the folder in which `module` lies, and of those below it, one behind the other in this process: what they share, mostly
 * the engine, is loaded and compiled once and not for each of them. None of their tests starts before all files are loaded: the first test of
 * the process waits for that, and tests run in their order. A file that cannot be loaded fails that first test, and the others run.
 */
export async function runFolder(module: string): Promise<void> {
  const folder = dirname(fileURLToPath(module));
  const files = testFilesIn(folder);
  const loading = load(files);
  test(`the ${files.length} test files of ${relative('', folder)} are loaded`, async () => {
    const failures = await loading;
    if (files.length === 0) throw new Error('there are none');
    if (failures.length > 0) throw new AggregateError(failures, failures.join('\n'));
  });
  await loading;
}

/** Loads one after the other, so that their tests stand in the order of the files; gives what failed. */
async function load(files: readonly string[]): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  for (const file of files) {
    await import(pathToFileURL(file).href).catch((error: unknown) => failures.push(new Error(`${relative('', file)}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)));
  }
  return failures;
}
