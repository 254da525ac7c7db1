import type { Query } from '../parser/ast.ts';
import type { Scope } from './bind-expr.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { ViewEntry } from '../catalog/entry.ts';
import type { LogicalPlan } from './logical-plan.ts';

/** A bound relation and the names it goes by. */
export interface Relation {
  readonly plan: LogicalPlan;
  readonly qualifiers: readonly string[];
  readonly label: string;
  /** Which of the qualifiers each column has; absent where all have all. */
  readonly owners?: readonly (string | undefined)[];
  /** The columns that `*` stands for, in its order, and that names without a qualifier can mean; all of them where absent. */
  readonly star?: readonly number[];
}

export function ownersOf({ owners, plan, qualifiers }: Relation): readonly (string | undefined)[] {
  return owners ?? plan.columns.map(() => qualifiers[0]);
}

export function starOf({ star, plan }: Relation): readonly number[] {
  return star ?? [...plan.columns.keys()];
}

/** A relation with more columns behind its own, which no name means. */
export function extended(relation: Relation, plan: LogicalPlan): Relation {
  const own = relation.plan.columns.length;
  return plan.columns.length === own ? { ...relation, plan } : { ...relation, plan, star: starOf(relation), owners: [...ownersOf(relation), ...plan.columns.slice(own).map(() => undefined)] };
}

/** What names mean over the rows of a relation. */
export function scopeOf({ plan, qualifiers, label, owners, star }: Relation): Scope {
  return { columns: plan.columns, qualifiers, label, ...(owners !== undefined && { owners }), ...(star !== undefined && { star }) };
}

export type CommonTables = ReadonlyMap<string, LogicalPlan>;

/** What a relation is bound in: what names stand for, and how a query within it is bound. */
export interface RelationContext {
  readonly catalog: Catalog;
  /** What WITH names here, by name: it hides tables. */
  readonly commonTables: CommonTables;
  /** A query within this one, which sees what WITH names. */
  readonly bindQuery: (query: Query) => LogicalPlan;
  /** The query of a view, as it was defined elsewhere. */
  readonly bindDefined: (view: ViewEntry) => LogicalPlan;
  /** The views whose queries are being bound: none of them may be read. */
  readonly inside: readonly ViewEntry[];
}
