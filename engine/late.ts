import { printDuration, printTimestamp } from '../core/time.ts';
import type { Stage } from '../executor/runtime/stage.ts';

/** Columns of a row that are shown. */
const mostColumns = 6;

/** What is said of the rows that a step dropped, since they came behind the watermark; undefined when there are none. `read`: rows that the job has read. */
export function lateSummary({ metrics: { late, latestBehind }, lateRows }: Stage, read: number): { readonly message: string; readonly fix: string } | undefined {
  if (late === 0) return undefined;
  const share = read === 0 ? '' : ` (${shareOf(late / read)})`;
  const [first] = lateRows.samples;
  const time = (ms: number): string => printTimestamp(ms, 0, 3);
  const sample = first === undefined ? '' : `. The first: ${Object.entries(first.row).slice(0, mostColumns).map(([name, value]) => `${name} ${textOf(value)}`).join(', ')}; what it belongs to ended at ${time(first.end)}, and the watermark stood at ${time(first.watermark)}`;
  return {
    message: `${late} late ${late === 1 ? 'row' : 'rows'} dropped by ${lateRows.label}${share}, up to ${printDuration(latestBehind)} behind the watermark${sample}`,
    fix: `a watermark that is ${printDuration(Math.ceil((latestBehind + 1) / 1000) * 1000)} further back would have kept ${late === 1 ? 'it' : 'all'}`,
  };
}

function shareOf(part: number): string {
  return part < 0.0001 ? 'less than 0.01%' : `${(part * 100).toFixed(part < 0.1 ? 2 : 0)}%`;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value.length > 40 ? `'${value.slice(0, 40)}…'` : `'${value}'`;
  return value === null ? 'NULL' : String(value);
}
