import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError } from '../core/diagnostic.ts';
import { isTopicName, topicNameRule } from '../core/topic-name.ts';
import { makeFolder, syncFolder } from '../state/durable-file.ts';
import type { TopicSettings } from '../wire/broker-link.ts';
import { PartitionLog, type PartitionLogOptions } from './partition-log.ts';
import { readSettings, writeSettings } from './topic-settings.ts';

const folderForm = /^(.+)-(\d+)$/;

export function partitionName(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}

/** The topics of a broker: a folder for each partition, named TOPIC-NUMBER. A partition's log is opened when it is first asked for. */
export class Topics {
  readonly #dir: string;
  readonly #options: PartitionLogOptions;
  /** Called once with each log that is opened, before anybody else has it. */
  readonly #onOpen: (log: PartitionLog, name: string) => void;
  readonly #logs = new Map<string, PartitionLog>();
  readonly #partitions = new Map<string, number>();

  constructor(dir: string, options: PartitionLogOptions, onOpen: (log: PartitionLog, name: string) => void) {
    this.#dir = dir;
    this.#options = options;
    this.#onOpen = onOpen;
    if (options.readOnly !== true) makeFolder(dir);
    else if (!existsSync(dir)) return;
    for (const name of readdirSync(dir).toSorted()) {
      const [, topic = '', partition = ''] = folderForm.exec(name) ?? [];
      if (topic !== '') this.#partitions.set(topic, Math.max(this.#partitions.get(topic) ?? 0, Number(partition) + 1));
    }
  }

  get names(): readonly string[] {
    return [...this.#partitions.keys()];
  }

  /** The logs that were opened. */
  get logs(): readonly PartitionLog[] {
    return [...this.#logs.values()];
  }

  /** True when the topic is new. Throws E0605 for a name or a setting that cannot be one. */
  create(topic: string, partitions: number, settings: TopicSettings): boolean {
    if (this.#partitions.has(topic)) return false;
    if (!isTopicName(topic)) {
      throw new SqlError({ code: 'E0605', message: `'${topic}' cannot be the name of a topic`, hint: topicNameRule });
    }
    writeSettings(this.#dir, topic, settings);
    // The last partition first: a topic that is half made after a crash still has all its partitions.
    for (let partition = partitions - 1; partition >= 0; partition--) makeFolder(join(this.#dir, partitionName(topic, partition)));
    syncFolder(this.#dir);
    this.#partitions.set(topic, partitions);
    return true;
  }

  partitionCount(topic: string): number | undefined {
    return this.#partitions.get(topic);
  }

  /** Throws E0602 when there is no such topic or partition, E0703 when it is damaged. */
  log(topic: string, partition: number): PartitionLog {
    const count = this.#partitions.get(topic);
    if (count === undefined || partition >= count) {
      throw new SqlError({ code: 'E0602', message: count === undefined ? `there is no topic ${topic}` : `the topic ${topic} has ${count} partitions, not ${partition + 1}` });
    }
    return this.logNamed(partitionName(topic, partition));
  }

  logNamed(name: string): PartitionLog {
    let log = this.#logs.get(name);
    if (log === undefined) {
      const settings = readSettings(this.#dir, folderForm.exec(name)?.[1] ?? '');
      log = new PartitionLog(join(this.#dir, name), {
        ...this.#options,
        segmentBytes: settings['segment.bytes'] ?? this.#options.segmentBytes,
        retentionMs: settings['retention.ms'],
        retentionBytes: settings['retention.bytes'],
      });
      this.#logs.set(name, log);
      this.#onOpen(log, name);
    }
    return log;
  }
}
