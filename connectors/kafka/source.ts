import type { Source, SourceRequest } from '../../catalog/connector.ts';
import { BadRecords, modeOf } from './bad-records.ts';
import { DeadLetters } from './dead-letters.ts';
import { startOffset, stopOffset, storedOffset, tellUnknownPartitions } from './offsets.ts';
import { tellUnread } from './properties.ts';
import { KafkaSplitReader } from './split-reader.ts';
import { findTopics, lettersTopic, makeTopic, tellLaterTopics } from './topic.ts';

/** A partition of one of the table's topics. */
interface Place {
  readonly topic: string;
  readonly partition: number;
}

/**
 * The topics of a table as a source: one split per partition, read_committed. `isUpsert`: a record is the latest row of its key, one with a
 * null value deletes it. `fromStart`: a new job reads from where the topics begin, whatever the options say.
 */
export async function openKafkaSource(request: SourceRequest, isUpsert = false, fromStart = false): Promise<Source> {
  const { table, services, read } = request;
  const { options } = table;
  const link = await services.broker();
  const topics = await findTopics(link, table);
  const named = storedNames(request, topics);
  for (const [split, position] of Object.entries(request.positions ?? {})) {
    const { topic, partition } = named.get(split) ?? placeOf(split, topics);
    const isRead = topics.includes(topic);
    const known = isRead ? await link.partitionCount(topic) : undefined;
    storedOffset(isRead ? topic : topics.join(', '), partition, position, known === undefined || partition >= known ? { start: 0, end: 0 } : await link.offsets(topic, partition));
  }
  const splits: string[] = [];
  for (const topic of topics) {
    const partitions = await makeTopic(link, topic, table, services, true);
    tellUnknownPartitions(request, topic, partitions);
    for (let partition = 0; partition < partitions; partition++) splits.push(splitOf({ topic, partition }, topics, named));
  }
  tellUnread(table, services, 'scan.parallelism');
  const endLook = tellLaterTopics(link, table, services, topics);
  const badRecords = new BadRecords(table, services);
  const letters = new Map<string, DeadLetters>();
  const lettersOf = (topic: string): DeadLetters | undefined => {
    if (options.text('error-handling.mode') !== 'log') return undefined;
    const target = lettersTopic(table, topic);
    const known = letters.get(target) ?? new DeadLetters(link, target);
    letters.set(target, known);
    return known;
  };
  const guesses = new Set<string>();
  const guessed = (message: string): void => {
    if (!guesses.has(message)) services.notice('N0702', `${table.name}: ${message}`);
    guesses.add(message);
  };
  const readers: KafkaSplitReader[] = [];
  return {
    splits: async () => splits,
    open: async (split, position) => {
      const { topic, partition } = named.get(split) ?? placeOf(split, topics);
      const offsets = await link.offsets(topic, partition);
      const stopAt = await stopOffset(request, link, topic, partition, offsets);
      // As in Flink: what is found after the first start is read from its begin.
      const isLater = Object.keys(request.positions ?? {}).length > 0;
      const offset = position === undefined ? (fromStart || isLater ? offsets.start : await startOffset(request, link, topic, partition, offsets, stopAt !== undefined)) : storedOffset(topic, partition, position, offsets);
      const reader = new KafkaSplitReader({ id: split, table, read, isUpsert, bad: modeOf(table), topic, partition, link, offset, stopAt, badRecords, deadLetters: lettersOf(topic), guessed });
      readers.push(reader);
      return reader;
    },
    close: async () => {
      endLook();
      for (const reader of readers) await reader.close();
      badRecords.close();
    },
  };
}

/**
 * What the stored splits are of. A split keeps the name that it has, also where the table then reads one topic and now several, or the other way
 * round: by another name it would begin anew.
 */
function storedNames({ positions = {} }: SourceRequest, topics: readonly string[]): ReadonlyMap<string, Place> {
  return new Map(Object.entries(positions).map(([split, position]) => [split, { topic: String(position['topic'] ?? topics[0] ?? ''), partition: placeOf(split, topics).partition }]));
}

/** Splits are named by their partition; of a list of topics by the topic before it, in which no colon can stand. */
function splitOf({ topic, partition }: Place, topics: readonly string[], named: ReadonlyMap<string, Place>): string {
  for (const [split, place] of named) if (place.topic === topic && place.partition === partition) return split;
  return topics.length === 1 && !named.has(String(partition)) ? String(partition) : `${topic}:${partition}`;
}

function placeOf(split: string, topics: readonly string[]): Place {
  const at = split.indexOf(':');
  return at < 0 ? { topic: topics[0] ?? '', partition: Number(split) } : { topic: split.slice(0, at), partition: Number(split.slice(at + 1)) };
}
