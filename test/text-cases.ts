import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';

/**
 * Cases as text: `=== name`, SQL, `--- `, what is expected. Each case is one test. With SLUICE_REWRITE=1 the file is written anew from
 * what comes out, for a person to read the difference.
 */
export function textCases(file: URL, run: (sql: string) => string | Promise<string>): void {
  const cases = readFileSync(file, 'utf8')
    .split(/^=== /m)
    .slice(1)
    .map((part) => {
      const [name, rest] = cut(part, '\n');
      const [sql, expected] = cut(rest, '\n---\n');
      return { name: name.trim(), sql: sql.trim(), expected: expected.trimEnd() };
    });
  if (process.env['SLUICE_REWRITE'] === '1') {
    test('rewrites the expected texts', async () => {
      const parts: string[] = [];
      for (const { name, sql } of cases) parts.push(`=== ${name}\n${sql}\n---\n${(await run(sql)).trimEnd()}\n`);
      writeFileSync(file, parts.join('\n'));
    });
    return;
  }
  test(`${file.pathname.split('/').at(-1)} holds cases, each with a name of its own`, () => {
    assert.ok(cases.length > 0);
    assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
  });
  for (const { name, sql, expected } of cases) test(name, async () => assert.equal((await run(sql)).trimEnd(), expected));
}

function cut(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + at.length)];
}
