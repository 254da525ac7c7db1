import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { connectors } from '../connectors/connectors.ts';
import { formats } from '../connectors/formats/formats.ts';
import { SqlError } from '../core/diagnostic.ts';
import { errorCodes, type ErrorCode } from '../core/error-codes.ts';
import { settingDefinitions } from '../core/settings.ts';
import { functionNames } from '../functions/registry.ts';
import { commonFlags } from '../repl/arguments.ts';
import { backslashCommands } from '../repl/backslash.ts';
import { commands, execute } from '../repl/commands.ts';
import { exitCodeOf, usageExit } from '../repl/exit-code.ts';
import { parseSource } from './source-files.ts';

/**
 * The names that others write into their programs, one a line. The list only grows: a name that goes is a breach, unless CHANGELOG.md says
 * why and the line is taken out by hand. With SLUICE_REWRITE=1 new names are added.
 */
const file = new URL('surface.txt', import.meta.url);

/** The names that a barrel exports, types included. */
function exportsOf(barrel: string): string[] {
  const { code } = parseSource(barrel);
  return [...code.matchAll(/export\s+(?:type\s+)?\{([^}]*)\}/g)].flatMap((match) =>
    (match[1] ?? '').split(',').map((name) => name.trim().replace(/^type\s+/, '').replace(/^.*\sas\s+/, '')).filter((name) => name !== ''),
  );
}

function surface(): string[] {
  const lines = [
    ...['index.ts', 'index.planner.ts', 'index.connector.ts'].flatMap((barrel) => exportsOf(barrel).map((name) => `export ${barrel} ${name}`)),
    ...Object.keys(errorCodes).map((code) => `error ${code}`),
    ...connectors.flatMap(({ name, options }) => options.map(({ key }) => `option ${name} ${key}`)),
    ...formats.flatMap(({ name, options }) => options.map(({ key }) => `option ${name} ${name}.${key}`)),
    ...settingDefinitions.map(({ key }) => `setting ${key}`),
    ...functionNames().map((name) => `function ${name}`),
    ...commands.map(({ name }) => `command ${name}`),
    ...backslashCommands.map(({ name }) => `prompt \\${name}`),
    ...[...commands, execute].flatMap(({ name, flags }) => Object.keys(flags).map((flag) => `flag ${name === '' ? '-e' : name} --${flag}`)),
    ...Object.keys(commonFlags).map((flag) => `flag any --${flag}`),
    `exit ${usageExit} wrong flag`,
    ...(Object.keys(errorCodes) as ErrorCode[]).map((code) => `exit ${exitCodeOf(new SqlError({ code, message: '' }), false)} ${code} before anything started`),
  ];
  return lines.toSorted();
}

function kept(): string[] {
  return readFileSync(file, 'utf8').split('\n').filter((line) => line !== '');
}

if (process.env['SLUICE_REWRITE'] === '1') {
  test('adds new names to the list', () => writeFileSync(file, `${[...new Set([...kept(), ...surface()])].toSorted().join('\n')}\n`));
}

test('no name that others use has gone', () => {
  const now = new Set(surface());
  assert.deepEqual(kept().filter((line) => !now.has(line)), []);
});

test('every new name is in the list: SLUICE_REWRITE=1 node --test test/surface.test.ts adds it', () => {
  const known = new Set(kept());
  assert.deepEqual(surface().filter((line) => !known.has(line)), []);
});

test('the barrels export something, and nothing twice', () => {
  for (const barrel of ['index.ts', 'index.planner.ts', 'index.connector.ts']) {
    const names = exportsOf(barrel);
    assert.ok(names.length > 3, barrel);
    assert.equal(new Set(names).size, names.length, barrel);
  }
});

test('what the barrels promise as values is there', async () => {
  const library = await import('../index.ts');
  assert.deepEqual(Object.keys(library).toSorted(), ['Engine', 'SqlError', 'toJSON']);
  const planner = await import('../index.planner.ts');
  assert.deepEqual(Object.keys(planner).toSorted(), ['MemoryCatalog', 'SqlError', 'explainPlan', 'parse', 'planInsert', 'planQuery']);
});
