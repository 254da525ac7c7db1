import { didYouMean } from '../../core/suggest.ts';
import type { Column } from '../../engine/api.ts';
import type { ReadingBroker } from '../../engine/broker.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../flags.ts';
import { TableLines } from '../render/table.ts';
import { defaultStateDir, reportFailure } from '../session.ts';

/** Verbs of other builds, and what there is meanwhile. */
const elsewhere: Readonly<Record<string, string>> = {
  describe: 'sluice topic list  has the number of partitions',
  produce: 'INSERT INTO a table of the topic writes records',
  create: 'the first INSERT into a table makes its topic, with the options topic.*',
  delete: 'the options topic.* say how long records are kept',
};

/** Looks at the topics of the embedded broker. Writes nothing: a folder that needs mending stays as it is. */
export const topic: Command = {
  name: 'topic',
  operands: 'list | print NAME',
  count: { least: 1, most: 2 },
  summary: "the topics of Sluice's own broker, or the records of one",
  flags: {},
  async run(context) {
    const { args, output, stop } = context;
    const [verb = '', name] = args.operands;
    if (verb !== 'list' && verb !== 'print') throw new UsageError(`there is no 'topic ${verb}'`, didYouMean(verb, ['list', 'print']) ?? (Object.hasOwn(elsewhere, verb) ? `not supported yet: topic ${verb};  ${elsewhere[verb]}` : 'sluice topic list,  sluice topic print NAME'));
    if ((verb === 'print') !== (name !== undefined)) throw new UsageError(verb === 'print' ? 'topic print needs the NAME of a topic' : `topic list takes no operands, not '${name ?? ''}'`);
    const stateDir = args.text('state-dir') ?? defaultStateDir;
    const { openForReading } = await import('../../engine/broker.ts');
    let broker: ReadingBroker | undefined;
    try {
      broker = await openForReading(stateDir, (message) => output.log(message));
      if (broker === undefined) {
        output.error(`error: ${stateDir} holds no topics`);
        return 1;
      }
      const { link } = broker;
      const { topicRecords, topicSizes } = await import('../topic-records.ts');
      if (name === undefined) {
        const columns: Column[] = [['topic', 'STRING'], ['partitions', 'INT'], ['offsets', 'BIGINT']].map(([column = '', type = '']) => ({ name: column, type, nullable: false }));
        for (const line of new TableLines(columns).rows(await topicSizes(link))) output.line(line);
        return 0;
      }
      if ((await link.partitionCount(name)) === undefined) {
        output.error(`error[E0602]: there is no topic ${name}\n  ${didYouMean(name, await link.topics()) ?? 'sluice topic list shows them'}`);
        return 1;
      }
      const decoder = new TextDecoder();
      for await (const { value } of topicRecords(link, name)) {
        if (stop.signal.aborted || output.closed.aborted) break;
        output.line(value === undefined ? 'null' : decoder.decode(value));
      }
      return 0;
    } catch (error) {
      return reportFailure(context, error, false);
    } finally {
      await broker?.close();
    }
  },
};
