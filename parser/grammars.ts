import type { IToken, TokenType } from 'chevrotain';
import type { Statement } from './ast-statement.ts';
import type { Rule } from './grammar-base.ts';
import { RareGrammar } from './grammar-rare.ts';
import { StatementGrammar } from './grammar.ts';
import { words as w } from './tokens.ts';

/** The grammar of what most scripts are made of. Building it takes most of the time that the first statement takes. */
export class Grammar extends StatementGrammar {
  constructor() {
    super();
    this.performSelfAnalysis();
  }
}

/** The grammar of everything, for the statements that the other one does not have. */
export class WholeGrammar extends RareGrammar {
  constructor() {
    super();
    this.performSelfAnalysis();
  }
}

let often: Grammar | undefined;
let rarely: WholeGrammar | undefined;

/** The grammar and its rule for a statement that begins so. Each grammar is built when the first such statement is read. */
export function grammarFor(tokens: readonly IToken[]): { readonly grammar: Grammar | WholeGrammar; readonly rule: Rule<Statement> } {
  if (isRare(tokens)) {
    rarely ??= new WholeGrammar();
    return { grammar: rarely, rule: rarely.rareStatement };
  }
  often ??= new Grammar();
  return { grammar: often, rule: often.statement };
}

/** First words of statements that are rare whatever follows. */
const rareStarts: ReadonlySet<TokenType | undefined> = new Set([w.UPDATE, w.DELETE, w.TRUNCATE, w.CALL, w.ADD, w.REMOVE, w.LOAD, w.UNLOAD, w.ANALYZE, w.COMPILE, w.STOP]);
const rareObjects: ReadonlySet<TokenType | undefined> = new Set([w.FUNCTION, w.MODEL, w.MATERIALIZED]);

/** Whether only the whole grammar reads it, by its first words. */
function isRare(tokens: readonly IToken[]): boolean {
  const [first, second, third, fourth] = tokens.slice(0, 4).map((token) => token.tokenType);
  switch (first) {
    case w.EXECUTE:
      return second === w.PLAN;
    case w.USE:
      return second === w.MODULES && third !== undefined;
    case w.DESCRIBE:
    case w.DESC:
      return second === w.JOB && tokens[2]?.image.startsWith("'") === true;
    case w.CREATE:
      return rareObjects.has(second) || (second === w.TEMPORARY && (rareObjects.has(third) || (third === w.SYSTEM && rareObjects.has(fourth)))) || (second === w.OR && third === w.ALTER);
    case w.ALTER:
      return rareObjects.has(second) || second === w.CATALOG || (second === w.TEMPORARY && (rareObjects.has(third) || (third === w.SYSTEM && rareObjects.has(fourth))));
    default:
      return rareStarts.has(first);
  }
}
