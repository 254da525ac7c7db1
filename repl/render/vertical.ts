import { displayWidth } from '../../core/diagnostic.ts';
import type { Column, Row } from '../../engine/api.ts';
import { textOf } from './values.ts';

/** A line for each value, a head for each row: for rows that are wider than the terminal. */
export class VerticalLines {
  readonly #columns: readonly Column[];
  readonly #width: number;
  #count = 0;

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.#width = Math.max(0, ...columns.map(({ name }) => displayWidth(name)));
  }

  /** The lines of more rows. Line breaks in a value go on below it; other control characters are shown as a dot each. */
  rows(rows: readonly Row[]): string[] {
    return rows.flatMap((row) => [
      `-- row ${++this.#count} --`,
      ...this.#columns.flatMap(({ name, type }) => {
        const [first = '', ...more] = (textOf(row[name], type) ?? 'NULL').split('\n').map((line) => line.replaceAll(/\p{Cc}/gu, '.'));
        return [` ${name}${' '.repeat(this.#width - displayWidth(name))}  ${first}`.trimEnd(), ...more.map((line) => `${' '.repeat(this.#width + 3)}${line}`)];
      }),
    ]);
  }
}
