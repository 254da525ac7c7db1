import { finalWatermark } from '../../core/batch.ts';
import type { SinkWriter } from '../../catalog/connector.ts';
import type { Feed, PipelineInput } from './feed.ts';
import type { Pipeline } from './pipeline.ts';

/** Tells pipelines how far time has come and where their input ends, and fires the timers that this makes due, in slices. */
export class DueTimers {
  readonly #pipelines: readonly Pipeline[];
  readonly #rest: (sink: SinkWriter | undefined) => Promise<void>;
  readonly #owners: ReadonlyMap<PipelineInput, Pipeline>;
  /** The inputs of each pipeline that has several. */
  readonly #united: readonly (readonly PipelineInput[])[];
  /** Inputs that have had the final watermark and their end. */
  readonly #ended = new Set<PipelineInput>();

  /** `rest`: what is done between two slices of a pipeline's timers, with its sink. */
  constructor(pipelines: readonly Pipeline[], rest: (sink: SinkWriter | undefined) => Promise<void>) {
    this.#pipelines = pipelines;
    this.#rest = rest;
    this.#united = pipelines.map(({ inputs }) => inputs).filter((inputs) => inputs.length > 1);
    this.#owners = new Map(pipelines.flatMap((pipeline) => pipeline.inputs.map((input) => [input, pipeline] as const)));
  }

  /** Merges watermarks anew, after a split has read or become idle, and fires what they make due. */
  async advanceAll({ inputs }: Feed): Promise<void> {
    for (const input of inputs) {
      const { splits, port } = input;
      if (splits === undefined) continue;
      port?.setIdle(splits.isIdle);
      await this.#advance(input, splits.update());
    }
  }

  /** What has ended no longer holds back the inputs that it is united with. An only input ends with the job. */
  async endFinished(): Promise<void> {
    for (const inputs of this.#united) {
      for (const input of inputs) if (input.splits === undefined || input.splits.isFinished) await this.#end(input);
    }
  }

  /** As if all inputs had ended here: event time first, then the processing time, as windows over it may be fed by windows over event time. */
  async endAll(): Promise<void> {
    const inputs = this.#pipelines.flatMap((pipeline) => pipeline.inputs);
    for (const input of inputs) await this.#advance(input, finalWatermark);
    await this.fireProcessingTime(Infinity);
    for (const input of inputs) await this.#end(input);
  }

  /** Fires the windows over the processing time that ended at or before `time`, in ms of the clock, as the rows pass them. */
  async fireProcessingTime(time: number): Promise<void> {
    for (const { stages, sink } of this.#pipelines) {
      for (const stage of stages) while (stage.advanceProcessingTime(time)) await this.#rest(sink);
    }
  }

  async #end(input: PipelineInput): Promise<void> {
    if (this.#ended.has(input)) return;
    this.#ended.add(input);
    await this.#advance(input, finalWatermark);
    input.head.end();
  }

  /** Goes on with timers that are due until none is left. */
  async #advance(input: PipelineInput, watermark: number): Promise<void> {
    const sink = this.#owners.get(input)?.sink;
    while (input.head.advance(watermark)) await this.#rest(sink);
  }
}
