import { parentPort, workerData } from 'node:worker_threads';
import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { isInsertOnly } from '../../core/changelog.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { holdsItsRows, nodesOf } from '../../planner/physical-plan.ts';
import { Engine, type CheckedScript } from '../../engine/engine.ts';
import type { ReadyPlan } from '../../engine/check.ts';
import type { Change, Notice } from '../../engine/api.ts';
import type { RunningJob } from '../../engine/running-job.ts';
import type { Result } from '../../engine/result.ts';
import { endsByItself, tableIn } from '../../engine/tables.ts';
import { exitCodeOf } from '../exit-code.ts';
import { printQuery } from '../query-rows.ts';
import { renderedTypes } from '../render/values.ts';
import { plural } from '../scripts.ts';
import { resultLines } from '../statement-results.ts';
import { LiveStatus, statusMs } from './live-status.ts';
import { answer, noJob, stepLines } from './questions.ts';
import { vocabularyOf } from './vocabulary.ts';
import type { FromThread, Look, Task, TextFix, ThreadOptions, ToThread } from './protocol.ts';

/**
 * The engine of the prompt, in a thread of its own: whatever it computes, the prompt answers. Takes ToThread, gives FromThread. Lines of
 * results wait until the prompt has taken those before them, so that a terminal that is slow slows the query.
 */
class EngineThread {
  readonly #post: (message: FromThread) => void;
  readonly #engine: Engine;
  #lines = 0;
  /** What waits for lines to be taken, in their order: rows that were gathered may go out while those before them are under way. */
  #untaken: { readonly id: number; readonly taken: () => void }[] = [];
  #pause: { readonly over: Promise<void>; readonly end: () => void } | undefined;
  #interrupt = new AbortController();
  /** The query under way that goes on until it is stopped. */
  #live: Result<Change> | undefined;

  constructor(engine: Engine, post: (message: FromThread) => void) {
    this.#engine = engine;
    this.#post = post;
    this.#tellNames();
  }

  async take(message: ToThread): Promise<void> {
    switch (message.kind) {
      case 'task':
        await this.#do(message.id, message.task);
        return;
      case 'interrupt':
        this.#resume();
        this.#interrupt.abort();
        return;
      case 'taken':
        while ((this.#untaken[0]?.id ?? Infinity) <= message.lines) this.#untaken.shift()?.taken();
        return;
      case 'pause':
        this.#resume();
        if (message.isPaused) this.#pause = pausing();
        return;
      case 'steer':
        if (message.what === 'end') await this.#live?.job?.stop({ drain: true });
        else this.#tell(...stepLines((await this.#live?.job?.diagnose()) ?? []));
        return;
      case 'close':
        this.#interrupt.abort();
        this.#resume();
        await this.#engine.close();
        this.#post({ kind: 'closed' });
    }
  }

  // ---- tasks ----

  async #do(id: number, task: Task): Promise<void> {
    this.#interrupt = new AbortController();
    let isFine = true;
    let fixes: readonly TextFix[] = [];
    try {
      if (task.kind === 'ask') await this.#print(await answer(this.#engine, task.question, (workerData as ThreadOptions).stateDir));
      else if (task.kind === 'stop-job') await this.#stopJob(task.name, task.drain);
      else {
        const errors = await this.#run(task);
        isFine = errors.length === 0;
        fixes = errors.flatMap((error) => error.fixes);
      }
    } catch (error) {
      isFine = false;
      if (!this.#interrupt.signal.aborted || error instanceof SqlError) this.#tell(errorText(error, task.look));
    }
    if (task.kind === 'run') this.#tellNames();
    this.#post({ kind: 'done', outcome: { id, isFine, fixes } });
  }

  /** Gives the errors of the text; nothing is started when it has some. */
  async #run(task: Extract<Task, { kind: 'run' }>): Promise<readonly SqlError[]> {
    const { text, file, look } = task;
    const checked = this.#engine.check(text, file);
    const plans = [...checked.inserts, ...checked.queries].map(({ planned }) => planned);
    const errors = [...checked.errors, ...this.#engine.refusals(plans, checked.settings, task.limits.bounded)];
    if (errors.length > 0) {
      for (const error of errors) this.#tell(errorText(error, look));
      if (errors.length > 1) this.#tell(`${plural(errors.length, 'error')}; nothing was started.`);
      return errors;
    }
    const [other] = task.isRepeated === true ? checked.steps.flatMap((step) => ('query' in step || ('result' in step && step.result.kind === 'rows') ? [] : ['inserts' in step ? 'INSERT' : 'what changes tables or settings'])) : [];
    if (other !== undefined) throw new SqlError({ code: 'E0904', message: `\\watch repeats queries, not ${other}`, hint: 'SELECT .. FROM the table that is written, and \\watch that' });
    await this.#engine.define(checked);
    for (const step of checked.steps) {
      if (this.#interrupt.signal.aborted) return [];
      if ('result' in step) {
        const { isText, lines } = resultLines(step.result, look.answers);
        if (isText) await this.#print(lines);
        else this.#tell(...lines);
      } else if ('query' in step) await this.#query(step.query, task);
      else await this.#insert(step.inserts, task);
    }
    return [];
  }

  async #query(planned: ReadyPlan, { look, limits }: Extract<Task, { kind: 'run' }>): Promise<void> {
    const isLive = !limits.bounded && !holdsItsRows(planned.physical) && !isBounded(planned);
    if (isLive) {
      const tables = nodesOf(planned.physical).flatMap((node) => (node.kind === 'TableSourceScan' ? [node.table] : []));
      // In this order: a q that is typed as soon as it is told must not be taken for what is typed ahead.
      this.#post({ kind: 'live' });
      this.#tell(`reading ${[...new Set(tables)].join(', ')} until q or Ctrl-C stops it`, '');
    }
    const print = (lines: readonly string[]): Promise<void> => this.#print(lines);
    let timer: NodeJS.Timeout | undefined;
    const begun = (result: Result<Change>): void => {
      if (!isLive) return;
      this.#live = result;
      const status = new LiveStatus();
      timer = setInterval(() => this.#post({ kind: 'status', text: status.text(result.stats(), performance.now()) }), statusMs);
    };
    const output = { format: look.format, width: look.width, print, log: (line: string) => this.#tell(line), begun };
    const count = await printQuery(this.#engine, planned, limits, output, this.#interrupt.signal).finally(() => {
      clearInterval(timer);
      this.#live = undefined;
    });
    const showsChanges = !isInsertOnly(planned.physical.properties.changelog) && !limits.bounded && !holdsItsRows(planned.physical);
    if (look.format === 'table' || look.format === 'vertical') this.#tell(`${plural(count, showsChanges ? 'change' : 'row')}${this.#interrupt.signal.aborted ? ', stopped' : ''}`);
  }

  /** Rows that stand in the text are waited for; anything else is a job that goes on behind the prompt. One whose input ends starts over each time. */
  async #insert(inserts: CheckedScript['inserts'], { look, limits }: Extract<Task, { kind: 'run' }>): Promise<void> {
    const { signal } = this.#interrupt;
    if (limits.bounded || inserts.every(({ planned }) => holdsItsRows(planned.physical))) {
      const job = await this.#engine.start(inserts, { bounded: true, fresh: true, stored: false, signal });
      const { rowsRead, rowsOut } = await job.finished.catch((error: unknown) => {
        this.#log(job.name, `failed: ${errorText(error, plainLook)}`);
        throw error;
      });
      this.#log(job.name, `${signal.aborted ? 'stopped' : 'ended'}: ${countText(rowsRead, rowsOut)}`);
      this.#tell(`inserted ${plural(Number(rowsOut), 'row')}${signal.aborted ? ', stopped' : ''}`);
      return;
    }
    const job = await this.#engine.start(inserts, { fresh: inserts.every(({ planned }) => isBounded(planned)) });
    const begin = job.restoredFrom === undefined ? 'is live' : `goes on from checkpoint ${job.restoredFrom}`;
    this.#tellJobs();
    this.#log(job.name, begin);
    this.#tell(`job ${job.name} ${begin}.   \\jobs lists, \\stop ${job.name} ends it`);
    job.finished.then(
      ({ rowsRead, rowsOut }) => {
        this.#tellJobs();
        const count = countText(rowsRead, rowsOut);
        const { lastCheckpoint } = job.runner;
        this.#log(job.name, `${job.state === 'finished' ? 'ended' : 'stopped'}: ${count}${lastCheckpoint === undefined ? '' : `, checkpoint ${lastCheckpoint.id} stored`}`);
        if (job.state === 'finished') this.#tell(`job ${job.name} ended: ${count}`);
      },
      (error: unknown) => {
        this.#tellJobs();
        this.#log(job.name, `failed: ${errorText(error, plainLook)}`);
        this.#tell(`job ${job.name} failed:`, errorText(error, look));
      },
    );
  }

  async #stopJob(name: string, drain: boolean): Promise<void> {
    const job: RunningJob | undefined = this.#engine.job(name);
    if (job === undefined) throw noJob(this.#engine, name);
    await job.stop({ drain });
    const { rowsRead, rowsOut } = job.stats();
    const { lastCheckpoint } = job.runner;
    this.#tell(`job ${name} is stopped: ${countText(rowsRead, rowsOut)}${lastCheckpoint === undefined ? '' : `, checkpoint ${lastCheckpoint.id} stored`}`);
  }

  // ---- to the prompt ----

  /** Lines of a result. Resolves when the prompt has taken them and asks for more. */
  async #print(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    await this.#pause?.over;
    const id = ++this.#lines;
    const taken = new Promise<void>((resolve) => this.#untaken.push({ id, taken: resolve }));
    this.#post({ kind: 'lines', id, lines });
    await taken;
    await this.#pause?.over;
  }

  #tell(...lines: readonly string[]): void {
    this.#post({ kind: 'told', lines: lines.flatMap((line) => line.split('\n')) });
  }

  notice({ code, level, message, job }: Notice): void {
    // A job's failure is told where its end is waited for. Where a query begins to read is no news: its group is its own.
    if (level === 'error' || (code === 'N0601' && job !== undefined && this.#engine.job(job) === undefined && /^query-\d+$/.test(job))) return;
    this.#log(job, code.startsWith('W') ? `warning[${code}]: ${message}` : message);
    this.#tell(message);
  }

  #log(job: string | undefined, text: string): void {
    this.#post({ kind: 'logged', entry: { at: Date.now(), job, text } });
  }

  tellError(error: unknown): void {
    this.#tell(errorText(error, plainLook));
  }

  #tellNames(): void {
    this.#post({ kind: 'vocabulary', vocabulary: vocabularyOf(this.#engine.catalog, this.#engine.jobs().map((job) => job.name)) });
  }

  #tellJobs(): void {
    this.#post({ kind: 'jobs', names: this.#engine.jobs().map((job) => job.name) });
  }

  #resume(): void {
    this.#pause?.end();
    this.#pause = undefined;
  }
}

/** What a job has done. */
function countText(rowsRead: bigint, rowsOut: bigint): string {
  return `${plural(Number(rowsRead), 'row')} read, ${plural(Number(rowsOut), 'row')} written`;
}

/** How errors look that belong to no task. */
const plainLook: Look = { format: 'table', answers: 'table', width: undefined, color: false };

function pausing(): { readonly over: Promise<void>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { over: promise, end: resolve };
}

/** True when what a plan reads ends by itself. */
function isBounded({ physical, tables }: ReadyPlan): boolean {
  return nodesOf(physical).every((node) => node.kind !== 'TableSourceScan' || endsByItself(tableIn(tables, node.table), []));
}

function errorText(error: unknown, look: Look): string {
  if (error instanceof SqlError) return error.format({ color: look.color, width: look.width });
  if (error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string') return `error: ${error.message}`;
  return `error[E0999]: ${error instanceof Error ? error.message : String(error)}\n  this is a mistake inside Sluice; sluice -e .. --debug shows where`;
}

/** Opens the engine. A state folder that is in use is told at once, not when the first table is made. */
async function open(post: (message: FromThread) => void): Promise<EngineThread | undefined> {
  const { stateDir, settings } = workerData as ThreadOptions;
  const early: Notice[] = [];
  let thread: EngineThread | undefined;
  const onNotice = (notice: Notice): void => {
    if (thread === undefined) early.push(notice);
    else thread.notice(notice);
  };
  const onPrint = (text: string): void => post({ kind: 'told', lines: text.replace(/\n$/, '').split('\n') });
  try {
    const engine = await Engine.create({ kafka: 'embedded', stateDir, settings, types: renderedTypes, onNotice, onPrint });
    if (existsSync(join(stateDir, 'broker'))) await engine.brokerLink();
    thread = new EngineThread(engine, post);
    for (const notice of early) thread.notice(notice);
    post({ kind: 'ready', isFine: true });
    return thread;
  } catch (error) {
    post({ kind: 'refused', text: errorText(error, plainLook), exitCode: exitCodeOf(error, false) });
    return undefined;
  }
}

const port = parentPort;
if (port !== null) {
  const thread = open((message) => port.postMessage(message));
  port.on('message', (message: ToThread) => {
    void thread.then(async (opened) => {
      await opened?.take(message).catch((error: unknown) => opened.tellError(error));
      if (message.kind === 'close') port.close();
    });
  });
}
