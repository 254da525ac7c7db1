import type { Diagnostic } from '../core/diagnostic.ts';

/** A call of another program's that takes SQL as a text: `t_env.execute_sql("""...""")`. */
const calls = /(?:\b[\w.]+\s*=\s*)?\b(?:[\w.]+\.)?(?:execute_sql|executeSql|sql_query|sqlQuery|spark\.sql|ksql)\s*\(\s*[frbu]?("""|'''|["'`])([^]*?)\1[^]*?\)\s*;?/g;

/** For a text with mistakes that is a program around SQL: one answer in place of them all, which takes the SQL out. Undefined when it is none. */
export function programAround(text: string): Diagnostic | undefined {
  const found = [...text.matchAll(calls)];
  const [first] = found;
  if (first === undefined) return undefined;
  const mark = first[1] ?? '"';
  const sql = found.map(([, , inner = '']) => inner.trim().replace(/;*$/, ';')).join('\n\n');
  return {
    code: 'E0004',
    message: 'this is a program around SQL',
    span: { start: first.index, end: first.index + first[0].indexOf('(') + 1 },
    label: `paste only what stands between ${mark} and ${mark}`,
    fixes: [{ title: 'take the SQL out', start: 0, end: text.length, replacement: sql }],
  };
}
