import { types, withNullable } from '../core/sql-type.ts';
import type { ScalarFunction } from './definition.ts';

export const currentDatabaseName = 'CURRENT_DATABASE';

/** What a session is. The planner puts literals in the place of these calls: a job keeps what it was started with. Source: Flink's documentation, catalog functions. */
export const sessionFunctions: readonly ScalarFunction[] = [{
  name: currentDatabaseName,
  nulls: 'return-null',
  deterministic: true,
  overloads: [{
    id: 'name',
    version: 1,
    accept: (args) => (args.length === 0 ? args : undefined),
    returns: () => withNullable(types.string, false),
    emit: () => {
      throw new Error('a literal stands in its place');
    },
  }],
  doc: 'The name of the database in use.',
  examples: [{ sql: 'CURRENT_DATABASE()', result: 'default_database' }],
}];
