/** For connectors of your own. */
export type { ConnectorDef, ConnectorRuntime, FormatDef, SinkWriter, Source, SplitReader } from './catalog/connector.ts';
