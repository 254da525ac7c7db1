import { SqlError } from '../core/diagnostic.ts';
import { printDouble } from '../core/value.ts';

/** JSON texts and the paths of SQL:2016 into them, as far as names and places go. */

/** A number with its digits as they were written. */
export class JsonNumber {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
  /** As Java prints a BigDecimal: by its digits, unless it has an exponent. */
  print(): string {
    return /[eE]/.test(this.source) ? printDouble(Number(this.source)) : this.source;
  }
}

export type Json = null | boolean | string | JsonNumber | readonly Json[] | { readonly [name: string]: Json };

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) => (typeof value === 'number' ? new JsonNumber(context?.source ?? String(value)) : value)) as Json;
  } catch {
    return undefined;
  }
}

/** The value as JSON without spaces, numbers by their digits. */
export function printJson(value: Json): string {
  if (value instanceof JsonNumber) return value.print();
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(printJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) return `{${Object.entries(value as Readonly<Record<string, Json>>).map(([name, part]) => `${JSON.stringify(name)}:${printJson(part)}`).join(',')}}`;
  return JSON.stringify(value);
}

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
      if (from === null || typeof from !== 'object' || from instanceof JsonNumber) return [];
      if (each.kind === 'any') return Array.isArray(from) ? (from as readonly Json[]) : Object.values(from as Readonly<Record<string, Json>>);
      if (each.kind === 'place') {
        const part = Array.isArray(from) ? (from as readonly Json[]).at(each.index) : undefined;
        return part === undefined ? [] : [part];
      }
      const part = !Array.isArray(from) && Object.hasOwn(from, each.name) ? (from as Readonly<Record<string, Json>>)[each.name] : undefined;
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
  return value === null || typeof value !== 'object' || value instanceof JsonNumber;
}
