import { createInterface } from 'node:readline';
import { isComplete } from '../editor/scan.ts';
import { commandOf } from '../backslash.ts';
import type { Output } from '../output.ts';
import { continuationText, promptText } from '../render/input.ts';
import type { Conversation } from './conversation.ts';
import { leaveSignals, leavingWords } from './leaving.ts';
import type { Keyboard } from './keyboard.ts';

/** The prompt where keys cannot be drawn: a terminal that is dumb, or results that go into a pipe. The terminal itself edits each line. */
export class PlainSurface implements Keyboard {
  readonly #output: Output;

  constructor(output: Output) {
    this.#output = output;
  }

  get width(): number | undefined {
    return this.#output.width('stdout');
  }

  get usesColor(): boolean {
    return false;
  }

  async result(lines: readonly string[]): Promise<void> {
    await this.#output.print(lines.map((line) => `${line}\n`).join(''), 'stdout');
  }

  tell(lines: readonly string[]): void {
    for (const line of lines) this.#output.error(line);
  }

  edit(text: string): void {
    this.tell(['it cannot be edited at this terminal:', ...text.split('\n')]);
  }

  clear(): void {
    // There is no screen.
  }

  vocabulary(): void {
    // Nothing is completed.
  }

  live(): void {
    // Ctrl-C is the only key there.
  }

  status(): void {
    // A line that changes needs a cursor.
  }

  outside<T>(action: () => T): T {
    return action();
  }

  async talk(conversation: Conversation): Promise<number> {
    const lines = createInterface({ input: process.stdin, terminal: false });
    const closed = this.#output.closed;
    let code = 0;
    let typed = '';
    let isBusy = false;
    const end = (): void => lines.close();
    const ask = (): void => void process.stderr.write(typed === '' ? promptText : continuationText);
    const onInterrupt = (): void => {
      if (isBusy) {
        conversation.interrupt();
        return;
      }
      this.#output.error(typed === '' ? '\nCtrl-D or \\q leaves' : '');
      typed = '';
      ask();
    };
    process.on('SIGINT', onInterrupt);
    const stopListening = leaveSignals((signal) => {
      code = signal;
      conversation.interrupt();
      end();
    }, ['SIGTERM', 'SIGHUP']);
    closed.addEventListener('abort', end);
    try {
      ask();
      for await (const line of lines) {
        typed += typed === '' ? line : `\n${line}`;
        if (typed.trim() !== '' && commandOf(typed) === undefined && !isComplete(typed) && !/^\s*(clear|cls)\s*$/i.test(typed)) {
          ask();
          continue;
        }
        const text = typed;
        typed = '';
        isBusy = true;
        const word = await conversation.submit(text);
        isBusy = false;
        if (word === 'leave' || closed.aborted || code !== 0) break;
        ask();
      }
      if (code === 0 && typed.trim() !== '' && !closed.aborted) this.#output.error('\nthe last statement has no ; and was not run');
      if (code === 0 && conversation.link.jobs.length > 0) this.#output.error(leavingWords(conversation.link.jobs)[0]?.replace(/;.*/, '') ?? '');
      return code;
    } finally {
      process.off('SIGINT', onInterrupt);
      stopListening();
      closed.removeEventListener('abort', end);
      lines.close();
    }
  }

  close(): void {
    process.stdin.pause();
    process.stdin.unref();
  }
}
