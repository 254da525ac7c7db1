/** Bytes that wait before they are written without waiting for the turn to end. */
const flushAt = 64 << 10;

/** The one place that writes to the console. Results go to stdout, everything else to stderr. */
export class Output {
  /** True when people read stdout. */
  readonly isTerminal = process.stdout.isTTY === true;
  #isQuiet = false;
  #color: 'auto' | 'always' | 'never' = 'auto';
  #waiting = '';
  #isScheduled = false;

  constructor() {
    // Whoever reads has seen enough, as `head` does.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }

  configure(options: { readonly isQuiet: boolean; readonly color: 'auto' | 'always' | 'never' }): void {
    this.#isQuiet = options.isQuiet;
    this.#color = options.color;
  }

  /** Width of the terminal in cells. */
  get width(): number {
    return process.stdout.columns ?? 80;
  }

  usesColor(stream: 'stdout' | 'stderr'): boolean {
    if (this.#color !== 'auto') return this.#color === 'always';
    if (process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '') return false;
    if (process.env['FORCE_COLOR'] !== undefined && process.env['FORCE_COLOR'] !== '0') return true;
    return process[stream].isTTY === true;
  }

  /** A line of the result. Lines of one turn are written together. */
  line(text: string): void {
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
    process.stdout.write(this.#waiting);
    this.#waiting = '';
  }

  /** What happens, for people; -q keeps it away. */
  log(text: string): void {
    if (!this.#isQuiet) this.error(text);
  }

  error(text: string): void {
    this.flush();
    process.stderr.write(`${text}\n`);
  }
}
