import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'node:test';
import { root } from '../source-files.ts';

const folders = ['core', 'parser', 'functions', 'expression', 'catalog', 'planner', 'executor', 'state', 'wire', 'broker', 'connectors', 'engine', 'repl', 'test', 'bench'];
const pages = ['ARCHITECTURE.md', 'CHANGELOG.md', ...folders.map((folder) => `${folder}/README.md`), ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];

/** The folders below one, each with a `/` behind it. */
function foldersBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [`${relative(root, join(entry.parentPath, entry.name))}/`] : []));
}

/** A path as a page may write it: from the checkout on, from the page's folder or one below it on, or by its last part within the folder that the line speaks of. */
function isThere(page: string, path: string, line: string): boolean {
  const nearby = [...line.matchAll(/[\w-]+(?:\/[\w.-]+)*\//g)].map((match) => match[0]);
  const own = page.endsWith('/README.md') ? foldersBelow(dirname(page)) : [];
  const heads = ['', `${dirname(page)}/`, ...own, ...nearby, ...nearby.map((head) => `${dirname(page)}/${head}`), 'connectors/kafka/', 'connectors/formats/json/', 'executor/runtime/', 'planner/', 'state/'];
  return heads.some((head) => existsSync(join(root, head, path)));
}

/** A page without the names of files that it has the reader write: "This is `NAME`:". */
function withoutOwnFiles(text: string): string {
  return [...text.matchAll(/This is `([\w.-]+)`:/g)].reduce((rest, [, name = '']) => rest.replaceAll(name, ''), text);
}

test('every folder of the project has a README', () => {
  assert.deepEqual(folders.filter((folder) => !existsSync(join(root, folder, 'README.md'))), []);
  assert.match(readFileSync(join(root, 'LICENSE'), 'utf8'), /Apache License\s+Version 2\.0/);
});

test('every file that a page names is there', () => {
  const missing = pages.flatMap((page) =>
    withoutOwnFiles(readFileSync(join(root, page), 'utf8'))
      .split('\n')
      .flatMap((line, i) => [...line.matchAll(/(?<![\w/.*-])([\w-]+(?:\/[\w.-]+)*\.(?:ts|md|sql|txt|mjs))(?![\w*])/g)].filter((match) => !/NAME|FILE/.test(match[1] ?? '') && !isThere(page, match[1] ?? '', line)).map((match) => `${page}:${i + 1} ${match[1]}`)),
  );
  assert.deepEqual(missing, []);
});

test('every folder of the product is in the rule of ARCHITECTURE.md', () => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const rule = text.slice(text.indexOf('## Folders'), text.indexOf('A file imports only') < 0 ? text.indexOf('A file imports from') : undefined);
  assert.deepEqual(folders.filter((folder) => !new RegExp(`\\b${folder}\\b`).test(rule)), []);
});
