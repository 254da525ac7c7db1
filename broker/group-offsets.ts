import type { CommittedOffset } from '../wire/broker-link.ts';
import { InternalLog } from './internal-log.ts';
import type { PartitionLogOptions } from './partition-log.ts';
import { partitionName } from './topics.ts';

interface GroupRecord {
  readonly group: string;
  readonly offsets: readonly CommittedOffset[];
}

/** What groups have committed, in a log of its own; the last offset of a group and partition holds. */
export class GroupOffsets {
  readonly #groups = new Map<string, Map<string, CommittedOffset>>();
  /** Where they are stored. */
  readonly log: InternalLog;

  constructor(dir: string, options: PartitionLogOptions, now: () => number) {
    this.log = new InternalLog(dir, options, now, () => [...this.#groups].map(([group, known]) => ({ group, offsets: [...known.values()] })));
    for (const value of this.log.values()) {
      const { group, offsets } = value as GroupRecord;
      this.apply(group, offsets);
    }
  }

  of(group: string): readonly CommittedOffset[] {
    return [...(this.#groups.get(group)?.values() ?? [])];
  }

  /** Not safe before the log is synced. */
  store(group: string, offsets: readonly CommittedOffset[]): void {
    this.apply(group, offsets);
    this.log.append({ group, offsets } satisfies GroupRecord);
  }

  /** Holds from now on, without being written. */
  apply(group: string, offsets: readonly CommittedOffset[]): void {
    const known = this.#groups.get(group) ?? new Map<string, CommittedOffset>();
    for (const offset of offsets) known.set(partitionName(offset.topic, offset.partition), offset);
    this.#groups.set(group, known);
  }
}
