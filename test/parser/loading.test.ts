import assert from 'node:assert/strict';
import test from 'node:test';
import { Grammar, WholeGrammar } from '../../parser/grammars.ts';
import { FirstTokens } from '../../parser/lookahead.ts';
import { tokenize } from '../../parser/tokens.ts';

/** The parser with its strategy in sight. */
function worked(grammar: Grammar): FirstTokens {
  const { lookaheadStrategy } = grammar as unknown as { readonly lookaheadStrategy: unknown };
  assert.ok(lookaheadStrategy instanceof FirstTokens);
  return lookaheadStrategy;
}

test('what a first statement costs: the rules of common statements, and the choices that it comes to', () => {
  const grammar = new Grammar();
  const rules = Object.keys(grammar.getGAstProductions()).length;
  assert.ok(rules > 50 && rules < 125, `${rules} rules are recorded: what is rarely written belongs into grammar-rare.ts`);
  const strategy = worked(grammar);
  assert.equal(strategy.count, 0, 'no choice is worked out before a text comes to it');
  grammar.input = tokenize('SELECT 1').tokens;
  grammar.statement();
  assert.deepEqual(grammar.errors, []);
  const first = strategy.count;
  assert.ok(first > 5 && first < 100, `${first} choices for SELECT 1`);
  grammar.input = tokenize('SELECT 1').tokens;
  grammar.statement();
  assert.equal(strategy.count, first, 'each is worked out once');
});

test('the whole grammar has the rules of the other and those of rare statements', () => {
  const [some, all] = [new Grammar(), new WholeGrammar()].map((grammar) => Object.keys(grammar.getGAstProductions()));
  assert.ok(some !== undefined && all !== undefined && all.length > some.length);
  assert.deepEqual(some.filter((rule) => !all.includes(rule)), []);
});
