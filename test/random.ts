/** Seeded random numbers for generated tests (mulberry32): the same seed gives the same test. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number in [from, to]. */
  int(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)] as T;
  }

  list<T>(from: number, to: number, make: () => T): T[] {
    return Array.from({ length: this.int(from, to) }, make);
  }
}

/** The seed of a generated test: from the environment to run one again, else a new one. */
export function seedFromEnvironment(): number {
  return Number(process.env['SLUICE_SEED'] ?? Math.floor(Math.random() * 0x7fffffff));
}

/** How many cases a law runs: SLUICE_LAW_CASES, else the number that fits into npm test. */
export function casesFromEnvironment(count: number): number {
  return Number(process.env['SLUICE_LAW_CASES'] ?? count);
}
