import { SqlError } from '../../core/diagnostic.ts';
import type { Position, SourceRequest } from '../../catalog/connector.ts';
import type { BrokerLink, CommittedOffset, PartitionOffsets } from '../../wire/broker-link.ts';

/** Where the reading of a partition starts and ends, by the table's options. Source: Flink's Kafka connector, "Start Reading Position" and "Bounded Ending Position". */

/** Where a stored position goes on. Throws E0805 when it is of another topic, or the topic no longer has, or never had, what lies before it. */
export function storedOffset(topic: string, partition: number, position: Position, { start, end }: { readonly start: number; readonly end: number }): number {
  const offset = Number(position['offset']);
  if (position['topic'] !== topic) {
    throw new SqlError({
      code: 'E0805',
      message: `the checkpoint goes on in the topic ${position['topic']} (partition ${partition} offset ${offset}), and the table now reads the topic ${topic}`,
      hint: 'start over with --fresh, or give the job another name',
    });
  }
  if (offset >= start && offset <= end) return offset;
  throw new SqlError({
    code: 'E0805',
    message: `the checkpoint goes on at ${topic} partition ${partition} offset ${offset}, and the topic holds ${start} to ${end}`,
    hint: offset > end ? 'the topic was made anew or belongs to another state folder: use the right one, or start over with --fresh' : 'records were removed before they were read: start over with --fresh',
  });
}

/** The offset that a partition is read from where the job has no position in it, by scan.startup.mode. Throws E0805 for one that is not there. */
export async function startOffset(request: SourceRequest, link: BrokerLink, topic: string, partition: number, offsets: PartitionOffsets, bounded: boolean): Promise<number> {
  const { options } = request.table;
  switch (options.text('scan.startup.mode')) {
    case 'earliest-offset':
      return offsets.start;
    case 'latest-offset':
      return offsets.stable;
    case 'timestamp':
      return link.offsetAt(topic, partition, options.integer('scan.startup.timestamp-millis') ?? 0);
    case 'specific-offsets': {
      const wanted = listedOffset(options.text('scan.startup.specific-offsets'), partition);
      // As in Flink: a partition that the list leaves out starts as one of group-offsets.
      return wanted === undefined ? groupOffset(request, link, topic, partition, offsets) : specificOffset(request, topic, partition, wanted, offsets, bounded);
    }
    default:
      return groupOffset(request, link, topic, partition, offsets);
  }
}

/**
 * As in Flink: an offset that the partition does not hold is the earliest (OffsetsInitializer.offsets resets so), except that a bounded read
 * from behind the end gives nothing.
 */
function specificOffset({ table, services }: SourceRequest, topic: string, partition: number, offset: number, { start, end }: PartitionOffsets, bounded: boolean): number {
  if (offset >= start && offset <= end) return offset;
  const isEmpty = bounded && offset > end;
  const instead = isEmpty ? 'nothing is read of it' : 'reading from the earliest record';
  services.notice('N0603', `${table.name}: scan.startup.specific-offsets asks for offset ${offset} of ${topic} partition ${partition}, which holds ${start} to ${end}; ${instead}`);
  return isEmpty ? offset : start;
}

async function groupOffset({ table, services }: SourceRequest, link: BrokerLink, topic: string, partition: number, { start, end, stable }: PartitionOffsets): Promise<number> {
  const { group, committed } = await committedOffset({ table, services }, link, topic, partition);
  if (committed === undefined) {
    switch (table.options.text('properties.auto.offset.reset')) {
      case 'latest':
        return stable;
      case 'none':
        throw new SqlError({ code: 'E0504', message: `${table.name}: the group ${group} has no offset for ${topic} partition ${partition}, and 'properties.auto.offset.reset' is none`, hint: "say where to start: 'scan.startup.mode' = 'earliest-offset'" });
      case 'earliest':
        return start;
      default:
        if (partition === 0) services.notice('N0601', `${table.name}: the group ${group} has no offsets yet; reading from the earliest record`);
        return start;
    }
  }
  if (committed.offset >= start && committed.offset <= end) return committed.offset;
  throw new SqlError({
    code: 'E0805',
    message: `${table.name}: the group ${group} goes on at ${topic} partition ${partition} offset ${committed.offset}, and the topic holds ${start} to ${end}`,
    hint: "say where to start: 'scan.startup.mode' = 'earliest-offset'",
  });
}

/** The group whose offsets a table starts or ends at, and what it has committed of a partition. */
async function committedOffset({ table, services }: Pick<SourceRequest, 'table' | 'services'>, link: BrokerLink, topic: string, partition: number): Promise<{ readonly group: string; readonly committed: CommittedOffset | undefined }> {
  const group = table.options.text('properties.group.id') ?? services.group;
  return { group, committed: (await link.committedOffsets(group)).find((entry) => entry.topic === topic && entry.partition === partition) };
}

/** The offset of a partition in a list as 'partition:0,offset:42;partition:1,offset:300'. */
function listedOffset(list: string | undefined, partition: number): number | undefined {
  const found = new RegExp(`(?:^|;)\\s*partition:${partition},offset:(\\d+)`).exec(list ?? '');
  return found === null ? undefined : Number(found[1]);
}

/** Tells of partitions that a list of offsets names and the topic does not have: as in Flink they change nothing. */
export function tellUnknownPartitions({ table, services }: SourceRequest, topic: string, partitions: number): void {
  for (const [mode, list] of [['scan.startup.mode', 'scan.startup.specific-offsets'], ['scan.bounded.mode', 'scan.bounded.specific-offsets']] as const) {
    if (table.options.text(mode) !== 'specific-offsets') continue;
    const unknown = [...(table.options.text(list) ?? '').matchAll(/partition:(\d+)/g)].map((match) => Number(match[1])).filter((partition) => partition >= partitions);
    if (unknown.length > 0) services.notice('N0603', `${table.name}: '${list}' names partition ${unknown.join(', ')}, and ${topic} has ${partitions}`);
  }
}

/** The offset before which a partition ends; undefined where it never does. `start`: where its reading starts anew. */
export async function stopOffset(request: SourceRequest, link: BrokerLink, topic: string, partition: number, { start, stable }: PartitionOffsets): Promise<number | undefined> {
  const { table, services } = request;
  const { options } = table;
  const now = services.bounded ? stable : Infinity;
  switch (options.text('scan.bounded.mode')) {
    case 'latest-offset':
      return stable;
    case 'timestamp':
      return Math.min(stable, await link.offsetAt(topic, partition, options.integer('scan.bounded.timestamp-millis') ?? 0));
    case 'specific-offsets':
      // As in Flink: a partition that the list leaves out is not read.
      return Math.min(now, listedOffset(options.text('scan.bounded.specific-offsets'), partition) ?? start);
    case 'group-offsets': {
      const { group, committed } = await committedOffset(request, link, topic, partition);
      if (committed === undefined) {
        throw new SqlError({ code: 'E0504', message: `${table.name}: reading ends at the offsets of the group ${group}, which has none for ${topic} partition ${partition}`, hint: "'scan.bounded.mode' = 'latest-offset' ends where the topic does" });
      }
      return Math.min(now, committed.offset);
    }
    default:
      return services.bounded ? stable : undefined;
  }
}
