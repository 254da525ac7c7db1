import type { Span } from '../core/span.ts';
import type { SqlType } from '../core/sql-type.ts';

/** Names, nothing resolved. Every node has a span. */
interface Node {
  readonly span: Span;
}

export interface Identifier extends Node {
  readonly name: string;
}

/** `a.b.c` */
export interface Name extends Node {
  readonly parts: readonly Identifier[];
}

// ---- types ----

export type TypeExpr =
  | (Node & { readonly kind: 'SimpleType'; readonly name: string; readonly parameters: readonly number[]; readonly nullable: boolean })
  | (Node & { readonly kind: 'RowType'; readonly fields: readonly RowTypeField[]; readonly nullable: boolean })
  | (Node & { readonly kind: 'CollectionType'; readonly name: 'ARRAY' | 'MULTISET'; readonly element: TypeExpr; readonly nullable: boolean })
  | (Node & { readonly kind: 'MapType'; readonly key: TypeExpr; readonly value: TypeExpr; readonly nullable: boolean });

export interface RowTypeField extends Node {
  readonly name: Identifier;
  readonly type: TypeExpr;
}

// ---- expressions ----

/** A value that the caller gave for a parameter, with its type. The text is canonical, as in a BoundExpr. */
export interface GivenValue {
  readonly value: string | boolean | null;
  readonly type: SqlType;
}

/** `?`, or `:name` with its name. `given` is absent until the caller's values are put in (planner/parameters.ts). */
export interface Parameter extends Node {
  readonly kind: 'Parameter';
  readonly name: string | undefined;
  given?: GivenValue | undefined;
}

export type Expr =
  | (Node & { readonly kind: 'Number'; readonly text: string })
  | (Node & { readonly kind: 'String'; readonly value: string })
  | (Node & { readonly kind: 'Boolean'; readonly value: boolean })
  | (Node & { readonly kind: 'Null' })
  | (Node & { readonly kind: 'Interval'; readonly text: string; readonly negative: boolean; readonly unit: string })
  | (Node & { readonly kind: 'TimeLiteral'; readonly type: 'DATE' | 'TIME' | 'TIMESTAMP'; readonly text: string })
  | Parameter
  | (Node & { readonly kind: 'Reference'; readonly name: Name })
  | (Node & { readonly kind: 'Star'; readonly qualifier: Name | undefined })
  | (Node & { readonly kind: 'Call'; readonly name: Identifier; readonly args: readonly Expr[]; readonly distinct: boolean; readonly filter: Expr | undefined })
  | (Node & { readonly kind: 'Unary'; readonly operator: '-' | '+' | 'NOT'; readonly operand: Expr })
  | (Node & { readonly kind: 'Binary'; readonly operator: BinaryOperator; readonly left: Expr; readonly right: Expr })
  | (Node & { readonly kind: 'Is'; readonly operand: Expr; readonly test: 'NULL' | 'TRUE' | 'FALSE' | 'UNKNOWN'; readonly negated: boolean })
  | (Node & { readonly kind: 'Between'; readonly operand: Expr; readonly low: Expr; readonly high: Expr; readonly negated: boolean })
  | (Node & { readonly kind: 'In'; readonly operand: Expr; readonly items: readonly Expr[]; readonly negated: boolean })
  | (Node & { readonly kind: 'Case'; readonly operand: Expr | undefined; readonly branches: readonly CaseBranch[]; readonly otherwise: Expr | undefined })
  | (Node & { readonly kind: 'Cast'; readonly operand: Expr; readonly type: TypeExpr; readonly isTry: boolean });

export type ExprKind = Expr['kind'];
export type BinaryOperator = 'OR' | 'AND' | '=' | '<>' | '<' | '<=' | '>' | '>=' | '||' | '+' | '-' | '*' | '/' | '%';

export interface CaseBranch extends Node {
  readonly when: Expr;
  readonly then: Expr;
}

/** `a IS DISTINCT FROM b` is a call of this name. */
export const distinctFrom = 'IS DISTINCT FROM';

// ---- queries ----

export interface SelectItem extends Node {
  readonly expr: Expr;
  readonly alias: Identifier | undefined;
}

export type TableRef =
  | (Node & { readonly kind: 'NamedTable'; readonly name: Name; readonly alias: Identifier | undefined })
  | (Node & { readonly kind: 'DerivedTable'; readonly query: Query; readonly alias: Identifier | undefined })
  | (Node & { readonly kind: 'TableFunction'; readonly name: Identifier; readonly args: readonly TableArgument[]; readonly alias: Identifier | undefined });

/** An argument of a table function: `TABLE t`, `DESCRIPTOR(ts)`, or a value; `label` is the name before `=>`. */
export type TableArgument =
  | (Node & { readonly kind: 'TableArgument'; readonly label: Identifier | undefined; readonly table: TableRef })
  | (Node & { readonly kind: 'DescriptorArgument'; readonly label: Identifier | undefined; readonly columns: readonly Identifier[] })
  | (Node & { readonly kind: 'ValueArgument'; readonly label: Identifier | undefined; readonly value: Expr });

export type Query = Node & {
  readonly kind: 'Select';
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  readonly from: TableRef | undefined;
  readonly where: Expr | undefined;
  readonly groupBy: readonly Expr[];
  readonly having: Expr | undefined;
};

// ---- statements ----

export interface OptionPair extends Node {
  readonly key: { readonly text: string; readonly span: Span };
  readonly value: { readonly text: string; readonly span: Span };
}

export type ColumnClause =
  | (Node & { readonly kind: 'PhysicalColumn'; readonly name: Identifier; readonly type: TypeExpr; readonly primaryKey: boolean })
  | (Node & { readonly kind: 'ComputedColumn'; readonly name: Identifier; readonly expr: Expr })
  | (Node & { readonly kind: 'MetadataColumn'; readonly name: Identifier; readonly type: TypeExpr; readonly key: string | undefined; readonly isVirtual: boolean })
  | (Node & { readonly kind: 'Watermark'; readonly column: Identifier; readonly expr: Expr })
  | (Node & { readonly kind: 'PrimaryKey'; readonly columns: readonly Identifier[] });

export type Statement =
  | (Node & { readonly kind: 'CreateTable'; readonly name: Name; readonly temporary: boolean; readonly ifNotExists: boolean; readonly columns: readonly ColumnClause[]; readonly options: readonly OptionPair[]; readonly optionsSpan: Span })
  | (Node & { readonly kind: 'CreateView'; readonly name: Name; readonly temporary: boolean; readonly ifNotExists: boolean; readonly columns: readonly Identifier[]; readonly query: Query })
  | (Node & { readonly kind: 'Drop'; readonly what: 'TABLE' | 'VIEW'; readonly name: Name; readonly ifExists: boolean })
  | (Node & { readonly kind: 'Insert'; readonly table: Name; readonly columns: readonly Identifier[]; readonly query: Query })
  | (Node & { readonly kind: 'StatementSet'; readonly inserts: readonly InsertStatement[] })
  | (Node & { readonly kind: 'QueryStatement'; readonly query: Query })
  | (Node & { readonly kind: 'Explain'; readonly details: readonly string[]; readonly statement: Statement })
  | (Node & { readonly kind: 'Set'; readonly key: string | undefined; readonly value: string | undefined })
  | (Node & { readonly kind: 'Reset'; readonly key: string | undefined })
  | (Node & { readonly kind: 'Show'; readonly what: 'TABLES' | 'VIEWS' | 'JOBS' })
  | (Node & { readonly kind: 'ShowCreate'; readonly name: Name })
  | (Node & { readonly kind: 'Describe'; readonly name: Name })
  | (Node & { readonly kind: 'Unsupported'; readonly feature: string });

export type StatementKind = Statement['kind'];
export type InsertStatement = Extract<Statement, { kind: 'Insert' }>;
export type CreateTableStatement = Extract<Statement, { kind: 'CreateTable' }>;
