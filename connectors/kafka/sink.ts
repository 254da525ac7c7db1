import { SqlError } from '../../core/diagnostic.ts';
import type { RecordEncoder, SinkRequest, SinkWriter } from '../../catalog/connector.ts';
import { atLeastOnceSink } from './at-least-once.ts';
import { BatchWriter } from './batch-writer.ts';
import type { Delivery } from './delivery.ts';
import { Ledger, type Published } from './ledger.ts';
import { isOutboxToken, outboxSink } from './outbox-sink.ts';
import { Publisher } from './publish.ts';
import { transactionSink } from './transaction-sink.ts';

/** Opens the sink of a kafka or upsert-kafka table, with the delivery that the table asks for. */
export async function openKafkaSink(request: SinkRequest, isUpsert: boolean): Promise<SinkWriter> {
  const { table, services } = request;
  const { options } = table;
  const topic = options.text('topic') ?? '';
  const link = await services.broker();
  if (await link.createTopic(topic, 1)) services.notice('N0602', `the topic ${topic} is new (1 partition)`);
  const partitions = (await link.partitionCount(topic)) ?? 1;
  const value = encoderOf(request);
  const keyColumns = isUpsert ? table.primaryKey.map((name) => request.columns.findIndex((column) => column.name === name)) : [];
  /** No two sinks share one. */
  const transactionalId = `${options.text('sink.transactional-id-prefix') ?? 'sluice'}/${request.id}`;
  const delivery: Delivery = {
    link,
    topic,
    partitions,
    request,
    publisher: new Publisher(link, topic, transactionalId),
    ledger: new Ledger(link, topic, transactionalId, services.incarnation),
    makeWriter: (take, checksum) => {
      const key = isUpsert ? { encoder: keyEncoderOf(request, keyColumns), columns: keyColumns } : undefined;
      return new BatchWriter(value, key, partitions, take, checksum);
    },
  };
  if (options.text('sink.delivery-guarantee') !== 'exactly-once') return afterFormer(delivery, atLeastOnceSink(delivery), 'at-least-once');
  return request.hasKeyedState ? afterFormer(delivery, outboxSink(delivery), 'outbox') : afterFormer(delivery, transactionSink(delivery), 'transaction');
}

/**
 * What a sink owes to the one that stood in its place in an earlier run, whose delivery may have been another: output that was decided and
 * not published is published, and positions that were published with output are gone on from.
 */
function afterFormer(delivery: Delivery, sink: SinkWriter, kind: 'at-least-once' | 'outbox' | 'transaction'): SinkWriter {
  const { ledger, publisher, topic, request } = delivery;
  const { services, checkpoint, isRestored } = request;
  const recover = sink.recover.bind(sink);
  let published: Published | undefined;
  sink.recover = async (tokens) => {
    // Before the ledger is read for good: a former run that still lives must not write into it behind our back.
    if (kind !== 'at-least-once' || tokens.length > 0 || (await ledger.published()) !== undefined) await publisher.begin();
    published = await ledger.published();
    const isOfOtherLife = checkpoint > 0 && published !== undefined && published.incarnation !== services.incarnation;
    if (services.fresh || (isOfOtherLife && !isRestored)) {
      // What an earlier job of this name published is not this one's: its epochs begin again.
      await ledger.forget();
      published = undefined;
    }
    if (published !== undefined) {
      const known = Math.max(checkpoint, published.decided?.checkpoint ?? 0);
      if (isOfOtherLife) throw aheadOf(topic, 'output of this job from before or after it was started over, and the stored state is of another time');
      if (published.epoch > known) throw aheadOf(topic, `the output of checkpoint ${published.epoch} of this job, and ${known === 0 ? 'the state folder holds no checkpoint of it' : `the stored state ends at checkpoint ${known}`}`);
    }
    if (kind !== 'outbox' && tokens.some(isOutboxToken)) {
      const former = outboxSink(delivery);
      await former.recover(tokens);
      await former.close();
    }
    await recover(tokens);
  };
  sink.recoveredPositions = async () => published?.decided;
  return sink;
}

function aheadOf(topic: string, what: string): SqlError {
  return new SqlError({
    code: 'E0803',
    message: `${topic} already holds ${what}`,
    hint: 'the state folder was emptied, is another one, or older than the topic: use the right one, or start over with --fresh (the topic then holds the output of both)',
  });
}

function encoderOf({ table, columns }: SinkRequest): RecordEncoder {
  if (table.format === undefined) throw new SqlError({ code: 'E0503', message: `${table.name} has no format` });
  return table.format.encoder(columns, table.formatOptions);
}

function keyEncoderOf({ table, columns }: SinkRequest, keyColumns: readonly number[]): RecordEncoder {
  if (table.format === undefined) throw new SqlError({ code: 'E0503', message: `${table.name} has no format` });
  return table.format.encoder(keyColumns.map((index) => columns[index]).filter((column) => column !== undefined), table.formatOptions);
}
