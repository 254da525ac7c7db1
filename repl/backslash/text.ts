import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackslashCommand } from './backslash.ts';

/** Commands that are about the text that was typed, and those that go out of the prompt. */
export const textCommands: readonly BackslashCommand[] = [
  {
    name: 'explain',
    usage: 'explain [QUERY]',
    doc: 'the plan of a query, without one of the last',
    takes: 'anything',
    run: async (query, { lastText, run, tell }) => {
      const text = query === '' ? lastText : query;
      if (text === undefined) tell('there is no query yet:  \\explain SELECT ..');
      else await run(`EXPLAIN ${text}`);
    },
  },
  {
    name: 'watch',
    usage: 'watch [SECONDS]',
    doc: 'the last query again and again, over what is there: every 2 s, or as said; c=3 ends it after three times',
    takes: 'anything',
    run: async (operand, { watch, tell }) => {
      const given = /^(?:(?:i=)?(\d+(?:\.\d+)?|\.\d+)(?:\s+|$))?(?:c=(\d+))?$/.exec(operand);
      const [, seconds = '2', times] = given ?? [];
      if (given === null || Number(seconds) > 86_400 || Number(times) === 0) tell(`\\watch takes seconds, as \\watch 2, and how often, as \\watch 2 c=3; not '${operand}'`);
      else await watch(Number(seconds), times === undefined ? undefined : Number(times));
    },
  },
  {
    name: 'fix',
    usage: 'fix [N]',
    doc: 'puts the last text, mended as its errors propose, here to be edited',
    takes: 'anything',
    run: (which, { mended, edit, tell }) => {
      const text = mended(which === '' ? undefined : Number(which));
      if (text === undefined) tell('the last errors propose nothing that could be typed by itself');
      else edit(text);
    },
  },
  {
    name: 'e',
    usage: 'e',
    doc: 'the last text in your editor ($VISUAL, $EDITOR), then here',
    takes: 'nothing',
    run: (_, { lastText, outside, edit, tell }) => {
      const editor = process.env['VISUAL'] ?? process.env['EDITOR'] ?? 'vi';
      const dir = mkdtempSync(join(tmpdir(), 'sluice-edit-'));
      const file = join(dir, 'query.sql');
      try {
        writeFileSync(file, `${lastText ?? ''}\n`, { mode: 0o600 });
        const { status, error } = outside(() => spawnSync(editor, [file], { stdio: 'inherit', shell: editor.includes(' ') }));
        if (status === 0) edit(readFileSync(file, 'utf8').trimEnd());
        else tell(`error: ${editor} ${error === undefined ? `ended with ${status ?? 'a signal'}` : `cannot be started: ${error.message}`}`, '  EDITOR names another one');
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    },
  },
  { name: 'i', usage: 'i FILE', doc: 'runs the statements of a file', takes: 'something', run: (file, { run }) => run('', file) },
  {
    name: '!',
    usage: '! COMMAND',
    doc: 'a command of the shell',
    takes: 'something',
    run: (command, { outside }) => {
      outside(() => spawnSync(command, { shell: true, stdio: 'inherit' }));
    },
  },
  { name: 'q', usage: 'q', doc: 'leaves; jobs stop with a last checkpoint', takes: 'nothing', run: () => 'leave' },
];
