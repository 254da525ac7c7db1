import type { CommandName } from '../editor/complete.ts';
import type { RowFormatName } from '../render/formats.ts';
import type { Log } from '../prompt/log.ts';
import type { Question } from '../prompt/protocol.ts';

/** What a session of the prompt has set for itself. */
export interface PromptState {
  /** auto: a table on a terminal, jsonl in a pipe. */
  format: RowFormatName | 'auto';
  /** Whether rows are laid out a value a line; auto: those that are wider than the terminal. */
  vertical: 'auto' | 'on' | 'off';
  isTimed: boolean;
  /** Where results go instead of standard output. */
  file: string | undefined;
}

/** What a backslash command may do. */
export interface BackslashContext {
  readonly state: PromptState;
  /** The SQL that was run last. */
  readonly lastText: string | undefined;
  tell(...lines: readonly string[]): void;
  /** Prints the answer. */
  ask(question: Question): Promise<void>;
  run(text: string, file?: string): Promise<void>;
  stopJob(name: string): Promise<void>;
  /** Runs the last query again and again, `seconds` apart: until it is stopped, or `times` times. */
  watch(seconds: number, times: number | undefined): Promise<void>;
  /** What the engine and its jobs told. */
  readonly log: Log;
  /** Does something that waits for others: Ctrl-C aborts the signal. */
  waiting(action: (signal: AbortSignal) => Promise<unknown>): Promise<void>;
  /** The last text with what its errors propose; `which` counts from 1, undefined for all. Undefined when there is nothing to mend. */
  mended(which: number | undefined): string | undefined;
  /** Puts a text there to be edited. */
  edit(text: string): void;
  /** Does something with the terminal as it is outside the prompt. */
  outside<T>(action: () => T): T;
}

/** A command that begins with a backslash: a file's, a line in the list. */
export interface BackslashCommand extends CommandName {
  /** As the help prints it, without the backslash. */
  readonly usage: string;
  readonly doc: string;
  /** Whether something must stand behind the name, may, or must not. */
  readonly takes: 'nothing' | 'something' | 'anything';
  /** 'leave' ends the prompt. */
  run(operand: string, context: BackslashContext): Promise<'leave' | void> | 'leave' | void;
}
