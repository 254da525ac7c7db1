import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ReadingsProducer } from '../demo/readings.ts';
import { loadScripts, readScript, reportErrors } from '../scripts.ts';
import type { Command, Context } from '../command.ts';
import { TableLines } from '../render/table.ts';
import { reportFailure, Session } from '../session.ts';

/** How far back the first readings go, in ms, and the job's window. */
const pastMs = 40_000;
const windowMs = 10_000;
/** Without a terminal the demo ends when so many windows hold a row of every sensor. */
const windowsToShow = 3;
/** Rows of one window come together: this long (ms) they are waited for, to be sorted. */
const gatherMs = 25;

const windowQuery = 'SELECT window_start, window_end, id, CAST(average AS DECIMAL(6, 2)) AS average FROM WindowedReadings';

interface WindowRow {
  readonly window_start: string;
  readonly window_end: string;
  readonly id: string;
  readonly average: string;
}

/** The example's job over readings of made-up sensors, in a folder that is removed at the end. */
export const demo: Command = {
  name: 'demo',
  operands: '',
  count: { least: 0, most: 0 },
  summary: 'sensors, the job of examples/sensors.sql, and its windows as they close; Ctrl-C ends it',
  flags: {},
  async run(context) {
    // Asked for before the folder is made: from here on a signal no longer ends the process without removing it.
    const asked = AbortSignal.any([context.stop.signal, context.output.closed]);
    const given = context.args.text('state-dir');
    const dir = given ?? mkdtempSync(join(tmpdir(), 'sluice-demo-'));
    const remove = (): void => {
      if (given === undefined) rmSync(dir, { recursive: true, force: true });
    };
    // A second Ctrl-C ends the process at once; the folder goes all the same.
    process.once('exit', remove);
    try {
      return await show(context, dir, asked);
    } finally {
      remove();
      process.off('exit', remove);
    }
  },
};

async function show(context: Context, dir: string, asked: AbortSignal): Promise<number> {
  const { output, root } = context;
  const isTerminal = output.isTerminal && process.stdin.isTTY === true;
  const { ReadingsProducer: Producer, sensors } = await import('../demo/readings.ts');
  const session = await Session.open(context, dir);
  const over = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    over.abort();
  };
  const end = (): void => over.abort();
  asked.addEventListener('abort', end);
  if (asked.aborted) end();
  let producer: ReadingsProducer | undefined;
  let isStarted = false;
  try {
    const file = new URL('examples/sensors.sql', root);
    const loaded = await loadScripts(session.engine, [readScript({ file: fileURLToPath(file) })]);
    if (loaded.errors.length > 0) {
      reportErrors(output, loaded);
      return 1;
    }
    const now = Date.now();
    // From the start of a window on, so that the first window is a whole one.
    producer = await Producer.open(await session.engine.brokerLink(), Math.floor((now - pastMs) / windowMs) * windowMs);
    await producer.writeUntil(now);
    output.line(`five sensors, 20 readings a second, and the last ${pastMs / 1000} s of them at once; broker: embedded, files in ${dir}`);
    output.line('the average of each sensor, every ten seconds, as the windows close (examples/sensors.sql):\n');
    const job = await session.engine.start(loaded.scripts.flatMap((script) => script.inserts), { defaultName: 'sensors' });
    isStarted = true;
    job.finished.catch(fail);
    producer.start(fail);
    await printWindows(context, session, over, sensors.length, isTerminal);
    await producer.stop();
    job.runner.stop();
    await job.finished;
    if (failure !== undefined) throw failure.error;
    return 0;
  } catch (error) {
    return reportFailure(context, error, isStarted);
  } finally {
    asked.removeEventListener('abort', end);
    await producer?.stop();
    await session[Symbol.asyncDispose]();
  }
}

/** Prints the output topic's rows until `over`, or without a terminal until enough windows have closed. */
async function printWindows({ output, root }: Context, { engine }: Session, over: AbortController, sensorCount: number, isTerminal: boolean): Promise<void> {
  const result = engine.query<WindowRow & Record<string, string>>(windowQuery, { signal: over.signal });
  const table = new TableLines(await result.columns());
  const rowsOfWindow = new Map<string, number>();
  let waiting: (WindowRow & Record<string, string>)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let hasTips = false;
  const flush = (): void => {
    timer = undefined;
    waiting.sort((a, b) => (a.window_end === b.window_end ? (a.id < b.id ? -1 : 1) : a.window_end < b.window_end ? -1 : 1));
    for (const line of table.rows(waiting)) output.line(line);
    for (const row of waiting) rowsOfWindow.set(row.window_end, (rowsOfWindow.get(row.window_end) ?? 0) + 1);
    waiting = [];
    const isEnough = !isTerminal && [...rowsOfWindow.values()].filter((rows) => rows === sensorCount).length >= windowsToShow;
    if (!hasTips && (isTerminal || isEnough)) {
      hasTips = true;
      for (const line of tips(root)) output.line(line);
      if (isTerminal) output.line('the next window closes in a few seconds; Ctrl-C ends the demo\n');
    }
    if (isEnough) over.abort();
  };
  try {
    for await (const row of result) {
      waiting.push(row);
      timer ??= setTimeout(flush, gatherMs);
    }
  } catch (error) {
    if (!over.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** What to type next. In a clone npm finds the right Node; installed, npx does. */
function tips(root: URL): string[] {
  const isClone = existsSync(new URL('repl/main.ts', root));
  const sluice = isClone ? 'npm run -s sluice --' : 'npx sluice';
  const example = isClone ? 'examples/sensors.sql' : relative(process.cwd(), fileURLToPath(new URL('examples/sensors.sql', root)));
  const lines: readonly (readonly [string, string])[] = [
    [`explain ${example}`, 'the plan: changes, keys, watermark, state'],
    ['demo --state-dir .sluice', 'the demo again, with topics and checkpoints that stay in ./.sluice'],
    [`run ${example} --stop-after 5s`, 'the job alone: it goes on from the checkpoint there'],
    ['topic print windowed-readings', 'what it wrote'],
    ['--help', 'all commands'],
  ];
  const width = Math.max(...lines.map(([command]) => command.length));
  return ['', 'what to type next:', ...lines.map(([command, says]) => `  ${sluice} ${command.padEnd(width)}   ${says}`), ''];
}
