/** The time of day, in ms since 1970-01-01 UTC. Nothing else reads it, so that tests can stand in. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
