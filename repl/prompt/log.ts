/** Something that happened behind the prompt. */
export interface LogEntry {
  /** ms since 1970. */
  readonly at: number;
  /** The job that it is about. */
  readonly job?: string | undefined;
  /** Lines are parted by line feeds. */
  readonly text: string;
}

/** How many entries are kept. */
const room = 1000;

/** What the engine and its jobs told since the prompt was opened: it outlives an engine that breaks. */
export class Log {
  #entries: LogEntry[] = [];

  add(entry: LogEntry): void {
    this.#entries.push(entry);
    // Cut by halves, so that an entry costs the same however many there are.
    if (this.#entries.length >= 2 * room) this.#entries = this.#entries.slice(-room);
  }

  /** The jobs that something was told of. */
  get jobs(): readonly string[] {
    return [...new Set(this.#entries.slice(-room).flatMap(({ job }) => (job === undefined ? [] : [job])))];
  }

  /** The last `count` entries, of one job or of all, as lines with the time in UTC. */
  lines(count: number, of: string | undefined): readonly string[] {
    const kept = this.#entries.slice(-room).filter(({ job }) => of === undefined || job === of);
    return kept.slice(Math.max(0, kept.length - count)).flatMap(({ at, job, text }) => {
      const [first = '', ...more] = text.split('\n');
      return [`${new Date(at).toISOString()}  ${job === undefined ? '' : `${job}  `}${first}`, ...more.map((line) => `    ${line}`)];
    });
  }
}
