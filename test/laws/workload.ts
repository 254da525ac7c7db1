import type { PlayRow } from '../conformance/play.ts';
import { Random } from '../random.ts';
import { makeWindow, windowSql, type Window } from './windows.ts';

/** A row of the generated table: k STRING, n INT, b BIGINT, d DECIMAL(10, 2) in hundredths, x DOUBLE, ts in ms. */
export interface Input {
  readonly k: string | null;
  readonly n: number | null;
  readonly b: bigint | null;
  /** Hundredths. */
  readonly d: bigint | null;
  readonly x: number | null;
  /** ms since 1970-01-01. */
  readonly ts: number;
}

/** A value in the evaluator: DECIMAL as hundredths. */
export type Val = null | boolean | number | bigint | string;
export type ValType = 'INT' | 'BIGINT' | 'DECIMAL' | 'DOUBLE' | 'STRING' | 'BOOLEAN';

/** An expression as SQL and as what it means, written down a second time and apart from the engine. */
export interface Expression {
  readonly sql: string;
  readonly type: ValType;
  eval(row: Input): Val;
}

export interface Aggregate {
  readonly name: 'COUNT' | 'SUM' | 'AVG' | 'MIN' | 'MAX';
  readonly arg: Expression | undefined;
  readonly filter: Expression | undefined;
}

export interface Workload {
  readonly kind: 'calc' | 'window' | 'group';
  readonly splits: readonly (readonly Input[])[];
  /** ms by which the watermark is behind the highest time. */
  readonly delay: number;
  readonly window: Window;
  readonly where: Expression | undefined;
  readonly keys: readonly Expression[];
  readonly aggregates: readonly Aggregate[];
  /** What a calc projects. */
  readonly items: readonly Expression[];
  readonly ddl: string;
  readonly query: string;
  readonly sink: string;
}

const column = (name: 'k' | 'n' | 'b' | 'd' | 'x', type: ValType): Expression => ({ sql: name, type, eval: (row) => row[name] });
const k = column('k', 'STRING');
const n = column('n', 'INT');
const b = column('b', 'BIGINT');
const d = column('d', 'DECIMAL');
const x = column('x', 'DOUBLE');
export const columns: readonly Expression[] = [k, n, b, d, x];

function strict(sql: string, type: ValType, args: readonly Expression[], apply: (...values: never[]) => Val): Expression {
  return {
    sql,
    type,
    eval: (row) => {
      const values = args.map((arg) => arg.eval(row));
      return values.includes(null) ? null : apply(...(values as never[]));
    },
  };
}

function arithmetic(random: Random): Expression {
  const c = random.int(1, 9);
  return random.pick<() => Expression>([
    () => strict(`n + ${c}`, 'INT', [n], (v: number) => (v + c) | 0),
    () => strict(`n * ${c * 1_000_003}`, 'INT', [n], (v: number) => Math.imul(v, c * 1_000_003)),
    () => strict(`n % ${c}`, 'INT', [n], (v: number) => (v % c) + 0),
    () => strict(`n / ${c}`, 'INT', [n], (v: number) => Math.trunc(v / c) + 0),
    () => strict(`b + n`, 'BIGINT', [b, n], (v: bigint, w: number) => BigInt.asIntN(64, v + BigInt(w))),
    () => strict(`b * 9000000000000000007`, 'BIGINT', [b], (v: bigint) => BigInt.asIntN(64, v * 9000000000000000007n)),
    () => strict(`d + ${c}.25`, 'DECIMAL', [d], (v: bigint) => v + BigInt(c * 100 + 25)),
    () => strict(`d - d`, 'DECIMAL', [d], () => 0n),
    () => strict(`d * ${c}`, 'DECIMAL', [d], (v: bigint) => v * BigInt(c)),
    () => strict(`-d`, 'DECIMAL', [d], (v: bigint) => -v),
    () => strict(`x * ${c} - n`, 'DOUBLE', [x, n], (v: number, w: number) => v * c - w),
    () => strict(`UPPER(k)`, 'STRING', [k], (v: string) => v.toUpperCase()),
    () => ({ sql: `COALESCE(k, 'none')`, type: 'STRING', eval: (row) => row.k ?? 'none' }),
    () => ({ sql: `CASE WHEN n > ${c} THEN k ELSE 'few' END`, type: 'STRING', eval: (row) => (row.n !== null && row.n > c ? row.k : 'few') }),
    () => ({ sql: `CASE n WHEN ${c} THEN b END`, type: 'BIGINT', eval: (row) => (row.n === c ? row.b : null) }),
  ])();
}

function condition(random: Random, depth: number): Expression {
  const c = random.int(-5, 15);
  const boolean = (sql: string, evaluate: (row: Input) => Val): Expression => ({ sql, type: 'BOOLEAN', eval: evaluate });
  if (depth > 0 && random.chance(0.5)) {
    const [left, right] = [condition(random, depth - 1), condition(random, depth - 1)];
    return random.pick<() => Expression>([
      () => boolean(`(${left.sql}) AND (${right.sql})`, (row) => and(left.eval(row), right.eval(row))),
      () => boolean(`(${left.sql}) OR (${right.sql})`, (row) => not(and(not(left.eval(row)), not(right.eval(row))))),
      () => boolean(`NOT (${left.sql})`, (row) => not(left.eval(row))),
    ])();
  }
  return random.pick<() => Expression>([
    () => strict(`n > ${c}`, 'BOOLEAN', [n], (v: number) => v > c),
    () => strict(`b <= ${c * 100}`, 'BOOLEAN', [b], (v: bigint) => v <= BigInt(c * 100)),
    () => strict(`d <> ${Math.abs(c)}.50`, 'BOOLEAN', [d], (v: bigint) => v !== BigInt(Math.abs(c) * 100 + 50)),
    () => strict(`x < ${c}.5e0`, 'BOOLEAN', [x], (v: number) => v < Number(`${c}.5`)),
    () => strict(`k <> 'b'`, 'BOOLEAN', [k], (v: string) => v !== 'b'),
    () => boolean(`k IS NOT NULL`, (row) => row.k !== null),
    () => boolean(`n IS NULL`, (row) => row.n === null),
    () => strict(`n BETWEEN 0 AND ${Math.abs(c)}`, 'BOOLEAN', [n], (v: number) => v >= 0 && v <= Math.abs(c)),
    () => strict(`k IN ('a', 'dd', 'Ö')`, 'BOOLEAN', [k], (v: string) => ['a', 'dd', 'Ö'].includes(v)),
  ])();
}

function not(value: Val): Val {
  return value === null ? null : value === false;
}

function and(a: Val, b: Val): Val {
  if (a === false || b === false) return false;
  return a === null || b === null ? null : true;
}

function aggregate(random: Random): Aggregate {
  const filter = random.chance(0.35) ? condition(random, 1) : undefined;
  const name = random.pick(['COUNT', 'SUM', 'AVG', 'MIN', 'MAX'] as const);
  if (name === 'COUNT' && random.chance(0.5)) return { name, arg: undefined, filter };
  const numbers = [n, b, d, x];
  const arg = name === 'SUM' || name === 'AVG' ? random.pick(numbers) : random.pick([...numbers, k]);
  return { name, arg, filter };
}

export function aggregateSql({ name, arg, filter }: Aggregate): string {
  return `${name}(${arg?.sql ?? '*'})${filter === undefined ? '' : ` FILTER (WHERE ${filter.sql})`}`;
}

/** SQL's type of an aggregate's result. */
function resultType({ name, arg }: Aggregate): string {
  if (name === 'COUNT' || arg === undefined) return 'BIGINT';
  if (arg.type === 'DECIMAL') return name === 'SUM' ? 'DECIMAL(38, 2)' : name === 'AVG' ? 'DECIMAL(38, 6)' : 'DECIMAL(10, 2)';
  return arg.type;
}

/**
 * Rows of one split: times go forward with a step back now and then, some far enough to be late. `gap`: of a session whose edge most rows come
 * to, those that are late alone among those that are not, so that a row is late or not by the rows right before it.
 */
function rowsOf(random: Random, count: number, delay: number, gap?: number): Input[] {
  let time = 1_600_000_000_000 + random.int(0, 20_000);
  const maybe = <T>(value: T): T | null => (random.chance(0.15) ? null : value);
  return Array.from({ length: count }, () => {
    const isAtEdge = gap !== undefined && random.chance(0.75);
    if (!isAtEdge) time += gap === undefined ? random.int(0, 900) : random.int(gap, 3 * gap);
    const back = isAtEdge ? delay + random.int(0, 2 * gap) : gap === undefined && random.chance(0.2) ? random.int(0, delay * 3 + 4000) : 0;
    return {
      k: maybe(random.pick(['a', 'b', 'c', 'dd', 'Ö', ''])),
      n: maybe(random.int(-10, 20)),
      b: maybe(BigInt(random.int(-1000, 1000)) * (random.chance(0.1) ? 4_000_000_000_000n : 1n)),
      d: maybe(BigInt(random.int(-100_000, 100_000))),
      // Quarters: sums of them are exact in every order.
      x: maybe(random.int(-4000, 4000) / 4),
      ts: time - back,
    };
  });
}

const kinds = ['calc', 'window', 'group', 'window', 'group'] as const;

/**
 * The workload of a seed; neighbouring seeds take turns in kind, and in the kind and form of their window. `window`: the kind that its window is
 * to be, if it has one; 'edge' is a SESSION of few keys, at whose edge most rows come.
 */
export function makeWorkload(seed: number, window?: Window['kind'] | 'edge'): { readonly workload: Workload; readonly random: Random } {
  const random = new Random(seed);
  return { workload: generate(random, seed, window), random };
}

function generate(random: Random, seed: number, only?: Window['kind'] | 'edge'): Workload {
  const kind = kinds[seed % kinds.length] ?? 'calc';
  const isEdge = only === 'edge';
  const delay = random.pick([0, 1000, 3000]);
  const window = makeWindow(random, seed, isEdge ? 'SESSION' : only);
  const splits = random.list(1, isEdge ? 2 : 3, () => rowsOf(random, random.int(15, 60), delay, isEdge ? window.pace : undefined));
  const where = random.chance(kind === 'group' || isEdge ? 0.2 : 0.5) ? condition(random, 2) : undefined;
  // Groups by few values, so that rows meet rows of their key.
  const groupKeys = (): Expression[] => [random.pick([k, n]), ...(random.chance(0.5) ? [random.pick(columns)] : [])];
  const keys = kind === 'calc' ? [] : isEdge ? random.list(0, 1, () => k) : distinct(kind === 'group' ? groupKeys() : random.list(0, 2, () => random.pick(columns)));
  const aggregates = kind === 'calc' ? [] : random.list(1, 4, () => aggregate(random));
  const items = kind === 'calc' ? [...random.list(1, 4, () => arithmetic(random)), random.pick(columns), condition(random, 1)] : [];
  const ddl = `CREATE TABLE t (k STRING, n INT, b BIGINT, d DECIMAL(10, 2), x DOUBLE, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '${delay / 1000}' SECOND) WITH ('connector' = 'play')`;
  const filter = where === undefined ? '' : ` WHERE ${where.sql}`;
  const keyList = keys.map((key) => key.sql);
  const calls = aggregates.map(aggregateSql);
  const sqlType = (type: ValType): string => (type === 'DECIMAL' ? 'DECIMAL(38, 2)' : type);
  const keyTypes = keys.map((key) => (key.type === 'DECIMAL' ? 'DECIMAL(10, 2)' : key.type));
  const { from, bounds, group } = windowSql(window, keyList, where === undefined ? '' : ` WHERE (${where.sql})`);
  const [query, types] =
    kind === 'calc'
      ? [`SELECT ${items.map((item) => item.sql).join(', ')} FROM t${filter}`, items.map((item) => sqlType(item.type))]
      : kind === 'window'
        ? [`SELECT ${[...keyList, ...bounds, ...calls].join(', ')} FROM ${from} GROUP BY ${[...keyList, ...group].join(', ')}`, [...keyTypes, 'TIMESTAMP(3)', 'TIMESTAMP(3)', ...aggregates.map(resultType)]]
        : [`SELECT ${[...keyList, ...calls].join(', ')} FROM t${filter} GROUP BY ${keyList.join(', ')}`, [...keyTypes, ...aggregates.map(resultType)]];
  const sink = `CREATE TABLE out (${types.map((type, i) => `c${i} ${type}`).join(', ')}) WITH ('connector' = 'play')`;
  return { kind, splits, delay, window, where, keys, aggregates, items, ddl, query, sink };
}

function distinct(expressions: readonly Expression[]): readonly Expression[] {
  return [...new Set(expressions)];
}

export function timestampText(millis: number): string {
  return new Date(millis).toISOString().replace('T', ' ').replace('Z', '');
}

export function decimalText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

export function playRows(rows: readonly Input[]): PlayRow[] {
  return rows.map(({ k: key, n: int, b: long, d: cents, x: real, ts }) => ({
    kind: 0,
    phase: 1,
    values: [key, int, long === null ? null : String(long), cents === null ? null : decimalText(cents, 2), real, timestampText(ts)],
  }));
}

/** Any order in which the rows of the splits may arrive: for each arrival its split. */
export function makeSchedule(random: Random, splits: readonly (readonly Input[])[]): number[] {
  const left = splits.map((rows) => rows.length);
  const schedule: number[] = [];
  while (left.some((count) => count > 0)) {
    const split = random.pick(left.flatMap((count, i) => (count > 0 ? [i] : [])));
    const run = Math.min(left[split] as number, random.int(1, 12));
    for (let i = 0; i < run; i++) schedule.push(split);
    left[split] = (left[split] as number) - run;
  }
  return schedule;
}
