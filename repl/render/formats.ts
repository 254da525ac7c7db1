import type { Change, Column } from '../../engine/api.ts';
import { TableLines } from './table.ts';
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
}

export type RowFormatName = 'table' | 'jsonl' | 'json' | 'csv';

/** Every format of rows, by the name that --format takes. */
export const rowFormats: Readonly<Record<RowFormatName, (shape: ResultShape) => RowFormat>> = {
  table: ({ columns, isChangelog }) => {
    const op: Column = { name: 'op', type: 'STRING', nullable: false };
    const table = new TableLines(isChangelog ? [op, ...columns] : columns);
    return {
      rows: (changes) => table.rows(changes.map((change) => (isChangelog ? { ...change.row, op: change.op } : change.row))),
      end: () => [],
    };
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

function jsonOfChange({ columns, isChangelog }: ResultShape, { op, row }: Change): string {
  const json = jsonOfRow(columns, row);
  return isChangelog ? `{"op":"${op}","row":${json}}` : json;
}
