/** One flag: its form, the word that stands for its value in the help, and a sentence. */
export interface Flag {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** May be given more than once. */
  readonly multiple?: boolean;
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly doc: string;
}

export type Flags = Readonly<Record<string, Flag>>;

/** What the parser and the help know of a command. */
export interface CommandShape {
  readonly name: string;
  /** What stands behind the name, as `FILE..`. */
  readonly operands: string;
  /** How many operands it takes. */
  readonly count: { readonly least: number; readonly most: number };
  readonly summary: string;
  readonly flags: Flags;
}

/** What was typed is not a command line that Sluice has. Exit code 64. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
