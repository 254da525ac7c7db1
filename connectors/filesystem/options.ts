import type { OptionSpec } from '../../catalog/option-spec.ts';

/** Source of names, defaults and meanings: Flink's filesystem connector. */
export const filesystemOptions: readonly OptionSpec[] = [
  { key: 'connector', form: 'text', required: true, description: "'filesystem'" },
  { key: 'path', form: 'text', required: true, formerly: ['connector.path'], description: 'a file or a folder, also as file:// URL; a relative one lies where the process was started. A sink writes a folder' },
  { key: 'format', form: 'text', description: "how records are written, as 'json'" },
  { key: 'source.monitor-interval', form: 'duration', description: 'how often the folder is looked at for new files, each of which is read once, as it is then: move files in when they are whole. Without it the files that are there are all, and reading ends' },
  { key: 'source.path.regex-pattern', form: 'text', description: 'reads only files whose whole absolute path matches' },
  { key: 'source.report-statistics', form: 'enum', values: ['all', 'none'], defaultValue: 'all', description: 'what Flink tells its planner of the files; here plans do not go by it' },
  { key: 'error-handling.mode', form: 'enum', values: ['fail', 'ignore', 'null-field'], defaultValue: 'fail', description: 'what becomes of records that do not fit: the job stops; they are left out; or what does not fit is NULL. All but the first are counted and the first ones told' },
  { key: 'sink.rolling-policy.file-size', form: 'text', defaultValue: '128MB', description: 'a part ends once it has this size' },
  { key: 'sink.rolling-policy.rollover-interval', form: 'duration', defaultValue: '30 min', description: 'a part ends once it is this old' },
  { key: 'sink.rolling-policy.inactivity-interval', form: 'duration', defaultValue: '30 min', description: 'a part ends once nothing was written to it for this long' },
  { key: 'sink.rolling-policy.check-interval', form: 'duration', defaultValue: '1 min', description: 'how often the two intervals are looked at' },
  { key: 'auto-compaction', form: 'boolean', later: true, description: 'true: small parts are made into larger ones' },
  { key: 'compaction.file-size', form: 'text', later: true, description: 'the size of those' },
  { key: 'compaction.parallelism', form: 'integer', later: true, description: 'how many make them side by side' },
  { key: 'partition.default-name', form: 'text', defaultValue: '__DEFAULT_PARTITION__', description: 'the folder of NULL and of empty text, of a table with PARTITIONED BY' },
  { key: 'partition.time-extractor.*', form: 'text', later: true, description: 'how the time of a partition is found' },
  { key: 'sink.partition-commit.*', form: 'text', later: true, description: 'when a partition is told to be complete' },
  { key: 'sink.shuffle-by-partition.enable', form: 'boolean', defaultValue: 'false', description: 'true: rows of one partition go to one sink, as they do here in any case' },
  { key: 'sink.parallelism', form: 'integer', description: 'how many sinks work side by side: one, and more are told' },
];
