import { SqlError } from './diagnostic.ts';
import type { Span } from './span.ts';
import { didYouMean } from './suggest.ts';
import { parseDuration } from './time.ts';
import { zoneName } from './zone.ts';

/** One key of SET: its form, its default, and a sentence for people. The values are text, as in Flink. */
export interface SettingDefinition {
  readonly key: string;
  readonly form: 'duration' | 'boolean' | 'integer' | 'text';
  /** The values that there are, in upper case. They are taken without case. */
  readonly values?: readonly string[];
  readonly defaultValue: string;
  readonly description: string;
}

export const settingDefinitions = [
  { key: 'execution.checkpointing.interval', form: 'duration', defaultValue: '10 s', description: 'how often a job stores a checkpoint; 0 stores one only at the end' },
  { key: 'table.exec.source.idle-timeout', form: 'duration', defaultValue: '5 s', description: 'a split that stands at its end this long no longer holds the watermark; 0 never' },
  { key: 'table.exec.non-temporal-sort.enabled', form: 'boolean', defaultValue: 'false', description: 'true: an ORDER BY that is not by time may wait for the end of an input that has none' },
  { key: 'table.exec.source.cdc-events-duplicate', form: 'boolean', defaultValue: 'false', description: 'true: a source of changes may tell the same change twice; those with a primary key are made one by it' },
  { key: 'table.exec.sink.upsert-materialize', form: 'text', values: ['AUTO', 'NONE', 'FORCE'], defaultValue: 'AUTO', description: 'where the key of a sink is not what tells the rows apart, the rows of each key are kept: where needed, never, or before every upsert sink' },
  { key: 'table.exec.sink.not-null-enforcer', form: 'text', values: ['ERROR', 'DROP'], defaultValue: 'ERROR', description: 'a NULL for a column of a sink that is NOT NULL stops the job, or its row is left out' },
  { key: 'table.exec.sink.type-length-enforcer', form: 'text', values: ['IGNORE', 'TRIM_PAD', 'ERROR'], defaultValue: 'IGNORE', description: 'text for a CHAR(n) or VARCHAR(n) of a sink goes in as it is, is cut and filled up to n, or stops the job where it does not fit' },
  { key: 'table.optimizer.non-deterministic-update.strategy', form: 'text', values: ['TRY_RESOLVE', 'IGNORE'], defaultValue: 'TRY_RESOLVE', description: 'rows that would be withdrawn by values that are others each time, such as UUID(), are refused; IGNORE lets them stay where they are not found' },
  { key: 'execution.runtime-mode', form: 'text', values: ['STREAMING'], defaultValue: 'STREAMING', description: 'rows come without an end, so that each result changes when they do; what Flink does in BATCH, --bounded does for a call' },
  { key: 'table.local-time-zone', form: 'text', defaultValue: 'UTC', description: 'the zone of TIMESTAMP_LTZ in text and in windows: Europe/Vienna, or GMT+08:00' },
  { key: 'pipeline.name', form: 'text', defaultValue: '', description: 'the name of the job' },
] as const satisfies readonly SettingDefinition[];

export type SettingKey = (typeof settingDefinitions)[number]['key'];

const settingsHint = 'SET;  lists the settings there are';

/** What says here what a setting of Flink says there. */
const elsewhere: Readonly<Record<string, string>> = {
  'execution.runtime-mode': '--bounded, or { bounded: true } in the library, reads what is there now, closes the windows and ends',
  'execution.checkpointing.dir': '--state-dir, or stateDir in the library, says where checkpoints lie',
  'execution.checkpointing.mode': "'sink.delivery-guarantee' = 'exactly-once' is an option of a table",
  'execution.checkpointing.savepoint-dir': 'a job goes on from its last checkpoint by its name; --fresh starts over',
  'execution.state-recovery.path': 'a job goes on from its last checkpoint by its name; --fresh starts over',
  'parallelism.default': 'a job is one worker: leave it out',
  'table.exec.resource.default-parallelism': 'a job is one worker: leave it out',
  'sql-client.execution.result-mode': '--format, or \\format at the prompt, says how rows are printed',
  'state.checkpoints.dir': '--state-dir, or stateDir in the library, says where checkpoints lie',
};

/** Settings in force: what SET changed over the defaults. */
export class Settings {
  readonly #values = new Map<string, string>();

  constructor(values: Readonly<Record<string, string>> = {}) {
    for (const [key, value] of Object.entries(values)) this.set(key, value);
  }

  /** Throws E0508 for an unknown key or a value of the wrong form. */
  set(key: string, value: string, span?: Span): void {
    const definition: SettingDefinition | undefined = settingDefinitions.find((candidate) => candidate.key === key);
    if (definition === undefined) {
      const label = didYouMean(key, settingDefinitions.map((candidate) => candidate.key));
      const isFlinks = /^(table|execution|pipeline|state|parallelism|restart-strategy|taskmanager|jobmanager|sql-client|metrics|rest|python|security)\./.test(key);
      if (label === undefined && isFlinks) throw new SqlError({ code: 'E0002', message: `not supported yet: the setting '${key}'`, span, hint: elsewhere[key] ?? settingsHint });
      throw new SqlError({ code: 'E0508', message: `there is no setting '${key}'`, span, label, hint: label === undefined ? settingsHint : undefined });
    }
    const given: unknown = value;
    if (typeof given !== 'string') throw new SqlError({ code: 'E0508', message: `the value of '${key}' is a text, not ${String(given)}`, hint: `'${definition.defaultValue}'` });
    if (definition.form === 'duration' && parseDuration(value) === undefined) {
      throw new SqlError({ code: 'E0508', message: `'${key}' is a duration, not '${value}'`, span, hint: `SET '${key}' = '${definition.defaultValue}';` });
    }
    if (definition.form === 'boolean' && !/^(true|false)$/i.test(value)) {
      throw new SqlError({ code: 'E0508', message: `'${key}' is true or false, not '${value}'`, span, hint: `SET '${key}' = 'true';` });
    }
    if (definition.values?.includes(value.toUpperCase()) === false) {
      throw new SqlError({ code: 'E0508', message: `'${key}' is ${definition.values.length === 1 ? '' : 'one of '}${definition.values.join(', ')}, not '${value}'`, span, hint: elsewhere[key] ?? `SET '${key}' = '${definition.defaultValue}';` });
    }
    if (key === 'table.local-time-zone' && !isZone(value)) {
      throw new SqlError({ code: 'E0508', message: `there is no time zone '${value}'`, span, hint: "SET 'table.local-time-zone' = 'UTC';" });
    }
    this.#values.set(key, value);
  }

  /** Throws E0508 for an unknown key. */
  reset(key?: string, span?: Span): void {
    if (key === undefined) this.#values.clear();
    else if (settingDefinitions.some((definition) => definition.key === key)) this.#values.delete(key);
    else throw new SqlError({ code: 'E0508', message: `there is no setting '${key}'`, span, label: didYouMean(key, settingDefinitions.map((definition) => definition.key)), hint: settingsHint });
  }

  get(key: SettingKey): string {
    return this.#values.get(key) ?? settingDefinitions.find((definition) => definition.key === key)?.defaultValue ?? '';
  }

  /** A duration setting in ms. */
  duration(key: SettingKey): number {
    return parseDuration(this.get(key)) ?? 0;
  }

  entries(): readonly (readonly [string, string])[] {
    return settingDefinitions.map((definition) => [definition.key, this.get(definition.key)] as const);
  }

  copy(): Settings {
    return new Settings(Object.fromEntries(this.#values));
  }
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zoneName(name) });
    return true;
  } catch {
    return false;
  }
}
