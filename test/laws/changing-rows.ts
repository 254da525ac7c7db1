import type { JsValue } from '../../core/js-value.ts';
import type { PlayRow } from '../conformance/play.ts';
import type { Random } from '../random.ts';
import { decimalText } from './workload.ts';

/** A row of a table whose rows change: id INT is its key; k STRING, n INT, d DECIMAL(10, 2) in hundredths, x DOUBLE. */
export interface Stored {
  readonly id: number;
  readonly k: string | null;
  readonly n: number | null;
  readonly d: bigint | null;
  readonly x: number | null;
}

export interface ChangingWorkload {
  /** How the table tells its changes. */
  readonly source: 'play-retract' | 'play-upsert' | 'play';
  /** Each key's changes lie in one split. */
  readonly splits: readonly (readonly PlayRow[])[];
  /** What is left of the table after all changes. */
  readonly left: readonly Stored[];
  readonly query: string;
  /** The columns of the sink with their types. */
  readonly sink: readonly string[];
  readonly kind: string;
  /** What the query gives over the rows that are left. */
  readonly expected: readonly (readonly JsValue[])[];
}

export const ddl = 'id INT, k STRING, n INT, d DECIMAL(10, 2), x DOUBLE';

function makeRow(random: Random, id: number): Stored {
  const maybe = <T>(value: T): T | null => (random.chance(0.15) ? null : value);
  return {
    id,
    k: maybe(random.pick(['a', 'b', 'c', '', 'a text that is longer than one slot of a page'])),
    n: maybe(random.int(-2, 4)),
    d: maybe(BigInt(random.pick([0, 150, 150, -275, 99_999]))),
    x: maybe(random.pick([-1.5, 0, 0, 2.25, 100])),
  };
}

function played(kind: number, { id, k, n, d, x }: Stored): PlayRow {
  return { kind, phase: 1, values: [id, k, n, d === null ? null : decimalText(d, 2), x] };
}

/** A history of changes, row by row; `play` only inserts. */
function makeHistory(random: Random, source: ChangingWorkload['source'], ids: readonly number[], steps: number): { readonly rows: readonly PlayRow[]; readonly left: readonly Stored[] } {
  const rows: PlayRow[] = [];
  const table = new Map<number, Stored>();
  const inserts: Stored[] = [];
  for (let step = 0; step < steps; step++) {
    const id = random.pick(ids);
    const old = table.get(id);
    const row = makeRow(random, id);
    if (source === 'play') {
      inserts.push(row);
      rows.push(played(0, row));
    } else if (old === undefined) {
      table.set(id, row);
      rows.push(played(source === 'play-upsert' ? 2 : 0, row));
    } else if (random.chance(0.4)) {
      table.delete(id);
      // An upsert source deletes by key: what else stands in the row says nothing.
      rows.push(played(3, source === 'play-upsert' ? { id, k: null, n: null, d: null, x: null } : old));
    } else {
      const next = random.chance(0.2) ? old : row;
      table.set(id, next);
      if (source === 'play-retract') rows.push(played(1, old));
      rows.push(played(2, next));
    }
  }
  return { rows, left: source === 'play' ? inserts : [...table.values()] };
}

interface Call {
  readonly sql: string;
  readonly type: string;
  evaluate(rows: readonly Stored[]): JsValue;
}

/** INT as a number, BIGINT as a bigint, DECIMAL as text: as sinks show them. */
function makeCall(random: Random): Call {
  const isDistinct = random.chance(0.5);
  const least = random.int(-1, 3);
  const isFiltered = random.chance(0.3);
  const column = random.pick(['n', 'd', 'x', 'k'] as const);
  const name = random.pick(column === 'k' ? (['COUNT', 'MIN', 'MAX'] as const) : (['COUNT', 'SUM', 'AVG', 'MIN', 'MAX'] as const));
  const sql = `${name}(${isDistinct ? 'DISTINCT ' : ''}${column})${isFiltered ? ` FILTER (WHERE n > ${least})` : ''}`;
  const type = name === 'COUNT' ? 'BIGINT' : column === 'd' ? (name === 'SUM' ? 'DECIMAL(38, 2)' : name === 'AVG' ? 'DECIMAL(38, 6)' : 'DECIMAL(10, 2)') : { n: 'INT', x: 'DOUBLE', k: 'STRING' }[column];
  return {
    sql,
    type,
    evaluate: (rows) => {
      const counted = rows.filter((row) => !isFiltered || (row.n !== null && row.n > least));
      const all = counted.map((row) => row[column]).filter((value) => value !== null);
      return fold(name, isDistinct ? [...new Set(all)] : all);
    },
  };
}

function fold(name: 'COUNT' | 'SUM' | 'AVG' | 'MIN' | 'MAX', values: readonly (string | number | bigint)[]): JsValue {
  if (name === 'COUNT') return BigInt(values.length);
  const [first] = values;
  if (first === undefined) return null;
  const show = (value: string | number | bigint): JsValue => (typeof value === 'bigint' ? decimalText(value, 2) : value);
  if (name === 'MIN' || name === 'MAX') return show(values.reduce((best, value) => ((value < best) === (name === 'MIN') && value !== best ? value : best)));
  if (typeof first === 'bigint') {
    const sum = (values as readonly bigint[]).reduce((a, b) => a + b, 0n);
    return name === 'SUM' ? decimalText(sum, 2) : meanText(sum, BigInt(values.length));
  }
  const sum = (values as readonly number[]).reduce((a, b) => a + b, 0);
  return name === 'SUM' ? sum : isWhole(values) ? Math.trunc(sum / values.length) + 0 : sum / values.length;
}

/** Hundredths, divided, with six digits: halves go away from zero. */
function meanText(sum: bigint, count: bigint): string {
  const scaled = sum * 10_000n;
  const rest = scaled % count;
  const isUp = 2n * (rest < 0n ? -rest : rest) >= count && rest !== 0n;
  return decimalText(scaled / count + (isUp ? (scaled < 0n ? -1n : 1n) : 0n), 6);
}

/** Values of n are INT and of x DOUBLE: x is marked by its column. */
function isWhole(values: readonly (string | number | bigint)[]): boolean {
  return values.every((value) => Number.isInteger(value));
}

function groupsOf(rows: readonly Stored[], keyOf: (row: Stored) => JsValue): readonly (readonly [JsValue, readonly Stored[]])[] {
  const groups = new Map<string, [JsValue, Stored[]]>();
  for (const row of rows) {
    const key = keyOf(row);
    const id = JSON.stringify(key);
    const group = groups.get(id) ?? [key, []];
    group[1].push(row);
    groups.set(id, group);
  }
  return [...groups.values()];
}

const queryKinds = ['grouped', 'having', 'one group', 'nested', 'filtered', 'distinct rows'] as const;

export function makeChangingWorkload(random: Random, seed: number): ChangingWorkload {
  const source = random.pick(['play-retract', 'play-upsert', 'play'] as const);
  const histories = random.list(1, 2, () => random.int(10, 50)).map((steps, split) => makeHistory(random, source, [1, 2, 3, 4, 5, 6].map((id) => id * 10 + split), steps));
  const left = histories.flatMap((history) => history.left);
  const calls = random.list(1, 4, () => makeCall(random)).filter((call) => !call.sql.startsWith('AVG(x)') && !call.sql.startsWith('AVG(DISTINCT x)'));
  const list = calls.map((call) => `, ${call.sql}`).join('');
  const results = (rows: readonly Stored[]): readonly JsValue[] => calls.map((call) => call.evaluate(rows));
  const types = calls.map((call) => call.type);
  const kind = queryKinds[seed % queryKinds.length] ?? 'grouped';
  const common = { source, splits: histories.map((history) => history.rows), left, kind };
  const least = random.int(1, 3);
  switch (kind) {
    case 'grouped':
      return { ...common, query: `SELECT k, COUNT(*)${list} FROM t GROUP BY k`, sink: ['STRING', 'BIGINT', ...types], expected: groupsOf(left, (row) => row.k).map(([k, rows]) => [k, BigInt(rows.length), ...results(rows)]) };
    case 'having': {
      const kept = groupsOf(left, (row) => row.k).filter(([, rows]) => rows.length > least);
      return { ...common, query: `SELECT k${list} FROM t GROUP BY k HAVING COUNT(*) > ${least}`, sink: ['STRING', ...types], expected: kept.map(([k, rows]) => [k, ...results(rows)]) };
    }
    case 'one group':
      return { ...common, query: `SELECT COUNT(*)${list} FROM t`, sink: ['BIGINT', ...types], expected: left.length === 0 ? [] : [[BigInt(left.length), ...results(left)]] };
    case 'nested': {
      const inner = groupsOf(left, (row) => row.k).map(([, rows]) => ({ rows: rows.length, most: fold('MAX', rows.map((row) => row.n).filter((n) => n !== null)) as number | null }));
      const outer = new Map<number, (number | null)[]>();
      for (const { rows, most } of inner) outer.set(rows, [...(outer.get(rows) ?? []), most]);
      const expected = [...outer].map(([rows, mosts]): readonly JsValue[] => {
        const known = mosts.filter((most) => most !== null);
        return [BigInt(rows), BigInt(mosts.length), fold('SUM', known), fold('MIN', known), fold('COUNT', [...new Set(known)])];
      });
      return { ...common, query: 'SELECT c, COUNT(*), SUM(m), MIN(m), COUNT(DISTINCT m) FROM (SELECT k, COUNT(*) AS c, MAX(n) AS m FROM t GROUP BY k) GROUP BY c', sink: ['BIGINT', 'BIGINT', 'INT', 'INT', 'BIGINT'], expected };
    }
    case 'filtered': {
      const kept = left.filter((row) => row.n !== null && row.n >= least);
      return { ...common, query: `SELECT k, n, d FROM t WHERE n >= ${least}`, sink: ['STRING', 'INT', 'DECIMAL(10, 2)'], expected: kept.map(({ k, n, d }) => [k, n, d === null ? null : decimalText(d, 2)]) };
    }
    case 'distinct rows':
      return { ...common, query: 'SELECT DISTINCT k, n FROM t', sink: ['STRING', 'INT'], expected: groupsOf(left, (row) => [row.k, row.n]).map(([, rows]) => [rows[0]?.k ?? null, rows[0]?.n ?? null]) };
  }
}
