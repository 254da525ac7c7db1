import type { Command } from '../command.ts';
import { loadScripts, plural, readScript, summaryOf } from '../scripts.ts';
import { Session } from '../session.ts';

/** Every error of every file, on stdout: they are what was asked for. */
export const check: Command = {
  name: 'check',
  operands: 'FILE..',
  count: { least: 1, most: Infinity },
  summary: 'all errors of all files; opens and starts nothing',
  flags: { format: { type: 'string', value: 'FORM', choices: ['text', 'json'], doc: 'text, or json: an array of errors' } },
  async run(context) {
    const { args, output } = context;
    const texts = args.operands.map((file) => readScript({ file }));
    const session = await Session.open(context);
    const { errors, statementCount } = await loadScripts(session.engine, texts);
    if (args.text('format') === 'json') output.line(JSON.stringify(errors, undefined, 2));
    else {
      for (const error of errors) output.line(error.format({ color: output.usesColor('stdout'), width: output.width }));
      output.line(errors.length === 0 ? `no errors in ${plural(statementCount, 'statement')}.` : summaryOf(errors.length, statementCount));
    }
    return errors.length === 0 ? 0 : 1;
  },
};
