import { SqlError } from '../../core/diagnostic.ts';
import type { ColumnEntry, TableEntry } from '../../catalog/entry.ts';
import type { GivenOption } from '../../catalog/option-spec.ts';
import type { LikeChoice, LikeClause } from '../../parser/ast-statement.ts';

type Part = LikeChoice['what'];

/** What CREATE TABLE ... LIKE takes over, and what of it the new table's own clauses may say again. */
export interface Inherited extends Pick<TableEntry, 'columns' | 'watermark' | 'primaryKey' | 'constraint' | 'partitionedBy' | 'options'> {
  overwrites(part: Part): boolean;
}

/** Of these a table has one: both cannot be merged, so that nothing is overwritten. */
const single: readonly Part[] = ['ALL', 'CONSTRAINTS', 'DISTRIBUTION', 'PARTITIONS'];

/** Stored columns always; of the rest what the choices say: INCLUDING ALL where they say nothing, options OVERWRITING. */
export function inheritedFrom(table: TableEntry, { choices }: LikeClause): Inherited {
  for (const [i, { what, action, span }] of choices.entries()) {
    if (choices.findIndex((other) => other.what === what) !== i) throw new SqlError({ code: 'E0105', message: `LIKE says of ${what} twice what becomes of it`, span });
    if (action === 'OVERWRITING' && single.includes(what)) throw new SqlError({ code: 'E0001', message: `${what} is INCLUDING or EXCLUDING, not OVERWRITING`, span });
  }
  const actionOf = (part: Part): LikeChoice['action'] => {
    const own = choices.find(({ what }) => what === part)?.action;
    const all = choices.find(({ what }) => what === 'ALL')?.action;
    return own ?? (all === 'EXCLUDING' ? 'EXCLUDING' : part === 'OPTIONS' ? 'OVERWRITING' : 'INCLUDING');
  };
  const has = (part: Part): boolean => actionOf(part) !== 'EXCLUDING';
  const kept: Readonly<Record<ColumnEntry['kind'], boolean>> = { physical: true, computed: has('GENERATED'), metadata: has('METADATA') };
  return {
    columns: table.columns.filter((column) => kept[column.kind]),
    watermark: has('WATERMARKS') ? table.watermark : undefined,
    primaryKey: has('CONSTRAINTS') ? table.primaryKey : [],
    constraint: has('CONSTRAINTS') ? table.constraint : undefined,
    partitionedBy: has('PARTITIONS') ? table.partitionedBy : undefined,
    options: has('OPTIONS') ? table.options.map(({ key, value }): GivenOption => ({ key, value })) : [],
    overwrites: (part) => actionOf(part) === 'OVERWRITING',
  };
}
