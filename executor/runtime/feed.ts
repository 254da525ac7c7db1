import type { Source } from '../../catalog/connector.ts';
import type { Split, SplitSet } from './split.ts';
import type { Consumer } from './stage.ts';
import type { UnionPort } from './union.ts';

/** One stream of rows into the operators of a pipeline: what a scan sees of a table, or rows that the query holds itself. */
export interface PipelineInput {
  /** Names its watermark in checkpoints. A pipeline's only input has the pipeline's name. */
  readonly key: string;
  /** Stands before the ids of its splits in the pipeline's positions: empty for an only input. */
  readonly prefix: string;
  /** Undefined for rows that the query holds. */
  readonly splits: SplitSet | undefined;
  /** The connector that the source is of; undefined for rows that the query holds. */
  readonly connector: string | undefined;
  /** The first of the operators that its rows go through. */
  readonly head: Consumer;
  /** Gives the rows that the query holds to the head. Undefined for a table, and where a stored checkpoint says that they have been given. */
  readonly give: (() => void) | undefined;
  /** The union that its rows come to first; undefined where there is none. */
  readonly port: UnionPort | undefined;
  /** ms: below a union, what the steps above it notice of event time (pace.ts); undefined where they notice nothing. */
  readonly pace?: number | undefined;
}

/** A source that runs, read once for all inputs that take its rows. */
export interface Feed {
  readonly source: Source;
  readonly splits: readonly Split[];
  /** ms: what the table says of idle splits; undefined where it says nothing. */
  readonly idleTimeout?: number | undefined;
  readonly inputs: readonly PipelineInput[];
}
