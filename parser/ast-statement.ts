import type { Span } from '../core/span.ts';
import type { Expr, Hint, Identifier, Name, Node, Query, TypeExpr } from './ast.ts';

export interface OptionPair extends Node {
  readonly key: { readonly text: string; readonly span: Span };
  readonly value: { readonly text: string; readonly span: Span };
}

export type ColumnClause =
  | (Node & { readonly kind: 'PhysicalColumn'; readonly name: Identifier; readonly type: TypeExpr; readonly primaryKey: boolean; readonly comment: string | undefined })
  | (Node & { readonly kind: 'ComputedColumn'; readonly name: Identifier; readonly expr: Expr; readonly comment: string | undefined })
  | (Node & { readonly kind: 'MetadataColumn'; readonly name: Identifier; readonly type: TypeExpr; readonly key: string | undefined; readonly isVirtual: boolean; readonly comment: string | undefined })
  | (Node & { readonly kind: 'Watermark'; readonly column: Identifier; readonly expr: Expr })
  /** A column of the query of CREATE TABLE ... AS, which has its type from there. */
  | (Node & { readonly kind: 'QueryColumn'; readonly name: Identifier })
  | (Node & { readonly kind: 'PrimaryKey'; readonly constraint: Identifier | undefined; readonly columns: readonly Identifier[] });

/** `LIKE t (EXCLUDING OPTIONS, ...)` of CREATE TABLE. What is not named is INCLUDING ALL, of options OVERWRITING. */
export interface LikeClause extends Node {
  readonly table: Name;
  readonly choices: readonly LikeChoice[];
}

export interface LikeChoice extends Node {
  readonly action: 'INCLUDING' | 'EXCLUDING' | 'OVERWRITING';
  readonly what: (typeof likeParts)[number];
}

export const likeParts = ['ALL', 'CONSTRAINTS', 'DISTRIBUTION', 'PARTITIONS', 'GENERATED', 'METADATA', 'OPTIONS', 'WATERMARKS'] as const;

/** `DISTRIBUTED BY HASH (a) INTO 4 BUCKETS`, of which each part may be absent. */
export interface Distribution extends Node {
  readonly by: 'HASH' | 'RANGE' | undefined;
  readonly columns: readonly Identifier[];
  readonly buckets: string | undefined;
}

/** A column of ALTER TABLE ADD or MODIFY, and where it goes: FIRST, AFTER a column, or where it would anyway. */
export interface ColumnChange extends Node {
  readonly clause: ColumnClause;
  readonly place: 'FIRST' | Identifier | undefined;
}

export type AlterTableAction =
  | (Node & { readonly kind: 'RenameTo'; readonly to: Name })
  | (Node & { readonly kind: 'RenameColumn'; readonly from: Identifier; readonly to: Identifier })
  | (Node & { readonly kind: 'SetOptions'; readonly options: readonly OptionPair[] })
  | (Node & { readonly kind: 'ResetOptions'; readonly keys: readonly string[] })
  | (Node & { readonly kind: 'ChangeColumns'; readonly operation: 'ADD' | 'MODIFY'; readonly changes: readonly ColumnChange[] })
  | (Node & { readonly kind: 'DropColumns'; readonly columns: readonly Identifier[] })
  | (Node & { readonly kind: 'DropConstraint'; readonly constraint: Identifier })
  | (Node & { readonly kind: 'ChangeDistribution'; readonly operation: 'ADD' | 'MODIFY'; readonly distribution: Distribution })
  | (Node & { readonly kind: 'AddPartitions'; readonly ifNotExists: boolean; readonly partitions: readonly { readonly spec: readonly PartitionPair[]; readonly options: readonly OptionPair[] }[] })
  | (Node & { readonly kind: 'DropPartitions'; readonly ifExists: boolean; readonly specs: readonly (readonly PartitionPair[])[] })
  | (Node & { readonly kind: 'DropPart'; readonly what: 'PRIMARY KEY' | 'WATERMARK' | 'DISTRIBUTION' });

/** `k = 1` of PARTITION (k = 1); without a value where only the column counts. */
export interface PartitionPair extends Node {
  readonly column: Identifier;
  readonly value: Expr | undefined;
}

/** What ALTER MATERIALIZED TABLE does beside what ALTER TABLE does. */
export type AlterMaterializedAction =
  | AlterTableAction
  | (Node & { readonly kind: 'Suspend' })
  | (Node & { readonly kind: 'Resume'; readonly options: readonly OptionPair[] })
  | (Node & { readonly kind: 'Refresh'; readonly partition: readonly PartitionPair[] })
  | (Node & { readonly kind: 'As'; readonly query: Query });

/** A pattern of LIKE: `SHOW TABLES NOT LIKE 'a%'`. ILIKE ignores case. */
export interface LikePattern extends Node {
  readonly pattern: string;
  readonly negated: boolean;
  readonly ignoresCase: boolean;
}

/** What SHOW lists. */
export const showable = [
  'CATALOGS', 'CURRENT CATALOG', 'DATABASES', 'CURRENT DATABASE', 'TABLES', 'VIEWS', 'COLUMNS', 'FUNCTIONS', 'USER FUNCTIONS', 'JOBS', 'JARS', 'MODULES', 'FULL MODULES', 'MODELS',
  'PARTITIONS', 'PROCEDURES', 'MATERIALIZED TABLES',
] as const;

/** What DROP takes away. */
export const droppable = ['TABLE', 'VIEW', 'CATALOG', 'DATABASE', 'FUNCTION', 'MODEL', 'MATERIALIZED TABLE'] as const;

/** What has a definition that SHOW CREATE tells. */
export const creatable = ['TABLE', 'VIEW', 'CATALOG', 'MATERIALIZED TABLE', 'MODEL'] as const;
export const describable = ['TABLE', 'CATALOG', 'DATABASE', 'FUNCTION', 'MODEL'] as const;

interface Creation extends Node {
  readonly name: Name;
  readonly ifNotExists: boolean;
}

export type Statement =
  | (Creation & { readonly kind: 'CreateTable'; /** REPLACE TABLE or CREATE OR REPLACE TABLE. */ readonly replace: 'REPLACE' | 'OR REPLACE' | undefined; readonly temporary: boolean; readonly columns: readonly ColumnClause[]; readonly comment: string | undefined; readonly distribution: Distribution | undefined; readonly partitionedBy: readonly Identifier[]; readonly options: readonly OptionPair[]; readonly optionsSpan: Span; readonly like: LikeClause | undefined; readonly query: Query | undefined })
  | (Creation & { readonly kind: 'CreateView'; readonly temporary: boolean; readonly columns: readonly Identifier[]; readonly comment: string | undefined; readonly query: Query })
  | (Creation & { readonly kind: 'CreateCatalog' | 'CreateDatabase'; readonly comment: string | undefined; readonly options: readonly OptionPair[] })
  | (Node & { readonly kind: 'Drop'; readonly what: (typeof droppable)[number]; readonly temporary: boolean; /** TEMPORARY SYSTEM, of a FUNCTION. */ readonly system: boolean; readonly name: Name; readonly ifExists: boolean; /** Only of a DATABASE. */ readonly cascade: boolean })
  | (Node & { readonly kind: 'AlterTable'; readonly name: Name; readonly ifExists: boolean; readonly action: AlterTableAction })
  | (Node & { readonly kind: 'AlterView'; readonly name: Name; readonly action: (Node & { readonly kind: 'RenameTo'; readonly to: Name }) | (Node & { readonly kind: 'As'; readonly query: Query }) })
  | (Node & { readonly kind: 'AlterDatabase'; readonly name: Name; readonly options: readonly OptionPair[] })
  | (Node & { readonly kind: 'Use'; readonly what: 'CATALOG' | 'DATABASE'; readonly name: Name })
  | (Node & { readonly kind: 'Insert'; readonly overwrite: boolean; readonly table: Name; readonly hints: readonly Hint[]; readonly partition: readonly PartitionPair[]; readonly columns: readonly Identifier[]; readonly query: Query; readonly onConflict: 'NOTHING' | 'ERROR' | 'DEDUPLICATE' | undefined })
  | (Node & { readonly kind: 'StatementSet'; readonly inserts: readonly InsertStatement[] })
  | (Node & { readonly kind: 'QueryStatement'; readonly query: Query })
  | (Node & { readonly kind: 'Explain'; readonly details: readonly string[]; readonly statement: Statement })
  | (Node & { readonly kind: 'Set'; readonly key: string | undefined; readonly value: string | undefined })
  | (Node & { readonly kind: 'Reset'; readonly key: string | undefined })
  /** `from` is the catalog, database or table of FROM and IN. */
  | (Node & { readonly kind: 'Show'; readonly what: (typeof showable)[number]; readonly from: Name | undefined; /** Only of PARTITIONS. */ readonly partition: readonly PartitionPair[]; readonly like: LikePattern | undefined })
  | (Node & { readonly kind: 'ShowCreate'; readonly what: (typeof creatable)[number]; readonly name: Name })
  | (Node & { readonly kind: 'Describe'; readonly what: (typeof describable)[number]; readonly extended: boolean; readonly name: Name })
  | RareStatement;

/** What the grammar of rare statements reads (grammar-rare.ts). */
export type RareStatement =
  | (Node & { readonly kind: 'AlterCatalog'; readonly name: Name; readonly action: Extract<AlterTableAction, { kind: 'SetOptions' | 'ResetOptions' }> | (Node & { readonly kind: 'Comment'; readonly comment: string }) })
  | (Creation & { readonly kind: 'CreateFunction'; readonly temporary: boolean; readonly system: boolean; readonly as: string; readonly language: string | undefined; readonly using: readonly { readonly what: 'JAR' | 'ARTIFACT'; readonly path: string }[]; readonly options: readonly OptionPair[] })
  | (Node & { readonly kind: 'AlterFunction'; readonly temporary: boolean; readonly system: boolean; readonly ifExists: boolean; readonly name: Name; readonly as: string; readonly language: string | undefined })
  | (Creation & { readonly kind: 'CreateModel'; readonly temporary: boolean; readonly input: readonly ColumnClause[]; readonly output: readonly ColumnClause[]; readonly comment: string | undefined; readonly options: readonly OptionPair[] })
  | (Node & { readonly kind: 'AlterModel'; readonly ifExists: boolean; readonly name: Name; readonly action: Extract<AlterTableAction, { kind: 'RenameTo' | 'SetOptions' | 'ResetOptions' }> })
  | (Creation & { readonly kind: 'CreateMaterializedTable'; readonly orAlter: boolean; readonly columns: readonly ColumnClause[]; readonly comment: string | undefined; readonly distribution: Distribution | undefined; readonly partitionedBy: readonly Identifier[]; readonly options: readonly OptionPair[]; readonly freshness: Expr | undefined; readonly refreshMode: 'CONTINUOUS' | 'FULL' | undefined; readonly query: Query })
  | (Node & { readonly kind: 'AlterMaterializedTable'; readonly name: Name; readonly action: AlterMaterializedAction })
  | (Node & { readonly kind: 'Update'; readonly table: Name; readonly hints: readonly Hint[]; readonly assignments: readonly { readonly column: Identifier; readonly value: Expr }[]; readonly where: Expr | undefined })
  | (Node & { readonly kind: 'Delete'; readonly table: Name; readonly hints: readonly Hint[]; readonly where: Expr | undefined })
  | (Node & { readonly kind: 'Truncate'; readonly table: Name })
  | (Node & { readonly kind: 'CallProcedure'; readonly name: Name; readonly args: readonly Expr[] })
  | (Node & { readonly kind: 'Jar'; readonly action: 'ADD' | 'REMOVE'; readonly path: string })
  | (Node & { readonly kind: 'LoadModule'; readonly name: Identifier; readonly options: readonly OptionPair[] })
  | (Node & { readonly kind: 'UnloadModule'; readonly name: Identifier })
  | (Node & { readonly kind: 'UseModules'; readonly names: readonly Identifier[] })
  | (Node & { readonly kind: 'Analyze'; readonly table: Name; readonly partition: readonly PartitionPair[]; readonly columns: 'ALL' | readonly Identifier[] })
  | (Node & { readonly kind: 'CompilePlan'; readonly path: string; readonly ifNotExists: boolean; readonly execute: boolean; readonly statement: Statement })
  | (Node & { readonly kind: 'ExecutePlan'; readonly path: string })
  | (Node & { readonly kind: 'StopJob'; readonly job: string; readonly savepoint: boolean; readonly drain: boolean })
  | (Node & { readonly kind: 'DescribeJob'; readonly job: string });

export type InsertStatement = Extract<Statement, { kind: 'Insert' }>;
export type CreateTableStatement = Extract<Statement, { kind: 'CreateTable' }>;
