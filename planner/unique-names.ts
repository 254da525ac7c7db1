import type { PlanColumn } from './logical-plan.ts';

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
