import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const bin = fileURLToPath(new URL('bin/sluice.mjs', root));
export const sensorsSql = fileURLToPath(new URL('../../examples/sensors.sql', import.meta.url));
const limitMs = 30_000;

export interface CliResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Stands for a stream of the process and keeps what is written. */
class Kept extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}

/** One folder of its own for a test file: the working folder, HOME and the folder for temporary files lie in it. */
export class CliFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  readonly temporary = join(this.path, 'tmp');

  constructor() {
    mkdirSync(this.temporary);
    after(() => rmSync(this.path, { recursive: true, force: true }));
  }

  get #options(): { readonly cwd: string; readonly env: NodeJS.ProcessEnv } {
    const { PATH, TZ } = process.env;
    return { cwd: this.path, env: { PATH, TZ, HOME: this.path, TMPDIR: this.temporary, NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') } };
  }

  run(args: readonly string[], options: { readonly input?: string; readonly nodeArgs?: readonly string[] } = {}): CliResult {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...(options.nodeArgs ?? []), bin, ...args], { ...this.#options, encoding: 'utf8', timeout: limitMs, input: options.input ?? '' });
    return { status, stdout, stderr };
  }

  /**
   * Runs a command line in this process, one at a time: the engine is loaded once for a test file and not for each of its command lines. What
   * belongs to a process, as signals, standard input, pipes that close and which modules are loaded, is for `run` and `shell`. `stdout`: where
   * results go; absent, they are in what it gives.
   */
  async call(args: readonly string[], { stdout: given }: { readonly stdout?: Writable } = {}): Promise<CliResult> {
    const [{ runCommandLine }, { Output }] = await Promise.all([import('../../repl/main.ts'), import('../../repl/output.ts')]);
    const { cwd, env } = this.#options;
    const before = { cwd: process.cwd(), env: process.env };
    const [stdout, stderr] = [new Kept(), new Kept()];
    process.chdir(cwd);
    process.env = env;
    try {
      const status = await runCommandLine(args, new Output({ stdout: given ?? stdout, stderr }), root);
      return { status, stdout: stdout.text, stderr: stderr.text };
    } finally {
      process.env = before.env;
      process.chdir(before.cwd);
    }
  }

  /** What a shell makes of `line`, in which $SLUICE stands for the command. */
  shell(line: string): CliResult {
    const { cwd, env } = this.#options;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line.replaceAll('$SLUICE', '"$SLUICE_NODE" "$SLUICE_BIN"')], { cwd, env: { ...env, SLUICE_NODE: process.execPath, SLUICE_BIN: bin }, encoding: 'utf8', timeout: limitMs, killSignal: 'SIGKILL', input: '' });
    return { status, stdout, stderr };
  }

  /** Starts a command, sends `signal` when stderr holds `text`, and waits for the end. */
  async runUntil(args: readonly string[], text: string, signal: NodeJS.Signals): Promise<CliResult> {
    const child = spawn(process.execPath, [bin, ...args], { ...this.#options, timeout: limitMs, killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    let isSent = false;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      if (isSent || !stderr.includes(text)) return;
      isSent = true;
      child.kill(signal);
    });
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { status, stdout, stderr };
  }
}

/** Writes readings of one sensor, one each second of [from, to), into the topic of examples/sensors.sql. */
export async function writeReadings(stateDir: string, from: number, to: number): Promise<void> {
  const [{ Engine }, { BatchBuilder }] = await Promise.all([import('../../engine/engine.ts'), import('../../wire/batch-builder.ts')]);
  const engine = await Engine.create({ kafka: 'embedded', stateDir });
  const link = await engine.brokerLink();
  await link.createTopic('sensor-readings', 1);
  const builder = new BatchBuilder();
  for (let second = from; second < to; second++) {
    const value = new TextEncoder().encode(JSON.stringify({ id: 's1', temperature: second, timestamp: 1_700_000_000_000 + second * 1000 }));
    builder.append(value, 0, -1, value, 0, value.length, 0);
  }
  await link.produce({ batches: [{ topic: 'sensor-readings', partition: 0, bytes: builder.finish() }] });
  await engine.close();
}

/** The values of a topic's committed records, as text. */
export async function valuesOf(stateDir: string, topic: string): Promise<string[]> {
  const [{ EmbeddedBroker }, { topicRecords }] = await Promise.all([import('../../broker/embedded-broker.ts'), import('../../repl/topic-records.ts')]);
  const broker = new EmbeddedBroker({ dir: join(stateDir, 'broker') });
  const values: string[] = [];
  for await (const { value } of topicRecords(broker, topic)) values.push(new TextDecoder().decode(value));
  await broker.close();
  return values;
}
