/** The planner alone: no Node built-in, no Kafka. */
export { parse } from './parser/parse.ts';
export { SqlError } from './core/diagnostic.ts';
export { MemoryCatalog } from './catalog/catalog.ts';
export { planInsert, planQuery } from './planner/plan.ts';
export { explainPlan } from './planner/explain.ts';
