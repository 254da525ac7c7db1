import { displayWidth } from '../../core/diagnostic.ts';
import type { Column, Row } from '../../engine/api.ts';
import { textOf } from './values.ts';

/** The cells that a type's values usually take, so that a table whose rows come one by one rarely has to widen. */
function usualWidth(type: string): number {
  const precision = Number(/\((\d)/.exec(type)?.[1] ?? 0);
  if (type.startsWith('TIMESTAMP')) return precision === 0 ? 19 : 20 + precision;
  return type.startsWith('DATE') ? 10 : 0;
}

const isNumeric = (type: string): boolean => /^(TINYINT|SMALLINT|INT|BIGINT|DECIMAL|FLOAT|DOUBLE)/.test(type);

/** An aligned table, as lines. Rows may come in any number of portions; when one does not fit, the columns widen and the head is repeated. */
export class TableLines {
  readonly #columns: readonly Column[];
  #widths: number[];
  #hasHead = false;

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
    this.#widths = columns.map(({ name, type }) => Math.max(displayWidth(name), usualWidth(type), 1));
  }

  /** Cells of a line once these rows are in the table, too. */
  widthWith(rows: readonly Row[]): number {
    return this.#widthsWith(this.#cells(rows)).reduce((sum, width) => sum + width + 2, -1);
  }

  /** The lines of more rows. Control characters are shown as a dot each, so that a row is a line. */
  rows(rows: readonly Row[]): string[] {
    const cells = this.#cells(rows);
    const widths = this.#widthsWith(cells);
    const lines: string[] = [];
    if (!this.#hasHead || widths.some((width, i) => width > (this.#widths[i] ?? 0))) {
      if (this.#hasHead) lines.push('');
      this.#hasHead = true;
      this.#widths = widths;
      lines.push(this.#line(this.#columns.map((column) => column.name)), this.#line(widths.map((width) => '-'.repeat(width))));
    }
    lines.push(...cells.map((row) => this.#line(row)));
    return lines;
  }

  #cells(rows: readonly Row[]): string[][] {
    return rows.map((row) => this.#columns.map(({ name, type }) => (textOf(row[name], type) ?? 'NULL').replaceAll(/\p{Cc}/gu, '.')));
  }

  #widthsWith(cells: readonly (readonly string[])[]): number[] {
    return this.#widths.map((width, i) => cells.reduce((most, row) => Math.max(most, displayWidth(row[i] ?? '')), width));
  }

  #line(cells: readonly string[]): string {
    const padded = cells.map((cell, i) => {
      const room = ' '.repeat(Math.max(0, (this.#widths[i] ?? 0) - displayWidth(cell)));
      return isNumeric(this.#columns[i]?.type ?? '') ? room + cell : cell + room;
    });
    return ` ${padded.join('  ')}`.trimEnd();
  }
}
