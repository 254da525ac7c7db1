import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Engine } from '../engine/engine.ts';
import type { RunningJob } from '../engine/running-job.ts';
import type { BrokerLink } from '../wire/broker-link.ts';
import { BlackholeSink, runBaseline, runParseLoop, TopicSink, type BaselineSink } from './baseline.ts';
import { canonical, Checksum, Total, type Outcome } from './checksum.ts';
import { inputTopic, insertScript, letterFunction, queries, sourceDdl, type BenchQuery, type SinkName } from './queries.ts';
import { rowsConnector } from './rows-connector.ts';
import { pieces } from './topic-records.ts';
import { longTopicEvents, warmUpEvents } from './worker-limits.ts';

/** What a worker is for: one side of one comparison. It is a process of its own, so that its CPU time and memory are. */
export interface WorkerTask {
  readonly side: 'engine' | 'baseline' | 'parse';
  readonly query: string;
  readonly sink: SinkName;
  /** The state folder whose broker holds the input topic. */
  readonly input: string;
}

export type WorkerCommand = { readonly kind: 'verify' } | { readonly kind: 'run'; readonly seconds: number } | { readonly kind: 'stop' };
export interface Measured {
  /** Of all kinds. */
  readonly events: number;
  /** Of all threads of the process, user and system. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}
export type WorkerAnswer = { readonly outcome: Outcome } | { readonly measured: Measured } | { readonly error: string };

/** Passes that end before they are warm: so many, and the topic is too short. */
const mostWasted = 5;
const topicFolder = join('broker', 'topics', `${inputTopic}-0`);

/** One engine on a folder of its own, with the input's files linked into it. */
class Worker {
  readonly #task: WorkerTask;
  readonly #query: BenchQuery;
  #checksum: Checksum | Total = new Checksum();
  #runs = 0;
  readonly #open = new Map<string, { readonly engine: Engine; readonly link: BrokerLink; readonly dir: string }>();

  constructor(task: WorkerTask) {
    this.#task = task;
    const query = queries.find(({ name }) => name === task.query);
    if (query === undefined) throw new RangeError(`there is no query ${task.query}`);
    this.#query = query;
  }

  /** Runs the query over all events and adds up what came out. */
  async verify(): Promise<Outcome> {
    const { side, sink, query, input } = this.#task;
    const { total, columns } = this.#query;
    this.#checksum = total === undefined ? new Checksum() : new Total(columns.findIndex(({ name }) => name === total));
    const { engine, link } = await this.#engine(input);
    if (side === 'engine') {
      const { job, topic } = await this.#submit(engine, (script) => script.replace("'connector' = 'blackhole'", "'connector' = 'bench-rows'"));
      await job.finished;
      if (sink !== 'blackhole') await this.#readBack(link, topic);
    } else {
      await runBaseline(link, query, sink === 'blackhole' ? new ChecksumSink(this.#checksum, this.#query) : await this.#baselineSink(link, sink));
      if (sink !== 'blackhole') await this.#readBack(link, `out-${this.#runs}`);
    }
    return this.#checksum.outcome;
  }

  /**
   * Passes over the topic until `seconds` of CPU time are measured. The first events of each pass warm it up and are not counted; the
   * last pass is cut short. What a pass does at its end (windows, the last checkpoint, acknowledgements) is counted.
   */
  async run(seconds: number): Promise<Measured> {
    const { engine, link, dir } = await this.#engine(this.#task.input);
    const { end } = await link.offsets(inputTopic, 0);
    const warmUp = end < longTopicEvents ? 0 : warmUpEvents;
    const meter = new Meter(seconds);
    for (let wasted = 0; !meter.isDone; ) {
      const before = meter.events;
      await this.#pass(engine, link, meter, warmUp);
      emptyTopic(dir, `out-${this.#runs}`);
      if (meter.events > before) continue;
      // On a busy machine the thread that stores the checkpoint may be so late that the topic is over.
      if (++wasted === mostWasted) throw new RangeError('the topic ends before the job is warm: take more --events');
    }
    return { events: meter.events, cpuSeconds: meter.cpuSeconds, rssBytes: process.memoryUsage.rss() };
  }

  async #pass(engine: Engine, link: BrokerLink, meter: Meter, warmUp: number): Promise<void> {
    const { side, query, sink } = this.#task;
    if (side === 'engine') {
      const cold = meter.start();
      const { job } = await this.#submit(engine, (script) => script);
      if (warmUp > 0) await warmJob(job, warmUp);
      const before = warmUp > 0 ? Number(job.stats().rowsRead) : 0;
      const watch = warmUp > 0 ? meter.start() : cold;
      const timer = setInterval(() => {
        if (watch.isEnough) job.runner.stop(true);
      }, 20);
      const { rowsRead } = await job.finished.finally(() => clearInterval(timer));
      watch.stop(Number(rowsRead) - before);
      return;
    }
    let before = 0;
    let watch = warmUp > 0 ? undefined : meter.start();
    const goOn = (events: number): boolean => {
      if (watch === undefined && events >= warmUp) {
        before = events;
        watch = meter.start();
      }
      return watch?.isEnough !== true;
    };
    const events = side === 'parse' ? await runParseLoop(link, goOn) : await runBaseline(link, query, await this.#baselineSink(link, sink), goOn);
    watch?.stop(events - before);
  }

  async #baselineSink(link: BrokerLink, sink: SinkName): Promise<BaselineSink> {
    if (sink === 'blackhole') return new BlackholeSink();
    const topic = `out-${++this.#runs}`;
    await link.createTopic(topic, 1);
    return new TopicSink(link, topic);
  }

  /** `change` gives the script its last form. */
  async #submit(engine: Engine, change: (script: string) => string): Promise<{ readonly job: RunningJob; readonly topic: string }> {
    const name = `out_${++this.#runs}`;
    const topic = `out-${this.#runs}`;
    const job = await engine.submit(change(insertScript(this.#query, this.#task.sink, name, topic)), { name, bounded: true, fresh: true });
    return { job, topic };
  }

  async #readBack(link: BrokerLink, topic: string): Promise<void> {
    const { columns, key } = this.#query;
    for await (const { bytes, records } of pieces(link, topic)) {
      for (let i = 0; i < records.count; i++) {
        const read = (offset: number, length: number): Record<string, unknown> => JSON.parse(bytes.toString('utf8', offset, offset + length)) as Record<string, unknown>;
        const row = read(records.valueOffsets[i] as number, records.valueLengths[i] as number);
        const values = columns.map(({ name, form }) => canonical(row[name], form));
        const keyLength = records.keyLengths[i] as number;
        if (key !== undefined) {
          const parts = keyLength < 0 ? {} : read(records.keyOffsets[i] as number, keyLength);
          values.push(...key.map((name) => canonical(parts[name], 'text')));
        }
        this.#checksum.add(values);
      }
    }
  }

  /** The engine on the topic of `input`: opened once, as opening reads the whole log. */
  async #engine(input: string): Promise<{ readonly engine: Engine; readonly link: BrokerLink; readonly dir: string }> {
    const open = this.#open.get(input);
    if (open !== undefined) return open;
    const dir = mkdtempSync(join(input, 'worker-'));
    mkdirSync(join(dir, topicFolder), { recursive: true });
    for (const file of readdirSync(join(input, topicFolder))) linkSync(join(input, topicFolder, file), join(dir, topicFolder, file));
    const engine = await Engine.create({ kafka: 'embedded', stateDir: dir, connectors: [rowsConnector(() => this.#checksum)] });
    engine.fn(letterFunction.name, letterFunction.def, letterFunction.call);
    await engine.exec(sourceDdl);
    const link = await engine.brokerLink();
    await link.offsets(inputTopic, 0);
    const opened = { engine, link, dir };
    this.#open.set(input, opened);
    return opened;
  }

  async close(): Promise<void> {
    for (const { engine, dir } of this.#open.values()) {
      await engine.close();
      rmSync(dir, { recursive: true, force: true });
    }
    this.#open.clear();
  }
}

/**
 * Gives the pages of what a pass wrote back to the system: on a virtual machine, writing to memory that nobody had before costs some ten times
 * what the write costs, for engine and baseline alike, and hides both. The broker never reads the topic again.
 */
function emptyTopic(dir: string, topic: string): void {
  const folder = join(dir, 'broker', 'topics', `${topic}-0`);
  if (existsSync(folder)) for (const file of readdirSync(folder)) truncateSync(join(folder, file), 0);
}

/** Reads on until code is warm, with one checkpoint, as the first starts a thread. */
async function warmJob(job: RunningJob, events: number): Promise<void> {
  let isOver = false;
  job.finished.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  while (!isOver && job.stats().rowsRead < events) await setTimeout(2);
  if (!isOver) await job.runner.checkpoint().catch(() => undefined);
}

/** Adds up CPU time of the process, of all threads, user and system, and events. */
class Meter {
  readonly #seconds: number;
  events = 0;
  cpuSeconds = 0;

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  get isDone(): boolean {
    return this.cpuSeconds >= this.#seconds;
  }

  start(): { readonly isEnough: boolean; stop(events: number): void } {
    const before = process.cpuUsage();
    const passed = (): number => {
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1e6;
    };
    const enough = this.#seconds - this.cpuSeconds;
    return {
      get isEnough() {
        return passed() >= enough;
      },
      stop: (events) => {
        this.cpuSeconds += passed();
        this.events += events;
      },
    };
  }
}

/** The baseline's rows into a checksum. */
class ChecksumSink implements BaselineSink {
  readonly #checksum: Checksum | Total;
  readonly #query: BenchQuery;

  constructor(checksum: Checksum | Total, query: BenchQuery) {
    this.#checksum = checksum;
    this.#query = query;
  }

  write(row: object): void {
    this.#checksum.add(this.#query.columns.map(({ name, form }) => canonical((row as Record<string, unknown>)[name], form)));
  }

  full(): undefined {
    return undefined;
  }

  async flush(): Promise<void> {}
}

async function answer(worker: Worker, command: WorkerCommand): Promise<WorkerAnswer> {
  try {
    return command.kind === 'verify' ? { outcome: await worker.verify() } : { measured: await worker.run(command.kind === 'run' ? command.seconds : 0) };
  } catch (error) {
    const { format } = error as { format?: () => string };
    return { error: format?.call(error) ?? (error instanceof Error ? (error.stack ?? error.message) : String(error)) };
  }
}

if (process.send !== undefined && process.argv[2] !== undefined) {
  const worker = new Worker(JSON.parse(process.argv[2]) as WorkerTask);
  // The profile is written on exit; and nothing is left to do when the parent has died.
  process.on('disconnect', () => process.exit());
  process.on('message', (command: WorkerCommand) => {
    if (command.kind === 'stop') void worker.close().then(() => process.disconnect());
    else void answer(worker, command).then((result) => process.send?.(result));
  });
}
