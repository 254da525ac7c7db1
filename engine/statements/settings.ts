import type { Statement } from '../../parser/ast-statement.ts';
import type { StatementResult } from '../api.ts';
import { done, listing, textColumn, type StatementContext } from './context.ts';

/** SET 'key' = 'value'; SET alone lists what is in force. */
export function set({ key, value = '', span }: Extract<Statement, { kind: 'Set' }>, context: StatementContext): StatementResult {
  if (key === undefined) return listing([textColumn('key'), textColumn('value')], context.world.settings.entries().map(([name, text]) => ({ key: name, value: text })));
  context.do((world) => world.settings.set(key, value, span));
  return done(`set '${key}'`);
}

/** RESET 'key', or of all. */
export function reset({ key, span }: Extract<Statement, { kind: 'Reset' }>, context: StatementContext): StatementResult {
  context.do((world) => world.settings.reset(key, span));
  return done(key === undefined ? 'reset' : `reset '${key}'`);
}
