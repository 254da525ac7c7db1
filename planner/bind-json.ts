import type { Span } from '../core/span.ts';
import { types, withNullable } from '../core/sql-type.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { CallExpr, Expr } from '../parser/ast.ts';
import { bindFunction } from './bind-function.ts';
import { castTo } from './cast-to.ts';

/** Calls whose values become JSON before the call sees them. */
const makers = /^JSON_(OBJECT|ARRAY|OBJECTAGG|ARRAYAGG)( (NULL|ABSENT) ON NULL)?$/;

/** A call with the words of its clause in its name: JSON_ARRAYAGG(a NULL ON NULL). Undefined where it has other clauses. */
export function withNullClause({ call, clauses: [clause, ...others] }: Extract<Expr, { kind: 'WordyCall' }>): CallExpr | undefined {
  const name = `${call.name.name.toUpperCase()} ${clause?.words ?? ''}`;
  if (others.length === 0 && name === 'ARRAY_AGG RESPECT NULLS') return call;
  if (others.length === 0 && name === 'ARRAY_AGG IGNORE NULLS') return { ...call, name: { ...call.name, name } };
  return others.length === 0 && makers.test(name) ? { ...call, name: { ...call.name, name } } : undefined;
}

/** JSON(text) as the value of JSON_OBJECT or an element of JSON_ARRAY, which takes the text for the JSON that it is; undefined for all else. */
export function bindRawJson(maker: string, arg: Expr, index: number, bind: (expr: Expr) => BoundExpr): BoundExpr | undefined {
  const isValue = maker.startsWith('JSON_ARRAY') || (maker.startsWith('JSON_OBJECT') && index % 2 === 1);
  if (!isValue || !makers.test(maker) || arg.kind !== 'Call' || arg.name.name.toUpperCase() !== 'JSON') return undefined;
  return bindFunction('JSON RAW', 'JSON', arg.args.map(bind), arg.span);
}

/** The arguments of a call of that name with JSON in the place of values; as they are for other calls. NULL is null, or stays NULL and is left out. */
export function jsonArguments(name: string, args: readonly BoundExpr[], span: Span): readonly BoundExpr[] {
  const [, what = '', , clause] = makers.exec(name) ?? [];
  if (what === '') return args;
  const isObject = what.startsWith('OBJECT');
  const isNullKept = clause === undefined ? isObject : clause === 'NULL';
  return args.map((arg, i) => {
    if (isObject && i % 2 === 0) return castTo(arg, withNullable(types.string, arg.type.nullable), arg.span);
    // JSON within JSON is no text.
    if (arg.kind === 'call' && (arg.name === 'JSON_OBJECT' || arg.name === 'JSON_ARRAY')) return arg;
    if (arg.kind === 'call' && arg.name === 'JSON RAW') return isNullKept ? bindFunction('JSON RAW OR NULL', 'JSON', arg.args, span) : arg;
    return bindFunction(isNullKept ? 'JSON TEXT' : 'JSON_STRING', name, [arg], span);
  });
}
