import { SqlError } from '../core/diagnostic.ts';

/** The mistakes of parts of a statement that are bound apart, so that one does not hide another. */
export class Mistakes {
  readonly #found: SqlError[] = [];

  get count(): number {
    return this.#found.length;
  }

  /** What `bind` gives; undefined where it threw an SqlError, which is kept unless it is of one of the codes `followUps`. */
  attempt<T>(bind: () => T, followUps: readonly string[] = []): T | undefined {
    try {
      return bind();
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      if (!followUps.includes(error.code)) this.add(error);
      return undefined;
    }
  }

  /** The same mistake in two places is told once. */
  add(error: SqlError): void {
    for (const one of error.all) {
      if (!this.#found.some((other) => other.code === one.code && other.message === one.message)) this.#found.push(one);
    }
  }

  /** Throws the first of them in the text, with all others behind it. */
  throwAny(): void {
    const [first, ...others] = this.#found.toSorted((a, b) => (a.diagnostic.span?.start ?? 0) - (b.diagnostic.span?.start ?? 0)).map((error) => new SqlError(error.diagnostic));
    if (first !== undefined) throw new SqlError(first.diagnostic, others);
  }
}
