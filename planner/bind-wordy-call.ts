import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { types, withNullable, type SqlType } from '../core/sql-type.ts';
import { resolveType } from '../catalog/type-resolver.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { CallClause, Expr } from '../parser/ast.ts';
import { caseOf, coalesce } from './bind-case.ts';
import { bindFunction } from './bind-function.ts';
import { textLiteral } from './bind-literal.ts';
import { castTo, tryCastTo } from './cast-to.ts';

type WordyCall = Extract<Expr, { kind: 'WordyCall' }>;

/** JSON_VALUE, JSON_QUERY and JSON_EXISTS with clauses; undefined for other calls. Throws E0208 for a clause that the call does not take. */
export function bindWordyCall({ call, clauses, span }: WordyCall, bind: (expr: Expr) => BoundExpr): BoundExpr | undefined {
  const name = call.name.name.toUpperCase();
  const [json, path] = call.args;
  if (!/^JSON_(VALUE|QUERY|EXISTS)$/.test(name) || json === undefined || path === undefined || call.args.length > 2) return undefined;
  const args = [bind(json), bind(path)];
  const clause = (test: RegExp): CallClause | undefined => clauses.find(({ words }) => test.test(words));
  /** NULL, ERROR, DEFAULT and so on; NULL where the clause is absent. */
  const said = (found: CallClause | undefined): BoundExpr => (found === undefined ? nothing(span) : textLiteral(found.words.replace(/ ON (EMPTY|ERROR)$/, ''), found.span));
  const given = (found: CallClause | undefined): BoundExpr => (found?.value === undefined ? nothing(span) : castTo(bind(found.value), types.string, found.span));
  const onEmpty = clause(/ ON EMPTY$/);
  const onError = clause(/ ON ERROR$/);
  const returning = clause(/^RETURNING$/);
  const wrapper = clause(/ WRAPPER$/);
  const odd = clauses.find((each) => ![onEmpty, onError, returning, wrapper].includes(each) || (each === wrapper && name !== 'JSON_QUERY') || (each === returning && name === 'JSON_EXISTS'));
  if (odd !== undefined) throw new SqlError({ code: 'E0208', message: `${name} does not take ${odd.words}`, span: odd.span });
  if (name === 'JSON_EXISTS') return bindFunction('JSON_EXISTS ON', name, [...args, said(onError)], span);
  if (name === 'JSON_VALUE') {
    const type = returningType(returning, [['BOOLEAN', 'TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'FLOAT', 'DOUBLE', 'DECIMAL', 'VARCHAR'], 'BOOLEAN, a number or STRING'], name);
    const value = bindFunction('JSON_VALUE ON', name, [...args, said(onEmpty), given(onEmpty), said(onError), given(onError)], span);
    return type === undefined ? value : returned(value, withNullable(type, true), onError, given(onError), span);
  }
  const type = returningType(returning, [['VARCHAR', 'ARRAY'], 'STRING or ARRAY<STRING>'], name);
  if (type?.kind === 'ARRAY' && type.element.kind !== 'VARCHAR') throw new SqlError({ code: 'E0208', message: `${name} returns STRING or ARRAY<STRING>`, span: returning?.span });
  const odder = type?.kind === 'ARRAY' ? clauses.find(({ words }) => words.startsWith('EMPTY OBJECT')) : undefined;
  if (odder !== undefined) throw new SqlError({ code: 'E0208', message: `${odder.words} is no array`, span: odder.span, hint: odder.words.replace('OBJECT', 'ARRAY') });
  const kind = wrapper === undefined || wrapper.words.startsWith('WITHOUT') ? nothing(span) : textLiteral(wrapper.words.includes(' CONDITIONAL') ? 'CONDITIONAL' : 'UNCONDITIONAL', wrapper.span);
  const value = bindFunction('JSON_QUERY ON', name, [...args, kind, said(onEmpty), said(onError)], span);
  if (type?.kind === 'ARRAY') return castTo(bindFunction('JSON LIST', name, [value], span), withNullable(type, true), span);
  return type === undefined ? value : castTo(value, withNullable(type, true), span);
}

/** The text that JSON_VALUE found as a value of the type; what is none is an error of the call. */
function returned(text: BoundExpr, type: SqlType, onError: CallClause | undefined, instead: BoundExpr, span: Span): BoundExpr {
  if (onError?.words.startsWith('ERROR') === true || type.kind === 'VARCHAR') return castTo(text, type, span);
  const value = tryCastTo(text, type, span);
  if (onError?.value === undefined) return value;
  const isFound: BoundExpr = { kind: 'is', operand: text, test: 'NULL', negated: true, type: { kind: 'BOOLEAN', nullable: false }, span };
  return caseOf([{ when: isFound, then: coalesce([value, castTo(instead, type, span)], span) }], value, span);
}

function nothing(span: Span): BoundExpr {
  return { kind: 'literal', value: null, type: types.string, span };
}

function returningType(clause: CallClause | undefined, [kinds, words]: readonly [readonly string[], string], name: string): SqlType | undefined {
  const type = clause?.type === undefined ? undefined : resolveType(clause.type);
  if (type === undefined || kinds.includes(type.kind)) return type;
  throw new SqlError({ code: 'E0208', message: `${name} returns ${words}`, span: clause?.span });
}
