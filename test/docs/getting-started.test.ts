import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CliFolder } from '../repl/cli.ts';
import { keys, Pty } from '../repl/prompt/pty.ts';
import { runProgram } from './program.ts';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/getting-started.md', root), 'utf8');

interface Block {
  readonly kind: string;
  readonly text: string;
  /** What the page says before it. */
  readonly before: string;
}

const blocks = [...page.matchAll(/([^]*?)```(\w+)\n([^]*?)```\n/g)].map(([, before = '', kind = '', text = '']): Block => ({ kind, text, before }));
const scripts = (JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { readonly scripts: Readonly<Record<string, string>> }).scripts;
const sluice = 'npm run -s sluice';

/** Types what a block types at the prompt, and compares what comes. */
async function talk(pty: Pty, text: string): Promise<void> {
  for (const part of text.split(/^(?=sluice> )/m)) {
    const lines = part.trimEnd().split('\n');
    const typed = lines.filter((line) => /^(sluice> | {6}\| )/.test(line));
    const said = lines.slice(typed.length);
    const before = said.at(-2) ?? '';
    pty.write(typed.map((line) => line.slice('sluice> '.length) + keys.enter).join(''));
    let shown = '';
    if (said.at(-1)?.endsWith(', stopped') === true) {
      shown = await pty.until(before);
      pty.write('q');
    }
    shown += await pty.until(`${said.at(-1) ?? ''}\r\n`);
    const all = shown.split('\n');
    const from = all.findIndex((line, i) => line.endsWith(typed.at(-1)?.slice('sluice> '.length) ?? '') && all[i + 1] === said[0]);
    assert.ok(from >= 0, `${part}\nwas answered by\n${shown}`);
    assert.deepEqual(all.slice(from + 1, -1), said);
    if (!part.includes('sluice> \\q')) await pty.until('sluice> ');
  }
}

suite('docs/getting-started.md', () => {
  test('every command and query gives what the page says', async () => {
    const cli = new CliFolder();
    let pty: Pty | undefined;
    let output: string | undefined;
    const kinds = new Set<string>();
    try {
      for (const { kind, text, before } of blocks) {
        kinds.add(kind);
        if (kind === 'sh') {
          output = '';
          for (const line of text.trimEnd().split('\n')) {
            if (line === 'npm ci') assert.ok(readFileSync(new URL('package-lock.json', root)).length > 0);
            else if (line === 'npm start') assert.equal(scripts['start'], 'node bin/sluice.mjs demo');
            else if (line === sluice) {
              pty = new Pty(cli.path);
              await pty.until('sluice> ');
            } else {
              assert.ok(line.startsWith(`${sluice} -- `), line);
              const { status, stdout, stderr } = cli.shell(`$SLUICE ${line.slice(sluice.length + 4)}`);
              assert.equal(status, 0, `${line}\n${stderr}`);
              output += stdout;
            }
          }
        } else if (kind === 'live') {
          assert.ok(pty !== undefined);
          const [query = '', head = ''] = text.split('\n');
          await pty.type(query.slice('sluice> '.length) + keys.enter, head);
          await pty.until('----\r\n s');
          await pty.type('q', 'stopped');
          await pty.until('sluice> ');
        } else if (kind === 'text' && text.startsWith('sluice> ')) {
          assert.ok(pty !== undefined);
          await talk(pty, text);
          if (text.includes('sluice> \\q')) assert.equal((await pty.ended).exitCode, 0);
        } else if (kind === 'text') assert.equal(output, text);
        else if (kind === 'sql') writeFileSync(join(cli.path, /`([\w.]+)`:\s*$/.exec(before)?.[1] ?? ''), text);
        else {
          assert.equal(kind, 'js');
          assert.equal(runProgram(cli.path, text).trimEnd(), /console\.log\(row\); \/\/ (.*)/.exec(text)?.[1]);
        }
      }
    } finally {
      pty?.[Symbol.dispose]();
    }
    assert.deepEqual([...kinds].toSorted(), ['js', 'live', 'sh', 'sql', 'text']);
  });
});
