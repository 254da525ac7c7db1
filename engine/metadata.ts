import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { printType, sameType, withNullable, type SqlType } from '../core/sql-type.ts';
import { didYouMean } from '../core/suggest.ts';
import type { ConnectorDef, MetadataSpec } from '../catalog/connector.ts';
import type { ColumnEntry } from '../catalog/entry.ts';
import { canCast, isCastable } from '../functions/cast-rules.ts';

/** The columns with what the connector says of those that are METADATA. `spanOf`: where a column is declared. */
export function withMetadata(columns: readonly ColumnEntry[], connector: ConnectorDef | undefined, spanOf: (column: string) => Span | undefined): { readonly columns: readonly ColumnEntry[]; readonly errors: readonly SqlError[] } {
  const errors: SqlError[] = [];
  // Of a table without a connector something else is told.
  if (connector === undefined) return { columns, errors };
  const known = connector.metadata ?? [];
  const found = columns.map((column): ColumnEntry => {
    if (column.kind !== 'metadata') return column;
    const span = spanOf(column.name);
    const spec = known.find(({ key }) => key === column.key);
    const fault = spec === undefined ? unknownKey(connector, known, column.key, span) : faultOf(spec, column.name, column.type, column.isVirtual, span);
    if (fault !== undefined) errors.push(fault);
    return spec === undefined ? column : { ...column, given: { type: spec.type, isWritable: spec.isWritable } };
  });
  return { columns: found, errors };
}

function unknownKey({ name }: ConnectorDef, known: readonly MetadataSpec[], key: string, span: Span | undefined): SqlError {
  if (known.length === 0) return new SqlError({ code: 'E0102', message: `the connector ${name} has no metadata`, span, hint: 'leave the column out' });
  const keys = known.map((spec) => spec.key);
  return new SqlError({ code: 'E0102', message: `the connector ${name} has no metadata '${key}'`, span, label: didYouMean(key, keys), hint: `there are ${keys.map((each) => `'${each}'`).join(', ')}: name METADATA FROM '${keys[0]}'` });
}

function faultOf(spec: MetadataSpec, name: string, type: SqlType, isVirtual: boolean, span: Span | undefined): SqlError | undefined {
  if (spec.later === true) return new SqlError({ code: 'E0002', message: `not supported yet: the metadata '${spec.key}'`, span });
  const [given, declared] = [spec.type, type].map((each) => printType(withNullable(each, true)));
  // What is written is cast the other way.
  const casts: readonly (readonly [SqlType, SqlType])[] = isVirtual || !spec.isWritable ? [[spec.type, type]] : [[spec.type, type], [type, spec.type]];
  if (sameType(spec.type, type) || casts.every(([from, to]) => isCastable(from, to) && canCast(from, to))) return undefined;
  const isLater = casts.every(([from, to]) => isCastable(from, to));
  return isLater
    ? new SqlError({ code: 'E0002', message: `not supported yet: the metadata '${spec.key}', a ${given}, as a ${declared}`, span })
    : new SqlError({ code: 'E0206', message: `the metadata '${spec.key}' is a ${given}, which cannot be cast to ${declared}`, span, hint: `${name} ${given} METADATA FROM '${spec.key}'` });
}
