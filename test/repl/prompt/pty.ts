import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { spawn, type IPty } from '@lydell/node-pty';

const bin = fileURLToPath(new URL('../../../bin/sluice.mjs', import.meta.url));
/** A text that does not come by then never comes. */
const limitMs = 30_000;

export interface PtyOptions {
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly cols?: number;
  readonly term?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A line of the shell that starts the program, in which $SLUICE stands for it. */
  readonly shell?: string;
}

/** The keys that are no letters. */
export const keys = { enter: '\r', up: '\u001b[A', down: '\u001b[B', left: '\u001b[D', tab: '\t', ctrlA: '\u0001', ctrlC: '\u0003', ctrlD: '\u0004', ctrlE: '\u0005', ctrlK: '\u000b', ctrlR: '\u0012', ctrlU: '\u0015', ctrlW: '\u0017' } as const;

export const paste = (text: string): string => `\u001b[200~${text}\u001b[201~`;

/** The real program in a pseudo-terminal of its own. */
export class Pty implements Disposable {
  readonly #process: IPty;
  readonly ended: Promise<{ readonly exitCode: number; readonly signal: number }>;
  /** All that it wrote. */
  raw = '';
  /** Up to where it was looked at. */
  #seen = 0;
  #wake: (() => void) | undefined;
  #hasEnded = false;

  constructor(cwd: string, { args = [], nodeArgs = [], cols = 100, term = 'xterm-256color', env = {}, shell }: PtyOptions = {}) {
    const { PATH, TZ } = process.env;
    const whole = { PATH, TZ, HOME: cwd, TMPDIR: cwd, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'), SLUICE_NODE: process.execPath, SLUICE_BIN: bin, ...env };
    const [file, argv] = shell === undefined ? [process.execPath, [...nodeArgs, bin, ...args]] as const : ['sh', ['-c', shell.replaceAll('$SLUICE', '"$SLUICE_NODE" "$SLUICE_BIN"')]] as const;
    this.#process = spawn(file, [...argv], { name: term, cols, rows: 30, cwd, env: whole });
    this.#process.onData((data) => {
      this.raw += data;
      this.#wake?.();
    });
    this.ended = new Promise((resolve) => this.#process.onExit(({ exitCode, signal }) => {
      this.#hasEnded = true;
      this.#wake?.();
      resolve({ exitCode, signal: signal ?? 0 });
    }));
  }

  /** Waits until `text` has come behind what was waited for before, and gives what came up to its end, without colours and moves of the cursor. */
  async until(text: string): Promise<string> {
    const limit = AbortSignal.timeout(limitMs);
    for (;;) {
      const at = this.raw.indexOf(text, this.#seen);
      if (at >= 0) {
        const passed = this.raw.slice(this.#seen, at + text.length);
        this.#seen = at + text.length;
        return plain(passed);
      }
      if (this.#hasEnded || limit.aborted) throw new Error(`${this.#hasEnded ? 'the program ended' : 'time is over'} before ${JSON.stringify(text)} came; since then:\n${plain(this.raw.slice(this.#seen))}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        limit.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  /** Types, and waits for what must come. */
  async type(text: string, comes: string): Promise<string> {
    this.write(text);
    return this.until(comes);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  write(text: string): void {
    this.#process.write(text);
  }

  signal(name: string): void {
    this.#process.kill(name);
  }

  resize(cols: number): void {
    this.#process.resize(cols, 30);
  }

  [Symbol.dispose](): void {
    if (!this.#hasEnded) this.#process.kill('SIGKILL');
  }
}

/** One prompt for several tests: each finds it where the one before left it, or a new one where that failed or left. */
export class SharedPrompt {
  readonly #cwd: string;
  readonly #options: PtyOptions;
  #pty: Pty | undefined;
  #uses = 0;

  /** `cwd` outlives the tests: a CliFolder of the suite. */
  constructor(cwd: string, options: PtyOptions = {}) {
    this.#cwd = cwd;
    this.#options = options;
    after(() => this.#pty?.[Symbol.dispose]());
  }

  async use(body: (pty: Pty) => Promise<void>): Promise<void> {
    const former = this.#pty;
    this.#pty = undefined;
    const pty = former ?? new Pty(this.#cwd, this.#options);
    try {
      // What the former test left unread is behind it, once this has been answered.
      if (former !== undefined) await pty.type(`SELECT 'use-${++this.#uses}' AS shared;${keys.enter}`, ` use-${this.#uses}\r\n`);
      await pty.until('sluice> ');
      await body(pty);
      if (!pty.hasEnded) this.#pty = pty;
    } finally {
      if (this.#pty === undefined) pty[Symbol.dispose]();
    }
  }
}

/** What a terminal shows of what it was sent: rows that were drawn anew are there once. */
function plain(text: string): string {
  const rows: string[][] = [[]];
  let row = 0;
  let column = 0;
  for (const [, count, end, character = ''] of text.matchAll(/\p{Cc}\[\??([\d;]*)([A-Za-z])|([^])/gu)) {
    if (end === 'A') row = Math.max(0, row - Number(count));
    else if (end === 'C') column += Number(count);
    else if (end === 'J') {
      rows.splice(row + 1);
      rows[row]?.splice(column);
    } else if (end !== undefined) continue;
    else if (character === '\r') column = 0;
    else if (character === '\n') rows[++row] ??= [];
    else (rows[row] ??= [])[column++] = character;
  }
  return rows.map((cells) => Array.from(cells, (cell: string | undefined) => cell ?? ' ').join('')).join('\n');
}
