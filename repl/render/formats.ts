import type { Change, Column, Row } from '../../engine/api.ts';
import { TableLines } from './table.ts';
import { VerticalLines } from './vertical.ts';
import { csvLine, jsonOfRow, textOf } from './values.ts';

/** Turns the rows of one result into lines. */
export interface RowFormat {
  /** Lines of some more rows. */
  rows(changes: readonly Change[]): string[];
  /** Lines behind the last row. */
  end(): string[];
}

export interface ResultShape {
  readonly columns: readonly Column[];
  /** True when rows that were given may change: each is then printed with its kind of change. */
  readonly isChangelog: boolean;
  /** Cells of a row of the terminal: a table that is wider goes on as vertical. Undefined when it is no terminal. */
  readonly width?: number | undefined;
}

export type RowFormatName = 'table' | 'vertical' | 'jsonl' | 'json' | 'csv';

/** Every format of rows, by the name that --format takes. */
export const rowFormats: Readonly<Record<RowFormatName, (shape: ResultShape) => RowFormat>> = {
  table: (shape) => {
    const columns = shownColumns(shape);
    const table = new TableLines(columns);
    let vertical: VerticalLines | undefined;
    return {
      rows: (changes) => {
        const rows = shownRows(shape, changes);
        if (vertical === undefined && table.widthWith(rows) > (shape.width ?? Infinity)) vertical = new VerticalLines(columns);
        return (vertical ?? table).rows(rows);
      },
      end: () => [],
    };
  },
  vertical: (shape) => {
    const lines = new VerticalLines(shownColumns(shape));
    return { rows: (changes) => lines.rows(shownRows(shape, changes)), end: () => [] };
  },
  jsonl: (shape) => ({ rows: (changes) => changes.map((change) => jsonOfChange(shape, change)), end: () => [] }),
  json: (shape) => {
    // The last row waits until it is known whether a comma follows it.
    let last: string | undefined;
    let isFirst = true;
    return {
      rows: (changes) => {
        const lines: string[] = [];
        for (const change of changes) {
          if (isFirst) lines.push('[');
          isFirst = false;
          if (last !== undefined) lines.push(`${last},`);
          last = `  ${jsonOfChange(shape, change)}`;
        }
        return lines;
      },
      end: () => (last === undefined ? ['[]'] : [last, ']']),
    };
  },
  csv: ({ columns, isChangelog }) => {
    let lead: string[] | undefined = [csvLine([...(isChangelog ? ['op'] : []), ...columns.map((column) => column.name)])];
    const takeLead = (): string[] => {
      const lines = lead ?? [];
      lead = undefined;
      return lines;
    };
    return {
      rows: (changes) => [...takeLead(), ...changes.map(({ op, row }) => csvLine([...(isChangelog ? [op] : []), ...columns.map(({ name, type }) => textOf(row[name], type))]))],
      end: takeLead,
    };
  },
};

/** The column beside a row that says what kind of change it is. A column of the result may have that name. */
function opColumn({ columns }: ResultShape): Column {
  const taken = new Set(columns.map(({ name }) => name));
  let name = 'op';
  while (taken.has(name)) name = ` ${name}`;
  return { name, type: 'STRING', nullable: false };
}

function shownColumns(shape: ResultShape): readonly Column[] {
  return shape.isChangelog ? [opColumn(shape), ...shape.columns] : shape.columns;
}

function shownRows(shape: ResultShape, changes: readonly Change[]): Row[] {
  if (!shape.isChangelog) return changes.map(({ row }) => row);
  const { name } = opColumn(shape);
  return changes.map(({ op, row }) => ({ ...row, [name]: op }));
}

function jsonOfChange({ columns, isChangelog }: ResultShape, { op, row }: Change): string {
  const json = jsonOfRow(columns, row);
  return isChangelog ? `{"op":"${op}","row":${json}}` : json;
}
