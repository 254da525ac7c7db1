import { existsSync } from 'node:fs';
import type { Command } from '../command.ts';
import { failedExit } from '../exit-code.ts';
import { UsageError } from '../flags.ts';
import { defaultStateDir, Session } from '../session.ts';

/** What \doctor of the prompt does, for scripts: 0 when all is well, 2 when a step failed. */
export const doctor: Command = {
  name: 'doctor',
  operands: '[HOST:PORT,..]',
  count: { least: 0, most: Infinity },
  summary: 'tests each step of connecting to a Kafka, at each address of a list; without one, the state folder and the broker in it',
  flags: {},
  async run(context) {
    const { args, output, stop } = context;
    if (args.operands.length === 0) {
      const stateDir = args.text('state-dir') ?? defaultStateDir;
      if (!existsSync(stateDir)) {
        output.line(`ok     folder    ${stateDir} is not there yet; the first table or job makes it`);
        return 0;
      }
      const { examineFolder } = await import('../doctor/folder.ts');
      await using session = await Session.open(context);
      const lines = await examineFolder(session.engine, stateDir);
      for (const line of lines) output.line(line);
      return lines.some((line) => line.startsWith('fails')) ? failedExit : 0;
    }
    const { addressesOf, examineAll } = await import('../doctor/doctor.ts');
    // `a:1, b:2` without quotes are two words of the shell.
    const { addresses, wrong } = addressesOf(args.operands.join(','));
    if (wrong !== undefined) throw new UsageError(`'${wrong}' is no address`, 'sluice doctor localhost:9092');
    try {
      const isFine = await examineAll(addresses, (line) => output.line(line), stop.signal);
      if (isFine) output.log('this build of Sluice reads and writes the topics of its own broker only');
      return isFine ? 0 : failedExit;
    } catch (error) {
      // The signal says how it ended.
      if (stop.signal.aborted) return 0;
      throw error;
    }
  },
};
