import { lineOf, SqlError, withSource, type SourceText } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import type { MemoryCatalog } from '../catalog/catalog.ts';

/** The texts that the spans of a plan lie in: that of its statement, and those of the tables and views that there were. */
export interface PlanTexts {
  readonly statement: SourceText;
  readonly definitions: ReadonlyMap<string, SourceText>;
}

export function textsOf(statement: SourceText, catalog: MemoryCatalog): PlanTexts {
  return { statement, definitions: new Map(catalog.entries().map((entry) => [entry.name, entry.source])) };
}

/**
 * A mistake of a statement, told where its SQL stands, be that in the statement or in the view that it reads. Where a culprit stands elsewhere, the label ends with
 * its line; where the mistake stands in a view, the hint with that of the statement.
 */
export function toldWith({ diagnostic }: SqlError, { statement, definitions }: PlanTexts, reader: Span | undefined): SqlError {
  const textOf = (span: Span | undefined): SourceText => (span?.of === undefined ? statement : (definitions.get(span.of) ?? statement));
  const { culprit, span, label, hint } = diagnostic;
  const source = diagnostic.source ?? textOf(span);
  const told = new SqlError(diagnostic);
  if (culprit !== undefined && label !== undefined && span !== undefined) {
    const [line, own] = [lineOf(textOf(culprit), culprit), lineOf(source, span)];
    return withSource(line === own ? told : new SqlError({ ...diagnostic, label: `${label} (${line})` }), source);
  }
  if (source === statement || reader === undefined) return withSource(told, source);
  // What would mend it there is no change of the text that was given.
  return withSource(new SqlError({ ...diagnostic, fixes: undefined, hint: `${hint === undefined ? '' : `${hint}\n`}${lineOf(statement, reader)} reads it` }), source);
}

/** An error that a running job met, told where its SQL stands; `plans` are the texts of the job's plans. */
export function placed(error: unknown, plans: readonly PlanTexts[]): unknown {
  if (!(error instanceof SqlError) || error.diagnostic.span === undefined) return error;
  const { of } = error.diagnostic.span;
  const [source, ...others] = new Set(plans.map((texts) => (of === undefined ? texts.statement : texts.definitions.get(of))));
  // Of plans from several files it is not known which one failed.
  return source === undefined || others.length > 0 ? error : withSource(error, source);
}
