/** For connectors of your own; docs/own-connectors.md shows one. */
export { BadRecord, decodeGood } from './catalog/bad-record.ts';
export type { ConnectedTable, ConnectorDef, ConnectorRuntime, ConnectorServices, Position, SinkRequest, SinkToken, SinkWriter, Source, SourcePositions, SourceRequest, SplitReader } from './catalog/connector.ts';
export type { FormatDef, ReadColumn, RecordDecoder, RecordEncoder, RecordSpans, RecordTarget } from './catalog/format.ts';
export type { Options, OptionSpec } from './catalog/option-spec.ts';
export { allocateBatch, type Batch } from './core/batch.ts';
export { insertOnly, retractions, RowKind, upserts, type Changelog } from './core/changelog.ts';
export { layoutOf } from './core/layout.ts';
export type { SqlType } from './core/sql-type.ts';
export { readValue } from './core/value.ts';
