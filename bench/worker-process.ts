import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './checksum.ts';
import type { Measured, WorkerAnswer, WorkerCommand, WorkerTask } from './worker.ts';

const workerFile = fileURLToPath(new URL('worker.ts', import.meta.url));

const running = new Set<ChildProcess>();

/** Ends every worker at once: for when the bench itself is stopped. */
export function killWorkers(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** A worker in a process of its own, which does one command at a time. */
export class WorkerProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #end: ((error: Error) => void) | undefined;

  constructor(task: WorkerTask, nodeOptions: readonly string[] = []) {
    this.#child = fork(workerFile, [JSON.stringify(task)], { execArgv: [...process.execArgv, ...nodeOptions] });
    running.add(this.#child);
    this.#exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        running.delete(this.#child);
        this.#end?.(new Error(`the ${task.side} of ${task.query} ended with ${signal ?? code}`));
        resolve();
      });
    });
  }

  async verify(): Promise<Outcome> {
    const answer = await this.#ask({ kind: 'verify' });
    if (!('outcome' in answer)) throw new Error('error' in answer ? answer.error : 'no outcome');
    return answer.outcome;
  }

  async run(seconds: number): Promise<Measured> {
    const answer = await this.#ask({ kind: 'run', seconds });
    if (!('measured' in answer)) throw new Error('error' in answer ? answer.error : 'nothing was measured');
    return answer.measured;
  }

  /** Ends the process by itself: a profile is written at its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.connected) this.#child.send({ kind: 'stop' } satisfies WorkerCommand);
    await this.#exited;
  }

  #ask(command: WorkerCommand): Promise<WorkerAnswer> {
    return new Promise((resolve, reject) => {
      this.#end = reject;
      this.#child.once('message', (answer) => resolve(answer as WorkerAnswer));
      this.#child.send(command);
    });
  }
}
