/** The library: `import { Engine, SqlError } from 'sluice'`. */
export { SqlError } from './core/diagnostic.ts';
export { Engine } from './engine/engine.ts';
export type { Result } from './engine/result.ts';
export type { Change, Collected, Column, Duration, EngineOptions, Fix, JsTypes, Notice, Op, Opt, Row, Run, StatementResult, Stats, Value } from './engine/api.ts';
