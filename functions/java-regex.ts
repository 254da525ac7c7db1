import { SqlError } from '../core/diagnostic.ts';

/** Java's regular expressions as JavaScript's. Source: the documentation of java.util.regex.Pattern. */

const asciiClasses: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7f',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`\\{-~',
  Graph: '!-~',
  Print: ' -~',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1f\\x7f',
  XDigit: '0-9a-fA-F',
  Space: ' \\t\\n\\x0b\\f\\r',
};
const shorthand: Readonly<Record<string, string>> = { s: ' \\t\\n\\x0b\\f\\r', h: ' \\t\\xa0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000', d: '0-9', w: 'a-zA-Z0-9_' };
const kept = new Set('bBnrtfk123456789');
const lineEnd = '\\n\\r\\u0085\\u2028\\u2029';

function later(what: string): SqlError {
  return new SqlError({ code: 'E0002', message: `not supported yet: ${what} in a regular expression` });
}

/** Reads a pattern from the left; each method gives JavaScript's source for what it read. */
class Translation {
  readonly #pattern: string;
  #at = 0;
  #isMultiline = false;
  #isDotAll = false;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  whole(): string {
    const pattern = this.#pattern;
    // (?i) at the start holds for the whole pattern; JavaScript has flags around a group only.
    const flags = /^\(\?([a-zA-Z]+)\)/.exec(pattern);
    if (flags !== null) {
      if (!/^[ims]+$/.test(flags[1] ?? '')) throw later(`the flags ${flags[0]}`);
      this.#isMultiline = flags[1]?.includes('m') === true;
      this.#isDotAll = flags[1]?.includes('s') === true;
      this.#at = flags[0].length;
    }
    let source = '';
    while (this.#at < pattern.length) source += this.#next();
    return flags?.[1]?.includes('i') === true ? `(?i:${source})` : source;
  }

  #next(): string {
    const pattern = this.#pattern;
    const char = String.fromCodePoint(pattern.codePointAt(this.#at) ?? 0);
    const ahead = pattern.slice(this.#at, this.#at + 4);
    this.#at += char.length;
    switch (char) {
      case '\\':
        return this.#escape(false);
      case '[':
        return this.#class();
      case ']':
      case '}':
        return `\\${char}`;
      case '.':
        return this.#isDotAll ? '[\\s\\S]' : `[^${lineEnd}]`;
      case '^':
        return this.#isMultiline ? `(?<![^${lineEnd}])` : '^';
      case '$':
        return this.#isMultiline ? `(?=[${lineEnd}]|(?![\\s\\S]))` : `(?=(?:\\r\\n|[${lineEnd}])?(?![\\s\\S]))`;
      case '(':
        if (ahead.startsWith('(?>')) throw later('an atomic group');
        if (/^\(\?[a-zA-Z-]+[:)]?/.test(pattern.slice(this.#at - 1))) throw later('a flag in the middle');
        return char;
      case '*':
      case '+':
      case '?':
      case '{': {
        const rest = /^\{\d+(,\d*)?\}/.exec(pattern.slice(this.#at - 1))?.[0] ?? char;
        this.#at += rest.length - 1;
        if (pattern[this.#at] === '+') throw later('a possessive quantifier');
        const lazy = pattern[this.#at] === '?' ? '?' : '';
        this.#at += lazy.length;
        return rest + lazy;
      }
      default:
        return char === '/' ? '\\/' : char;
    }
  }

  /** What follows a backslash. */
  #escape(inClass: boolean): string {
    const pattern = this.#pattern;
    const char = pattern[this.#at++];
    if (char === undefined) throw new SyntaxError('a backslash ends the pattern');
    if (char === 'Q') {
      const end = pattern.indexOf('\\E', this.#at);
      const text = pattern.slice(this.#at, end < 0 ? undefined : end);
      this.#at = end < 0 ? pattern.length : end + 2;
      return text.replace(/[\\^$.*+?()[\]{}|/-]/g, (special) => (special === '-' && !inClass ? '-' : `\\${special}`));
    }
    const small = char.toLowerCase();
    const set = shorthand[small];
    if (set !== undefined) {
      if (!inClass) return char === small ? `[${set}]` : `[^${set}]`;
      if (char === small) return set;
      if (char === 'H') throw later('\\H in a character class');
      return char === 'S' ? '\\S' : `\\${char}`;
    }
    if (small === 'p') {
      const name = /^(?:\{(\w+)\}|(\w))/.exec(pattern.slice(this.#at));
      if (name === null) throw new SyntaxError('no such property');
      this.#at += name[0].length;
      const word = name[1] ?? name[2] ?? '';
      const range = asciiClasses[word];
      if (range === undefined) return `\\${char}{${word.replace(/^Is/, '')}}`;
      if (inClass && char === 'P') throw later(`\\P{${word}} in a character class`);
      return inClass ? range : `[${char === 'P' ? '^' : ''}${range}]`;
    }
    if (char === 'x' || char === 'u') {
      const hex = (char === 'x' ? /^(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{2}))/ : /^([0-9a-fA-F]{4})/).exec(pattern.slice(this.#at));
      if (hex === null) throw new SyntaxError('no such character');
      this.#at += hex[0].length;
      return `\\u{${hex[1] ?? hex[2] ?? '0'}}`;
    }
    if (char === 'A') return '(?<![\\s\\S])';
    if (char === 'z') return '(?![\\s\\S])';
    if (char === 'Z') return `(?=(?:\\r\\n|[${lineEnd}])?(?![\\s\\S]))`;
    if (char === 'e') return '\\x1b';
    if (char === 'a') return '\\x07';
    if (kept.has(char)) return `\\${char}`;
    if (/[A-Za-z0-9]/.test(char)) throw later(`\\${char}`);
    return /[\\^$.*+?()[\]{}|/-]/.test(char) && (inClass || char !== '-') ? `\\${char}` : char;
  }

  #class(): string {
    const pattern = this.#pattern;
    let source = '[';
    if (pattern[this.#at] === '^') {
      source += '^';
      this.#at++;
    }
    // A bracket right at the start stands for itself.
    if (pattern[this.#at] === ']') {
      source += '\\]';
      this.#at++;
    }
    for (;;) {
      const char = pattern[this.#at++];
      if (char === undefined) throw new SyntaxError('a character class is not closed');
      if (char === ']') return `${source}]`;
      if (char === '[' || (char === '&' && pattern[this.#at] === '&')) throw later('a character class in a character class');
      source += char === '\\' ? this.#escape(true) : char;
    }
  }
}

const compiled = new Map<string, RegExp | undefined>();

/** The expression, which finds all matches; undefined when the pattern is none. Throws E0002 for what JavaScript has no like of. */
export function javaRegex(pattern: string): RegExp | undefined {
  if (compiled.has(pattern)) return compiled.get(pattern);
  let made: RegExp | undefined;
  try {
    made = new RegExp(new Translation(pattern).whole(), 'gu');
  } catch (error) {
    if (error instanceof SqlError) throw error;
  }
  if (compiled.size >= 1000) compiled.clear();
  compiled.set(pattern, made);
  return made;
}

/** The first match; undefined when there is none or the pattern is no pattern. */
export function firstMatch(text: string, pattern: string): RegExpExecArray | undefined {
  const regex = javaRegex(pattern);
  if (regex === undefined) return undefined;
  regex.lastIndex = 0;
  return regex.exec(text) ?? undefined;
}
