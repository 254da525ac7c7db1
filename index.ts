/// <reference lib="esnext.disposable" preserve="true" />
/** The library: `import { Engine, SqlError } from 'sluice'`. */
export { SqlError } from './core/diagnostic.ts';
export { Engine } from './engine/engine.ts';
export { toJSON } from './engine/json.ts';
export type { Result } from './engine/result.ts';
export type { Change, Collected, Column, ColumnBatch, Duration, EngineOptions, Finding, FnDef, Fix, Job, JsTypes, Notice, Op, Opt, Params, Row, Run, StatementResult, Stats, TableHandle, TypedSql, Value } from './engine/api.ts';
