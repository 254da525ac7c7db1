import type { Command } from '../command.ts';
import { loadScripts, readScript, reportErrors } from '../scripts.ts';
import { Session } from '../session.ts';

type PlanFormat = 'text' | 'json' | 'code' | 'mermaid' | 'dot';

/** The plan of every INSERT and SELECT of a file. */
export const explain: Command = {
  name: 'explain',
  operands: 'FILE',
  count: { least: 1, most: 1 },
  summary: 'the plan of each query: changes, keys, watermark, and what bounds its state',
  flags: { format: { type: 'string', value: 'FORM', choices: ['text', 'json', 'mermaid', 'dot', 'code'], doc: 'text, json (an array of plans), mermaid or dot (a graph of each), or code (what was generated)' } },
  async run(context) {
    const { args, output } = context;
    const format = (args.text('format') ?? 'text') as PlanFormat;
    const session = await Session.open(context);
    const loaded = await loadScripts(session.engine, args.operands.map((file) => readScript({ file })));
    if (loaded.errors.length > 0) {
      reportErrors(output, loaded);
      return 1;
    }
    const plans = loaded.scripts.flatMap(({ inserts, queries }) => [...inserts, ...queries]).map(({ planned }) => session.engine.explain(planned, format));
    if (plans.length === 0) output.log(`${args.operands[0] ?? ''} holds no INSERT and no SELECT`);
    else output.line(format === 'json' ? `[${plans.join(',\n')}]` : plans.join('\n\n'));
    return 0;
  },
};
