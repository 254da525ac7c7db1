export type StopName = 'SIGINT' | 'SIGTERM';

/** What the shell expects of a process that ended because of a signal: 128 + its number. */
const codes: Readonly<Record<StopName, number>> = { SIGINT: 130, SIGTERM: 143 };

/**
 * The first SIGINT or SIGTERM asks for an orderly end; a second one ends the process at once. Before `signal` is asked for, nothing runs
 * that has an order to keep, and a signal ends the process as it does by default.
 */
export class Stop implements Disposable {
  readonly #controller = new AbortController();
  #isListening = false;
  #name: StopName | undefined;
  readonly #listen = (name: NodeJS.Signals): void => {
    const stop: StopName = name === 'SIGTERM' ? 'SIGTERM' : 'SIGINT';
    if (this.#name !== undefined) process.exit(codes[stop]);
    this.#name = stop;
    this.#controller.abort();
  };

  /** Aborted when a signal came. From the first use on, signals no longer end the process by themselves. */
  get signal(): AbortSignal {
    if (!this.#isListening) {
      this.#isListening = true;
      for (const name of Object.keys(codes)) process.on(name, this.#listen);
    }
    return this.#controller.signal;
  }

  /** The exit code of the signal that came; undefined when none did. */
  get exitCode(): number | undefined {
    return this.#name === undefined ? undefined : codes[this.#name];
  }

  [Symbol.dispose](): void {
    for (const name of Object.keys(codes)) process.off(name, this.#listen);
  }
}
