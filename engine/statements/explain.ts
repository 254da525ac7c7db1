import { SqlError } from '../../core/diagnostic.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { Statement } from '../../parser/ast-statement.ts';
import { planInsert, planQuery, type Planned } from '../../planner/plan.ts';
import type { StatementResult } from '../api.ts';
import type { ExplainFormat } from '../explain.ts';
import { done, later, type StatementContext } from './context.ts';
import { isCreateAs, planCreateAs } from './create-as.ts';

type Explain = Extract<Statement, { kind: 'Explain' }>;

/** What may stand behind EXPLAIN. The tree always says what changes each step emits: CHANGELOG_MODE asks for what is there. */
const details: Readonly<Record<string, 'text' | 'code' | 'json' | 'later'>> = { CHANGELOG_MODE: 'text', CODE: 'code', JSON_EXECUTION_PLAN: 'json', ESTIMATED_COST: 'later', PLAN_ADVICE: 'later' };

/** EXPLAIN of a query, an INSERT or a statement set: one plan for each query, `print` says how. */
export function explain(statement: Explain, context: StatementContext, print: (planned: Planned, format: ExplainFormat) => string): StatementResult {
  const wanted = statement.details.map((detail) => {
    const form = Object.hasOwn(details, detail) ? details[detail] : undefined;
    if (form === undefined) throw new SqlError({ code: 'E0001', message: `EXPLAIN does not know ${detail}`, span: { start: statement.span.start, end: statement.statement.span.start }, label: didYouMean(detail, Object.keys(details)) ?? (detail === 'ANALYZE' ? 'of what runs, \\why tells what each step has read and given' : 'leave it out'), hint: `it knows ${Object.keys(details).join(', ')}` });
    if (form === 'later') throw later(`EXPLAIN ${detail}`, statement.span);
    return form;
  });
  const texts = plansOf(statement.statement, context).map((planned) => {
    if (wanted.includes('json')) return print(planned, 'json');
    return print(planned, 'text') + (wanted.includes('code') ? `\n\n${print(planned, 'code')}` : '');
  });
  return done(texts.join('\n\n'));
}

function plansOf(statement: Statement, context: StatementContext): readonly Planned[] {
  const { planContext } = context;
  switch (statement.kind) {
    case 'Insert':
      if (statement.overwrite) throw later('INSERT OVERWRITE', statement.span);
      return [planInsert(statement, planContext)];
    case 'StatementSet':
      return statement.inserts.map((insert) => planInsert(insert, planContext));
    case 'QueryStatement':
      return [planQuery(statement.query, planContext)];
    case 'CreateTable': {
      if (!isCreateAs(statement)) break;
      const { entry, errors, insert } = planCreateAs(statement, context);
      if (entry === undefined || errors[0] !== undefined) throw errors[0] ?? later('EXPLAIN of this table', statement.span);
      // The table is there for the plan alone.
      const catalog = context.world.catalog.copy();
      const there = catalog.at(entry.path, false);
      if (there !== undefined && statement.replace !== undefined) catalog.remove(there);
      catalog.add(entry, statement.name.span);
      const planned = planInsert(insert, { ...planContext, catalog });
      return [{ ...planned, hinted: [...planned.hinted, entry] }];
    }
    default:
  }
  throw new SqlError({ code: 'E0001', message: 'there is no plan of this statement', span: statement.span, label: 'EXPLAIN takes a query, an INSERT or a statement set' });
}
