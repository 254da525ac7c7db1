import type { Column } from '../../core/column.ts';

/** Writes what stands under a NULL. */
export function writeZero(column: Column, row: number): void {
  switch (column.layout) {
    case 'bytes':
      column.offsets[row] = column.lengths[row] = 0;
      return;
    case 'i64':
    case 'i64n':
      column.values[row] = 0n;
      return;
    case 'i128':
      column.values[row] = column.high[row] = 0n;
      return;
    default:
      column.values[row] = 0;
  }
}
