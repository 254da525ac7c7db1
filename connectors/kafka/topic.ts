import { SqlError } from '../../core/diagnostic.ts';
import type { ConnectedTable, ConnectorServices } from '../../catalog/connector.ts';
import type { BrokerLink, TopicSettings } from '../../wire/broker-link.ts';

/** The topics that a table names: one, or a list. */
export function topicsOf({ options }: Pick<ConnectedTable, 'options'>): readonly string[] {
  return [...new Set((options.text('topic') ?? '').split(';').map((topic) => topic.trim()))].filter((topic) => topic !== '');
}

/** What the names of topics match as a whole; undefined where the table names them. Throws SyntaxError for what is no regular expression. */
export function topicPattern({ options }: Pick<ConnectedTable, 'options'>): RegExp | undefined {
  const pattern = options.text('topic-pattern');
  return pattern === undefined ? undefined : new RegExp(`^(?:${pattern})$`);
}

/** Tells the topics that a table's pattern stands for; undefined without one. What keeps the table's own bad records is none of them. */
function matcherOf(table: ConnectedTable): ((topic: string) => boolean) | undefined {
  const pattern = topicPattern(table);
  if (pattern === undefined) return undefined;
  const keepsLetters = table.options.text('error-handling.mode') === 'log';
  const target = table.options.text('error-handling.log.target');
  return (topic) => pattern.test(topic) && !(keepsLetters && (target === undefined ? topic.endsWith(lettersEnding) && pattern.test(topic.slice(0, -lettersEnding.length)) : topic === target));
}

const lettersEnding = '.errors';

/** The topic that keeps the bad records of another one. */
export function lettersTopic({ options }: Pick<ConnectedTable, 'options'>, topic: string): string {
  return options.text('error-handling.log.target') ?? topic + lettersEnding;
}

/** The topics that a table names, or those of the broker that match its pattern. Throws E0602 when none does. */
export async function findTopics(link: BrokerLink, table: ConnectedTable): Promise<readonly string[]> {
  const matches = matcherOf(table);
  if (matches === undefined) return topicsOf(table);
  const all = await link.topics();
  const found = all.filter(matches).toSorted();
  if (found.length > 0) return found;
  throw new SqlError({ code: 'E0602', message: `no topic matches 'topic-pattern' = '${table.options.text('topic-pattern')}' of ${table.name}`, hint: all.length === 0 ? 'there are no topics' : `there are ${all.toSorted().slice(0, 20).join(', ')}${all.length > 20 ? ', ...' : ''}` });
}

/**
 * Tells of each topic that matches the table's pattern and is not among `known`: the splits of a job are those that it started with, so that the
 * topic is read from the next start on. Looks every 'scan.topic-partition-discovery.interval'; gives what ends it.
 */
export function tellLaterTopics(link: BrokerLink, table: ConnectedTable, services: ConnectorServices, known: readonly string[]): () => void {
  const matches = matcherOf(table);
  const interval = table.options.duration('scan.topic-partition-discovery.interval') ?? 0;
  if (matches === undefined || interval === 0 || services.bounded) return () => undefined;
  const told = new Set(known);
  const look = async (): Promise<void> => {
    for (const topic of await link.topics()) {
      if (told.has(topic) || !matches(topic)) continue;
      told.add(topic);
      services.notice('N0607', `${table.name}: the topic ${topic} is new and matches 'topic-pattern'; it is read from the next start of the job on, from its begin`);
    }
  };
  // What the broker has to say when it cannot answer comes from the readers.
  const timer = setInterval(() => void look().catch(() => undefined), interval);
  timer.unref();
  return () => clearInterval(timer);
}

/** Makes a topic of the table as its options say, unless it is there, and tells that it is new. Gives how many partitions it has. */
export async function makeTopic(link: BrokerLink, topic: string, { name, options }: ConnectedTable, services: ConnectorServices, isWaiting: boolean): Promise<number> {
  const wanted = options.integer('topic.partitions') ?? 1;
  const isNew = await link.createTopic(topic, wanted, settingsOf({ options }));
  const partitions = (await link.partitionCount(topic)) ?? 1;
  const count = `${partitions} partition${partitions === 1 ? '' : 's'}`;
  if (isNew) services.notice('N0602', `the topic ${topic} is new (${count})${isWaiting ? ` and empty${services.bounded ? '' : ': waiting for rows'}` : ''}`);
  else if (wanted > 1 && wanted !== partitions) services.notice('N0606', `${name}: the topic ${topic} is there with ${count}; 'topic.partitions' = '${wanted}' is for one that the table makes`);
  return partitions;
}

function settingsOf({ options }: Pick<ConnectedTable, 'options'>): TopicSettings {
  const settings: { -readonly [K in keyof TopicSettings]: TopicSettings[K] } = {};
  for (const name of ['retention.ms', 'retention.bytes', 'segment.bytes'] as const) {
    const value = options.integer(`topic.${name}`);
    if (value !== undefined) settings[name] = value;
  }
  return settings;
}
