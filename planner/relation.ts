import type { Query } from '../parser/ast.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { LogicalPlan } from './logical-plan.ts';

/** A bound relation and the names it goes by. */
export interface Relation {
  readonly plan: LogicalPlan;
  readonly qualifiers: readonly string[];
  readonly label: string;
  /** Which of the qualifiers each column has; absent where all have all. */
  readonly owners?: readonly (string | undefined)[];
}

export type CommonTables = ReadonlyMap<string, LogicalPlan>;

/** What a relation is bound in: what names stand for, and how a query within it is bound. */
export interface RelationContext {
  readonly catalog: Catalog;
  /** What WITH names here, by name: it hides tables. */
  readonly commonTables: CommonTables;
  /** A query within this one, which sees what WITH names. */
  readonly bindQuery: (query: Query) => LogicalPlan;
  /** A query that was defined elsewhere. */
  readonly bindDefined: (query: Query) => LogicalPlan;
}
