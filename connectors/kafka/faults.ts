import type { OptionFault, Options } from '../../catalog/option-spec.ts';
import { topicPattern, topicsOf } from './topic.ts';

const offsetList = 'partition:0,offset:42;partition:1,offset:300';

/** What the specs cannot say of the options of a topic. */
export function kafkaFaults(_: unknown, options: Options): readonly OptionFault[] {
  const faults: OptionFault[] = topicFaults(options);
  const bound = options.text('scan.bounded.mode');
  const needed = bound === 'timestamp' ? 'scan.bounded.timestamp-millis' : bound === 'specific-offsets' ? 'scan.bounded.specific-offsets' : undefined;
  if (needed !== undefined && options.text(needed) === undefined) {
    faults.push({ key: 'scan.bounded.mode', code: 'E0503', message: `= '${bound}' needs the option '${needed}'`, label: `add  '${needed}' = '${bound === 'timestamp' ? '1763712000000' : offsetList}'` });
  }
  const offsets = options.text('scan.bounded.specific-offsets');
  if (offsets !== undefined && !/^\s*partition:\d+,offset:\d+\s*(;\s*partition:\d+,offset:\d+\s*)*;?\s*$/.test(offsets)) faults.push({ key: 'scan.bounded.specific-offsets', code: 'E0504', message: `is a list as '${offsetList}', not '${offsets}'` });
  const ratio = options.text('error-handling.fail-after.ratio');
  if (ratio !== undefined && !(Number(ratio) >= 0 && Number(ratio) <= 1)) faults.push({ key: 'error-handling.fail-after.ratio', code: 'E0504', message: `is a number from 0 to 1, not '${ratio}'` });
  if (options.text('error-handling.log.target') !== undefined && options.text('error-handling.mode') !== 'log') faults.push({ key: 'error-handling.log.target', code: 'E0504', message: "needs  'error-handling.mode' = 'log'" });
  if (topicsOf({ options }).length > 1 || options.text('topic-pattern') !== undefined) {
    for (const key of ['scan.startup.mode', 'scan.bounded.mode'] as const) if (options.text(key) === 'specific-offsets') faults.push({ key, code: 'E0504', message: "= 'specific-offsets' is for one topic, and the table may have several" });
  }
  if (options.text('sink.partitioner') === 'round-robin' && options.text('key.fields') !== undefined) faults.push({ key: 'sink.partitioner', code: 'E0504', message: "= 'round-robin' is for records without a key, and there are 'key.fields'" });
  for (const key of ['topic.partitions', 'topic.segment.bytes', 'scan.parallelism', 'sink.parallelism'] as const) if (options.integer(key) === 0) faults.push({ key, code: 'E0504', message: 'is a whole number from 1 on' });
  return faults;
}

function topicFaults(options: Options): OptionFault[] {
  const [names, pattern] = [options.text('topic'), options.text('topic-pattern')];
  if (names !== undefined && pattern !== undefined) return [{ key: 'topic-pattern', code: 'E0504', message: "and 'topic' cannot both be given" }];
  if (names === undefined && pattern === undefined) return [{ key: 'topic', code: 'E0503', message: "needs the option 'topic' or 'topic-pattern'", label: "add  'topic' = '...'" }];
  try {
    topicPattern({ options });
    return [];
  } catch (error) {
    return [{ key: 'topic-pattern', code: 'E0504', message: `is no regular expression: ${error instanceof Error ? error.message : String(error)}` }];
  }
}
