import { SqlError } from '../core/diagnostic.ts';
import { isJsonArray, isJsonObject, parseJson, type Json } from './json-text.ts';

/** The paths of SQL:2016 into JSON texts, as far as names and places go. */

type Step = { readonly kind: 'name'; readonly name: string } | { readonly kind: 'place'; readonly index: number } | { readonly kind: 'any' };

const paths = new Map<string, readonly Step[]>();
const step = /^(?:\.([A-Za-z_$][\w$-]*|"[^"]*")|\.?\[\s*(-?\d+)\s*\]|\.?\[\s*'([^']*)'\s*\]|\.?\[\s*"([^"]*)"\s*\]|(\.\*|\[\s*\*\s*\]))/;

/** Throws E0207 for a text that is no path, E0002 for filters, slices and `..`. */
function stepsOf(path: string): readonly Step[] {
  const known = paths.get(path);
  if (known !== undefined) return known;
  let rest = path.replace(/^\s*(?:lax|strict)\s+/i, '').trim();
  if (!rest.startsWith('$')) throw new SqlError({ code: 'E0207', message: `'${path}' is no path into JSON`, hint: "'$.name'" });
  rest = rest.slice(1);
  const steps: Step[] = [];
  while (rest !== '') {
    const match = step.exec(rest);
    if (match === null) throw new SqlError({ code: 'E0002', message: `not supported yet: ${rest} in a path into JSON` });
    const [all, plain, index, single, double] = match;
    if (index !== undefined) steps.push({ kind: 'place', index: Number(index) });
    else if (plain ?? single ?? double) steps.push({ kind: 'name', name: (plain ?? single ?? double ?? '').replace(/^"(.*)"$/, '$1') });
    else steps.push({ kind: 'any' });
    rest = rest.slice(all.length);
  }
  if (paths.size >= 1000) paths.clear();
  paths.set(path, steps);
  return steps;
}

/** What a path leads to: nothing, one value, or with * an array of all, where what stands before the * leads somewhere. */
function followPath(value: Json, steps: readonly Step[]): Json | undefined {
  let found: Json[] = [value];
  let isOne = true;
  for (const each of steps) {
    if (isOne && found.length === 0) return undefined;
    if (each.kind === 'any') isOne = false;
    found = found.flatMap((from): readonly Json[] => {
      if (each.kind === 'any') return isJsonArray(from) ? from : isJsonObject(from) ? [...from.values()] : [];
      const part = each.kind === 'place' ? (isJsonArray(from) ? from.at(each.index) : undefined) : isJsonObject(from) ? from.get(each.name) : undefined;
      return part === undefined ? [] : [part];
    });
  }
  return isOne ? found[0] : found;
}

/** What a JSON text has at a path, or why that is an error. No value: nothing is there, which only a lax path takes for no error. */
export type Found = { readonly error: string } | { readonly value: Json | undefined; readonly isLax: boolean };

/** A path is strict unless it begins with `lax`. Source: Flink's SqlJsonUtils, jsonApiCommonSyntax. */
export function findInJson(text: string, path: string): Found {
  const isLax = /^\s*lax\s/i.test(path);
  const steps = stepsOf(path);
  const json = parseJson(text);
  if (json === undefined && isLax) return { value: undefined, isLax };
  if (json === undefined) return { error: `'${text.slice(0, 120)}' is no JSON` };
  if (json === null) return { error: 'null has no parts' };
  const value = followPath(json, steps) ?? undefined;
  if (value !== undefined) return { value, isLax };
  return isLax ? { value: steps.some(({ kind }) => kind === 'any') ? [] : undefined, isLax } : { error: `the path '${path}' leads nowhere` };
}

/** True for a value that is no object and no array. */
export function isScalarJson(value: Json): boolean {
  return !isJsonArray(value) && !isJsonObject(value);
}
