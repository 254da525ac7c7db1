import type { Vocabulary } from '../editor/complete.ts';
import type { RowFormatName } from '../render/formats.ts';
import type { LogEntry } from './log.ts';

/** How results and errors are to be laid out. */
export interface Look {
  readonly format: RowFormatName;
  /** That of what SHOW, DESCRIBE and their like answer: the same where it was chosen, else a table. */
  readonly answers: RowFormatName;
  /** Cells of a row of the terminal; undefined when it is none. */
  readonly width: number | undefined;
  readonly color: boolean;
}

/** What the engine's thread is started with. */
export interface ThreadOptions {
  readonly stateDir: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** Something that is looked at, and told in lines. */
export type Question =
  | { readonly about: 'tables'; readonly onlyTables: boolean }
  | { readonly about: 'table'; readonly name: string; readonly isLong: boolean }
  | { readonly about: 'functions'; readonly name: string | undefined }
  | { readonly about: 'topics' }
  | { readonly about: 'jobs' }
  /** Whether the folder and the broker in it are as they should be. */
  | { readonly about: 'folder' }
  | { readonly about: 'why'; readonly name: string | undefined };

/** What is asked of the engine's thread. One task is under way at a time. */
export type Task =
  | { readonly kind: 'run'; readonly text: string; readonly file: string | undefined; readonly look: Look; readonly limits: { readonly rows: number | undefined; readonly timeout: number | undefined; readonly bounded: boolean }; /** It is done again and again: only what changes nothing is. */ readonly isRepeated?: boolean }
  | { readonly kind: 'ask'; readonly question: Question; readonly look: Look }
  /** `drain`: its windows close first, for good. */
  | { readonly kind: 'stop-job'; readonly name: string; readonly drain: boolean; readonly look: Look };

export type ToThread =
  | { readonly kind: 'task'; readonly id: number; readonly task: Task }
  /** Ends what the task runs, in order. */
  | { readonly kind: 'interrupt' }
  /** The lines of that number have been taken. */
  | { readonly kind: 'taken'; readonly lines: number }
  /** No more rows are asked of a query for a while, or they are again. */
  | { readonly kind: 'pause'; readonly isPaused: boolean }
  /** Of a query that goes on: its input ends here, so that all windows close; or what it does is told. */
  | { readonly kind: 'steer'; readonly what: 'end' | 'why' }
  | { readonly kind: 'close' };

/** A replacement of [start, end) of the text that was typed. */
export interface TextFix {
  readonly title: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** How a task went. */
export interface Outcome {
  readonly id: number;
  readonly isFine: boolean;
  /** What the errors of the text can be mended with. */
  readonly fixes: readonly TextFix[];
}

export type FromThread =
  | { readonly kind: 'ready'; readonly isFine: true }
  /** The engine cannot be opened. `text` is the error as people read it. */
  | { readonly kind: 'refused'; readonly text: string; readonly exitCode: number }
  /** Lines of a result, which are answered with `taken`, or of what happens. */
  | { readonly kind: 'lines'; readonly id: number | undefined; readonly lines: readonly string[] }
  | { readonly kind: 'told'; readonly lines: readonly string[] }
  /** What is kept for \log, told or not. */
  | { readonly kind: 'logged'; readonly entry: LogEntry }
  /** A query gives rows until it is stopped. */
  | { readonly kind: 'live' }
  /** How far that query is. */
  | { readonly kind: 'status'; readonly text: string }
  | { readonly kind: 'jobs'; readonly names: readonly string[] }
  | { readonly kind: 'vocabulary'; readonly vocabulary: Vocabulary }
  | { readonly kind: 'done'; readonly outcome: Outcome }
  | { readonly kind: 'closed' };
