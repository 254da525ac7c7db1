import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout: the folder that holds package.json. */
export const root = fileURLToPath(new URL('..', import.meta.url));

export interface Import {
  /** As written. */
  readonly specifier: string;
  /** The file within the checkout that it names, or undefined for a package or a Node built-in. */
  readonly file: string | undefined;
  readonly isType: boolean;
  /** True for `import()`, which loads when it is called. */
  readonly isLazy: boolean;
}

export interface SourceFile {
  /** From the checkout on, with `/`. */
  readonly path: string;
  /** The text without comments. */
  readonly code: string;
  readonly imports: readonly Import[];
}

/** Every .ts file of the given folders, and of the root when '.' is among them. */
export function sourceFiles(folders: readonly string[]): readonly SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: folder !== '.', withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => parseSource(relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))),
  );
}

export function parseSource(path: string, text = readFileSync(join(root, path), 'utf8')): SourceFile {
  const code = withoutComments(text);
  const imports: Import[] = [];
  for (const match of code.matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[\w*{][^;'"]*?\sfrom\s+)?'([^']+)'/gm)) {
    imports.push(importOf(path, match[2] ?? '', match[1] !== undefined, false));
  }
  for (const match of code.matchAll(/(typeof\s+)?\bimport\(\s*'([^']+)'/g)) imports.push(importOf(path, match[2] ?? '', match[1] !== undefined, true));
  return { path, code, imports };
}

function importOf(from: string, specifier: string, isType: boolean, isLazy: boolean): Import {
  const file = specifier.startsWith('.') ? normalize(join(dirname(from), specifier)).replaceAll('\\', '/') : undefined;
  return { specifier, file, isType, isLazy };
}

/** The text with comments blanked, lines kept. Strings, templates and regular expressions are passed over, as far as this code base writes them. */
function withoutComments(text: string): string {
  const token = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*|(?<=[=(,:?!&|]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//g;
  return text.replace(token, (found) => (found.startsWith('/*') || found.startsWith('//') ? found.replace(/[^\n]/g, ' ') : found));
}
