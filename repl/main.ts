import { readFileSync } from 'node:fs';
import { Arguments, readArguments } from './arguments.ts';
import type { Context } from './command.ts';
import { commands, execute } from './commands.ts';
import { failedExit, usageExit } from './exit-code.ts';
import { UsageError } from './flags.ts';
import { commandHelp, helpText } from './help.ts';
import { Output } from './output.ts';
import { Stop } from './stop.ts';

/** How long the process may take to end by itself once all is done, in ms. */
const graceMs = 1000;

/** Runs one command line and sets the exit code. `root` is the package's folder. */
export async function main(argv: readonly string[], root: URL): Promise<void> {
  const output = new Output();
  // Nothing should come here; when it does, Node's own exit code 1 would say that the SQL is wrong.
  process.once('uncaughtException', (error: unknown) => {
    const text = error instanceof Error ? (argv.includes('--debug') ? error.stack : error.message) : undefined;
    output.error(`error[E0999]: ${text ?? String(error)}\n  this is a mistake inside Sluice; --debug shows where`);
    process.exit(failedExit);
  });
  process.exitCode = await runCommandLine(argv, output, root);
  setTimeout(() => process.exit(), graceMs).unref();
}

/** Runs one command line and gives its exit code; nothing of it is left when it resolves, so that one process may run several. */
export async function runCommandLine(argv: readonly string[], output: Output, root: URL): Promise<number> {
  const stop = new Stop();
  const code = await dispatch(argv, output, stop, root);
  await output.end();
  // A signal from here on ends the process as it does by default.
  stop[Symbol.dispose]();
  return code === 0 ? (stop.exitCode ?? (output.hasFailed ? failedExit : 0)) : code;
}

async function dispatch(argv: readonly string[], output: Output, stop: Stop, root: URL): Promise<number> {
  const help = helpText(commands, execute);
  let context: Context = { args: new Arguments([], [], new Map()), output, stop, root, help };
  try {
    // `help run` is what some type for `run --help`.
    const asked = argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
    const { command, args } = readArguments(asked, commands, execute);
    context = { ...context, args };
    output.configure({ isQuiet: args.is('quiet'), color: (args.text('color') ?? 'auto') as 'auto' });
    if (args.is('version')) {
      output.line((JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { readonly version: string }).version);
      return 0;
    }
    if (args.is('help')) {
      output.line(command === undefined ? help : commandHelp(command));
      return 0;
    }
    return await (command ?? execute).run(context);
  } catch (error) {
    if (error instanceof UsageError) {
      output.error(`sluice: ${error.message}${error.hint === undefined ? '' : `\n  ${error.hint}`}\n  sluice --help lists commands and flags`);
      return usageExit;
    }
    const { reportFailure } = await import('./session.ts');
    return reportFailure(context, error, false);
  }
}
