import type { Span } from '../core/span.ts';
import type { SqlType } from '../core/sql-type.ts';

/** Names, nothing resolved. Every node has a span. */
export interface Node {
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
  readonly comment?: string;
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
  | (Node & { readonly kind: 'Cast'; readonly operand: Expr; readonly type: TypeExpr; readonly isTry: boolean })
  /** X'0f': pairs of hexadecimal digits, as written. */
  | (Node & { readonly kind: 'Bytes'; readonly digits: string })
  | (Node & { readonly kind: 'Row' | 'Array'; readonly items: readonly Expr[] })
  /** MAP[key, value, key, value]. */
  | (Node & { readonly kind: 'Map'; readonly items: readonly Expr[] })
  /** `a[1]`, of an array or a map. */
  | (Node & { readonly kind: 'Element'; readonly operand: Expr; readonly index: Expr })
  /** `(a).b`: a field of what is no name. */
  | (Node & { readonly kind: 'Field'; readonly operand: Expr; readonly field: Identifier })
  /** `f(a => 1)` */
  | (Node & { readonly kind: 'NamedArgument'; readonly label: Identifier; readonly value: Expr })
  /** A call whose arguments have clauses behind them, in the parentheses (`inside`) or after: JSON_VALUE(a, '$.b' NULL ON EMPTY), LISTAGG(a) WITHIN GROUP (ORDER BY b). */
  | (Node & { readonly kind: 'WordyCall'; readonly call: CallExpr; readonly clauses: readonly CallClause[] })
  /** `window` is the name of a window, or what it is. */
  | (Node & { readonly kind: 'Over'; readonly call: CallExpr | Extract<Expr, { kind: 'WordyCall' }>; readonly window: Identifier | WindowSpec })
  /** A query in the place of a value. */
  | (Node & { readonly kind: 'Subquery' | 'Exists'; readonly query: Query })
  | (Node & { readonly kind: 'InQuery'; readonly operand: Expr; readonly query: Query; readonly negated: boolean })
  /** `a > ALL (SELECT ...)`; SOME is ANY. */
  | (Node & { readonly kind: 'Quantified'; readonly operand: Expr; readonly operator: BinaryOperator; readonly quantifier: 'ANY' | 'ALL'; readonly query: Query })
  /** Of GROUP BY: each set a list, empty for (), of expressions or of further GroupingSets. */
  | (Node & { readonly kind: 'GroupingSets'; readonly operator: 'GROUPING SETS' | 'ROLLUP' | 'CUBE'; readonly sets: readonly (readonly Expr[])[] });

export type CallExpr = Extract<Expr, { kind: 'Call' }>;

/** Its words in capitals, and what stands between or behind them: `RETURNING` a type, `DEFAULT ON EMPTY` a value, `ORDER BY` and `WITHIN GROUP` an order. */
export interface CallClause extends Node {
  readonly words: string;
  readonly isInside: boolean;
  readonly type: TypeExpr | undefined;
  readonly value: Expr | undefined;
  readonly orderBy: readonly SortItem[];
}

/** `(base PARTITION BY a ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)`, of which each part may be absent. */
export interface WindowSpec extends Node {
  readonly kind: 'WindowSpec';
  readonly base: Identifier | undefined;
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly SortItem[];
  readonly frame: WindowFrame | undefined;
}

export interface WindowFrame extends Node {
  readonly unit: 'ROWS' | 'RANGE';
  readonly start: FrameBound;
  /** Undefined where only the start is written: then it is CURRENT ROW. */
  readonly end: FrameBound | undefined;
}

/** `value` is undefined for UNBOUNDED. */
export type FrameBound = (Node & { readonly kind: 'CurrentRow' }) | (Node & { readonly kind: 'Preceding' | 'Following'; readonly value: Expr | undefined });

export type BinaryOperator = 'OR' | 'AND' | '=' | '<>' | '<' | '<=' | '>' | '>=' | '||' | '+' | '-' | '*' | '/' | '%';

export interface CaseBranch extends Node {
  readonly when: Expr;
  readonly then: Expr;
}

/** `a IS DISTINCT FROM b` is a call of this name. */
export const distinctFrom = 'IS DISTINCT FROM';
/** Operators of words that are calls of these names: `a BETWEEN SYMMETRIC b AND c` has three arguments. Before their words may stand NOT. */
export const wordOperators = ['SIMILAR TO', 'OVERLAPS', 'BETWEEN SYMMETRIC', 'IS JSON', 'IS JSON VALUE', 'IS JSON OBJECT', 'IS JSON ARRAY', 'IS JSON SCALAR'] as const;

// ---- queries ----

export interface SelectItem extends Node {
  readonly expr: Expr;
  readonly alias: Identifier | undefined;
}

/** What names a relation in FROM: `AS t`, or `AS t (a, b)`, which also names its columns. */
interface Aliased extends Node {
  readonly alias: Identifier | undefined;
  /** Empty where the columns keep their names. */
  readonly columns: readonly Identifier[];
}

export type TableRef =
  | (Aliased & { readonly kind: 'NamedTable'; readonly name: Name; readonly hints: readonly Hint[] })
  /** `t FOR SYSTEM_TIME AS OF time`: a table as it was at a time. */
  | (Aliased & { readonly kind: 'Temporal'; readonly name: Name; readonly hints: readonly Hint[]; readonly time: Expr })
  /** LATERAL: what sees the columns of the tables before it. */
  | (Aliased & { readonly kind: 'Lateral'; readonly table: TableRef })
  | (Aliased & { readonly kind: 'Unnest'; readonly values: readonly Expr[]; readonly ordinality: boolean })
  /** `a, b` is a CROSS join. Of ON and USING at most one is there. A join has no alias. */
  | (Aliased & { readonly kind: 'Join'; readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS'; readonly natural: boolean; readonly left: TableRef; readonly right: TableRef; readonly on: Expr | undefined; readonly using: readonly Identifier[] })
  | (Aliased & { readonly kind: 'MatchRecognize'; readonly table: TableRef; readonly match: MatchClause })
  | (Aliased & { readonly kind: 'DerivedTable'; readonly query: Query })
  | (Aliased & { readonly kind: 'TableFunction'; readonly name: Identifier; readonly args: readonly TableArgument[] });

/** An argument of a table function: `TABLE t`, `DESCRIPTOR(ts)`, `MODEL m`, or a value; `label` is the name before `=>`. */
export type TableArgument =
  | (Node & { readonly kind: 'TableArgument'; readonly label: Identifier | undefined; readonly table: TableRef; readonly partitionBy: readonly Expr[]; readonly orderBy: readonly SortItem[] })
  | (Node & { readonly kind: 'DescriptorArgument'; readonly label: Identifier | undefined; readonly columns: readonly Identifier[] })
  /** `MODEL m` of ML_PREDICT. */
  | (Node & { readonly kind: 'ModelArgument'; readonly label: Identifier | undefined; readonly model: Name })
  | (Node & { readonly kind: 'ValueArgument'; readonly label: Identifier | undefined; readonly value: Expr });

export type Query =
  | Select
  /** `a UNION ALL b UNION ALL c`: two inputs or more, joined from the left. INTERSECT binds tighter than the others. */
  | (Node & { readonly kind: 'SetOperation'; readonly operator: 'UNION' | 'INTERSECT' | 'EXCEPT'; readonly all: boolean; readonly inputs: readonly Query[] })
  /** `VALUES (1, 'a'), (2, 'b')`. The rows may differ in length. */
  | (Node & { readonly kind: 'Values'; readonly rows: readonly (readonly Expr[])[] })
  | (Node & { readonly kind: 'With'; readonly recursive: boolean; readonly tables: readonly CommonTable[]; readonly query: Query })
  /** ORDER BY, OFFSET and LIMIT, at least one of them. `FETCH FIRST n ROWS ONLY` is LIMIT n, `LIMIT ALL` is no limit. The counts are Number or Parameter. */
  | (Node & { readonly kind: 'Ordered'; readonly query: Query; readonly orderBy: readonly SortItem[]; readonly offset: Expr | undefined; readonly limit: Expr | undefined });

/** One query of WITH. */
export interface CommonTable extends Node {
  readonly name: Identifier;
  /** Empty where the columns keep their names. */
  readonly columns: readonly Identifier[];
  readonly query: Query;
}

export interface SortItem extends Node {
  readonly expr: Expr;
  readonly descending: boolean;
  /** Undefined where nothing is written: in Flink NULLs are the least values. */
  readonly nulls: 'FIRST' | 'LAST' | undefined;
}

/** `STATE_TTL('t' = '1d')` of a comment that begins with a plus sign. */
export interface Hint extends Node {
  readonly name: Identifier;
  /** A key alone, or with a value; `isName` where the key stands in no quotes. */
  readonly args: readonly { readonly key: string; readonly isName: boolean; readonly value: string | undefined }[];
}

export interface MatchClause extends Node {
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly SortItem[];
  readonly measures: readonly { readonly expr: Expr; readonly alias: Identifier; readonly semantics: 'FINAL' | 'RUNNING' | undefined; readonly span: Span }[];
  readonly rows: 'ONE' | 'ALL' | undefined;
  readonly skip: { readonly to: 'PAST LAST ROW' | 'TO NEXT ROW' | 'TO FIRST' | 'TO LAST'; readonly variable: Identifier | undefined } | undefined;
  readonly pattern: Pattern;
  readonly within: Expr | undefined;
  readonly subsets: readonly { readonly name: Identifier; readonly variables: readonly Identifier[] }[];
  readonly define: readonly { readonly variable: Identifier; readonly condition: Expr; readonly span: Span }[];
}

export type Pattern =
  | (Node & { readonly kind: 'Variable'; readonly name: Identifier })
  | (Node & { readonly kind: 'Sequence' | 'Alternation' | 'Permutation'; readonly parts: readonly Pattern[] })
  | (Node & { readonly kind: 'Exclusion'; readonly part: Pattern })
  /** `most` is undefined where there is no bound. */
  | (Node & { readonly kind: 'Repetition'; readonly part: Pattern; readonly least: number; readonly most: number | undefined; readonly reluctant: boolean })
  | (Node & { readonly kind: 'Anchor'; readonly at: '^' | '$' });

export interface NamedWindow extends Node {
  readonly name: Identifier;
  readonly spec: WindowSpec;
}

export type Select = Node & {
  readonly kind: 'Select';
  readonly hints: readonly Hint[];
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  readonly from: TableRef | undefined;
  readonly where: Expr | undefined;
  readonly groupBy: readonly Expr[];
  readonly having: Expr | undefined;
  /** A condition over what windows gave. */
  readonly qualify: Expr | undefined;
  /** WINDOW w AS (...) */
  readonly windows: readonly NamedWindow[];
};
