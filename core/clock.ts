/** The time of day, in ms since 1970-01-01 UTC. Nothing else reads it, so that tests can stand in. */
export interface Clock {
  now(): number;
}

/** The time of the step that is under way, in ms since 1970-01-01 UTC. Never goes back. What operators and their generated code see of the clock. */
export interface StepClock {
  readonly time: number;
}

export const systemClock: Clock = { now: () => Date.now() };
