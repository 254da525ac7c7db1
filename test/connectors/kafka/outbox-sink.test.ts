import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { EmbeddedBroker } from '../../../broker/embedded-broker.ts';
import { Options } from '../../../catalog/option-spec.ts';
import type { SinkRequest, SinkToken, SinkWriter } from '../../../catalog/connector.ts';
import { JsonEncoder } from '../../../connectors/formats/json/encoder.ts';
import { BatchWriter } from '../../../connectors/kafka/batch-writer.ts';
import { Ledger } from '../../../connectors/kafka/ledger.ts';
import { outboxSink } from '../../../connectors/kafka/outbox-sink.ts';
import { Publisher } from '../../../connectors/kafka/publish.ts';
import { allocateBatch } from '../../../core/batch.ts';
import type { BytesColumn, I64Column } from '../../../core/column.ts';
import { types } from '../../../core/sql-type.ts';
import { temporaryFolder } from '../../broker/folders.ts';
import { readTopic } from '../../broker/topic-reader.ts';
import { Random, seedFromEnvironment } from '../../random.ts';

const columns = [{ name: 'v', type: types.bigint }, { name: 'text', type: types.string }];
const text = new Uint8Array(100_008).fill(120);

function openSink(link: EmbeddedBroker, stateDir: string, partitions: number, heldBytes: number | undefined): SinkWriter {
  const request: SinkRequest = {
    table: { name: 'out', columns, primaryKey: [], options: new Options(new Map()), format: undefined, formatOptions: new Options(new Map()) },
    columns,
    services: { broker: async () => link, group: 'g', bounded: false, fresh: false, incarnation: 'life', stateDir, clock: { now: () => 0 }, notice: () => undefined, fail: () => undefined },
    hasKeyedState: true,
    id: 'job/out@in',
    checkpoint: 0,
    isRestored: false,
  };
  const makeWriter = (take: ConstructorParameters<typeof BatchWriter>[0]['take']): BatchWriter => new BatchWriter({
    value: { encoder: new JsonEncoder(columns, { isoTimes: false, ignoreNulls: false }), columns: undefined },
    key: undefined, timeColumn: undefined, headers: undefined, partitions, isFixed: false, take,
  });
  return outboxSink({ link, topic: 'out', partitions, request, publisher: new Publisher(link, 'out', 'id'), ledger: new Ledger(link, 'out', 'id', 'life'), makeWriter }, heldBytes);
}

/** Writes rows numbered from `first` on, with texts of up to 100 KB. */
function writeRows(random: Random, sink: SinkWriter, first: number, rows: number): void {
  const batch = allocateBatch(['i64', 'bytes'], rows);
  const texts = batch.columns[1] as BytesColumn;
  batch.rowCount = rows;
  texts.heap = text;
  for (let i = 0; i < rows; i++) {
    (batch.columns[0] as I64Column).values[i] = BigInt(first + i);
    texts.lengths[i] = random.pick([0, 100, 30_000, 100_000]);
  }
  sink.write(batch, 0, rows);
}

async function numbersIn(broker: EmbeddedBroker): Promise<number[]> {
  return (await readTopic(broker, 'out', 'read_committed')).map(({ value }) => Number(/"v":(\d+)/.exec(value ?? '')?.[1])).toSorted((a, b) => a - b);
}

test('wherever a job dies, between any two of its steps, the next run publishes what was decided, once, and nothing else', async (t) => {
  const seed = seedFromEnvironment();
  t.diagnostic(`SLUICE_SEED=${seed}`);
  const random = new Random(seed);
  const counts = { deaths: 0, epochs: 0, publishedByTheNext: 0 };
  for (let n = 0; n < 8; n++) {
    const partitions = random.int(1, 3);
    const broker = new EmbeddedBroker({ dir: temporaryFolder(t) });
    t.after(() => broker.close());
    await broker.createTopic('out', partitions);
    const stateDir = temporaryFolder(t);
    const files = (): string[] => readdirSync(join(stateDir, 'outbox', 'out@in'));
    // What the store of checkpoints would say: the last one, the rows before it, and what it names as not published.
    let checkpoint = 0;
    let decided = 0;
    let named: SinkToken[] = [];
    for (let life = 0; life < 5; life++) {
      const sink = openSink(broker, stateDir, partitions, random.pick([1, 200_000, 600_000, undefined]));
      counts.publishedByTheNext += decided - (await numbersIn(broker)).length;
      await sink.recover(named);
      assert.deepEqual(await numbersIn(broker), Array.from({ length: decided }, (_, i) => i));
      let next = decided;
      let isDead = life === 4;
      let id = checkpoint;
      const waiting: SinkToken[] = [];
      const mayDie = (): boolean => (isDead ||= random.chance(0.08));
      for (let step = random.int(1, 14); step > 0 && !isDead; step--) {
        const rows = random.pick([0, 1, 20, 40]);
        if (rows > 0) writeRows(random, sink, next, rows);
        next += rows;
        if (random.chance(0.6)) {
          id++;
          counts.epochs++;
          const upTo = next;
          const preparing = sink.prepare(id, {});
          // The next epoch begins while this one is stored.
          if (random.chance(0.3)) writeRows(random, sink, next++, 1);
          const token = await preparing;
          if (mayDie()) break;
          checkpoint = id;
          decided = upTo;
          if (token !== undefined) waiting.push(token);
          named = [...waiting];
        }
        // A checkpoint names what was published since then, too.
        while (waiting.length > 0 && !mayDie() && (waiting.length > 1 || random.chance(0.7))) await sink.commit(waiting.shift() as SinkToken);
      }
      counts.deaths++;
      if (life === 4 || random.chance(0.2)) await sink.close();
    }
    assert.deepEqual(files(), []);
  }
  t.diagnostic(JSON.stringify(counts));
  for (const [name, count] of Object.entries(counts)) assert.ok(count > 0, `no ${name}`);
});
