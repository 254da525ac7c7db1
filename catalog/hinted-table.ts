import { SqlError } from '../core/diagnostic.ts';
import type { Hint } from '../parser/ast.ts';
import { printText } from '../parser/print-name.ts';
import type { TableEntry } from './entry.ts';
import type { GivenOption } from './option-spec.ts';

/**
 * The table as the hint OPTIONS('k' = 'v') has it read or written: with these options over its own, of a key said twice the last. Its name tells
 * it from the table itself, so that a plan may have both; `base` is what holds the rows. Throws E0002 for another hint, E0001 for what gives no value.
 */
export function withHints(table: TableEntry, hints: readonly Hint[]): TableEntry {
  const options = new Map<string, GivenOption>();
  for (const { name, args, span } of hints) {
    if (name.name.toUpperCase() !== 'OPTIONS') throw new SqlError({ code: 'E0002', message: `not supported yet: the hint ${name.name.toUpperCase()}`, span: name.span });
    for (const { key, isName, value } of args) {
      if (isName || value === undefined) throw new SqlError({ code: 'E0001', message: 'OPTIONS takes texts with values', span, label: "OPTIONS('key' = 'value')" });
      if (key === 'connector') throw new SqlError({ code: 'E0504', message: "a hint cannot give a table another 'connector'", span });
      options.set(key, { key, value, keySpan: span, valueSpan: span });
    }
  }
  if (options.size === 0) return table;
  const kept = table.options.filter(({ key }) => !options.has(key));
  const text = [...options.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ key, value }) => `${printText(key)} = ${printText(value)}`);
  return { ...table, name: `${table.name} /*+ OPTIONS(${text.join(', ')}) */`, options: [...kept, ...options.values()], base: table };
}
