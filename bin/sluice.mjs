#!/usr/bin/env node
// Plain JavaScript that an old Node can read as well, so that it can say what is missing.
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`sluice needs Node.js 22.18 or newer, and this is ${process.versions.node}; in a clone, npm run -s sluice -- ARGS uses the one that npm ci installed\n`);
  process.exitCode = 1;
} else {
  nodeModule.enableCompileCache?.();
  // `npm run sluice` in a folder of the clone: files are meant from there, and npm goes to the package's folder.
  const { npm_lifecycle_event: script, npm_package_name: name, INIT_CWD: from } = process.env;
  if (script === 'sluice' && name === 'sluice' && from !== undefined) process.chdir(from);
  // In a clone the sources: what was once built there may be older.
  const source = new URL('../repl/main.ts', import.meta.url);
  const { main } = await import(existsSync(source) ? source.href : new URL('../dist/repl/main.js', import.meta.url).href);
  await main(process.argv.slice(2), new URL('../', import.meta.url));
}
