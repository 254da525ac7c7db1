import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { describeType, types, withNullable } from '../core/sql-type.ts';
import { didYouMean } from '../core/suggest.ts';
import type { Expr, Identifier, TableArgument, TableRef } from '../parser/ast.ts';
import { bindExpr, type Scope } from './bind-expr.ts';
import { windowColumnNames, type LogicalPlan, type PlanColumn, type WindowSpec } from './logical-plan.ts';
import { lostTime, originOf } from './lost-property.ts';
import { isProcessingTimeColumn } from './processing-time.ts';
import type { Relation } from './relation.ts';
import { freeTimeName } from './unique-names.ts';

/** The arguments of each window function behind its time column, in order; `*` marks those that may be left out. */
const parametersOf = {
  TUMBLE: ['SIZE', 'OFFSET*'],
  HOP: ['SLIDE', 'SIZE', 'OFFSET*'],
  CUMULATE: ['STEP', 'SIZE', 'OFFSET*'],
  SESSION: ['GAP'],
} as const;
type WindowName = keyof typeof parametersOf;

const exampleOf: Readonly<Record<WindowName, string>> = {
  TUMBLE: "TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)",
  HOP: "HOP(TABLE t, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND)",
  CUMULATE: "CUMULATE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' HOUR, INTERVAL '1' DAY)",
  SESSION: "SESSION(TABLE t PARTITION BY k, DESCRIPTOR(ts), INTERVAL '30' MINUTE)",
};

/** Table functions that Flink has of its own. */
const laterFunctions: ReadonlySet<string> = new Set(['ML_PREDICT', 'ML_EVALUATE', 'VECTOR_SEARCH', 'SNAPSHOT', 'TO_CHANGELOG', 'FROM_CHANGELOG']);

/** TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), size [, offset])) and the other windows: the table's rows with their windows, once for each. */
export function bindWindow(ref: Extract<TableRef, { kind: 'TableFunction' }>, bindData: (data: TableRef) => Relation): Relation {
  const name = ref.name.name.toUpperCase();
  if (laterFunctions.has(name)) throw new SqlError({ code: 'E0002', message: `not supported yet: ${name}`, span: ref.name.span });
  if (!isWindowName(name)) {
    throw new SqlError({ code: 'E0103', message: `there is no table function ${ref.name.name}`, span: ref.name.span, label: didYouMean(name, Object.keys(exampleOf)) ?? 'TUMBLE, HOP, CUMULATE and SESSION make windows' });
  }
  const { data, timeCol, values } = argumentsOf(ref, name);
  const input = bindData(data.table);
  const scope: Scope = { columns: input.plan.columns, qualifiers: input.qualifiers, label: input.label };
  const timeColumn = bindTimeColumn(name, timeCol, input.plan, input);
  const keys = data.partitionBy.map((expr) => {
    const bound = bindExpr(expr, scope);
    if (bound.kind !== 'column') throw new SqlError({ code: 'E0208', message: 'PARTITION BY of a window names columns', span: expr.span });
    return bound.index;
  });
  const unused = name === 'SESSION' ? undefined : data.partitionBy[0];
  if (unused !== undefined) throw new SqlError({ code: 'E0208', message: `${name} takes no PARTITION BY: its windows are the same for all rows`, span: unused.span, label: 'group by it instead' });
  if (data.orderBy[0] !== undefined) throw new SqlError({ code: 'E0208', message: `${name} takes no ORDER BY`, span: data.orderBy[0].span });
  const window = windowSpec(name, values, keys, ref.span);
  return { plan: windowOver(input.plan, window, timeColumn, timeCol.columns[0]?.span, ref.span), qualifiers: ref.alias === undefined ? input.qualifiers : [ref.alias.name], label: `${name} of ${input.label}` };
}

export function isWindowName(name: string): name is WindowName {
  return Object.hasOwn(parametersOf, name);
}

/** The rows of `input` with window_start, window_end and window_time behind them. */
export function windowOver(input: LogicalPlan, window: WindowSpec, timeColumn: number, timeSpan: Span | undefined, span: Span): Extract<LogicalPlan, { kind: 'Window' }> {
  // Windows on TIMESTAMP_LTZ start and end at local times, as in Flink; window_time stays a time attribute of the input's type.
  const bound = { kind: 'TIMESTAMP', precision: 3, nullable: false } as const;
  const processing = isProcessingTimeColumn(input, timeColumn);
  const columns: PlanColumn[] = [
    ...input.columns.map(({ name, type }) => ({ name, type })),
    { name: windowColumnNames[0], type: bound },
    { name: windowColumnNames[1], type: bound },
    { name: windowColumnNames[2], type: withNullable(input.columns[timeColumn]?.type ?? bound, false), ...(!processing && { time: 'rowtime' }) },
  ];
  return { kind: 'Window', input, window, ...(processing && { processing }), timeColumn, timeSpan, columns, span };
}

interface Arguments {
  readonly data: Extract<TableArgument, { kind: 'TableArgument' }>;
  readonly timeCol: Extract<TableArgument, { kind: 'DescriptorArgument' }>;
  /** By the parameter's name. */
  readonly values: ReadonlyMap<string, Expr>;
}

/** By place, or all by name: `DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), SIZE => ..`. */
function argumentsOf(ref: Extract<TableRef, { kind: 'TableFunction' }>, name: WindowName): Arguments {
  const all = ['DATA', 'TIMECOL', ...parametersOf[name]];
  const parameters = all.map((parameter) => parameter.replace('*', ''));
  const fail = (message: string, span: Span, label?: string): SqlError => new SqlError({ code: 'E0208', message, span, label, hint: exampleOf[name] });
  const given = new Map<string, TableArgument>();
  for (const [i, arg] of ref.args.entries()) {
    const parameter = arg.label?.name.toUpperCase() ?? parameters[i];
    if (parameter === undefined) throw fail(`${name} takes at most ${parameters.length} arguments`, arg.span);
    if (!parameters.includes(parameter)) throw fail(`${name} has no argument ${arg.label?.name ?? ''}`, arg.span, didYouMean(parameter, parameters));
    if (given.has(parameter)) throw fail(`${parameter} of ${name} is given twice`, arg.span);
    given.set(parameter, arg);
  }
  const [data, timeCol] = [given.get('DATA'), given.get('TIMECOL')];
  const missing = all.filter((parameter) => !parameter.endsWith('*') && !given.has(parameter));
  if (missing.length > 0 || data?.kind !== 'TableArgument' || timeCol?.kind !== 'DescriptorArgument') {
    throw fail(`${name} takes a table, a time column and ${parametersOf[name].filter((parameter) => !parameter.endsWith('*')).map((parameter) => `a ${parameter.toLowerCase()}`).join(' and ')}`, ref.span);
  }
  const values = new Map<string, Expr>();
  for (const [parameter, arg] of given) {
    if (arg === data || arg === timeCol) continue;
    if (arg.kind !== 'ValueArgument') throw fail(`${parameter} of ${name} is an interval`, arg.span);
    values.set(parameter, arg.value);
  }
  return { data, timeCol, values };
}

/** `keys`: the columns that part the sessions. Throws E0207 and E0208 for lengths that make no windows. */
export function windowSpec(name: WindowName, values: ReadonlyMap<string, Expr>, keys: readonly number[], span: Span): WindowSpec {
  const length = (parameter: string): number => intervalOf(values.get(parameter), `the ${parameter.toLowerCase()} of a window`, true, span);
  const offset = values.has('OFFSET') ? intervalOf(values.get('OFFSET'), 'the offset of a window', false, span) : 0;
  switch (name) {
    case 'TUMBLE':
      return { kind: name, size: length('SIZE'), offset };
    case 'HOP':
      return { kind: name, size: length('SIZE'), offset, slide: length('SLIDE') };
    case 'CUMULATE': {
      const [size, step] = [length('SIZE'), length('STEP')];
      if (size % step !== 0) throw new SqlError({ code: 'E0208', message: 'the size of CUMULATE is a whole number of steps', span: values.get('SIZE')?.span ?? span, hint: exampleOf.CUMULATE });
      return { kind: name, size, offset, step };
    }
    case 'SESSION':
      return { kind: name, gap: length('GAP'), keys };
  }
}

function bindTimeColumn(name: string, arg: Extract<TableArgument, { kind: 'DescriptorArgument' }>, plan: LogicalPlan, input: Relation): number {
  const [column] = arg.columns;
  if (column === undefined || arg.columns.length > 1) throw new SqlError({ code: 'E0208', message: 'DESCRIPTOR names one time column', span: arg.span });
  const bound = bindExpr({ kind: 'Reference', name: { parts: [column], span: column.span }, span: column.span }, { columns: plan.columns, qualifiers: [], label: input.label });
  return timeColumnOf(name, bound.kind === 'column' ? bound.index : -1, column, plan, input.label, 'DESCRIPTOR(ts)');
}

/** The column at `index`, if it has the watermark or is the processing time; else E0201, which says what to write. */
export function timeColumnOf(name: string, index: number, column: Identifier, plan: LogicalPlan, label: string, place: string): number {
  const { columns } = plan;
  if (isProcessingTimeColumn(plan, index)) return index;
  const found = columns[index];
  if (found?.time !== undefined) return index;
  const type = describeType(found?.type ?? types.nothing);
  const other = columns.find((candidate) => candidate.time !== undefined);
  const base = { code: 'E0201' as const, span: column.span };
  const lost = lostTime(plan, index);
  if (lost !== undefined) throw new SqlError({ ...base, message: `${name} needs a time column with a watermark; ${column.name} has lost it`, label: lost.reason, hint: lost.hint, culprit: lost.span });
  if (other !== undefined) throw new SqlError({ ...base, message: `${name} needs the column that has the watermark; ${column.name} has none`, label: `the watermark of ${label} is on ${other.name}` });
  const origin = originOf(plan, index);
  if (origin === undefined) {
    throw new SqlError({ ...base, message: `${name} needs a time column with a watermark; ${column.name} is ${type}`, label: `${column.name} is no column of a table`, hint: 'event time comes from a table:  CREATE TABLE t (.., ts TIMESTAMP(3), WATERMARK FOR ts AS ts)' });
  }
  const time = freeTimeName(origin.table.columns.map((declared) => declared.name));
  const here = place.replace('ts', time);
  if (found?.type.kind === 'BIGINT' || found?.type.kind === 'INT') {
    throw new SqlError({ ...base, message: `${name} needs a time column with a watermark; ${column.name} is ${type}`, label: `add to CREATE TABLE ${origin.table.name}:`, hint: `${time} AS TO_TIMESTAMP_LTZ(\`${origin.column}\`, 3),    -- 3: milliseconds, 0: seconds\nWATERMARK FOR ${time} AS ${time} - INTERVAL '5' SECOND\nand write ${here} here` });
  }
  if (found?.type.kind === 'TIMESTAMP' || found?.type.kind === 'TIMESTAMP_LTZ') {
    throw new SqlError({ ...base, message: `${name} needs a time column with a watermark; ${column.name} has none here`, label: `add to CREATE TABLE ${origin.table.name}:`, hint: `WATERMARK FOR \`${origin.column}\` AS \`${origin.column}\` - INTERVAL '5' SECOND` });
  }
  const hint = found?.type.kind === 'VARCHAR' ? `${time} AS TO_TIMESTAMP(\`${origin.column}\`),\nWATERMARK FOR ${time} AS ${time} - INTERVAL '5' SECOND\nand write ${here} here` : `${time} TIMESTAMP(3),\nWATERMARK FOR ${time} AS ${time} - INTERVAL '5' SECOND`;
  throw new SqlError({ ...base, message: `${name} needs a time column with a watermark; ${column.name} is ${type}`, label: `add to CREATE TABLE ${origin.table.name}:`, hint });
}

function intervalOf(arg: Expr | undefined, what: string, mustBePositive: boolean, span: Span): number {
  const bound = arg === undefined ? undefined : bindExpr(arg, { columns: [], qualifiers: [], label: 'a window' });
  if (bound?.kind !== 'literal' || bound.type.kind !== 'INTERVAL_SECOND' || typeof bound.value !== 'string') {
    if (bound?.type.kind === 'INTERVAL_MONTH') throw new SqlError({ code: 'E0208', message: `${what} is days or less: months and years are not all of one length`, span: arg?.span ?? span, hint: "INTERVAL '30' DAY, or, without a window,  GROUP BY FLOOR(ts TO MONTH)" });
    throw new SqlError({ code: 'E0208', message: `${what} is an interval`, span: arg?.span ?? span, hint: "INTERVAL '10' SECOND" });
  }
  const millis = Number(bound.value);
  if (mustBePositive && millis <= 0) throw new SqlError({ code: 'E0207', message: `${what} is longer than nothing`, span: arg?.span ?? span, hint: "INTERVAL '10' SECOND" });
  return millis;
}
