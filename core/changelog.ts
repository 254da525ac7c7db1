/** The kind of a change, as Flink numbers them. Operators read -U as -D and +U as +I; only display and encoders tell them apart. */
export const RowKind = { insert: 0, updateBefore: 1, updateAfter: 2, delete: 3 } as const;
export type RowKind = (typeof RowKind)[keyof typeof RowKind];
export const rowKindText = ['+I', '-U', '+U', '-D'] as const;

/** What kinds of change a stream may hold. `before`: updates come with the row they replace. `fullDeletes`: deletes carry the whole row. */
export interface Changelog {
  readonly inserts: boolean;
  readonly updates: boolean;
  readonly deletes: boolean;
  readonly before: boolean;
  readonly fullDeletes: boolean;
}

export const insertOnly: Changelog = { inserts: true, updates: false, deletes: false, before: false, fullDeletes: false };
export const upserts: Changelog = { inserts: true, updates: true, deletes: true, before: false, fullDeletes: false };
export const retractions: Changelog = { inserts: true, updates: true, deletes: true, before: true, fullDeletes: true };

export function isInsertOnly(changelog: Changelog): boolean {
  return !changelog.updates && !changelog.deletes;
}

/** What streams may hold together. An update of any comes with the row that it replaces only if those of all do. */
export function mergeChangelogs(changelogs: readonly Changelog[]): Changelog {
  const updating = changelogs.filter((changelog) => changelog.updates);
  const deleting = changelogs.filter((changelog) => changelog.deletes);
  return {
    inserts: changelogs.some((changelog) => changelog.inserts),
    updates: updating.length > 0,
    deletes: deleting.length > 0,
    before: updating.length > 0 && updating.every((changelog) => changelog.before),
    fullDeletes: deleting.length > 0 && deleting.every((changelog) => changelog.fullDeletes),
  };
}

/** As EXPLAIN CHANGELOG_MODE prints it: `I`, `I,UA`, `I,UB,UA,D`. */
export function printChangelog(changelog: Changelog): string {
  const parts: string[] = [];
  if (changelog.inserts) parts.push('I');
  if (changelog.updates && changelog.before) parts.push('UB');
  if (changelog.updates) parts.push('UA');
  if (changelog.deletes) parts.push('D');
  return parts.join(',');
}
