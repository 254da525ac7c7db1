import { Editor, type View } from '../editor/editor.ts';
import type { Vocabulary } from '../editor/complete.ts';
import { History } from '../editor/history.ts';
import { KeyDecoder, type Key } from '../editor/keys.ts';
import { backslashCommands } from '../backslash.ts';
import { Screen } from '../screen.ts';
import type { Conversation } from './conversation.ts';
import { hangUpExit, leaveSignals, leavingWords } from './leaving.ts';
import type { Keyboard } from './keyboard.ts';

/** How long (ms) what follows an ESC may take to arrive. */
const escapeMs = 50;

/** The prompt at a terminal: keys one by one, an editor, results above what is typed. */
export class TerminalSurface implements Keyboard {
  readonly #screen: Screen;
  readonly #editor: Editor;
  readonly #decoder = new KeyDecoder();
  #conversation: Conversation | undefined;
  #leave: ((code: number) => void) | undefined;
  #fail: ((error: unknown) => void) | undefined;
  /** True while a text that was typed is under way. */
  #isBusy = false;
  /** What goes on until it is stopped. */
  #live: 'query' | 'repeated' | undefined;
  #isPaused = false;
  /** What was typed meanwhile. */
  #ahead: Key[] = [];
  /** Somebody asked to leave while jobs run. */
  #wasAsked = false;
  #escapeTimer: NodeJS.Timeout | undefined;
  readonly #onData = (chunk: string): void => this.#take(chunk);
  readonly #onEnd = (): void => this.#leave?.(hangUpExit);
  readonly #onResize = (): void => {
    if (!this.#isBusy) this.#screen.draw(this.#editor.view);
  };

  constructor(color: boolean, historyFile: string) {
    this.#screen = new Screen(process.stdout, color);
    this.#editor = new Editor(new History(historyFile), backslashCommands);
  }

  get width(): number {
    return this.#screen.columns;
  }

  get usesColor(): boolean {
    return this.#screen.usesColor;
  }

  async result(lines: readonly string[]): Promise<void> {
    await this.#screen.print(lines);
  }

  tell(lines: readonly string[]): void {
    void this.#screen.print(lines);
  }

  edit(text: string): void {
    this.#editor.set(text);
  }

  clear(): void {
    this.#screen.clear();
  }

  vocabulary(vocabulary: Vocabulary): void {
    this.#editor.vocabulary = vocabulary;
    this.#screen.keywords = new Set(vocabulary.keywords);
  }

  live(what: 'query' | 'repeated'): void {
    this.#live = what;
  }

  status(text: string): void {
    if (this.#live !== undefined) this.#screen.showStatus(`${text}   ${this.#live === 'query' ? 'q stop  p pause  e end input  w why' : 'q stop'}`);
  }

  outside<T>(action: () => T): T {
    this.#cooked();
    try {
      return action();
    } finally {
      this.#raw();
    }
  }

  async talk(conversation: Conversation): Promise<number> {
    this.#conversation = conversation;
    process.stdin.setEncoding('utf8');
    process.stdin.on('data', this.#onData);
    process.stdin.on('end', this.#onEnd);
    // A terminal that was closed: it stays heard, as giving it back fails too.
    process.stdin.on('error', () => this.#leave?.(hangUpExit));
    process.stdout.on('resize', this.#onResize);
    this.#raw();
    const stopListening = leaveSignals((code) => this.#leave?.(code));
    return new Promise<number>((resolve, reject) => {
      this.#leave = resolve;
      this.#fail = reject;
      this.#screen.draw(this.#editor.view);
    }).finally(stopListening);
  }

  close(): void {
    clearTimeout(this.#escapeTimer);
    process.stdin.off('data', this.#onData);
    process.stdin.off('end', this.#onEnd);
    process.stdout.off('resize', this.#onResize);
    this.#screen.erase();
    this.#cooked();
    process.stdin.pause();
    process.stdin.unref();
  }

  #raw(): void {
    process.stdin.setRawMode(true);
    process.stdin.resume();
    this.#screen.tellsPaste = true;
  }

  #cooked(): void {
    this.#screen.tellsPaste = false;
    process.stdin.setRawMode(false);
  }

  // ---- keys ----

  #take(chunk: string): void {
    clearTimeout(this.#escapeTimer);
    this.#takeKeys(this.#decoder.push(chunk));
    if (this.#decoder.isWaiting) this.#escapeTimer = setTimeout(() => this.#takeKeys(this.#decoder.flush()), escapeMs);
  }

  #takeKeys(keys: readonly Key[]): void {
    for (const key of keys) {
      if (this.#isBusy) this.#meanwhile(key, keys.length === 1);
      else this.#press(key);
    }
    if (!this.#isBusy && keys.length > 0) this.#screen.draw(this.#editor.view);
  }

  /** A key while something runs: those that steer a query that goes on, Ctrl-C, and what is typed ahead. */
  #meanwhile(key: Key, isAlone: boolean): void {
    if (key.kind === 'key' && key.name === 'interrupt') {
      this.#ahead = [];
      this.#conversation?.interrupt();
    } else if (this.#live === undefined || !isAlone || key.kind !== 'text' || this.#steering[key.text] === undefined || (this.#live === 'repeated' && key.text !== 'q')) this.#ahead.push(key);
    else this.#steering[key.text]?.();
  }

  /** The keys that steer a query that goes on. */
  readonly #steering: Readonly<Record<string, () => void>> = {
    q: () => this.#conversation?.interrupt(),
    p: () => {
      this.#isPaused = !this.#isPaused;
      this.#conversation?.link.pause(this.#isPaused);
      this.tell([this.#isPaused ? 'paused; p goes on, q stops' : 'going on']);
    },
    e: () => {
      this.#pausedNoMore();
      this.#conversation?.link.steer('end');
    },
    w: () => this.#conversation?.link.steer('why'),
  };

  #pausedNoMore(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#conversation?.link.pause(false);
  }

  #press(key: Key): void {
    const before = this.#editor.view;
    const outcome = this.#editor.press(key);
    if (outcome.kind !== 'leave') this.#wasAsked = false;
    switch (outcome.kind) {
      case 'edited':
        return;
      case 'submit':
        this.#submit(outcome.text, before);
        return;
      case 'dropped':
        this.#screen.leave(before);
        return;
      case 'interrupt':
        this.#screen.leave(before);
        this.tell(['Ctrl-D or \\q leaves']);
        return;
      case 'clear-screen':
        this.#screen.clear();
        return;
      case 'suspend':
        this.#suspend(before);
        return;
      case 'leave': {
        const jobs = this.#conversation?.link.jobs ?? [];
        if (jobs.length === 0 || this.#wasAsked) this.#leave?.(0);
        else this.tell(leavingWords(jobs));
        this.#wasAsked = true;
      }
    }
  }

  #submit(text: string, before: View): void {
    this.#screen.leave({ ...before, text });
    this.#isBusy = true;
    void this.#conversation?.submit(text).then(
      (word) => (word === 'leave' ? this.#leave?.(0) : this.#again()),
      (error: unknown) => this.#fail?.(error),
    );
  }

  /** The prompt again, with what was typed meanwhile. */
  #again(): void {
    this.#isBusy = false;
    this.#live = undefined;
    this.#isPaused = false;
    const ahead = this.#ahead;
    this.#ahead = [];
    this.#takeKeys(ahead);
    if (!this.#isBusy) this.#screen.draw(this.#editor.view);
  }

  #suspend(view: View): void {
    this.#screen.leave(view);
    this.#cooked();
    process.once('SIGCONT', () => {
      this.#raw();
      this.#screen.draw(this.#editor.view);
    });
    process.kill(process.pid, 'SIGTSTP');
  }
}
