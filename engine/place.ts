import { SqlError, withSource, type SourceText } from '../core/diagnostic.ts';
import type { MemoryCatalog } from '../catalog/catalog.ts';

/** The texts that the spans of a plan lie in: that of its statement, and those of the tables and views that there were. */
export interface PlanTexts {
  readonly statement: SourceText;
  readonly definitions: ReadonlyMap<string, SourceText>;
}

export function textsOf(statement: SourceText, catalog: MemoryCatalog): PlanTexts {
  return { statement, definitions: new Map(catalog.entries().map((entry) => [entry.name, entry.source])) };
}

/** An error that a running job met, told where its SQL stands; `plans` are the texts of the job's plans. */
export function placed(error: unknown, plans: readonly PlanTexts[]): unknown {
  if (!(error instanceof SqlError) || error.diagnostic.span === undefined) return error;
  const { of } = error.diagnostic.span;
  const [source, ...others] = new Set(plans.map((texts) => (of === undefined ? texts.statement : texts.definitions.get(of))));
  // Of plans from several files it is not known which one failed.
  return source === undefined || others.length > 0 ? error : withSource(error, source);
}
