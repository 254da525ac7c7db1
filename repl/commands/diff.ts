import type { Command } from '../command.ts';
import { loadScripts, readScript, reportErrors } from '../scripts.ts';
import { Session } from '../session.ts';

const verdicts = {
  'keeps-all': { line: 'keeps all state', code: 0 },
  'keeps-part': { line: 'keeps part of the state', code: 2 },
  rebuild: { line: 'rebuild needed: no state goes on', code: 3 },
} as const;

/** What a changed file would keep of the state of the job that runs the old one, before anything is stopped. */
export const diff: Command = {
  name: 'diff',
  operands: 'OLD NEW',
  count: { least: 2, most: 2 },
  summary: 'which state survives when NEW takes the place of OLD; ends with 0 for all, 2 for a part, 3 for none',
  flags: {},
  async run(context) {
    const { args, output } = context;
    const scripts = [];
    for (const file of args.operands) {
      // Each stands for itself: what one defines is not there for the other.
      const session = await Session.open(context);
      try {
        const loaded = await loadScripts(session.engine, [readScript({ file })]);
        if (loaded.errors.length > 0) {
          reportErrors(output, loaded);
          return 1;
        }
        scripts.push(loaded.scripts.flatMap((script) => script.inserts));
      } finally {
        await session[Symbol.asyncDispose]();
      }
    }
    const session = await Session.open(context);
    try {
      const { verdict, lines } = session.engine.upgrade(scripts[0] ?? [], scripts[1] ?? []);
      output.line([verdicts[verdict].line, ...lines.map((line) => `  ${line}`)].join('\n'));
      return verdicts[verdict].code;
    } finally {
      await session[Symbol.asyncDispose]();
    }
  },
};
