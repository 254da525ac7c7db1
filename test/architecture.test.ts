import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { basename, join } from 'node:path';
import test from 'node:test';
import { parseSource, root, sourceFiles, type SourceFile } from './source-files.ts';

/** A file imports from its own folder or from a lower number; folders of one number do not import each other. */
const levels: Readonly<Record<string, number>> = {
  core: 0,
  parser: 1,
  functions: 1,
  state: 1,
  wire: 1,
  catalog: 2,
  expression: 2,
  planner: 3,
  broker: 3,
  executor: 4,
  connectors: 4,
  engine: 5,
  language: 5,
  server: 6,
  repl: 7,
};
const rootLevel = 7;
const barrels = ['index.ts', 'index.planner.ts', 'index.connector.ts'];
/** What must run in a browser. */
const withoutNode = ['core', 'parser', 'functions', 'expression', 'planner', 'catalog', 'language'];

const folders = Object.keys(levels).filter((folder) => existsSync(join(root, folder)));
const product = [...sourceFiles(folders), ...sourceFiles(['.'])];

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
}

function importBreaches(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, imports }) => {
    const from = folderOf(path);
    const level = from === '' ? rootLevel : (levels[from] ?? -1);
    return imports.flatMap(({ file, specifier }) => {
      if (file === undefined) return [];
      const to = folderOf(file);
      if (to === from) return [];
      const other = to === '' ? rootLevel : levels[to];
      if (other === undefined) return [`${path} imports ${specifier}, which is in no folder of the product`];
      return other < level || (from === '' && to !== '' && other <= level) ? [] : [`${path} (${level}) imports ${specifier} (${other})`];
    });
  });
}

/** The first cycle of each file that lies on one, as `a -> b -> a`. Imports that are only types or lazy count as well: they are edges of the design. */
function cycles(files: readonly SourceFile[]): string[] {
  const edges = new Map(files.map(({ path, imports }) => [path, imports.flatMap(({ file }) => (file === undefined ? [] : [file]))]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push([...trail.slice(at), path].join(' -> '));
    if (at >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return found;
}

/** Files that only pass on what others export. */
function otherBarrels(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path, code }) => {
      if (barrels.includes(path)) return false;
      if (basename(path).startsWith('index.')) return true;
      const rest = code.replace(/^\s*export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s+from\s+'[^']+';?/gm, '');
      return /^\s*export\s[^;]*\sfrom\s+'/m.test(code) && rest.trim() === '';
    })
    .map(({ path }) => path);
}

function matches(files: readonly SourceFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, code }) => {
    // Strings are no code; templates stay, as they hold code.
    const text = code.replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g, "''");
    return [...text.matchAll(new RegExp(pattern, 'gm'))].map((match) => `${path}:${text.slice(0, match.index).split('\n').length}  ${match[0].trim()}`);
  });
}

test('every folder of the product is known to the import rule', () => {
  assert.ok(product.length > 50, 'the product was found');
  assert.deepEqual(product.filter(({ path }) => path.includes('/') && levels[folderOf(path)] === undefined).map(({ path }) => path), []);
});

test('a file imports only from its own folder or from a lower number', () => {
  assert.deepEqual(importBreaches(product), []);
});

test('no file imports itself by a detour', () => {
  assert.deepEqual(cycles(product), []);
});

test('every imported file is there', () => {
  const missing = product.flatMap(({ path, imports }) => imports.filter(({ file }) => file !== undefined && !existsSync(join(root, file))).map(({ specifier }) => `${path}: ${specifier}`));
  assert.deepEqual(missing, []);
});

test('index.ts, index.planner.ts and index.connector.ts are the only barrels', () => {
  assert.deepEqual(otherBarrels(product), []);
});

test('what must run in a browser uses no Node built-in, nor does what it loads', () => {
  const byPath = new Map(product.map((file) => [file.path, file]));
  const start = [...product.filter(({ path }) => withoutNode.includes(folderOf(path)) && !path.startsWith('catalog/sqlite/')), ...product.filter(({ path }) => path === 'index.planner.ts')];
  const loaded = new Set<SourceFile>();
  const load = (file: SourceFile | undefined): void => {
    if (file === undefined || loaded.has(file)) return;
    loaded.add(file);
    for (const { file: next, isType } of file.imports) if (next !== undefined && !isType) load(byPath.get(next));
  };
  start.forEach(load);
  const found = [...loaded].flatMap(({ path, imports }) => imports.filter(({ specifier, file }) => file === undefined && isBuiltin(specifier)).map(({ specifier }) => `${path} imports ${specifier}`));
  assert.deepEqual(found, []);
  assert.deepEqual(matches([...loaded], /\b(?:process|Buffer|__dirname|require)\b\s*[.([]/), []);
});

test('only the command line writes to the console', () => {
  assert.deepEqual(matches(product.filter(({ path }) => !path.startsWith('repl/')), /\bconsole\s*\.|\bprocess\.(?:stdout|stderr)\b/), []);
});

test('no default exports, enums, namespaces or parameter properties', () => {
  assert.deepEqual(matches(product, /^\s*export\s+default\b|\bas\s+default\b/), []);
  assert.deepEqual(matches(product, /^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w+\s*\{|^\s*(?:export\s+)?(?:declare\s+)?namespace\s+\w/), []);
  assert.deepEqual(matches(product, /\bconstructor\s*\((?:[^)]*,)?\s*(?:public|private|protected|readonly)\s+\w+\s*[:?]/), []);
});

test('no file is called utils, helpers, types or common', () => {
  const named = product.filter(({ path }) => path.split('/').some((part) => /^(?:src|(?:utils?|helpers?|types?|common)(?:\.ts)?)$/.test(part)));
  assert.deepEqual(named.map(({ path }) => path), []);
});

test('planner and operators see no clock, no chance and no environment', () => {
  const pure = product.filter(({ path }) => path.startsWith('planner/') || path.startsWith('executor/operators/'));
  assert.ok(pure.length > 10);
  assert.deepEqual(matches(pure, /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.|\bperformance\.|\bset(?:Timeout|Interval|Immediate)\b/), []);
});

test('the rules find what they forbid', () => {
  const low = parseSource('core/a.ts', "import { x } from '../engine/b.ts';\nexport { y } from './c.ts';\n// import { z } from '../repl/d.ts';");
  assert.deepEqual(importBreaches([low]), ['core/a.ts (0) imports ../engine/b.ts (5)']);
  assert.deepEqual(importBreaches([parseSource('planner/a.ts', "const x = await import('../broker/b.ts');")]), ['planner/a.ts (3) imports ../broker/b.ts (3)']);
  assert.deepEqual(cycles([parseSource('core/a.ts', "import './b.ts';"), parseSource('core/b.ts', "import type { x } from './a.ts';")]), ['core/a.ts -> core/b.ts -> core/a.ts']);
  assert.deepEqual(otherBarrels([parseSource('core/all.ts', "export { x } from './a.ts';\nexport * from './b.ts';\n")]), ['core/all.ts']);
  assert.deepEqual(matches([parseSource('core/a.ts', "const t = 'console.log';\nconsole.log(t);")], /\bconsole\s*\./), ['core/a.ts:2  console.']);
  assert.deepEqual(matches([parseSource('planner/a.ts', 'const t = `${Date.now()}`;')], /\bDate\.now\b/), ['planner/a.ts:1  Date.now']);
});
