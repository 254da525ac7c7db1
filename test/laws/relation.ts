import type { JsValue } from '../../core/js-value.ts';
import type { Random } from '../random.ts';
import { decimalText, timestampText } from './workload.ts';

export type ColumnType = 'INT' | 'BIGINT' | 'STRING' | 'DOUBLE' | 'DECIMAL' | 'BOOLEAN' | 'TIMESTAMP';

/** A DECIMAL in hundredths, a TIMESTAMP in ms. */
export type Value = null | number | bigint | string | boolean;

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** It has the watermark. */
  readonly isTime: boolean;
}

/** A query, and what it gives once all its input is there. `isAppending`: no row of it is ever withdrawn. */
export interface Relation {
  readonly sql: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Value[])[];
  readonly isAppending: boolean;
  /** What it is made of, for the coverage. */
  readonly kinds: readonly string[];
}

export const sqlTypes: Readonly<Record<ColumnType, string>> = { INT: 'INT', BIGINT: 'BIGINT', STRING: 'STRING', DOUBLE: 'DOUBLE', DECIMAL: 'DECIMAL(38, 2)', BOOLEAN: 'BOOLEAN', TIMESTAMP: 'TIMESTAMP(3)' };

/** Names that no other part of the query has. */
export class Names {
  /** Definitions that the query needs before it. */
  readonly views: string[] = [];
  #used = 0;

  next(): string {
    return `c${this.#used++}`;
  }

  view(sql: string): string {
    const name = `v${this.#used++}`;
    this.views.push(`CREATE TEMPORARY VIEW ${name} AS ${sql}`);
    return name;
  }
}

export function keyOf(values: readonly Value[]): string {
  return JSON.stringify(values, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}

/** NULLs are the least values. */
export function compare(a: Value, b: Value): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** As sinks show it. */
export function shown(value: Value, type: ColumnType): JsValue {
  if (type === 'DECIMAL' && typeof value === 'bigint') return decimalText(value, 2);
  return type === 'TIMESTAMP' && typeof value === 'number' ? timestampText(value) : value;
}

export interface Expression {
  readonly sql: string;
  readonly type: ColumnType;
  readonly isTime: boolean;
  evaluate(row: readonly Value[]): Value;
}

export function columnOf({ columns }: Relation, index: number): Expression {
  const { name, type, isTime } = columns[index] as Column;
  return { sql: name, type, isTime, evaluate: (row) => row[index] as Value };
}

function strict(type: ColumnType, operand: Expression, sql: string, apply: (value: Exclude<Value, null>) => Value): Expression {
  return { sql, type, isTime: false, evaluate: (row) => { const value = operand.evaluate(row); return value === null ? null : apply(value); } };
}

/** A column, or something small that is computed of one. */
export function makeExpression(random: Random, relation: Relation): Expression {
  const column = columnOf(relation, random.int(0, relation.columns.length - 1));
  const n = random.int(0, 3);
  if (random.chance(0.6)) return column;
  const { sql } = column;
  switch (column.type) {
    case 'INT':
      return random.pick([
        strict('INT', column, `(${sql} - ${n})`, (value) => ((value as number) - n) | 0),
        strict('BIGINT', column, `CAST(${sql} AS BIGINT)`, (value) => BigInt(value as number)),
        strict('INT', column, `NULLIF(${sql}, ${n})`, (value) => (value === n ? null : value)),
        { ...column, sql: `COALESCE(${sql}, ${n})`, evaluate: (row): Value => column.evaluate(row) ?? n },
        { sql: `CASE WHEN ${sql} > ${n} THEN 'many' ELSE 'few' END`, type: 'STRING', isTime: false, evaluate: (row): Value => (compare(column.evaluate(row), n) > 0 ? 'many' : 'few') },
      ] satisfies readonly Expression[]);
    case 'STRING':
      return strict('STRING', column, `(${sql} || 'z')`, (value) => `${String(value)}z`);
    case 'BOOLEAN':
      return strict('BOOLEAN', column, `(NOT ${sql})`, (value) => value === false);
    default:
      return column;
  }
}

export interface Condition {
  readonly sql: string;
  evaluate(row: readonly Value[]): boolean | null;
}

export function makeCondition(random: Random, relation: Relation, depth = 1): Condition {
  if (depth > 0 && random.chance(0.4)) {
    const [a, b] = [makeCondition(random, relation, depth - 1), makeCondition(random, relation, depth - 1)];
    const decides = random.chance(0.5);
    return {
      sql: `(${a.sql} ${decides ? 'OR' : 'AND'} ${b.sql})`,
      evaluate: (row) => {
        const values = [a.evaluate(row), b.evaluate(row)];
        return values.includes(decides) ? decides : values.includes(null) ? null : !decides;
      },
    };
  }
  const index = random.int(0, relation.columns.length - 1);
  const { name, type } = relation.columns[index] as Column;
  const isNull = random.chance(0.5);
  if (type === 'TIMESTAMP' || type === 'BOOLEAN' || random.chance(0.2)) return { sql: `${name} IS ${isNull ? '' : 'NOT '}NULL`, evaluate: (row) => (row[index] === null) === isNull };
  const n = random.int(0, 3);
  const [literal, value]: readonly [string, Value] = type === 'STRING' ? random.pick([["'a'", 'a'], ["'b'", 'b'], ["''", '']] as const) : type === 'BIGINT' ? [String(n), BigInt(n)] : type === 'DECIMAL' ? [`${n}.50`, BigInt(100 * n + 50)] : [type === 'DOUBLE' ? `${n}e0` : String(n), n];
  const [operator, test] = random.pick([['<', (d: number) => d < 0], ['>=', (d: number) => d >= 0], ['=', (d: number) => d === 0], ['<>', (d: number) => d !== 0]] as const);
  return { sql: `${name} ${operator} ${literal}`, evaluate: (row) => (row[index] === null ? null : test(compare(row[index] as Value, value))) };
}

export interface Call {
  readonly sql: string;
  readonly type: ColumnType;
  evaluate(rows: Relation['rows']): Value;
}

export function makeCall(random: Random, relation: Relation): Call {
  const index = random.int(0, relation.columns.length - 1);
  const { name, type } = relation.columns[index] as Column;
  const filter = random.chance(0.3) ? makeCondition(random, relation, 0) : undefined;
  const counted = (rows: Relation['rows']): Relation['rows'] => (filter === undefined ? rows : rows.filter((row) => filter.evaluate(row) === true));
  const suffix = filter === undefined ? '' : ` FILTER (WHERE ${filter.sql})`;
  if (random.chance(0.25)) return { sql: `COUNT(*)${suffix}`, type: 'BIGINT', evaluate: (rows) => BigInt(counted(rows).length) };
  const isDistinct = random.chance(0.35);
  const isNumber = type === 'INT' || type === 'BIGINT' || type === 'DOUBLE' || type === 'DECIMAL';
  const aggregate = random.pick(isNumber ? (['COUNT', 'SUM', 'MIN', 'MAX', ...(type === 'INT' ? (['AVG'] as const) : [])] as const) : type === 'BOOLEAN' ? (['COUNT'] as const) : (['COUNT', 'MIN', 'MAX'] as const));
  const evaluate = (rows: Relation['rows']): Value => {
    const all = counted(rows).flatMap((row) => row[index] ?? []);
    return fold(aggregate, type, isDistinct ? [...new Set(all)] : all);
  };
  return { sql: `${aggregate}(${isDistinct ? 'DISTINCT ' : ''}${name})${suffix}`, type: aggregate === 'COUNT' ? 'BIGINT' : type, evaluate };
}

function fold(aggregate: 'COUNT' | 'SUM' | 'AVG' | 'MIN' | 'MAX', type: ColumnType, values: readonly Exclude<Value, null>[]): Value {
  const [first] = values;
  if (aggregate === 'COUNT') return BigInt(values.length);
  if (first === undefined) return null;
  if (aggregate === 'MIN' || aggregate === 'MAX') return values.reduce((best, value) => (compare(value, best) < 0 === (aggregate === 'MIN') && value !== best ? value : best), first);
  if (typeof first === 'bigint') {
    const sum = (values as readonly bigint[]).reduce((a, b) => a + b, 0n);
    return type === 'BIGINT' ? BigInt.asIntN(64, sum) : sum;
  }
  const sum = (values as readonly number[]).reduce((a, b) => a + b, 0);
  // Small enough that no INT wraps.
  return aggregate === 'AVG' ? Math.trunc(sum / values.length) + 0 : sum;
}

/** The rows of each key, keys in the order of their first row. */
export function groupsOf(rows: Relation['rows'], keys: readonly number[]): readonly (readonly [key: readonly Value[], rows: Relation['rows']])[] {
  const groups = new Map<string, [readonly Value[], (readonly Value[])[]]>();
  for (const row of rows) {
    const key = keys.map((index) => row[index] as Value);
    const group = groups.get(keyOf(key)) ?? [key, []];
    group[1].push(row);
    groups.set(keyOf(key), group);
  }
  return [...groups.values()];
}
