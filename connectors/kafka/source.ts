import type { Source, SourceRequest } from '../../catalog/connector.ts';
import { BadRecords, modeOf } from './bad-records.ts';
import { DeadLetters } from './dead-letters.ts';
import { startOffset, stopOffset, storedOffset } from './offsets.ts';
import { tellUnread } from './properties.ts';
import { KafkaSplitReader } from './split-reader.ts';
import { makeTopic, topicsOf } from './topic.ts';

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
  const topics = topicsOf(table);
  const link = await services.broker();
  for (const [split, position] of Object.entries(request.positions ?? {})) {
    const { topic, partition } = placeOf(split, topics);
    const known = await link.partitionCount(topic);
    storedOffset(topic, partition, position, known === undefined || partition >= known ? { start: 0, end: 0 } : await link.offsets(topic, partition));
  }
  const splits: string[] = [];
  for (const topic of topics) {
    const partitions = await makeTopic(link, topic, table, services, true);
    for (let partition = 0; partition < partitions; partition++) splits.push(splitOf({ topic, partition }, topics));
  }
  tellUnread(table, services, 'scan.parallelism');
  const badRecords = new BadRecords(table, services);
  const letters = new Map<string, DeadLetters>();
  const lettersOf = (topic: string): DeadLetters | undefined => {
    if (options.text('error-handling.mode') !== 'log') return undefined;
    const target = options.text('error-handling.log.target') ?? `${topic}.errors`;
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
      const { topic, partition } = placeOf(split, topics);
      const offsets = await link.offsets(topic, partition);
      const stopAt = await stopOffset(request, link, topic, partition, offsets);
      const offset = position === undefined ? (fromStart ? offsets.start : await startOffset(request, link, topic, partition, offsets, stopAt !== undefined)) : storedOffset(topic, partition, position, offsets);
      const reader = new KafkaSplitReader({ id: split, table, read, isUpsert, bad: modeOf(table), topic, partition, link, offset, stopAt, badRecords, deadLetters: lettersOf(topic), guessed });
      readers.push(reader);
      return reader;
    },
    close: async () => {
      for (const reader of readers) await reader.close();
      badRecords.close();
    },
  };
}

/** Splits are named by their partition; of a list of topics by the topic before it, in which no colon can stand. */
function splitOf({ topic, partition }: Place, topics: readonly string[]): string {
  return topics.length === 1 ? String(partition) : `${topic}:${partition}`;
}

function placeOf(split: string, topics: readonly string[]): Place {
  const at = split.indexOf(':');
  return at < 0 ? { topic: topics[0] ?? '', partition: Number(split) } : { topic: split.slice(0, at), partition: Number(split.slice(at + 1)) };
}
