import { Worker } from 'node:worker_threads';
import type { Vocabulary } from '../editor/complete.ts';
import type { LogEntry } from './log.ts';
import type { FromThread, Outcome, Task, ThreadOptions, ToThread } from './protocol.ts';

/** What the prompt does with what the engine's thread says. */
export interface LinkListener {
  /** Lines of a result. The next ones come when this has resolved. */
  result(lines: readonly string[]): Promise<void>;
  /** What happens, for people. */
  told(lines: readonly string[]): void;
  logged(entry: LogEntry): void;
  vocabulary(vocabulary: Vocabulary): void;
  /** The query under way goes on until it is stopped. */
  live(): void;
  /** How far it is, in a line. */
  status(text: string): void;
}

/** The engine cannot be opened: the error as people read it. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly exitCode: number;

  constructor(text: string, exitCode: number) {
    super(text);
    this.exitCode = exitCode;
  }
}

/** How long (ms) a thread may take to close its jobs. */
const closeMs = 12_000;

/** The engine's thread, seen from the prompt. A thread that ends by itself is told, and replaced by a new one; what ran in it is gone. */
export class EngineLink {
  readonly #module: URL;
  readonly #options: ThreadOptions;
  readonly #listener: LinkListener;
  #worker: Worker;
  #ready: Promise<void>;
  #isClosing = false;
  #jobs: readonly string[] = [];
  #tasks = 0;
  #done: ((outcome: Outcome) => void) | undefined;
  #closed: (() => void) | undefined;
  /** Rejects `ready` of the thread under way. */
  #refuse: ((error: Error) => void) | undefined;
  #isOpen = false;
  /** The task that waits for the engine to be open is given up. */
  #isGivenUp = false;

  /** `module` is what the thread runs. */
  constructor(options: ThreadOptions, listener: LinkListener, module = new URL(`./thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)) {
    this.#module = module;
    this.#options = options;
    this.#listener = listener;
    [this.#worker, this.#ready] = this.#start();
  }

  /** The jobs that run. */
  get jobs(): readonly string[] {
    return this.#jobs;
  }

  /** Resolves when the engine is open. Rejects with Refused. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** Does a task and waits for its end. */
  async do(task: Task): Promise<Outcome> {
    this.#isGivenUp = false;
    await this.#ready;
    const id = ++this.#tasks;
    if (this.#isGivenUp) return { id, isFine: false, fixes: [] };
    return new Promise((resolve) => {
      this.#done = resolve;
      this.#send({ kind: 'task', id, task });
    });
  }

  /** Asks the task under way to end. False when it had not begun: then it never will. */
  interrupt(): boolean {
    if (this.#done === undefined) this.#isGivenUp = true;
    else this.#send({ kind: 'interrupt' });
    return this.#done !== undefined;
  }

  pause(isPaused: boolean): void {
    this.#send({ kind: 'pause', isPaused });
  }

  /** Of a query that goes on: ends its input, or tells what it does. */
  steer(what: 'end' | 'why'): void {
    this.#send({ kind: 'steer', what });
  }

  /** Ends a thread that does not answer. */
  async kill(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Stops all jobs with a last checkpoint. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (!(await this.#ready.then(() => true, () => false))) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#closed = resolve;
      timer = setTimeout(resolve, closeMs);
      this.#send({ kind: 'close' });
    });
    clearTimeout(timer);
    await this.#worker.terminate();
  }

  #start(): [Worker, Promise<void>] {
    const worker = new Worker(this.#module, { workerData: this.#options });
    let failure: string | undefined;
    const ready = new Promise<void>((resolve, reject) => {
      this.#refuse = reject;
      worker.on('message', (message: FromThread) => {
        if (message.kind === 'ready') {
          this.#isOpen = true;
          resolve();
        } else if (message.kind === 'refused') reject(new Refused(message.text, message.exitCode));
        else this.#take(worker, message);
      });
    });
    // Whoever needs it waits for it.
    ready.catch(() => undefined);
    worker.on('error', (error: unknown) => { failure = error instanceof Error ? error.message : String(error); });
    worker.on('exit', () => this.#lost(failure));
    return [worker, ready];
  }

  #take(worker: Worker, message: Exclude<FromThread, { kind: 'ready' | 'refused' }>): void {
    switch (message.kind) {
      case 'lines': {
        const { id = 0 } = message;
        const taken = (): void => worker.postMessage({ kind: 'taken', lines: id } satisfies ToThread);
        this.#listener.result(message.lines).then(taken, taken);
        return;
      }
      case 'told':
        this.#listener.told(message.lines);
        return;
      case 'logged':
        this.#listener.logged(message.entry);
        return;
      case 'live':
        this.#listener.live();
        return;
      case 'status':
        this.#listener.status(message.text);
        return;
      case 'jobs':
        this.#jobs = message.names;
        return;
      case 'vocabulary':
        this.#listener.vocabulary(message.vocabulary);
        return;
      case 'done':
        if (message.outcome.id === this.#tasks) this.#end(message.outcome);
        return;
      case 'closed':
        this.#closed?.();
    }
  }

  /** The thread has ended. Unless it was asked to, a new one takes its place. */
  #lost(failure: string | undefined): void {
    this.#closed?.();
    if (this.#isClosing) return;
    if (!this.#isOpen) {
      this.#refuse?.(new Refused(`error[E0999]: the engine cannot be started${failure === undefined ? '' : `: ${failure}`}`, 2));
      return;
    }
    const gone = this.#jobs.length === 0 ? '' : `; gone with it: ${this.#jobs.join(', ')}. The same INSERT goes on from the last checkpoint`;
    const text = `error[E0999]: the engine ended${failure === undefined ? '' : `: ${failure}`}${gone}`;
    this.#listener.logged({ at: Date.now(), text });
    this.#listener.told([text, 'a new one is there; temporary tables and SET are to be made again']);
    this.#jobs = [];
    this.#isOpen = false;
    [this.#worker, this.#ready] = this.#start();
    this.#end({ id: this.#tasks, isFine: false, fixes: [] });
  }

  #end(outcome: Outcome): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(outcome);
  }

  #send(message: ToThread): void {
    this.#worker.postMessage(message);
  }
}
