import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError } from '../core/diagnostic.ts';
import type { Engine } from '../engine/engine.ts';
import type { Notice } from '../engine/api.ts';
import type { Context } from './command.ts';
import { exitCodeOf } from './exit-code.ts';
import type { Output } from './output.ts';
import { renderedTypes } from './render/values.ts';

export const defaultStateDir = '.sluice';

/** Notices on their way to the log: held back until `release`, so that a command's own first line stands first. */
class NoticeLog {
  readonly #output: Output;
  #held: string[] | undefined = [];

  constructor(output: Output) {
    this.#output = output;
  }

  take({ code, level, message: text }: Notice): void {
    // A job's failure is told by whoever waits for it.
    if (level === 'error') return;
    const message = code.startsWith('W') ? `warning[${code}]: ${text}` : text;
    if (this.#held === undefined) this.#output.log(message);
    else this.#held.push(message);
  }

  release(): void {
    const lines = this.#held ?? [];
    this.#held = undefined;
    for (const line of lines) this.#output.log(line);
  }
}

/** An engine as the command line opens it. */
export class Session implements AsyncDisposable {
  readonly engine: Engine;
  readonly stateDir: string;
  readonly #notices: NoticeLog;

  private constructor(engine: Engine, stateDir: string, notices: NoticeLog) {
    this.engine = engine;
    this.stateDir = stateDir;
    this.#notices = notices;
  }

  static async open({ args, output }: Context, stateDir = args.text('state-dir') ?? defaultStateDir): Promise<Session> {
    const { Engine } = await import('../engine/engine.ts');
    const notices = new NoticeLog(output);
    const engine = await Engine.create({ kafka: 'embedded', stateDir, settings: args.settings(), types: renderedTypes, onNotice: (notice) => notices.take(notice), onPrint: (text, stream) => output.print(text, stream) });
    return new Session(engine, stateDir, notices);
  }

  /** Prints the notices so far and, from now on, each as it comes. */
  release(): void {
    this.#notices.release();
  }

  /** Where the broker's files lie; undefined when no broker was opened in this folder yet. */
  get brokerDir(): string | undefined {
    const dir = join(this.stateDir, 'broker');
    return existsSync(dir) ? dir : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close();
  }
}

/** Tells a failure and gives its exit code. */
export function reportFailure({ args, output }: Context, error: unknown, isStarted: boolean): number {
  if (error instanceof SqlError) {
    output.error(error.format({ color: output.usesColor('stderr'), width: output.width('stderr') }));
    if (args.is('debug')) output.error(error.frames.join('\n'));
    if (args.is('debug') && error.cause instanceof Error) output.error(`caused by ${error.cause.stack ?? error.cause.message}`);
  } else if (error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string') {
    // The operating system refused something, such as writing into the state folder.
    output.error(`error: ${error.message}${args.is('debug') ? `\n${error.stack ?? ''}` : ''}`);
  } else {
    const text = error instanceof Error ? (args.is('debug') ? error.stack : error.message) : undefined;
    output.error(`error[E0999]: ${text ?? String(error)}`);
    if (!args.is('debug')) output.error('  this is a mistake inside Sluice; --debug shows where');
  }
  return exitCodeOf(error, isStarted);
}
