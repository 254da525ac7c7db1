import { SqlError } from '../core/diagnostic.ts';
import type { BoundExpr } from '../expression/bound-expr.ts';
import type { GivenValue, Parameter } from '../parser/ast.ts';
import type { Statement } from '../parser/ast-statement.ts';

/** The parameters of statements in the order of their text, found without recursion: chains of operators may be long. */
export function parametersOf(statements: readonly Statement[]): readonly Parameter[] {
  const found: Parameter[] = [];
  const open: object[] = [...statements];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isParameter(node)) found.push(node);
    else for (const part of Object.values(node) as readonly unknown[]) if (typeof part === 'object' && part !== null) open.push(part);
  }
  return found.sort((a, b) => a.span.start - b.span.start);
}

function isParameter(node: object): node is Parameter {
  return 'kind' in node && node.kind === 'Parameter';
}

/**
 * Puts the caller's values into freshly parsed statements: the n-th of `values` into the n-th `?` of the text, or the value of its name into
 * each `:name`. The values become typed literals when the statement is bound; no text is ever made of them. `read` turns a value into a
 * literal, or throws an SqlError, which is told at its parameter. Throws E0904 for a value that is missing or left over.
 */
export function fillParameters<V>(statements: readonly Statement[], values: readonly V[] | Readonly<Record<string, V>>, read: (value: V) => GivenValue): void {
  const parameters = parametersOf(statements);
  const isByPosition = Array.isArray(values);
  const byName = new Map<string, V>(Object.entries(values));
  const used = new Set<string>();
  for (const [position, parameter] of parameters.entries()) {
    const { name, span } = parameter;
    if (isByPosition !== (name === undefined)) {
      throw new SqlError({ code: 'E0904', message: name === undefined ? '? takes its value from an array, and the values have names' : `:${name} takes its value from an object, and the values have no names`, span, hint: name === undefined ? 'params: [1, 2]' : `params: { ${name}: 1 }` });
    }
    const key = name ?? String(position);
    if (!byName.has(key)) throw missing(parameter, isByPosition ? `parameters: ${parameters.length}, values: ${byName.size}` : undefined);
    used.add(key);
    try {
      parameter.given = read(byName.get(key) as V);
    } catch (error) {
      throw error instanceof SqlError ? new SqlError({ ...error.diagnostic, span }) : error;
    }
  }
  const extra = [...byName.keys()].find((key) => !used.has(key));
  if (extra === undefined) return;
  const last = parameters.at(-1)?.span ?? statements.at(-1)?.span;
  const message = isByPosition ? `more values are given than the text has parameters: ${byName.size}, not ${parameters.length}` : `a value is given for :${extra}, which the text does not have`;
  throw new SqlError({ code: 'E0904', message, span: last, label: isByPosition ? 'after this one there is none' : undefined });
}

/** A parameter stands for its value, with the value's type. Throws E0904 when it was given none. */
export function bindParameter(parameter: Parameter): BoundExpr {
  const { given, span } = parameter;
  if (given === undefined) throw missing(parameter);
  return { kind: 'literal', value: given.value, type: given.type, span };
}

function missing({ name, span }: Parameter, label?: string): SqlError {
  return new SqlError({ code: 'E0904', message: `there is no value for ${name === undefined ? 'this ?' : `:${name}`}`, span, label, hint: name === undefined ? 'params: [...] gives one value for each ?' : `params: { ${name}: ... }` });
}
