import type { ReadColumn } from '../../../catalog/format.ts';
import { fieldTree, leavesOf, type FieldNode } from './fields.ts';

/**
 * Finds the values of columns in the text of a JSON object, as they are written there. Of a repeated name the last counts. What is not
 * read is passed over without recursion, so that it may nest as deep as it likes.
 */
export class RawFields {
  readonly #tree: FieldNode;
  readonly #values: (string | undefined)[];
  /** For each column: how many names of its path lead to a value that is no object, 0 when the path can be followed. */
  readonly #misfits: number[];
  /** For each column: its value, or null in place of one of the objects that its path leads through, is there. */
  readonly #there: boolean[];

  constructor(columns: readonly ReadColumn[]) {
    this.#tree = fieldTree(columns);
    this.#values = columns.map(() => undefined);
    this.#misfits = columns.map(() => 0);
    this.#there = columns.map(() => false);
  }

  /** Needs: `text` is an object that JSON.parse takes. */
  find(text: string): void {
    this.#values.fill(undefined);
    this.#misfits.fill(0);
    this.#there.fill(false);
    this.#object(text, afterSpace(text, 0), this.#tree, 1);
  }

  /** The JSON of a column's value; undefined when it is null or not there. */
  value(column: number): string | undefined {
    return this.#values[column];
  }

  /** How many names of the column's path lead to a value that is no object; undefined when none do. */
  misfit(column: number): number | undefined {
    return this.#misfits[column] === 0 ? undefined : this.#misfits[column];
  }

  /** False: the record does not name it, not even with a null. */
  isThere(column: number): boolean {
    return this.#there[column] === true;
  }

  #object(text: string, at: number, node: FieldNode, depth: number): number {
    let p = afterSpace(text, at + 1);
    if (text[p] === '}') return p + 1;
    for (;;) {
      const name = p;
      p = afterText(text, p);
      const key = nameOf(text.slice(name, p));
      p = afterSpace(text, afterSpace(text, p) + 1);
      const child = node.children.find((candidate) => candidate.name === key);
      p = child === undefined ? afterValue(text, p) : this.#field(text, p, child, depth);
      p = afterSpace(text, p);
      if (text[p] === '}') return p + 1;
      p = afterSpace(text, p + 1);
    }
  }

  #field(text: string, at: number, node: FieldNode, depth: number): number {
    for (const column of leavesOf(node)) {
      this.#values[column] = undefined;
      this.#misfits[column] = 0;
      this.#there[column] = column === node.column;
    }
    const isObject = text[at] === '{';
    const end = isObject && node.children.length > 0 ? this.#object(text, at, node, depth + 1) : afterValue(text, at);
    const value = text.slice(at, end);
    if (value === 'null') {
      for (const column of leavesOf(node)) this.#there[column] = true;
      return end;
    }
    if (node.column !== undefined) this.#values[node.column] = value;
    if (!isObject) for (const child of node.children) for (const column of leavesOf(child)) this.#misfits[column] = depth;
    return end;
  }
}

function nameOf(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}

function afterSpace(text: string, at: number): number {
  let p = at;
  for (let c = text.charCodeAt(p); c === 32 || c === 10 || c === 13 || c === 9; c = text.charCodeAt(++p));
  return p;
}

function afterText(text: string, at: number): number {
  for (let p = at + 1; ; p++) {
    const c = text.charCodeAt(p);
    if (c === 34) return p + 1;
    if (c === 92) p++;
  }
}

/** The place after the value at `at`: after its bracket, its quote, or the last letter or digit. */
function afterValue(text: string, at: number): number {
  let depth = 0;
  for (let p = at; ; ) {
    const c = text.charCodeAt(p);
    if (c === 34) p = afterText(text, p);
    else {
      if (c === 123 || c === 91) depth++;
      else if (c === 125 || c === 93) depth--;
      p++;
    }
    if (depth > 0) continue;
    const next = text.charCodeAt(p);
    // A number or a word goes on until what may stand behind a value.
    if (c === 34 || c === 125 || c === 93 || next === 44 || next === 125 || next === 93 || next <= 32) return p;
  }
}
