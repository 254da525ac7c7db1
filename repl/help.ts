import { commonFlags } from './arguments.ts';
import type { CommandShape, Flags } from './flags.ts';

function flagLines(flags: Flags): string[] {
  const heads = Object.entries(flags).map(([name, flag]) => {
    const short = flag.short === undefined ? '' : `-${flag.short}, `;
    return { head: `${short}--${name}${flag.value === undefined ? '' : ` ${flag.value}`}`, doc: flag.doc };
  });
  const width = Math.max(0, ...heads.map(({ head }) => head.length));
  return heads.map(({ head, doc }) => `  ${head.padEnd(width)}   ${doc}`);
}

/** The text of --help. */
export function helpText(commands: readonly CommandShape[], fallback: CommandShape): string {
  const heads = commands.map((command) => `${command.name} ${command.operands}`.trim());
  const width = Math.max(...heads.map((head) => head.length));
  return [
    'sluice [COMMAND] [FLAGS]     streaming SQL over Kafka topics, in one process',
    '',
    ...commands.map((command, i) => `  ${(heads[i] ?? '').padEnd(width)}   ${command.summary}`),
    '',
    'without a command: the prompt; statements from -e, -f, or standard input when it is no terminal',
    ...flagLines(fallback.flags),
    '',
    'flags of every command',
    ...flagLines(commonFlags),
    '',
    'exit   0 done   1 SQL has errors, nothing was started   2 failed while running   3 stored state does not fit the SQL',
    '       64 wrong flag   130 SIGINT, 143 SIGTERM after a last checkpoint (2 without one)',
    '',
    'sluice COMMAND --help shows the flags of a command',
  ].join('\n');
}

/** The text of `sluice COMMAND --help`. */
export function commandHelp(command: CommandShape): string {
  return [`sluice ${command.name} ${command.operands}`.trimEnd(), '', `  ${command.summary}`, '', ...flagLines({ ...command.flags, ...commonFlags })].join('\n');
}
