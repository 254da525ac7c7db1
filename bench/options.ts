import { parseArgs } from 'node:util';
import { queries, sinkNames, type BenchQuery, type SinkName } from './queries.ts';

export interface BenchOptions {
  readonly queries: readonly BenchQuery[];
  readonly sinks: readonly SinkName[];
  readonly events: number;
  /** CPU seconds of one measured run, at least. */
  readonly seconds: number;
  readonly seed: number;
  readonly profile: boolean;
  /** What starting costs, in place of the queries. */
  readonly start: boolean;
  readonly json: string | undefined;
}

export const help = `npm run bench -- [options]

  --queries a,b    ${queries.map(({ name }) => name).join(', ')} (all)
  --sinks a,b      ${sinkNames.join(', ')} (all)
  --events N       events in the topic (2000000)
  --seconds S      CPU seconds of one measured run, at least (3; 0.2 below 1000000 events)
  --seed N         of the generator (1)
  --profile        name the hottest functions of each query instead of comparing
  --start          what loading the grammar and an idle engine cost, instead of comparing
  --json FILE      write [{query, sink, events, perCpuSecond, baseline, ratio, rssBytes}]
`;

/** Throws a TypeError or RangeError that says what is wrong. Undefined: help was asked for. */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      queries: { type: 'string' },
      sinks: { type: 'string' },
      events: { type: 'string', default: '2000000' },
      seconds: { type: 'string' },
      seed: { type: 'string', default: '1' },
      profile: { type: 'boolean', default: false },
      start: { type: 'boolean', default: false },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const events = wholeNumber('--events', values.events);
  const seconds = values.seconds === undefined ? (events < 1_000_000 ? 0.2 : 3) : Number(values.seconds);
  if (!(seconds >= 0)) throw new RangeError(`--seconds is a number, not '${values.seconds}'`);
  return {
    queries: choose('--queries', values.queries, queries, ({ name }) => name),
    sinks: choose('--sinks', values.sinks, sinkNames, (name) => name),
    events,
    seconds,
    seed: wholeNumber('--seed', values.seed),
    profile: values.profile,
    start: values.start,
    json: values.json,
  };
}

function wholeNumber(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`${flag} is a whole number above 0, not '${text}'`);
  return value;
}

function choose<T>(flag: string, text: string | undefined, from: readonly T[], nameOf: (one: T) => string): readonly T[] {
  if (text === undefined) return from;
  return text.split(',').map((name) => {
    const found = from.find((one) => nameOf(one) === name.trim());
    if (found === undefined) throw new RangeError(`${flag}: there is no '${name}', but ${from.map(nameOf).join(', ')}`);
    return found;
  });
}
