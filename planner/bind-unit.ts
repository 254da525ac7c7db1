import { SqlError } from '../core/diagnostic.ts';
import { didYouMean } from '../core/suggest.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { Expr } from '../parser/ast.ts';
import { takesUnit } from './bind-function.ts';
import { textLiteral } from './bind-literal.ts';

/** Words that stand for a unit or a part of a time; which of them a call takes is its own. */
const timeUnits: readonly string[] = ['NANOSECOND', 'MICROSECOND', 'FRAC_SECOND', 'MILLISECOND', 'SECOND', 'MINUTE', 'HOUR', 'DAY', 'DOW', 'ISODOW', 'DOY', 'WEEK', 'MONTH', 'QUARTER', 'YEAR', 'ISOYEAR', 'DECADE', 'CENTURY', 'MILLENNIUM', 'EPOCH'];

/** Calls whose second argument is a unit: FLOOR(t TO DAY). */
const roundsTo = new Set(['FLOOR', 'CEIL', 'CEILING']);

/** An argument of a call that takes a word there: a unit of time, or an end of a text. The word goes on as a text. */
export function unitArgument(name: string, args: readonly Expr[], at: number): BoundExpr | undefined {
  const arg = args[at];
  const takesWord = at === 0 ? takesUnit.has(name) || (name === 'TRIM' && args.length === 3) : at === 1 && roundsTo.has(name);
  const [word, ...more] = takesWord && arg?.kind === 'Reference' ? arg.name.parts : [];
  if (word === undefined || more.length > 0) return undefined;
  const unit = word.name.toUpperCase().replace(/^SQL_TSI_/, '');
  if (name !== 'TRIM' && !timeUnits.includes(unit)) {
    const label = didYouMean(unit, timeUnits) ?? (timeUnits.includes(unit.replace(/S$/, '')) ? `did you mean "${unit.slice(0, -1)}"?` : undefined);
    throw new SqlError({ code: 'E0208', message: `${unit} is no unit of time`, span: word.span, label, hint: label === undefined ? 'SECOND, MINUTE, HOUR, DAY, WEEK, MONTH, QUARTER, YEAR' : undefined });
  }
  return textLiteral(unit, word.span);
}
