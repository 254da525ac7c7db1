import type { StepClock } from '../../core/clock.ts';

/** The processing time of a job: the clock, read once a step. It stands still within one and never goes back, also where the clock does. */
export class ProcessingTime implements StepClock {
  #time = -Infinity;

  get time(): number {
    return this.#time;
  }

  /** The clock stands at `now` ms. True when time went on. */
  reach(now: number): boolean {
    if (now <= this.#time) return false;
    this.#time = now;
    return true;
  }
}
