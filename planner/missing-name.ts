import { didYouMean, listed } from '../core/suggest.ts';
import { findScalar } from '../functions/registry.ts';

/** What names can mean where one means nothing: the part of a Scope that is told. */
interface Names {
  readonly columns: readonly { readonly name: string }[];
  readonly qualifiers: readonly string[];
  readonly label: string;
  readonly owners?: readonly (string | undefined)[];
  readonly aliases?: readonly string[];
}

/** What a name that is no column was meant for: one that is near, a function without its parentheses, a table by another name; else the columns there are. */
export function missingHint(parts: readonly string[], missing: string, scope: Names): { readonly label: string | undefined; readonly hint: string | undefined } {
  const { owners } = scope;
  // Behind the name of a table only its own columns can be meant.
  const own = parts.length > 1 && owners?.includes(parts[0]) === true ? scope.columns.filter((_, i) => owners[i] === parts[0]) : scope.columns;
  const names = own.map((column) => column.name);
  const qualifier = parts.length > 1 && parts[0] === missing ? parts[0] : undefined;
  if (qualifier !== undefined && scope.qualifiers.length > 0) {
    const called = scope.qualifiers.length === 1 && qualifier === scope.label ? `it is called ${scope.qualifiers[0]} here` : (didYouMean(qualifier, scope.qualifiers) ?? `no table in FROM is called so: there is ${scope.qualifiers.join(', ')}`);
    return { label: called, hint: undefined };
  }
  const near = scope.aliases?.includes(missing) === true ? undefined : didYouMean(missing, names);
  if (near !== undefined) return { label: near, hint: undefined };
  if (parts.length === 1 && findScalar(missing)?.overloads.some((overload) => overload.accept([], []) !== undefined) === true) return { label: `as a function, write ${missing}()`, hint: undefined };
  if (parts.length === 1 && scope.aliases?.includes(missing) === true) return { label: `SELECT gives this name, later on: repeat here what it stands for`, hint: undefined };
  if (names.length === 0) return { label: `a column comes from a table in FROM; a text is '${missing}'`, hint: undefined };
  return { label: undefined, hint: listed('columns:', names) };
}
