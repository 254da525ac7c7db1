import { SqlError } from '../../core/diagnostic.ts';
import type { RecordEncoder, SinkRequest, SinkWriter } from '../../catalog/connector.ts';
import { atLeastOnceSink } from './at-least-once.ts';
import { BatchWriter } from './batch-writer.ts';
import type { Delivery } from './delivery.ts';
import { outboxSink } from './outbox-sink.ts';
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
  const delivery: Delivery = {
    link,
    topic,
    partitions,
    request,
    transactionalId: `${options.text('sink.transactional-id-prefix') ?? 'sluice'}-${request.id}`,
    makeWriter: (take, checksum) => {
      const key = isUpsert ? { encoder: keyEncoderOf(request, keyColumns), columns: keyColumns } : undefined;
      return new BatchWriter(value, key, partitions, take, checksum);
    },
  };
  if (options.text('sink.delivery-guarantee') !== 'exactly-once') return atLeastOnceSink(delivery);
  return request.hasKeyedState ? outboxSink(delivery) : transactionSink(delivery);
}

function encoderOf({ table, columns }: SinkRequest): RecordEncoder {
  if (table.format === undefined) throw new SqlError({ code: 'E0503', message: `${table.name} has no format` });
  return table.format.encoder(columns, table.formatOptions);
}

function keyEncoderOf({ table, columns }: SinkRequest, keyColumns: readonly number[]): RecordEncoder {
  if (table.format === undefined) throw new SqlError({ code: 'E0503', message: `${table.name} has no format` });
  return table.format.encoder(keyColumns.map((index) => columns[index]).filter((column) => column !== undefined), table.formatOptions);
}
