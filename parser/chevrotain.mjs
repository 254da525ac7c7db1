// What '#chevrotain' is in Node (package.json, "imports"); bundlers take the package itself. Plain JavaScript, as the same file serves the sources and the built program.
//
// Chevrotain from the one file that its package also holds: the many that its entry consists of take 25 ms of CPU time more to load. It is required and not
// imported, as the path is known only at run time and a top-level await would keep programs from `require('sluice')`.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const entry = require.resolve('chevrotain');
const oneFile = join(entry, '..', '..', 'chevrotain.mjs');

export const {
  Alternation, Alternative, createToken, EmbeddedActionsParser, EOF, Lexer, LLkLookaheadStrategy, NonTerminal, Option, Repetition, RepetitionMandatory, RepetitionMandatoryWithSeparator, RepetitionWithSeparator, Terminal,
} = require(existsSync(oneFile) ? oneFile : entry);
