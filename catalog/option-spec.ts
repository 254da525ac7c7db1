import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { didYouMean } from '../core/suggest.ts';
import { parseDuration } from '../core/time.ts';

/** One option of a connector or a format: pure data, from which checks, completion and docs are made. */
export interface OptionSpec {
  /** The key; one that ends in `.*` stands for every key with that head. */
  readonly key: string;
  readonly form: 'text' | 'boolean' | 'integer' | 'duration' | 'enum';
  readonly values?: readonly string[];
  readonly required?: boolean;
  /** True: an empty text is a value. */
  readonly mayBeEmpty?: boolean;
  readonly defaultValue?: string;
  /** Names the option once had here or elsewhere: an error names the right one. */
  readonly formerly?: readonly string[];
  /** The version that reads it; absent means this one does. */
  readonly later?: boolean;
  readonly description: string;
}

/** An option as a statement gives it. */
export interface GivenOption {
  readonly key: string;
  readonly value: string;
  readonly keySpan?: Span | undefined;
  readonly valueSpan?: Span | undefined;
}

/** Checked options with their defaults. */
export class Options {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  text(key: string): string | undefined {
    return this.#values.get(key);
  }

  boolean(key: string): boolean {
    return this.#values.get(key) === 'true';
  }

  integer(key: string): number | undefined {
    const value = this.#values.get(key);
    return value === undefined ? undefined : Number(value);
  }

  /** In ms. */
  duration(key: string): number | undefined {
    const value = this.#values.get(key);
    return value === undefined ? undefined : parseDuration(value);
  }

  toJSON(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#values);
  }
}

/** Checks what was given against the specs; every fault is one error. `owner` names connector and format in messages. */
export function checkOptions(owner: string, specs: readonly OptionSpec[], given: readonly GivenOption[], optionsSpan: Span | undefined): { readonly options: Options; readonly errors: readonly SqlError[] } {
  const errors: SqlError[] = [];
  const values = new Map<string, string>();
  for (const spec of specs) if (spec.defaultValue !== undefined) values.set(spec.key, spec.defaultValue);
  for (const option of given) {
    const spec = specs.find((candidate) => matches(candidate, option.key));
    if (spec === undefined) {
      errors.push(unknownOption(owner, specs, option));
      continue;
    }
    if (spec.later === true) {
      errors.push(new SqlError({ code: 'E0002', message: `not supported yet: the option '${option.key}'`, span: option.keySpan }));
      continue;
    }
    const fault = wrongValue(spec, option.value);
    if (fault !== undefined) {
      const label = spec.values === undefined ? undefined : didYouMean(option.value, spec.values);
      errors.push(new SqlError({ code: 'E0504', message: `'${option.key}' ${fault}, not '${option.value}'`, span: option.valueSpan, label }));
      continue;
    }
    values.set(option.key, spec.form === 'boolean' || spec.form === 'enum' ? option.value.toLowerCase() : option.value);
  }
  for (const spec of specs) {
    if (spec.required === true && !values.has(spec.key) && !given.some((option) => option.key === spec.key)) {
      errors.push(new SqlError({ code: 'E0503', message: `${owner} needs the option '${spec.key}'`, span: optionsSpan, label: `add  '${spec.key}' = '...'`, hint: spec.description }));
    }
  }
  return { options: new Options(values), errors };
}

function matches(spec: OptionSpec, key: string): boolean {
  return spec.key.endsWith('.*') ? key.startsWith(spec.key.slice(0, -1)) : spec.key === key;
}

function unknownOption(owner: string, specs: readonly OptionSpec[], option: GivenOption): SqlError {
  const renamed = specs.find((spec) => spec.formerly?.includes(option.key) === true);
  const label = renamed === undefined ? didYouMean(option.key, specs.map((spec) => spec.key)) : `the name is '${renamed.key}'; the value is right`;
  const fixes = renamed === undefined || option.keySpan === undefined ? [] : [{ title: `write '${renamed.key}'`, start: option.keySpan.start, end: option.keySpan.end, replacement: `'${renamed.key}'` }];
  return new SqlError({ code: 'E0501', message: `${owner} has no option '${option.key}'`, span: option.keySpan, label, fixes });
}

function wrongValue(spec: OptionSpec, value: string): string | undefined {
  switch (spec.form) {
    case 'boolean':
      return /^(true|false)$/i.test(value) ? undefined : 'is true or false';
    case 'integer':
      return /^\d+$/.test(value) ? undefined : 'is a whole number';
    case 'duration':
      return parseDuration(value) === undefined ? "is a duration like '5 s'" : undefined;
    case 'enum':
      return spec.values?.includes(value.toLowerCase()) === true ? undefined : `is ${spec.values?.map((allowed) => `'${allowed}'`).join(' or ') ?? ''}`;
    case 'text':
      return value === '' && spec.mayBeEmpty !== true ? 'needs a value' : undefined;
  }
}
