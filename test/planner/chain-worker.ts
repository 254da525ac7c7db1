import { parentPort } from 'node:worker_threads';
import { Engine } from '../../engine/engine.ts';
import { parse } from '../../parser/parse.ts';
import { printStatement } from '../../parser/print.ts';
import { makePlayer } from '../conformance/play.ts';

/** What the thread is asked: the value of an expression over one row with n and b, or what EXPLAIN says of a query. */
export type ChainTask = { readonly kind: 'value'; readonly expression: string; readonly n: number; readonly b: number } | { readonly kind: 'explain'; readonly script: string };

/** `printed`: characters that the printer or EXPLAIN wrote. */
export type ChainAnswer = { readonly value: unknown; readonly printed: number } | { readonly error: string };

async function answer(task: ChainTask): Promise<ChainAnswer> {
  if (task.kind === 'explain') {
    await using engine = await Engine.create();
    const { errors, results } = engine.check(task.script);
    if (errors[0] !== undefined) throw errors[0];
    const last = results.at(-1);
    return { value: undefined, printed: last?.kind === 'done' ? last.message.length : 0 };
  }
  const sql = `SELECT ${task.expression}`;
  const [statement] = parse(sql).statements;
  const player = makePlayer(new Map([['t', { splits: [[{ kind: 0, phase: 1, values: [task.n, task.b] }]] }]]));
  await using engine = await Engine.create({ connectors: player.connectors });
  await engine.exec("CREATE TABLE t (n INT, b BIGINT NOT NULL) WITH ('connector' = 'play')");
  const [row] = (await engine.collect(`${sql} AS x FROM t`)).rows;
  return { value: row?.['x'], printed: statement === undefined ? 0 : printStatement(statement).length };
}

parentPort?.on('message', (task: ChainTask) => {
  void answer(task).catch((error: unknown): ChainAnswer => ({ error: String(error) })).then((given) => parentPort?.postMessage(given));
});
