import type { Layout } from '../core/layout.ts';

/** A field of a record. Keys come first. */
export interface FieldSpec {
  readonly layout: Layout;
  readonly isKey: boolean;
  /** What it is to people, and its SQL type as text: a checkpoint keeps both, so that no restart reads its bytes as another type. */
  readonly name?: string;
  readonly type?: string;
}
