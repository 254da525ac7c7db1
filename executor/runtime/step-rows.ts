import type { Feed } from './feed.ts';
import type { Pipeline } from './pipeline.ts';

/** Rows of one step, at most. */
const stepRows = 2048;
/** Rows that operators may make of those of one step, besides passing them on: beyond that the next step of the source is shorter. A sink's credit is asked for between steps. */
const mostMade = 65_536;

/** How many rows the next step of each source takes: fewer where they become many, as a join makes them. */
export class StepRows {
  readonly #fed: ReadonlyMap<Feed, readonly Pipeline[]>;
  readonly #rows = new Map<Feed, number>();

  /** `fed`: the pipelines that each source's rows go into. */
  constructor(fed: ReadonlyMap<Feed, readonly Pipeline[]>) {
    this.#fed = fed;
  }

  of(feed: Feed): number {
    return this.#rows.get(feed) ?? stepRows;
  }

  /** What the operators behind a source have handed on so far. */
  emitted(feed: Feed): number {
    let emitted = 0;
    for (const { stages } of this.#fed.get(feed) ?? []) for (const stage of stages) emitted += stage.emitted;
    return emitted;
  }

  /** Told after a step of `rows` rows; `before` is what was `emitted` before it. The next step is as much shorter, or up to twice as long, as what was made in this one wants. */
  adapt(feed: Feed, rows: number, before: number): void {
    const stages = (this.#fed.get(feed) ?? []).reduce((count, pipeline) => count + pipeline.stages.length, 0);
    const made = this.emitted(feed) - before - rows * stages;
    const taken = this.of(feed);
    if (made > mostMade) this.#rows.set(feed, Math.max(1, Math.floor((taken * mostMade) / made)));
    else if (taken < stepRows && made < mostMade / 2) this.#rows.set(feed, Math.min(stepRows, taken * 2));
  }
}
