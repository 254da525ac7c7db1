import { SqlError } from '../core/diagnostic.ts';
import { describeType, types, withNullable } from '../core/sql-type.ts';
import type { Identifier, TableArgument, TableRef } from '../parser/ast.ts';
import { bindExpr } from './bind-expr.ts';
import { windowColumnNames, type LogicalPlan, type PlanColumn } from './logical-plan.ts';
import type { Relation } from './relation.ts';

const windowParameters = ['DATA', 'TIMECOL', 'SIZE', 'OFFSET'] as const;

/** TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), size [, offset])): the table's rows with their windows. */
export function bindWindow(ref: Extract<TableRef, { kind: 'TableFunction' }>, bindData: (data: TableRef) => Relation): Relation {
  const name = ref.name.name.toUpperCase();
  if (name !== 'TUMBLE') {
    if (['HOP', 'CUMULATE', 'SESSION'].includes(name)) throw new SqlError({ code: 'E0002', message: `not supported yet: ${name}`, span: ref.name.span });
    throw new SqlError({ code: 'E0103', message: `there is no table function ${ref.name.name}`, span: ref.name.span, label: 'TUMBLE, HOP, CUMULATE and SESSION make windows' });
  }
  const [data, timeCol, size, offset] = windowParameters.map((parameter, i) => ref.args.find((arg) => arg.label?.name.toUpperCase() === parameter) ?? (ref.args[i]?.label === undefined ? ref.args[i] : undefined));
  if (data?.kind !== 'TableArgument' || timeCol?.kind !== 'DescriptorArgument' || size === undefined || ref.args.length > 4) {
    throw new SqlError({ code: 'E0208', message: `${name} takes a table, a time column and a size`, span: ref.span, hint: "TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '10' SECOND)" });
  }
  const input = bindData(data.table);
  const timeColumn = bindTimeColumn(timeCol, input);
  const window = { kind: 'TUMBLE' as const, size: intervalOf(size, 'the size of a window', true), offset: offset === undefined ? 0 : intervalOf(offset, 'the offset of a window', false) };
  const time = input.plan.columns[timeColumn];
  // Windows on TIMESTAMP_LTZ start and end at local times, as in Flink; window_time stays a time attribute of the input's type.
  const bound = { kind: 'TIMESTAMP', precision: 3, nullable: false } as const;
  const columns: PlanColumn[] = [
    ...input.plan.columns.map((column, i) => (i === timeColumn ? { name: column.name, type: column.type } : column)),
    { name: windowColumnNames[0], type: bound },
    { name: windowColumnNames[1], type: bound },
    { name: windowColumnNames[2], type: withNullable(time?.type ?? bound, false), time: 'rowtime' },
  ];
  const plan: LogicalPlan = { kind: 'Window', input: input.plan, window, timeColumn, columns, span: ref.span };
  return { plan, qualifiers: ref.alias === undefined ? input.qualifiers : [ref.alias.name], label: `TUMBLE of ${input.label}` };
}

function bindTimeColumn(arg: Extract<TableArgument, { kind: 'DescriptorArgument' }>, input: Relation): number {
  const [column] = arg.columns;
  if (column === undefined || arg.columns.length > 1) throw new SqlError({ code: 'E0208', message: 'DESCRIPTOR names one time column', span: arg.span });
  const bound = bindExpr({ kind: 'Reference', name: { parts: [column], span: column.span }, span: column.span }, { columns: input.plan.columns, qualifiers: [], label: input.label });
  const index = bound.kind === 'column' ? bound.index : -1;
  const found = input.plan.columns[index];
  if (found?.time === undefined) throw noTimeAttribute(column, found, input);
  return index;
}

function noTimeAttribute(column: Identifier, found: PlanColumn | undefined, input: Relation): SqlError {
  const type = describeType(found?.type ?? types.nothing);
  const other = input.plan.columns.find((candidate) => candidate.time !== undefined);
  const base = { code: 'E0201' as const, span: column.span };
  if (other !== undefined) return new SqlError({ ...base, message: `TUMBLE needs the column that has the watermark; ${column.name} has none`, label: `the watermark of ${input.label} is on ${other.name}` });
  if (found?.type.kind === 'BIGINT' || found?.type.kind === 'INT') {
    return new SqlError({ ...base, message: `TUMBLE needs a time column with a watermark; ${column.name} is ${type}`, label: `add to CREATE TABLE ${input.label}:`, hint: `ts AS TO_TIMESTAMP_LTZ(\`${column.name}\`, 3),    -- 3: milliseconds, 0: seconds\nWATERMARK FOR ts AS ts - INTERVAL '5' SECOND\nand write DESCRIPTOR(ts) here` });
  }
  if (found?.type.kind === 'TIMESTAMP' || found?.type.kind === 'TIMESTAMP_LTZ') {
    return new SqlError({ ...base, message: `TUMBLE needs a time column with a watermark; ${column.name} has none here`, label: `add to CREATE TABLE ${input.label}:`, hint: `WATERMARK FOR \`${column.name}\` AS \`${column.name}\` - INTERVAL '5' SECOND` });
  }
  return new SqlError({ ...base, message: `TUMBLE needs a time column with a watermark; ${column.name} is ${type}` });
}

function intervalOf(arg: TableArgument, what: string, mustBePositive: boolean): number {
  const bound = arg.kind === 'ValueArgument' ? bindExpr(arg.value, { columns: [], qualifiers: [], label: 'a window' }) : undefined;
  if (bound?.kind !== 'literal' || bound.type.kind !== 'INTERVAL_SECOND' || typeof bound.value !== 'string') {
    throw new SqlError({ code: 'E0208', message: `${what} is an interval`, span: arg.span, hint: "INTERVAL '10' SECOND" });
  }
  const millis = Number(bound.value);
  if (mustBePositive && millis <= 0) throw new SqlError({ code: 'E0207', message: `${what} is longer than nothing`, span: arg.span });
  return millis;
}
