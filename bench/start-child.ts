import { enableCompileCache } from 'node:module';

/** One start in a process of its own: prints as JSON what main.ts --start reports. The cache of compiled code is as the prompt has it. */
enableCompileCache();
const bareRss = process.memoryUsage.rss();
const from = performance.now();
const cpuFrom = process.cpuUsage();
const { parse } = await import('../parser/parse.ts');
const loaded = performance.now();
const { errors } = parse('SELECT a, COUNT(*) AS n FROM t WHERE b > 1 GROUP BY a;');
const parsed = performance.now();
const cpu = process.cpuUsage(cpuFrom);
if (errors.length > 0) throw new Error('the first statement cannot be parsed');
const { Engine } = await import('../engine/engine.ts');
await using engine = await Engine.create();
const rows = (await engine.collect('SELECT 1 AS one')).rows.length;
if (rows !== 1) throw new Error('the first query gave no row');
process.stdout.write(JSON.stringify({ loadMs: loaded - from, firstParseMs: parsed - loaded, cpuMs: (cpu.user + cpu.system) / 1000, bareRss, engineRss: process.memoryUsage.rss() }));
