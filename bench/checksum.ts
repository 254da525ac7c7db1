import type { ColumnForm } from './queries.ts';

/** What a run gave: its rows, and a sum over all columns of all rows in which the order of the rows does not count. */
export interface Outcome {
  readonly rows: number;
  readonly checksum: string;
}

/** Adds up one column of rows that depend on the clock: `rows` is its sum. */
export class Total {
  readonly #column: number;
  #sum = 0;

  /** `column`: its place among the query's. */
  constructor(column: number) {
    this.#column = column;
  }

  add(values: readonly (string | undefined)[]): void {
    this.#sum += Number(values[this.#column]);
  }

  get outcome(): Outcome {
    return { rows: this.#sum, checksum: 'the total' };
  }
}

/** Adds up rows. A row's number depends on every byte of every column and on which column it stands in. */
export class Checksum {
  #rows = 0;
  #low = 0;
  #high = 0;

  /** `values` in the query's order, each as its form's text; `undefined` is NULL. */
  add(values: readonly (string | undefined)[]): void {
    let a = 0x811c9dc5;
    let b = 0x01000193;
    for (const value of values) {
      const text = value ?? '\u0000NULL';
      for (let i = 0; i < text.length; i++) {
        const c = text.charCodeAt(i);
        a = Math.imul(a ^ c, 0x01000193);
        b = Math.imul(b + c, 0x85ebca6b) ^ (b >>> 13);
      }
      a = Math.imul(a ^ 0x1f, 0x01000193);
      b = Math.imul(b + 0x1f, 0xc2b2ae35) ^ (b >>> 16);
    }
    this.#rows++;
    this.#low = (this.#low + (a >>> 0)) % 2 ** 48;
    this.#high = (this.#high + (b >>> 0)) % 2 ** 48;
  }

  get outcome(): Outcome {
    return { rows: this.#rows, checksum: `${this.#high.toString(16)}-${this.#low.toString(16)}` };
  }
}

/** A value of a JSON record, or of a row of the baseline, in its form's text. */
export function canonical(value: unknown, form: ColumnForm): string | undefined {
  if (value === null || value === undefined) return undefined;
  switch (form) {
    case 'integer':
      return String(value);
    case 'decimal':
      return Number(value).toFixed(3);
    case 'time':
      return String(typeof value === 'string' ? Date.parse(`${value.replace(' ', 'T')}Z`) : value);
    case 'text':
      return String(value);
  }
}
