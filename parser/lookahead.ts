import type { ILookaheadStrategy, IOrAlt, IProduction, IToken, OptionalProductionType, Rule, TokenType } from 'chevrotain';
import { Alternation, Alternative, LLkLookaheadStrategy, NonTerminal, Option, Repetition, RepetitionMandatory, RepetitionMandatoryWithSeparator, RepetitionWithSeparator, Terminal } from '#chevrotain';

/** What a lookahead function is called on: the parser. */
interface Looking {
  LA(k: number): IToken;
}

/** The tokens that may stand first, by number, those of their categories too; `isNullable` where nothing may stand. */
interface FirstSet {
  readonly tokens: ReadonlySet<number>;
  readonly isNullable: boolean;
}

type Choice = Parameters<ILookaheadStrategy['buildLookaheadForAlternation']>[0];
type Optional = Parameters<ILookaheadStrategy['buildLookaheadForOptional']>[0];

const optionalKinds: readonly (readonly [OptionalProductionType, new (...args: never[]) => IProduction])[] = [
  ['Option', Option],
  ['RepetitionMandatory', RepetitionMandatory],
  ['RepetitionMandatoryWithSeparator', RepetitionMandatoryWithSeparator],
  ['Repetition', Repetition],
  ['RepetitionWithSeparator', RepetitionWithSeparator],
];

/**
 * One token of lookahead, as chevrotain's own strategy for `maxLookahead: 1` decides: of the alternatives that the next token may begin the first
 * whose GATE agrees, and what may be empty fits always. It is worked out where the parser first comes to a choice, and what a rule may begin with
 * once for each rule: chevrotain's works out all paths of all choices when the grammar is built, which took two thirds of the time to load it.
 */
export class FirstTokens extends LLkLookaheadStrategy implements ILookaheadStrategy {
  /** How many choices were worked out: those that a text came to. */
  count = 0;
  readonly #ofRule = new Map<Rule, FirstSet>();
  readonly #productions = new Map<Rule, Map<string, IProduction>>();

  constructor() {
    super({ maxLookahead: 1 });
  }

  override buildLookaheadForAlternation({ prodOccurrence, rule }: Choice): (alts?: IOrAlt<unknown>[]) => number | undefined {
    let fitting: ReadonlyMap<number, readonly number[]> | undefined;
    let empty: readonly number[] = [];
    const work = (): ReadonlyMap<number, readonly number[]> => {
      const sets = definitionOf(this.#find(rule, `Alternation${prodOccurrence}`)).map((alternative) => this.#firstOf(alternative));
      empty = sets.flatMap(({ isNullable }, i) => (isNullable ? [i] : []));
      const all = new Set(sets.flatMap(({ tokens }) => [...tokens]));
      return new Map([...all].map((token) => [token, sets.flatMap((set, i) => (set.isNullable || set.tokens.has(token) ? [i] : []))]));
    };
    return function (this: Looking, alts: IOrAlt<unknown>[] = []): number | undefined {
      fitting ??= work();
      for (const i of fitting.get(this.LA(1).tokenTypeIdx) ?? empty) {
        if (alts[i]?.GATE?.call(this) !== false) return i;
      }
      return undefined;
    };
  }

  override buildLookaheadForOptional({ prodOccurrence, prodType, rule }: Optional): () => boolean {
    let inside: FirstSet | undefined;
    const work = (): FirstSet => this.#firstOfAll(definitionOf(this.#find(rule, `${prodType}${prodOccurrence}`)));
    return function (this: Looking): boolean {
      inside ??= work();
      return inside.isNullable || inside.tokens.has(this.LA(1).tokenTypeIdx);
    };
  }

  /** A production of a rule by its kind and its number among those of the kind. */
  #find(rule: Rule, key: string): IProduction {
    this.count++;
    let productions = this.#productions.get(rule);
    if (productions === undefined) {
      productions = new Map();
      collect(rule.definition, productions);
      this.#productions.set(rule, productions);
    }
    const found = productions.get(key);
    if (found === undefined) throw new Error(`the rule ${rule.name} has no ${key}`);
    return found;
  }

  #firstOfRule(rule: Rule): FirstSet {
    let first = this.#ofRule.get(rule);
    if (first === undefined) {
      first = this.#firstOfAll(rule.definition);
      this.#ofRule.set(rule, first);
    }
    return first;
  }

  #firstOfAll(definition: readonly IProduction[]): FirstSet {
    const tokens = new Set<number>();
    for (const production of definition) {
      const first = this.#firstOf(production);
      for (const token of first.tokens) tokens.add(token);
      if (!first.isNullable) return { tokens, isNullable: false };
    }
    return { tokens, isNullable: true };
  }

  #firstOf(production: IProduction): FirstSet {
    if (production instanceof Terminal) return { tokens: new Set(withCategories(production.terminalType)), isNullable: false };
    if (production instanceof NonTerminal) return this.#firstOfRule(production.referencedRule);
    if (production instanceof Alternation) {
      const sets = production.definition.map((alternative) => this.#firstOf(alternative));
      return { tokens: new Set(sets.flatMap(({ tokens }) => [...tokens])), isNullable: sets.some(({ isNullable }) => isNullable) };
    }
    const first = this.#firstOfAll(definitionOf(production));
    const isOptional = production instanceof Option || production instanceof Repetition || production instanceof RepetitionWithSeparator;
    return isOptional ? { ...first, isNullable: true } : first;
  }
}

function withCategories({ tokenTypeIdx, categoryMatches = [] }: TokenType): readonly number[] {
  return tokenTypeIdx === undefined ? categoryMatches : [tokenTypeIdx, ...categoryMatches];
}

/** What stands inside; of a rule that is called nothing. */
function definitionOf(production: IProduction): readonly IProduction[] {
  const hasParts = production instanceof Alternation || production instanceof Alternative || optionalKinds.some(([, kind]) => production instanceof kind);
  return hasParts ? (production as InstanceType<typeof Alternative>).definition : [];
}

function collect(definition: readonly IProduction[], into: Map<string, IProduction>): void {
  for (const production of definition) {
    if (production instanceof Alternation) into.set(`Alternation${production.idx}`, production);
    for (const [name, kind] of optionalKinds) if (production instanceof kind) into.set(`${name}${(production as InstanceType<typeof Option>).idx}`, production);
    collect(definitionOf(production), into);
  }
}
