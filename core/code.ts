/**
 * The one way JavaScript source is made. A template's holes take other source (Js) or values; a string value becomes a string
 * literal, so that no text of a user is ever read as code.
 */
export class Js {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type JsPart = Js | string | number | bigint | boolean;

/** The template of generated source: a Js part stands as it is, a value becomes its literal, so that no text of a user is ever source. */
export function js(strings: TemplateStringsArray, ...parts: readonly JsPart[]): Js {
  let text = strings[0] ?? '';
  for (const [i, part] of parts.entries()) {
    text += part instanceof Js ? part.text : literal(part);
    text += strings[i + 1] ?? '';
  }
  return new Js(text);
}

function literal(value: string | number | bigint | boolean): string {
  if (typeof value === 'string') return JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  if (typeof value === 'bigint') return value < 0n ? `(${value}n)` : `${value}n`;
  if (Object.is(value, -0)) return '(-0)';
  return typeof value === 'number' && value < 0 ? `(${value})` : String(value);
}

export function joinJs(parts: readonly Js[], separator: string): Js {
  return new Js(parts.map((part) => part.text).join(separator));
}

/** A function under construction: fresh names, lines in order, and the functions and constants that its source refers to. */
export class CodeBuilder {
  readonly #lines: string[] = [];
  readonly #imports = new Map<unknown, Js>();
  #names = 0;
  #indent = 1;

  /** A name that nothing else in this function has. */
  name(stem: string): Js {
    return new Js(`${stem}${this.#names++}`);
  }

  line(code: Js): void {
    this.#lines.push('  '.repeat(this.#indent) + code.text);
  }

  /** Writes `head {`, what `body` writes, and `}`. */
  block(head: Js, body: () => void): void {
    this.line(js`${head} {`);
    this.#indent++;
    body();
    this.#indent--;
    this.line(js`}`);
  }

  /** `if (test) { yes } else { no }`. */
  either(test: Js, yes: () => void, no: () => void): void {
    this.line(js`if (${test}) {`);
    this.#indent++;
    yes();
    this.#indent--;
    this.line(js`} else {`);
    this.#indent++;
    no();
    this.#indent--;
    this.line(js`}`);
  }

  /** `const x = code`, and x. */
  define(stem: string, code: Js): Js {
    const name = this.name(stem);
    this.line(js`const ${name} = ${code};`);
    return name;
  }

  /** A name by which the source reaches a function or a constant of the program. */
  use(value: unknown, stem: string): Js {
    const known = this.#imports.get(value);
    if (known !== undefined) return known;
    const name = this.name(`$${stem}`);
    this.#imports.set(value, name);
    return name;
  }

  /** The function's source with its imports as a destructured head: what EXPLAIN prints. */
  source(name: string, parameters: readonly Js[]): string {
    return `function ${name}(${joinJs(parameters, ', ').text}) {\n${this.#lines.join('\n')}\n}`;
  }

  /** Compiles the function. Arrays are its arguments, never closed over; imports are functions and constants. */
  compile(name: string, parameters: readonly Js[]): CompiledKernel {
    const source = this.source(name, parameters);
    const names = [...this.#imports.values()].map((part) => part.text);
    // oxlint-disable-next-line typescript/no-implied-eval -- the source is built by `js` templates only
    const make = new Function(...names, `'use strict';\nreturn ${source};`) as (...values: unknown[]) => CompiledKernel['run'];
    return { run: make(...this.#imports.keys()), source };
  }
}

export interface CompiledKernel {
  readonly run: (...args: never[]) => unknown;
  readonly source: string;
}
