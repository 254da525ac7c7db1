import type { Command } from '../command.ts';
import { errorLines, loadScripts, plural, readScript } from '../scripts.ts';
import { Session } from '../session.ts';

/** Every error of every file, on stdout: they are what was asked for. */
export const check: Command = {
  name: 'check',
  operands: 'FILE..',
  count: { least: 1, most: Infinity },
  summary: 'all errors of all files; opens and starts nothing',
  flags: {
    bounded: { type: 'boolean', doc: 'of what is run with --bounded: there an ORDER BY may wait for the last row' },
    format: { type: 'string', value: 'FORM', choices: ['text', 'json'], doc: 'text, or json: an array of errors' },
  },
  async run(context) {
    const { args, output } = context;
    const texts = args.operands.map((file) => readScript({ file }));
    const session = await Session.open(context);
    const loaded = await loadScripts(session.engine, texts, { bounded: args.is('bounded'), withQueries: true });
    const { errors, statementCount } = loaded;
    if (args.text('format') === 'json') output.line(JSON.stringify(errors, undefined, 2));
    else if (errors.length === 0) output.line(`no errors in ${plural(statementCount, 'statement')}.`);
    else for (const line of errorLines(loaded, { color: output.usesColor('stdout'), width: output.width('stdout') })) output.line(line);
    return errors.length === 0 ? 0 : 1;
  },
};
