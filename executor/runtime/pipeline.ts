import type { SinkToken, SinkWriter, SourcePositions } from '../../catalog/connector.ts';
import type { PipelineInput } from './feed.ts';
import type { Stage } from './stage.ts';
import type { StateSchema } from './state-schema.ts';
import type { TimedStream } from './union.ts';

/** One query of a job, ready to run: what comes in, the operators, and its sink. */
export interface Pipeline {
  /** Names its positions in checkpoints. */
  readonly name: string;
  /** One for each scan, and for each row source, of the plan, in its order. */
  readonly inputs: readonly PipelineInput[];
  readonly stages: readonly Stage[];
  /** What comes out of unions; their event time is stored with that of the inputs. */
  readonly unions: readonly TimedStream[];
  readonly sink: SinkWriter | undefined;
  /** True once no more rows will come out, whatever comes in: a LIMIT is reached. Undefined for a query without one. */
  readonly isFull?: (() => boolean) | undefined;
}

/** What one stored checkpoint says besides state. */
export interface CheckpointMeta {
  /** The life of the job that it belongs to. */
  readonly incarnation: string;
  readonly positions: SourcePositions;
  /** Input or union of a pipeline -> merged watermark in ms; null for none yet. */
  readonly watermarks: Readonly<Record<string, number | null>>;
  /** State -> what its records hold. */
  readonly states: Readonly<Record<string, StateSchema>>;
  /** Epochs whose output was not known to be published, oldest first: pipeline -> token. */
  readonly unpublished: readonly { readonly id: number; readonly tokens: Readonly<Record<string, SinkToken>> }[];
}
