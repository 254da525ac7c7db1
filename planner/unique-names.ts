import type { PlanColumn } from './logical-plan.ts';

/** A name for a computed time column beside `taken` ones, for hints that are to run as they stand. */
export function freeTimeName(taken: readonly string[]): string {
  const used = new Set(taken.map((name) => name.toLowerCase()));
  return ['ts', 'event_time', 'row_time'].find((name) => !used.has(name)) ?? 'event_time_1';
}

/** A second column of one name gets a number behind it, as in Flink: a, a0, a1. Rows are read by name, by whoever asks and by queries around. */
export function uniqueNames(columns: readonly PlanColumn[]): readonly PlanColumn[] {
  const used = new Set<string>();
  return columns.map((column) => {
    let { name } = column;
    for (let attempt = 0; used.has(name); attempt++) name = `${column.name}${attempt}`;
    used.add(name);
    return name === column.name ? column : { ...column, name };
  });
}
