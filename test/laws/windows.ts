import type { Random } from '../random.ts';
import type { Input } from './workload.ts';

/** The window of a generated query, all in ms. `pace`: how far windows start (HOP) or end (CUMULATE) apart; the gap of a SESSION. */
export interface Window {
  readonly kind: 'TUMBLE' | 'HOP' | 'CUMULATE' | 'SESSION';
  readonly size: number;
  readonly pace: number;
  readonly offset: number;
  /** By a window table right below GROUP BY, by one with a condition on the window between, or by GROUP BY TUMBLE(ts, ..). */
  readonly form: 'direct' | 'attached' | 'older';
}

const windowKinds = ['TUMBLE', 'HOP', 'CUMULATE', 'SESSION'] as const;
const forms = ['direct', 'attached', 'older'] as const;

/** Neighbouring seeds take turns in kind and form. `only`: the kind that it is to be. */
export function makeWindow(random: Random, seed: number, only?: Window['kind']): Window {
  const kind = only ?? windowKinds[seed % windowKinds.length] ?? 'TUMBLE';
  const turn = forms[Math.floor(seed / windowKinds.length) % forms.length] ?? 'direct';
  const form = kind === 'CUMULATE' && turn === 'older' ? 'direct' : turn;
  const pace = kind === 'SESSION' ? random.pick([300, 700, 1500]) : random.pick([1000, 2500]);
  const size = kind === 'TUMBLE' ? random.pick([1000, 5000, 10_000]) : kind === 'SESSION' ? 0 : pace * random.int(1, 4);
  return { kind, size, pace, offset: kind === 'SESSION' ? 0 : random.pick([0, 0, 700, -1300]), form };
}

function seconds(millis: number): string {
  return `INTERVAL '${millis / 1000}' SECOND`;
}

function lengths({ kind, size, pace, offset }: Window): string {
  const all = kind === 'TUMBLE' ? [size] : kind === 'SESSION' ? [pace] : [pace, size];
  return [...all, ...(offset === 0 ? [] : [offset])].map(seconds).join(', ');
}

/** FROM, the items for start and end, and what stands in GROUP BY, for keys that are columns. */
export function windowSql(window: Window, keys: readonly string[], filter: string): { readonly from: string; readonly bounds: readonly [string, string]; readonly group: readonly string[] } {
  const { kind, form } = window;
  if (form === 'older') {
    const args = `(ts, ${lengths(window)})`;
    return { from: `t${filter}`, bounds: [`${kind}_START${args}`, `${kind}_END${args}`], group: [`${kind}${args}`] };
  }
  const partition = kind === 'SESSION' && keys.length > 0 ? ` PARTITION BY ${keys.length === 1 ? keys[0] : `(${keys.join(', ')})`}` : '';
  const table = `TABLE(${kind}(TABLE t${partition}, DESCRIPTOR(ts), ${lengths(window)}))`;
  const bounds = ['window_start', 'window_end'] as const;
  const condition = form === 'attached' ? `${filter === '' ? ' WHERE' : `${filter} AND`} window_end > TIMESTAMP '1999-01-01 00:00:00'` : filter;
  return { from: `${table}${condition}`, bounds, group: bounds };
}

export interface Arrival {
  readonly row: Input;
  /** ms: the merged watermark as the row arrives. */
  readonly watermark: number;
}

export interface Windowed {
  readonly row: Input;
  readonly start: number;
  readonly end: number;
}

interface Session {
  readonly key: string;
  start: number;
  end: number;
  rows: Input[];
}

/** Each row with each of its windows, written down a second time and apart from the engine, and how many were late. */
export function assignWindows(window: Window, arrivals: readonly Arrival[], keyOf: (row: Input) => string, ignoresLateness: boolean): { readonly rows: readonly Windowed[]; readonly late: number } {
  if (window.kind === 'SESSION') return assignSessions(window.pace, arrivals, keyOf, ignoresLateness);
  const rows: Windowed[] = [];
  let late = 0;
  for (const { row, watermark } of arrivals) {
    const all = windowsOf(window, row.ts);
    const open = all.filter(({ end }) => watermark < end - 1);
    // Where rows come with their windows, each is told late alone.
    late += window.form === 'attached' ? all.length - open.length : open.length === 0 ? 1 : 0;
    for (const { start, end } of ignoresLateness ? all : open) rows.push({ row, start, end });
  }
  return { rows, late };
}

function windowsOf({ kind, size, pace, offset }: Window, time: number): readonly { readonly start: number; readonly end: number }[] {
  const first = (length: number): number => Math.floor((time - offset) / length) * length + offset;
  switch (kind) {
    case 'HOP':
      return Array.from({ length: size / pace }, (_, i) => first(pace) - i * pace).map((start) => ({ start, end: start + size }));
    case 'CUMULATE':
      return Array.from({ length: size / pace }, (_, i) => first(size) + (i + 1) * pace).filter((end) => end > time).map((end) => ({ start: first(size), end }));
    default:
      return [{ start: first(size), end: first(size) + size }];
  }
}

function assignSessions(gap: number, arrivals: readonly Arrival[], keyOf: (row: Input) => string, ignoresLateness: boolean): { readonly rows: readonly Windowed[]; readonly late: number } {
  let sessions: Session[] = [];
  let late = 0;
  for (const { row, watermark } of arrivals) {
    const own: Session = { key: keyOf(row), start: row.ts, end: row.ts + gap, rows: [row] };
    const isNear = (other: Session): boolean => other.key === own.key && other.start <= own.end && own.start <= other.end && other.end - 1 > watermark;
    const near = sessions.filter(isNear);
    if (near.length === 0 && own.end - 1 <= watermark) {
      late++;
      if (!ignoresLateness) continue;
    }
    sessions = sessions.filter((other) => !near.includes(other));
    const all = [...near, own];
    sessions.push({ key: own.key, start: Math.min(...all.map(({ start }) => start)), end: Math.max(...all.map(({ end }) => end)), rows: all.flatMap(({ rows }) => rows) });
  }
  return { rows: sessions.flatMap(({ start, end, rows }) => rows.map((row) => ({ row, start, end }))), late };
}
