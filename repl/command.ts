import type { Arguments } from './arguments.ts';
import type { CommandShape } from './flags.ts';
import type { Output } from './output.ts';
import type { Stop } from './stop.ts';

/** What a command gets. */
export interface Context {
  readonly args: Arguments;
  readonly output: Output;
  readonly stop: Stop;
  /** The package's folder. */
  readonly root: URL;
  /** The text of --help. */
  readonly help: string;
}

/** One command. `run` gives the exit code and imports what it needs when it needs it. */
export interface Command extends CommandShape {
  run(context: Context): Promise<number>;
}
