import type { Random } from '../random.ts';
import { columnOf, compare, groupsOf, keyOf, makeCall, makeCondition, makeExpression, type Column, type Expression, type Names, type Relation, type Value } from './relation.ts';

/** A query over a query; undefined where the input does not have what it takes. */
type Step = (random: Random, names: Names, input: Relation) => Relation | undefined;

const filter: Step = (random, names, input) => {
  const condition = makeCondition(random, input);
  return { ...input, sql: `SELECT * FROM (${input.sql}) AS ${names.next()} WHERE ${condition.sql}`, rows: input.rows.filter((row) => condition.evaluate(row) === true), kinds: [...input.kinds, 'filter'] };
};

function projected(names: Names, input: Relation, exprs: readonly Expression[]): Relation {
  const columns = exprs.map(({ type, isTime }): Column => ({ name: names.next(), type, isTime }));
  const items = exprs.map(({ sql }, i) => `${sql} AS ${columns[i]?.name ?? ''}`);
  return { ...input, sql: `SELECT ${items.join(', ')} FROM (${input.sql}) AS ${names.next()}`, columns, rows: input.rows.map((row) => exprs.map((expr) => expr.evaluate(row))), kinds: [...input.kinds, 'projection'] };
}

const projection: Step = (random, names, input) => projected(names, input, random.list(1, 4, () => makeExpression(random, input)));

function someColumns(random: Random, { columns }: Relation, most: number): readonly number[] {
  return [...new Set(random.list(0, most, () => random.int(0, columns.length - 1)))];
}

const group: Step = (random, names, input) => {
  const keys = someColumns(random, input, 2);
  const calls = random.list(keys.length === 0 ? 1 : 0, 3, () => makeCall(random, input));
  const having = random.chance(0.25);
  const columns = [...keys.map((index) => ({ ...columnOf(input, index), isTime: false })), ...calls.map((call) => ({ ...call, isTime: false }))].map(({ type }): Column => ({ name: names.next(), type, isTime: false }));
  const items = [...keys.map((index) => input.columns[index]?.name ?? ''), ...calls.map(({ sql }) => sql)];
  const by = keys.length === 0 ? '' : ` GROUP BY ${items.slice(0, keys.length).join(', ')}`;
  const groups = groupsOf(input.rows, keys).filter(([, rows]) => !having || rows.length > 1);
  return {
    sql: `SELECT ${items.map((item, i) => `${item} AS ${columns[i]?.name ?? ''}`).join(', ')} FROM (${input.sql}) AS ${names.next()}${by}${having ? ' HAVING COUNT(*) > 1' : ''}`,
    columns,
    rows: groups.map(([key, rows]) => [...key, ...calls.map((call) => call.evaluate(rows))]),
    isAppending: input.isAppending && calls.length === 0 && !having,
    kinds: [...input.kinds, 'group', ...(having ? ['having'] : [])],
  };
};

/** Sets of keys as one item of GROUP BY, and which of the keys each has. */
function someSets(random: Random, { columns }: Relation, keys: readonly number[]): { readonly sql: string; readonly sets: readonly (readonly number[])[] } {
  const form = random.pick(['ROLLUP', 'CUBE', 'GROUPING SETS'] as const);
  const listed = (set: readonly number[]): string => set.map((key) => columns[key]?.name ?? '').join(', ');
  if (form === 'ROLLUP') return { sql: `ROLLUP (${listed(keys)})`, sets: [...keys.map((_, i) => keys.slice(0, i + 1)), []] };
  const all = Array.from({ length: 2 ** keys.length }, (_, bits) => keys.filter((_key, i) => ((bits >> i) & 1) === 1));
  if (form === 'CUBE') return { sql: `CUBE (${listed(keys)})`, sets: all };
  const some = random.list(1, 4, () => random.pick(all));
  // Each key is in one at the least, as SELECT names them all.
  const rest = keys.filter((key) => !some.some((set) => set.includes(key)));
  const sets = rest.length === 0 ? some : [...some, rest];
  return { sql: `GROUPING SETS (${sets.map((set) => `(${listed(set)})`).join(', ')})`, sets };
}

/** The groups of each set: keys that it has not are NULL. */
function groupsOfSets(rows: Relation['rows'], keys: readonly number[], sets: readonly (readonly number[])[]): readonly (readonly [key: readonly Value[], id: number, rows: Relation['rows']])[] {
  return sets.flatMap((set) => groupsOf(rows, set).map(([key, part]) => [keys.map((index) => (set.includes(index) ? (key[set.indexOf(index)] as Value) : null)), keys.reduce((bits, index) => bits * 2 + (set.includes(index) ? 0 : 1), 0), part] as const));
}

const groupingSets: Step = (random, names, input) => {
  const keys = someColumns(random, input, 3);
  if (keys.length === 0) return undefined;
  const { sql, sets } = someSets(random, input, keys);
  const calls = random.list(0, 2, () => makeCall(random, input));
  const columns = [...keys.map((index) => columnOf(input, index).type), 'BIGINT' as const, ...calls.map(({ type }) => type)].map((type): Column => ({ name: names.next(), type, isTime: false }));
  const own = keys.map((index) => input.columns[index]?.name ?? '');
  const items = [...own, `GROUPING_ID(${own.join(', ')})`, ...calls.map((call) => call.sql)];
  return {
    sql: `SELECT ${items.map((item, i) => `${item} AS ${columns[i]?.name ?? ''}`).join(', ')} FROM (${input.sql}) AS ${names.next()} GROUP BY ${sql}`,
    columns,
    rows: groupsOfSets(input.rows, keys, sets).map(([key, id, rows]) => [...key, BigInt(id), ...calls.map((call) => call.evaluate(rows))]),
    isAppending: input.isAppending && calls.length === 0,
    kinds: [...input.kinds, 'grouping sets'],
  };
};

const distinct: Step = (_random, names, input) => ({
  ...input,
  sql: `SELECT DISTINCT * FROM (${input.sql}) AS ${names.next()}`,
  rows: [...new Map(input.rows.map((row) => [keyOf(row), row])).values()],
  kinds: [...input.kinds, 'distinct'],
});

/** By all columns: rows that are equal are all that is left to chance. */
const topN: Step = (random, names, input) => {
  const order = input.columns.map(({ name }, index) => ({ name, index, descending: random.chance(0.4), rank: random.next() })).toSorted((a, b) => a.rank - b.rank);
  const [count, offset] = [random.int(1, 6), random.chance(0.3) ? random.int(1, 3) : 0];
  const sorted = input.rows.toSorted((a, b) => {
    for (const { index, descending } of order) {
      const difference = compare(a[index] as Value, b[index] as Value);
      if (difference !== 0) return descending ? -difference : difference;
    }
    return 0;
  });
  const keys = order.map(({ name, descending }) => `${name}${descending ? ' DESC' : ''}`);
  return { ...input, sql: `SELECT * FROM (${input.sql}) AS ${names.next()} ORDER BY ${keys.join(', ')} LIMIT ${count}${offset > 0 ? ` OFFSET ${offset}` : ''}`, columns: input.columns.map((column) => ({ ...column, isTime: false })), rows: sorted.slice(offset, offset + count), isAppending: false, kinds: [...input.kinds, 'top n'] };
};

const unnest: Step = (random, names, input) => {
  const numbers = input.columns.flatMap(({ type }, index) => (type === 'INT' ? [index] : []));
  if (numbers.length === 0) return undefined;
  const list = [random.pick(numbers), random.pick(numbers)];
  const [from, name] = [names.next(), names.next()];
  const place = random.chance(0.4) ? names.next() : undefined;
  const added = [name, ...(place === undefined ? [] : [place])];
  const elements = list.map((index) => `${from}.${input.columns[index]?.name ?? ''}`);
  return {
    ...input,
    sql: `SELECT * FROM (${input.sql}) AS ${from} CROSS JOIN UNNEST(ARRAY[${elements.join(', ')}, 3])${place === undefined ? '' : ' WITH ORDINALITY'} AS ${names.next()} (${added.join(', ')})`,
    columns: [...input.columns, ...added.map((own): Column => ({ name: own, type: 'INT', isTime: false }))],
    rows: input.rows.flatMap((row) => [...list.map((index) => row[index] as Value), 3].map((value, i) => [...row, value, ...(place === undefined ? [] : [i + 1])])),
    kinds: [...input.kinds, 'unnest'],
  };
};

const seconds = (ms: number): string => `INTERVAL '${ms / 1000}' SECOND`;

/** Rows of a window table, as they are or grouped by their windows. No row is late: the watermark waits for the end. */
const window: Step = (random, names, input) => {
  const time = input.columns.findIndex(({ isTime }) => isTime);
  if (time < 0) return undefined;
  const kind = random.pick(input.isAppending ? (['TUMBLE', 'HOP', 'CUMULATE', 'SESSION'] as const) : (['TUMBLE', 'HOP', 'CUMULATE'] as const));
  const pace = random.pick([1000, 2500, 5000]);
  const size = kind === 'TUMBLE' ? pace : pace * random.int(1, 4) + (kind === 'HOP' && random.chance(0.3) ? 300 : 0);
  const offset = kind === 'SESSION' ? 0 : random.pick([0, 700, -1300, 12_345]);
  const keys = kind === 'SESSION' ? someColumns(random, input, 2).filter((index) => index !== time) : [];
  const lengths = [...(kind === 'TUMBLE' || kind === 'SESSION' ? [pace] : [pace, size]), ...(offset === 0 ? [] : [offset])];
  const partition = keys.length === 0 ? '' : ` PARTITION BY (${keys.map((index) => input.columns[index]?.name ?? '').join(', ')})`;
  const table = `TABLE(${kind}(TABLE ${names.view(input.sql)}${partition}, DESCRIPTOR(${input.columns[time]?.name ?? ''}), ${lengths.map(seconds).join(', ')}))`;
  const bounds = (['window_start', 'window_end', 'window_time'] as const).map((name): Column => ({ name, type: 'TIMESTAMP', isTime: name === 'window_time' }));
  const width = input.columns.length;
  const rows = kind === 'SESSION' ? groupsOf(input.rows, keys).flatMap(([, part]) => inSessions(part, time, pace)) : input.rows.flatMap((row) => windowsOf(kind, row[time] as number, pace, size, offset).map(([start, end]) => [...row, start, end, end - 1]));
  const windowed: Relation = { sql: `SELECT * FROM ${table}`, columns: [...input.columns.map((column) => ({ ...column, isTime: false })), ...bounds], rows, isAppending: input.isAppending, kinds: [...input.kinds, kind] };
  if (random.chance(0.25)) return projected(names, windowed, [...random.list(1, 2, () => columnOf(windowed, random.int(0, width - 1))), ...[0, 1, 2].map((i) => columnOf(windowed, width + i))]);
  const own = kind === 'SESSION' ? keys : someColumns(random, input, 2).filter((index) => index !== time);
  const by = [...own, width, width + 1, ...(random.chance(0.5) ? [width + 2] : [])];
  const calls = random.list(0, 3, () => makeCall(random, { ...windowed, columns: windowed.columns.slice(0, width) }));
  const sets = own.length > 0 && random.chance(0.3) ? someSets(random, windowed, own) : undefined;
  const groups = sets === undefined ? groupsOf(rows, by) : sets.sets.flatMap((set) => groupsOf(rows, [...set, ...by.slice(own.length)]).map(([key, part]) => [[...own.map((index) => (set.includes(index) ? (key[set.indexOf(index)] as Value) : null)), ...key.slice(set.length)], part] as const));
  const columns = [...by.map((index) => windowed.columns[index] as Column), ...calls.map(({ type }): Column => ({ name: '', type, isTime: false }))].map((column) => ({ ...column, name: names.next() }));
  const items = [...by.map((index) => windowed.columns[index]?.name ?? ''), ...calls.map(({ sql }) => sql)];
  return {
    sql: `SELECT ${items.map((item, i) => `${item} AS ${columns[i]?.name ?? ''}`).join(', ')} FROM ${table} GROUP BY ${sets === undefined ? items.slice(0, by.length).join(', ') : [sets.sql, ...items.slice(own.length, by.length)].join(', ')}`,
    columns,
    rows: groups.map(([key, part]) => [...key, ...calls.map((call) => call.evaluate(part))]),
    isAppending: true,
    kinds: [...windowed.kinds, 'window group', ...(sets === undefined ? [] : ['window sets'])],
  };
};

function windowsOf(kind: 'TUMBLE' | 'HOP' | 'CUMULATE', time: number, pace: number, size: number, offset: number): readonly (readonly [start: number, end: number])[] {
  const floor = (length: number): number => Math.floor((time - offset) / length) * length + offset;
  const found: (readonly [number, number])[] = [];
  if (kind === 'TUMBLE') found.push([floor(size), floor(size) + size]);
  else if (kind === 'HOP') for (let start = floor(pace); start + size > time; start -= pace) found.push([start, start + size]);
  else for (let end = floor(pace) + pace; end <= floor(size) + size; end += pace) found.push([floor(size), end]);
  return found;
}

function inSessions(rows: Relation['rows'], time: number, gap: number): Relation['rows'] {
  const sessions: { readonly start: number; end: number; readonly rows: (readonly Value[])[] }[] = [];
  for (const row of rows.toSorted((a, b) => compare(a[time] as Value, b[time] as Value))) {
    const at = row[time] as number;
    let last = sessions.at(-1);
    if (last === undefined || at > last.end) sessions.push((last = { start: at, end: at, rows: [] }));
    last.end = at + gap;
    last.rows.push(row);
  }
  return sessions.flatMap(({ start, end, rows: own }) => own.map((row) => [...row, start, end, end - 1]));
}

const setOperations = ['UNION ALL', 'UNION', 'INTERSECT', 'EXCEPT', 'INTERSECT ALL', 'EXCEPT ALL'] as const;

/** Of `other` columns of the same types, where it has such. */
function combined(random: Random, names: Names, input: Relation, other: Relation): Relation | undefined {
  const left = projected(names, input, random.list(1, 3, () => columnOf(input, random.int(0, input.columns.length - 1))));
  const fitting = left.columns.map(({ type }) => other.columns.flatMap((column, index) => (column.type === type ? [index] : [])));
  if (fitting.some((indexes) => indexes.length === 0)) return undefined;
  const right = projected(names, other, fitting.map((indexes) => columnOf(other, random.pick(indexes))));
  const operation = random.pick(setOperations);
  const counts = (rows: Relation['rows']): ReadonlyMap<string, number> => new Map(groupsOf(rows, left.columns.map((_, i) => i)).map(([key, part]) => [keyOf(key), part.length]));
  const [here, there] = [counts(left.rows), counts(right.rows)];
  const times = (row: readonly Value[]): number => {
    const [a, b] = [here.get(keyOf(row)) ?? 0, there.get(keyOf(row)) ?? 0];
    switch (operation) {
      case 'UNION ALL':
        return a + b;
      case 'UNION':
        return 1;
      case 'INTERSECT':
        return a > 0 && b > 0 ? 1 : 0;
      case 'EXCEPT':
        return a > 0 && b === 0 ? 1 : 0;
      case 'INTERSECT ALL':
        return Math.min(a, b);
      case 'EXCEPT ALL':
        return Math.max(0, a - b);
    }
  };
  return {
    sql: `SELECT * FROM ((${left.sql}) ${operation} (${right.sql})) AS ${names.next()}`,
    columns: left.columns.map((column, i) => ({ ...column, isTime: operation === 'UNION ALL' && column.isTime && right.columns[i]?.isTime === true })),
    rows: groupsOf([...left.rows, ...right.rows], left.columns.map((_, i) => i)).flatMap(([row]) => Array.from({ length: times(row) }, () => row)),
    isAppending: left.isAppending && right.isAppending && operation.startsWith('UNION'),
    kinds: [...left.kinds, ...right.kinds, operation],
  };
}

const steps: readonly Step[] = [filter, projection, group, group, groupingSets, distinct, topN, unnest, window, window];

/** A query of some steps over tables. */
export function makeRelation(random: Random, names: Names, tables: readonly Relation[], depth: number): Relation {
  if (depth === 0) return random.pick(tables);
  const input = makeRelation(random, names, tables, depth - 1);
  for (;;) {
    const made = random.chance(0.2) ? combined(random, names, input, random.chance(0.3) ? input : makeRelation(random, names, tables, random.int(0, depth - 1))) : random.pick(steps)(random, names, input);
    if (made !== undefined && made.rows.length < 2000) return made;
  }
}
