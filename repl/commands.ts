import type { Command } from './command.ts';
import { check } from './commands/check.ts';
import { demo } from './commands/demo.ts';
import { diff } from './commands/diff.ts';
import { doctor } from './commands/doctor.ts';
import { execute } from './commands/execute.ts';
import { explain } from './commands/explain.ts';
import { run } from './commands/run.ts';
import { topic } from './commands/topic.ts';

/** Every command, in the order of the help. A new one is a file and a line here. */
export const commands: readonly Command[] = [run, check, explain, diff, topic, doctor, demo];

/** What runs when no command is named. */
export { execute };
