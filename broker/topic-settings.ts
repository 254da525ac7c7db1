import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError } from '../core/diagnostic.ts';
import { syncFolder } from '../state/durable-file.ts';
import type { TopicSettings } from '../wire/broker-link.ts';

/** Kafka's own word for no limit. */
const unlimited = -1;

/** Least value of each setting. */
const settingNames: Readonly<Record<keyof TopicSettings, number>> = { 'retention.ms': 0, 'retention.bytes': 0, 'segment.bytes': 1 };

/** Writes a new topic's settings beside its partitions, in the file TOPIC.json; none when nothing is set. Throws E0605 for what is no setting. */
export function writeSettings(dir: string, topic: string, settings: TopicSettings): void {
  const path = settingsPath(dir, topic);
  const given = Object.entries(settings).filter(([name, value]) => isGiven(name, value));
  if (given.length === 0) {
    // Of a topic whose making was cut short.
    rmSync(path, { force: true });
    return;
  }
  const fd = openSync(`${path}.new`, 'w');
  try {
    writeFileSync(fd, JSON.stringify(Object.fromEntries(given)));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
  syncFolder(dir);
}

/** The settings of a topic; none when it has no file of them. */
export function readSettings(dir: string, topic: string): TopicSettings {
  const path = settingsPath(dir, topic);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as TopicSettings) : {};
}

function isGiven(name: string, value: number | undefined): boolean {
  const least = name in settingNames ? settingNames[name as keyof TopicSettings] : undefined;
  if (least === undefined) throw new SqlError({ code: 'E0605', message: `there is no topic setting '${name}'`, hint: `there are ${Object.keys(settingNames).join(', ')}` });
  if (value === undefined || (value === unlimited && name.startsWith('retention'))) return false;
  if (!Number.isSafeInteger(value) || value < least) throw new SqlError({ code: 'E0605', message: `the topic setting '${name}' cannot be ${value}`, hint: `a whole number from ${least} on` });
  return true;
}

function settingsPath(dir: string, topic: string): string {
  return join(dir, `${topic}.json`);
}
