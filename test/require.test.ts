import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import test from 'node:test';
// Types alone: what is loaded here must be loaded by `require`.
import type * as Library from '../index.ts';
import type * as Connector from '../index.connector.ts';
import type * as Planner from '../index.planner.ts';

const require = createRequire(import.meta.url);

test('a CommonJS program requires each of the entries: nothing in them awaits while it loads', async () => {
  const { Engine, SqlError } = require('../index.ts') as typeof Library;
  const engine = await Engine.create();
  const { rows } = await engine.collect('SELECT 1 + 1 AS two');
  await engine.close();
  assert.deepEqual(rows, [{ two: 2 }]);
  assert.equal(typeof SqlError, 'function');
  const planner = require('../index.planner.ts') as typeof Planner;
  assert.equal(planner.parse('SELECT 1; SELECT 2').statements.length, 2);
  const connector = require('../index.connector.ts') as typeof Connector;
  assert.equal(typeof connector.allocateBatch, 'function');
});

test('each thing of chevrotain that is imported is passed on', async () => {
  const passed = require('#chevrotain') as Record<string, unknown>;
  assert.deepEqual(Object.entries(passed).filter(([name, value]) => name !== 'module.exports' && value === undefined), []);
  assert.equal(await import('#chevrotain').then(({ Lexer }) => Lexer === passed['Lexer']), true);
});
