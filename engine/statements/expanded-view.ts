import { SqlError } from '../../core/diagnostic.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { ViewEntry } from '../../catalog/entry.ts';
import type { Place } from '../../catalog/object-path.ts';
import type { Name, Query } from '../../parser/ast.ts';
import { bindQuery } from '../../planner/bind-query.ts';

type With = Extract<Query, { kind: 'With' }>;

/**
 * A view that means the same wherever it is read: its columns are named, and each table of its query has its whole name. So Flink prints views. The columns
 * of a view whose query no longer binds are left as they were written.
 */
export function expandedView(view: ViewEntry, catalog: Catalog): ViewEntry {
  const query = qualified(view.query, view.home);
  if (view.columns.length > 0) return { ...view, query };
  try {
    return { ...view, query, columns: bindQuery(view.query, catalog.from(view.home)).columns.map(({ name }) => name) };
  } catch (error) {
    if (error instanceof SqlError) return { ...view, query };
    throw error;
  }
}

/** A part of the copy that is still to be made: `value` as the property `key` of `holder`. */
interface Open {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly value: unknown;
  /** What WITH names there. */
  readonly named: ReadonlySet<string>;
}

/** The query with whole names of tables, but for those that WITH names. Without recursion: chains of operators may be long. */
function qualified(query: Query, home: Place): Query {
  const root: Record<string, unknown> = {};
  const open: Open[] = [{ holder: root, key: 'query', value: query, named: new Set() }];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const { holder, key, value, named } = part;
    if (typeof value !== 'object' || value === null) {
      holder[key] = value;
      continue;
    }
    const copy = (Array.isArray(value) ? [] : {}) as Record<string, unknown>;
    holder[key] = copy;
    const kind = 'kind' in value ? value.kind : undefined;
    if (kind === 'With') {
      open.push(...partsOfWith(value as With, copy, named));
      continue;
    }
    const whole = kind === 'NamedTable' || kind === 'Temporal' ? { ...value, name: wholeName((value as unknown as { readonly name: Name }).name, home, named) } : value;
    for (const [name, of] of Object.entries(whole)) open.push({ holder: copy, key: name, value: of, named });
  }
  return root['query'] as Query;
}

/** Each query of WITH sees those before it. */
function partsOfWith(node: With, copy: Record<string, unknown>, around: ReadonlySet<string>): readonly Open[] {
  const parts: Open[] = [];
  const named = new Set(around);
  copy['tables'] = node.tables.map((table) => {
    const holder: Record<string, unknown> = { ...table };
    parts.push({ holder, key: 'query', value: table.query, named: new Set(named) });
    named.add(table.name.name);
    return holder;
  });
  for (const [key, value] of Object.entries(node)) if (key !== 'tables') parts.push({ holder: copy, key, value, named });
  return parts;
}

function wholeName(name: Name, { catalog, database }: Place, named: ReadonlySet<string>): Name {
  const { parts, span } = name;
  const [first] = parts;
  if (parts.length === 1 && first !== undefined && named.has(first.name)) return name;
  const missing = [catalog, database].slice(0, Math.max(0, 3 - parts.length));
  // Where no database is in use such a name leads nowhere.
  return missing.includes(undefined) ? name : { ...name, parts: [...missing.map((part) => ({ name: part as string, span })), ...parts] };
}
