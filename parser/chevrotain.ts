import type * as Chevrotain from 'chevrotain';

/**
 * Chevrotain from the one file that its package also holds: the many that its entry consists of take 25 ms of CPU time more to load. Where that file is
 * not found, as in a bundle for a browser, the entry itself. All else of this folder imports only types from the package.
 */
async function load(): Promise<typeof Chevrotain> {
  try {
    const oneFile = new URL('../chevrotain.mjs', import.meta.resolve('chevrotain'));
    return (await import(oneFile.href)) as typeof Chevrotain;
  } catch {
    return import('chevrotain');
  }
}

export const {
  Alternation, Alternative, createToken, EmbeddedActionsParser, EOF, Lexer, LLkLookaheadStrategy, NonTerminal, Option, Repetition, RepetitionMandatory, RepetitionMandatoryWithSeparator, RepetitionWithSeparator, Terminal,
} = await load();
