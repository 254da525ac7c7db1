import { SqlError } from '../../core/diagnostic.ts';
import { isInValue, type KeyFormat, type SinkRequest, type SinkWriter } from '../../catalog/connector.ts';
import { atLeastOnceSink } from './at-least-once.ts';
import { BatchWriter, type RecordEncoders } from './batch-writer.ts';
import { bufferedSink } from './buffered-sink.ts';
import type { Delivery } from './delivery.ts';
import { Ledger, type Published } from './ledger.ts';
import { isOutboxToken, outboxSink } from './outbox-sink.ts';
import { tellUnread } from './properties.ts';
import { Publisher } from './publish.ts';
import { findTopics, makeTopic, topicPattern } from './topic.ts';
import { isTopicsToken, TopicsSink } from './topics-sink.ts';
import { transactionSink } from './transaction-sink.ts';

/** Opens the sink of a kafka or upsert-kafka table, with the delivery that the table asks for. */
export async function openKafkaSink(request: SinkRequest, isUpsert: boolean): Promise<SinkWriter> {
  const { table, services } = request;
  const topics = await findTopics(await services.broker(), table);
  tellUnread(table, services, 'sink.parallelism');
  const [topic = ''] = topics;
  if (topics.length === 1 && topicPattern(table) === undefined) return openTopicSink(request, topic, isUpsert);
  const column = metadataPlaces(request)('topic');
  if (column === undefined) {
    throw new SqlError({ code: 'E0504', message: `${table.name} has several topics, and no column that says which one a row goes to`, hint: "add  topic STRING METADATA  to its columns: the name of one of them, row by row" });
  }
  // A deletion may hold its key alone, and so does not say where the row went.
  if (isUpsert) throw new SqlError({ code: 'E0002', message: `not supported yet: rows by key into several topics, which ${table.name} has` });
  const sinks: SinkWriter[] = [];
  // Where the checkpoint decides, it decides for all topics at once.
  for (const one of topics) sinks.push(await openTopicSink({ ...request, id: `${request.id}%3B${one}`, hasKeyedState: true }, one, isUpsert));
  return new TopicsSink(request, column, topics, sinks);
}

/** The sink of one topic. */
async function openTopicSink(request: SinkRequest, topic: string, isUpsert: boolean): Promise<SinkWriter> {
  const { table, services } = request;
  const { options } = table;
  const link = await services.broker();
  const partitions = await makeTopic(link, topic, table, services, false);
  const isFixed = options.text('sink.partitioner') === 'fixed';
  /** No two sinks share one. */
  const transactionalId = `${options.text('sink.transactional-id-prefix') ?? 'sluice'}/${request.id}`;
  const delivery: Delivery = {
    link,
    topic,
    partitions,
    request,
    publisher: new Publisher(link, topic, transactionalId),
    ledger: new Ledger(link, topic, transactionalId, services.incarnation),
    makeWriter: (take) => new BatchWriter({ ...recordEncoders(request, isUpsert), partitions, isFixed, take }),
  };
  const sink = deliverySink(delivery);
  return isUpsert ? bufferedSink(request, table.key?.fields.map(({ column }) => column) ?? table.primaryKey, sink) : sink;
}

function deliverySink(delivery: Delivery): SinkWriter {
  const { table, hasKeyedState } = delivery.request;
  if (table.options.text('sink.delivery-guarantee') !== 'exactly-once') return afterFormer(delivery, atLeastOnceSink(delivery), 'at-least-once');
  return hasKeyedState ? afterFormer(delivery, outboxSink(delivery), 'outbox') : afterFormer(delivery, transactionSink(delivery), 'transaction');
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
    if (tokens.some(isTopicsToken)) throw new SqlError({ code: 'E0803', message: `the checkpoint holds rows for several topics, and ${request.table.name} now writes ${topic} alone`, hint: "name them in 'topic' until they are written, or start over with --fresh" });
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

/** Gives the column that holds a metadata of records; undefined where none is written. */
function metadataPlaces({ table, columns }: Pick<SinkRequest, 'table' | 'columns'>): (key: string) => number | undefined {
  const placeOf = (name: string): number => columns.findIndex((column) => column.name === name);
  return (wanted) => {
    const place = placeOf(table.metadata?.find((column) => column.key === wanted && placeOf(column.name) >= 0)?.name ?? '');
    return place < 0 ? undefined : place;
  };
}

/** What writes the parts of a record, each from its columns of a row. */
function recordEncoders({ table, columns }: SinkRequest, isUpsert: boolean): RecordEncoders {
  const { format, formatOptions } = table;
  if (format === undefined) throw new SqlError({ code: 'E0503', message: `${table.name} has no format` });
  const placeOf = (name: string): number => columns.findIndex((column) => column.name === name);
  const inValue = columns.flatMap(({ name }, i) => (isInValue(table, name) ? [i] : []));
  const key: KeyFormat | undefined = table.key ?? (isUpsert ? { format, options: formatOptions, fields: table.primaryKey.map((name) => ({ column: name, field: name })), isInValue: true } : undefined);
  const placeOfMetadata = metadataPlaces({ table, columns });
  const list = placeOfMetadata('header-list');
  const map = placeOfMetadata('headers');
  if (list !== undefined && map !== undefined) throw new SqlError({ code: 'E0504', message: `${table.name} writes the headers of a record twice, as METADATA FROM 'headers' and 'header-list'`, hint: 'make one of the columns VIRTUAL' });
  const headers = list ?? map;
  return {
    value: { encoder: format.encoder(inValue.flatMap((i) => columns[i] ?? []), formatOptions), columns: inValue.length === columns.length ? undefined : inValue },
    key: key && {
      encoder: key.format.encoder(key.fields.map(({ column, field }) => ({ name: field, type: columns[placeOf(column)]?.type ?? { kind: 'NULL', nullable: true } })), key.options),
      columns: key.fields.map(({ column }) => placeOf(column)),
    },
    timeColumn: placeOfMetadata('timestamp'),
    headers: headers === undefined ? undefined : { column: headers, type: columns[headers]?.type ?? { kind: 'NULL', nullable: true } },
  };
}
