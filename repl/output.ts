/** Bytes that wait before they are written without waiting for the turn to end. */
const flushAt = 64 << 10;

/** What the operating system says, for people. */
const reasons: Readonly<Record<string, string>> = { ENOSPC: 'no space left on the device', EIO: 'the device failed', EDQUOT: 'the quota of the disk is used up', EFBIG: 'the file would become too large' };

/** What is written to: a stream of the process, or one that stands for it. */
interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  /** Cells. */
  readonly columns?: number;
}

/**
 * The one place that writes to the console. Results go to stdout, everything else to stderr. When whoever reads stdout has seen enough, as
 * `head` does, the rest is dropped and `closed` says so. A stderr that cannot be written is no failure: a job does not end with its log.
 */
export class Output {
  /** True when people read stdout. */
  readonly isTerminal: boolean;
  readonly #streams: { readonly stdout: OutputStream; readonly stderr: OutputStream };
  readonly #closed = new AbortController();
  #isQuiet = false;
  #color: 'auto' | 'always' | 'never' = 'auto';
  #waiting = '';
  #isScheduled = false;
  #hasFailed = false;

  constructor(streams: { readonly stdout: OutputStream; readonly stderr: OutputStream } = process) {
    this.#streams = streams;
    this.isTerminal = streams.stdout.isTTY === true;
    streams.stdout.on('error', (error: NodeJS.ErrnoException) => this.#lose(error));
    streams.stderr.on('error', () => undefined);
  }

  /** Aborted as soon as nothing more can be written to stdout. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** True when stdout refused what was asked for; false when its reader left. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  configure(options: { readonly isQuiet: boolean; readonly color: 'auto' | 'always' | 'never' }): void {
    this.#isQuiet = options.isQuiet;
    this.#color = options.color;
  }

  /** Width of the terminal that a stream is, in cells; undefined when it is none. */
  width(stream: 'stdout' | 'stderr'): number | undefined {
    return this.#streams[stream].columns;
  }

  usesColor(stream: 'stdout' | 'stderr'): boolean {
    if (this.#color !== 'auto') return this.#color === 'always';
    if (process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '') return false;
    if (process.env['FORCE_COLOR'] !== undefined && process.env['FORCE_COLOR'] !== '0') return true;
    return this.#streams[stream].isTTY === true;
  }

  /** A line of the result. Lines of one turn are written together. */
  line(text: string): void {
    if (this.closed.aborted) return;
    this.#waiting += `${text}\n`;
    if (this.#waiting.length >= flushAt) this.flush();
    else if (!this.#isScheduled) {
      this.#isScheduled = true;
      setImmediate(() => {
        this.#isScheduled = false;
        this.flush();
      });
    }
  }

  flush(): void {
    if (this.#waiting === '') return;
    const text = this.#waiting;
    this.#waiting = '';
    this.#streams.stdout.write(text);
  }

  /** Resolves when all lines are written, or will never be. */
  async end(): Promise<void> {
    this.flush();
    await new Promise<void>((resolve) => {
      if (this.closed.aborted) resolve();
      else this.#streams.stdout.write('', () => setImmediate(resolve));
    });
  }

  /** Writes lines as they are, behind what is under way. Resolves when they are handed over, or nobody is left to read them. */
  async print(text: string, stream: 'stdout' | 'stderr'): Promise<void> {
    this.flush();
    if (stream === 'stdout' && this.closed.aborted) return;
    await new Promise<void>((resolve) => this.#streams[stream].write(text, () => resolve()));
  }

  /** What happens, for people; -q keeps it away. */
  log(text: string): void {
    if (!this.#isQuiet) this.error(text);
  }

  error(text: string): void {
    this.flush();
    this.#streams.stderr.write(`${text}\n`);
  }

  #lose(error: NodeJS.ErrnoException): void {
    if (this.closed.aborted) return;
    this.#waiting = '';
    this.#hasFailed = error.code !== 'EPIPE';
    if (this.#hasFailed) this.error(`error: standard output cannot be written: ${reasons[error.code ?? ''] ?? error.message}`);
    this.#closed.abort();
  }
}
