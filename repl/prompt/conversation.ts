import { appendFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { PromptState } from '../backslash/backslash.ts';
import { commandOf, runBackslash } from '../backslash.ts';
import type { Vocabulary } from '../editor/complete.ts';
import { isBlank } from '../editor/scan.ts';
import { UsageError } from '../flags.ts';
import { readScript } from '../scripts.ts';
import type { EngineLink, LinkListener } from './engine-link.ts';
import { Log } from './log.ts';
import type { Look, Outcome, Task, TextFix } from './protocol.ts';

/** How long (ms) what runs may take to end before it is said that another Ctrl-C ends the engine itself. */
const patienceMs = 1000;

/** Where the prompt is: a terminal, or a pipe. */
export interface Surface {
  /** Cells of a row for results; undefined where they do not go to a terminal. */
  readonly width: number | undefined;
  readonly usesColor: boolean;
  /** Lines of a result. Resolves when they are taken. */
  result(lines: readonly string[]): Promise<void>;
  tell(lines: readonly string[]): void;
  edit(text: string): void;
  clear(): void;
  outside<T>(action: () => T): T;
  vocabulary(vocabulary: Vocabulary): void;
  /** What is under way goes on until it is stopped: a query that gives rows, which can be steered, or one that is repeated. */
  live(what: 'query' | 'repeated'): void;
  /** How far that is, in a line. */
  status(text: string): void;
}

export type Limits = Extract<Task, { kind: 'run' }>['limits'];

/** What is said and answered, one text after the other, whatever it is typed at. */
export class Conversation {
  readonly state: PromptState;
  readonly link: EngineLink;
  readonly #surface: Surface;
  readonly #limits: Limits;
  readonly #log = new Log();
  #lastText: string | undefined;
  /** Ends what waits here, and not in the engine. */
  #waiting: AbortController | undefined;
  #fixes: readonly TextFix[] = [];
  /** Whether the task under way was asked to end, and whether it is time to lose patience. */
  #ending: 'no' | 'asked' | 'late' = 'no';
  #patience: NodeJS.Timeout | undefined;
  #isBusy = false;

  constructor(surface: Surface, open: (listener: LinkListener) => EngineLink, limits: Limits, format: PromptState['format']) {
    this.#surface = surface;
    this.link = open({
      result: (lines) => this.#result(lines),
      told: (lines) => surface.tell(lines),
      logged: (entry) => this.#log.add(entry),
      vocabulary: (vocabulary) => surface.vocabulary(vocabulary),
      live: () => surface.live('query'),
      status: (text) => surface.status(text),
    });
    this.#limits = limits;
    this.state = { format, vertical: 'auto', isTimed: false, file: undefined };
  }

  /** Lines of a result on their way to where results go. */
  async #result(lines: readonly string[]): Promise<void> {
    const { file } = this.state;
    if (file === undefined) {
      await this.#surface.result(lines);
      return;
    }
    try {
      appendFileSync(file, lines.map((line) => `${line}\n`).join(''));
    } catch (error) {
      this.state.file = undefined;
      this.#surface.tell([`error: ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`, '  results come here again']);
    }
  }

  /** Runs what was typed. 'leave' when it says so. */
  async submit(text: string): Promise<'leave' | void> {
    if (isBlank(text)) return undefined;
    const command = commandOf(text);
    const { quoted, bare, how = '' } = /^\s*STOP\s+JOB\s+(?:'(?<quoted>(?:[^']|'')+)'|(?<bare>[^\s';]+))(?<how>(?:\s+WITH\s+(?:SAVEPOINT|DRAIN))*)\s*;?\s*$/i.exec(text)?.groups ?? {};
    const job = quoted?.replaceAll("''", "'") ?? bare;
    if (job !== undefined) {
      // Each stop stores a checkpoint.
      await this.#do({ kind: 'stop-job', name: job, drain: /DRAIN/i.test(how), look: this.#look });
      return undefined;
    }
    if (/^\s*(clear|cls)\s*;?\s*$/i.test(text)) {
      this.#surface.clear();
      return undefined;
    }
    if (command === undefined) {
      this.#lastText = text.trimEnd();
      await this.#run(text, undefined);
      return undefined;
    }
    return runBackslash(command, {
      state: this.state,
      lastText: this.#lastText,
      tell: (...lines) => this.#surface.tell(lines),
      ask: (question) => this.#do({ kind: 'ask', question, look: this.#look }).then(() => undefined),
      run: (sql, file) => this.#run(sql, file),
      stopJob: (name) => this.#do({ kind: 'stop-job', name, drain: false, look: this.#look }).then(() => undefined),
      watch: (seconds, times) => this.#watch(seconds, times),
      log: this.#log,
      waiting: (action) => this.#wait(action),
      mended: (which) => this.#mended(which),
      edit: (typed) => this.#surface.edit(typed),
      outside: (action) => this.#surface.outside(action),
    });
  }

  /** Ends what runs. An engine that does not answer is ended itself when this comes again. */
  interrupt(): void {
    this.#waiting?.abort();
    if (!this.#isBusy) return;
    if (this.#ending === 'late') {
      void this.link.kill();
      return;
    }
    if (this.#ending === 'asked') return;
    this.#ending = 'asked';
    if (!this.link.interrupt()) return;
    this.#patience = setTimeout(() => {
      this.#ending = 'late';
      this.#surface.tell(['it has not ended yet; Ctrl-C again ends the engine, and a new one takes its place']);
    }, patienceMs);
  }

  /** Nothing is begun any more: the prompt ends. */
  leave(): void {
    this.#waiting?.abort();
  }

  async #wait(action: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const waiting = new AbortController();
    this.#waiting = waiting;
    try {
      await action(waiting.signal);
    } catch (error) {
      if (!waiting.signal.aborted) throw error;
    } finally {
      this.#waiting = undefined;
    }
  }

  async #watch(seconds: number, times: number | undefined): Promise<void> {
    const text = this.#lastText;
    if (text === undefined) {
      this.#surface.tell(['there is no query yet:  SELECT ..;  and then \\watch']);
      return;
    }
    this.#surface.live('repeated');
    await this.#wait(async (signal) => {
      for (let n = 1; ; n++) {
        this.#surface.tell([`${new Date().toISOString().replace('T', ' ').slice(0, 19)} (every ${seconds} s)`]);
        const { isFine } = await this.#do({ kind: 'run', text, file: undefined, look: this.#look, limits: { ...this.#limits, bounded: true }, isRepeated: true });
        if (!isFine || n === times) return;
        this.#surface.status(` every ${seconds} s`);
        await wait(seconds * 1000, undefined, { signal });
      }
    });
  }

  async #run(text: string, file: string | undefined): Promise<void> {
    try {
      const script = file === undefined ? { text } : readScript({ file });
      if (script.fault !== undefined) {
        this.#surface.tell(script.fault.format({ color: this.#surface.usesColor, width: this.#surface.width }).split('\n'));
        return;
      }
      const from = performance.now();
      const { fixes } = await this.#do({ kind: 'run', text: script.text, file, look: this.#look, limits: this.#limits });
      this.#fixes = file === undefined ? fixes : [];
      if (this.state.isTimed) this.#surface.tell([`${Math.round(performance.now() - from)} ms`]);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.#surface.tell([`error: ${error.message}`]);
    }
  }

  async #do(task: Task): Promise<Outcome> {
    this.#isBusy = true;
    try {
      return await this.link.do(task);
    } finally {
      this.#isBusy = false;
      this.#ending = 'no';
      clearTimeout(this.#patience);
    }
  }

  get #look(): Look {
    const { format, vertical, file } = this.state;
    const width = file === undefined ? this.#surface.width : undefined;
    const named = format === 'auto' ? (width === undefined && file === undefined ? 'jsonl' : 'table') : format;
    const chosen = vertical === 'on' ? 'vertical' : 'table';
    return { format: named === 'table' ? chosen : named, answers: format === 'auto' || format === 'table' ? chosen : format, width: vertical === 'off' ? undefined : width, color: this.#surface.usesColor };
  }

  #mended(which: number | undefined): string | undefined {
    const chosen = which === undefined ? this.#fixes : this.#fixes.slice(which - 1, which);
    if (this.#lastText === undefined || chosen.length === 0) return undefined;
    let text = this.#lastText;
    // From the end on, so that the places before it stay where they are.
    for (const { start, end, replacement } of chosen.toSorted((a, b) => b.start - a.start)) text = text.slice(0, start) + replacement + text.slice(end);
    return text;
  }
}
