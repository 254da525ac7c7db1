import type { JsValue } from '../../core/js-value.ts';
import { decimalText, timestampText, type Aggregate, type Input, type Val, type ValType, type Workload } from './workload.ts';
import { assignWindows, type Arrival } from './windows.ts';

/**
 * What a query gives over all its rows at once: no batches, no state, no increments. Only lateness follows the arrival of rows, as it must:
 * `schedule` names the split of each arrival.
 */
export interface Evaluated {
  readonly rows: readonly (readonly JsValue[])[];
  readonly lateRows: number;
}

/** A planted bug for the law to find: late rows count like all others. */
export interface EvaluateOptions {
  readonly ignoresLateness?: boolean;
}

/** The rows in order of arrival, each with the watermark that it meets: the least of the splits that still have rows. */
function arrivals({ splits, delay }: Workload, schedule: readonly number[]): readonly Arrival[] {
  const next = splits.map(() => 0);
  const highest = splits.map(() => -Infinity);
  let merged = -Infinity;
  const merge = (): void => {
    const open = highest.filter((_, i) => (next[i] as number) < (splits[i]?.length ?? 0));
    merged = Math.max(merged, open.length > 0 ? Math.min(...open) : Math.max(...highest));
  };
  return schedule.map((split) => {
    merge();
    const row = splits[split]?.[next[split] as number] as Input;
    const arrival = { row, watermark: merged };
    next[split] = (next[split] as number) + 1;
    highest[split] = Math.max(highest[split] as number, row.ts - delay);
    return arrival;
  });
}

export function evaluate(workload: Workload, schedule: readonly number[], options: EvaluateOptions = {}): Evaluated {
  const { kind, where, window, keys, aggregates, items } = workload;
  const all = arrivals(workload, schedule);
  const isWanted = (row: Input): boolean => where === undefined || where.eval(row) === true;
  const before = all.filter(({ row }) => isWanted(row));
  if (kind === 'calc') return { rows: before.map(({ row }) => items.map((item) => output(item.eval(row), item.type, 2))), lateRows: 0 };
  const headOf = (row: Input): readonly JsValue[] => keys.map((key) => output(key.eval(row), key.type, 2));
  const idOf = (head: readonly JsValue[]): string => head.map((value) => `${typeof value} ${String(value)}`).join('\u0000');
  const groups = new Map<string, { readonly head: readonly JsValue[]; readonly rows: Input[] }>();
  const add = (row: Input, bounds: readonly JsValue[]): void => {
    const head = [...headOf(row), ...bounds];
    const group = groups.get(idOf(head)) ?? { head, rows: [] };
    group.rows.push(row);
    groups.set(idOf(head), group);
  };
  let lateRows = 0;
  if (kind === 'window') {
    // A condition above a table of sessions does not say which rows make them; one on what parts the sessions drops all rows of some, before they can be late.
    const read = where?.sql.replaceAll(/'[^']*'/g, '').match(/\b[knbdx]\b/g) ?? [];
    const isOnKeys = window.form === 'direct' && read.every((name) => keys.some(({ sql }) => sql === name));
    const isAfter = window.kind === 'SESSION' && window.form !== 'older' && !isOnKeys;
    const windowed = assignWindows(window, isAfter ? all : before, (row) => idOf(headOf(row)), options.ignoresLateness === true);
    lateRows = windowed.late;
    for (const { row, start, end } of windowed.rows) if (isWanted(row)) add(row, [timestampText(start), timestampText(end)]);
  } else for (const { row } of before) add(row, []);
  return { rows: [...groups.values()].map(({ head, rows }) => [...head, ...aggregates.map((aggregate) => total(aggregate, rows))]), lateRows };
}

function output(value: Val, type: ValType, scale: number): JsValue {
  if (value === null) return null;
  return type === 'DECIMAL' ? decimalText(value as bigint, scale) : value;
}

function total({ name, arg, filter }: Aggregate, rows: readonly Input[]): JsValue {
  const counted = rows.filter((row) => filter === undefined || filter.eval(row) === true);
  if (arg === undefined) return BigInt(counted.length);
  const values = counted.map((row) => arg.eval(row)).filter((value) => value !== null);
  if (name === 'COUNT') return BigInt(values.length);
  const [first] = values;
  if (first === undefined) return null;
  switch (name) {
    case 'MIN':
    case 'MAX':
      return output(values.reduce((best, value) => (isLess(value, best) === (name === 'MIN') ? value : best)), arg.type, 2);
    case 'SUM':
      return output(sum(values), arg.type, 2);
    case 'AVG':
      return mean(sum(values), values.length, arg.type);
  }
}

function sum(values: readonly Val[]): number | bigint {
  if (typeof values[0] === 'bigint') return (values as bigint[]).reduce((a, b) => a + b, 0n);
  return (values as number[]).reduce((a, b) => a + b, 0);
}

/** INT and BIGINT are cut toward zero; DECIMAL has 6 digits of fraction, halves rounded away from zero. */
function mean(sumOf: number | bigint, count: number, type: ValType): JsValue {
  if (type === 'DOUBLE') return (sumOf as number) / count;
  if (type === 'INT') return Math.trunc((sumOf as number) / count) + 0;
  if (type === 'BIGINT') return (sumOf as bigint) / BigInt(count);
  const [scaled, divisor] = [(sumOf as bigint) * 10_000n, BigInt(count)];
  const [quotient, rest] = [scaled / divisor, scaled % divisor];
  const isUp = 2n * (rest < 0n ? -rest : rest) >= divisor;
  return decimalText(isUp ? quotient + (scaled < 0n ? -1n : 1n) : quotient, 6);
}

/** Text by its bytes in UTF-8, as SQL compares it here. */
function isLess(a: Val, b: Val): boolean {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(String(b))) < 0;
  return (a as number) < (b as number);
}
