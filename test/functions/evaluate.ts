import { Engine } from '../../engine/engine.ts';

/** The values of expressions without columns, as text by CAST; NULL is null. */
export async function textsOf(...expressions: readonly string[]): Promise<unknown[]> {
  await using engine = await Engine.create();
  const { rows } = await engine.collect(`SELECT ${expressions.map((sql, i) => `CAST(${sql} AS STRING) AS c${i}`).join(', ')}`);
  return Object.values(rows[0] ?? {});
}
