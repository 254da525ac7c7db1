import { printDouble } from '../core/value.ts';

/**
 * JSON texts as values. Objects are read here and not by JSON.parse: their names keep their order, and JSON.parse gives a wrong name
 * now and then where one has an escaped quote (nodejs/node#63785). It says what is JSON, and what an escaped text means.
 */

/** A number with its digits as they were written. */
export class JsonNumber {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
  /** As Java prints a BigDecimal: by its digits, unless it has an exponent. */
  print(): string {
    return /[eE]/.test(this.source) ? printDouble(Number(this.source)) : this.source;
  }
}

/** An object's names in the order in which they first came; of equal names the last value stays. */
export type JsonObject = ReadonlyMap<string, Json>;
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject;

/** The value of a JSON text; undefined when it is none, or nests deeper than the stack goes. */
export function parseJson(text: string): Json | undefined {
  try {
    JSON.parse(text);
    return new Reader(text).value();
  } catch {
    return undefined;
  }
}

/** The value as JSON without spaces, numbers by their digits. */
export function printJson(value: Json): string {
  if (value instanceof JsonNumber) return value.print();
  if (isJsonArray(value)) return `[${value.map(printJson).join(',')}]`;
  if (isJsonObject(value)) return `{${Array.from(value, ([name, part]) => `${JSON.stringify(name)}:${printJson(part)}`).join(',')}}`;
  return JSON.stringify(value);
}

export function isJsonArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

export function isJsonObject(value: Json): value is JsonObject {
  return value instanceof Map;
}

/** Reads a text that is known to be JSON. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Json {
    switch (this.#next()) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      case 't':
        this.#at += 4;
        return true;
      case 'f':
        this.#at += 5;
        return false;
      case 'n':
        this.#at += 4;
        return null;
      default:
        return this.#number();
    }
  }

  #object(): JsonObject {
    const object = new Map<string, Json>();
    this.#at++;
    while (this.#next() !== '}') {
      const name = this.#string();
      this.#next();
      this.#at++;
      object.set(name, this.value());
      if (this.#next() === ',') this.#at++;
    }
    this.#at++;
    return object;
  }

  #array(): readonly Json[] {
    const parts: Json[] = [];
    this.#at++;
    while (this.#next() !== ']') {
      parts.push(this.value());
      if (this.#next() === ',') this.#at++;
    }
    this.#at++;
    return parts;
  }

  #string(): string {
    const start = this.#at;
    let isEscaped = false;
    for (let p = start + 1; ; p++) {
      const c = this.#text.charCodeAt(p);
      if (c === 92) {
        isEscaped = true;
        p++;
      } else if (c === 34) {
        this.#at = p + 1;
        return isEscaped ? (JSON.parse(this.#text.slice(start, p + 1)) as string) : this.#text.slice(start + 1, p);
      }
    }
  }

  #number(): JsonNumber {
    const start = this.#at;
    for (;; this.#at++) {
      const c = this.#text.charCodeAt(this.#at);
      // Digits, signs, the point and the exponent are what a number is made of; at the end of the text c is NaN.
      if (!((c >= 48 && c <= 57) || c === 45 || c === 43 || c === 46 || (c | 32) === 101)) return new JsonNumber(this.#text.slice(start, this.#at));
    }
  }

  /** The sign after white space. */
  #next(): string | undefined {
    for (;; this.#at++) {
      const c = this.#text.charCodeAt(this.#at);
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return this.#text[this.#at];
    }
  }
}
