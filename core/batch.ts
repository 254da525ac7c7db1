import { allocateColumn, poisonColumn, type ArraySpace, type Column } from './column.ts';
import type { Layout } from './layout.ts';

/** No watermark yet: below every time. */
export const noWatermark = -Infinity;
/** The watermark at the end of a bounded input: above every time. */
export const finalWatermark = Infinity;

/**
 * Rows in columns. A batch is borrowed: valid until the call it was handed to returns, then its arrays are used again. Who keeps, copies.
 */
export interface Batch {
  rowCount: number;
  readonly columns: readonly Column[];
  /** The kind of each row (core/changelog.ts); absent when all are +I. */
  kinds: Uint8Array | undefined;
  /** For each row the merged watermark in ms as that row arrives, never falling. Absent where nothing has event time. */
  watermarks: Float64Array | undefined;
  /** The merged watermark in ms after the last row. */
  watermarkAfter: number;
}

/** A batch without rows, of columns for `capacity` rows of these layouts: to be filled, given out, and filled again. */
export function allocateBatch(layouts: readonly Layout[], capacity: number, space?: ArraySpace): Batch {
  return {
    rowCount: 0,
    columns: layouts.map((layout) => allocateColumn(layout, capacity, space)),
    kinds: undefined,
    watermarks: undefined,
    watermarkAfter: noWatermark,
  };
}

/** See poisonColumn. */
export function poisonBatch(batch: Batch): void {
  for (const column of batch.columns) poisonColumn(column);
  batch.watermarks?.fill(NaN);
}
