import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Context } from '../command.ts';
import { defaultStateDir } from '../session.ts';
import { Conversation, type Limits } from './conversation.ts';
import { EngineLink, Refused } from './engine-link.ts';
import type { Keyboard } from './keyboard.ts';
import { PlainSurface } from './plain-surface.ts';
import { TerminalSurface } from './terminal-surface.ts';
import type { PromptState } from '../backslash/backslash.ts';

/** The prompt: reads statements until \q, Ctrl-D or a signal. Gives the exit code. */
export async function openPrompt(context: Context, limits: Limits): Promise<number> {
  const { args, output, root } = context;
  const stateDir = args.text('state-dir') ?? defaultStateDir;
  const isPlain = process.env['TERM'] === 'dumb' || process.stdout.isTTY !== true;
  const color = output.usesColor('stdout') && process.env['TERM'] !== 'dumb';
  const keyboard: Keyboard = isPlain ? new PlainSurface(output) : new TerminalSurface(color, join(homedir(), '.sluice_history'));
  const options = { stateDir, settings: args.settings() };
  const conversation = new Conversation(keyboard, (listener) => new EngineLink(options, listener), limits, (args.text('format') ?? 'auto') as PromptState['format']);
  const { link } = conversation;
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { readonly version: string };
  if (!args.is('quiet')) keyboard.tell([`Sluice ${version}   broker: embedded, files in ${isAbsolute(stateDir) || /^\.\.?\//.test(stateDir) ? stateDir : `./${stateDir}`}   \\? help`]);
  try {
    const leaving = keyboard.talk(conversation);
    // An engine that cannot be opened ends the prompt; one that can lets it go on.
    const code = await Promise.race([leaving, link.ready.then(() => leaving)]);
    conversation.leave();
    keyboard.close();
    if (link.jobs.length > 0) output.log(`stopping ${link.jobs.join(', ')} with a last checkpoint`);
    await link.close();
    return code;
  } catch (error) {
    keyboard.close();
    if (!(error instanceof Refused)) throw error;
    output.error(error.message);
    return error.exitCode;
  }
}
