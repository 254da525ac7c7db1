import type { ConnectedTable, ConnectorServices } from '../../catalog/connector.ts';
import type { BrokerLink, TopicSettings } from '../../wire/broker-link.ts';

/** The topics that a table names: one, or a list. */
export function topicsOf({ options }: Pick<ConnectedTable, 'options'>): readonly string[] {
  return [...new Set((options.text('topic') ?? '').split(';').map((topic) => topic.trim()))].filter((topic) => topic !== '');
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
