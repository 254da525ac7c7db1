import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';
import { didYouMean, listed } from '../core/suggest.ts';
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

/** What is wrong with a table's options beyond what their specs say. The message goes on from the key, or from the table where there is no such option. */
export interface OptionFault {
  readonly key: string;
  readonly code: 'E0002' | 'E0501' | 'E0503' | 'E0504';
  readonly message: string;
  readonly label?: string | undefined;
}

/** An option as a statement gives it. */
export interface GivenOption {
  readonly key: string;
  /** The whole key as it was written, where `key` is only what stands behind the name of a format. */
  readonly written?: string;
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
    const spec = specs.find((candidate) => candidate.key === option.key) ?? specs.find((candidate) => matches(candidate, option.key));
    // Under an open head a slip of a letter or two would be passed on, and the option that was meant not be set.
    const isSlip = spec?.key.endsWith('.*') === true && didYouMean(option.key, specs.filter((other) => other !== spec && matches(spec, other.key)).map(({ key }) => key)) !== undefined;
    if (spec === undefined || isSlip) {
      errors.push(unknownOption(owner, specs, option));
      continue;
    }
    if (spec.later === true) {
      errors.push(new SqlError({ code: 'E0002', message: `not supported yet: the option '${option.written ?? option.key}'`, span: option.keySpan }));
      continue;
    }
    const fault = wrongValue(spec, option.value);
    if (fault !== undefined) {
      const label = spec.values === undefined ? exampleOf(spec) : (didYouMean(option.value, spec.values) ?? beginning(option.value, spec.values));
      errors.push(new SqlError({ code: 'E0504', message: `'${option.written ?? option.key}' ${fault}, not '${option.value}'`, span: option.valueSpan, label }));
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
  const written = option.written ?? option.key;
  const whole = (key: string): string => written.slice(0, written.length - option.key.length) + key;
  const keys = specs.filter((spec) => spec.later !== true).map((spec) => whole(spec.key));
  const label = renamed === undefined ? (didYouMean(written, keys) ?? beginning(written, keys)) : `the name is '${whole(renamed.key)}'; the value is right`;
  const fixes = renamed === undefined || option.keySpan === undefined ? [] : [{ title: `write '${whole(renamed.key)}'`, start: option.keySpan.start, end: option.keySpan.end, replacement: `'${whole(renamed.key)}'` }];
  return new SqlError({ code: 'E0501', message: `${owner} has no option '${written}'`, span: option.keySpan, label, fixes, hint: label === undefined ? listed('options:', keys) : undefined });
}

/** The one name that goes on from what was written, that ends in it, or that what was written goes on from: 'earliest' of 'earliest-offset', 'group.id' of 'properties.group.id'. */
function beginning(written: string, names: readonly string[]): string | undefined {
  const [found, ...others] = names.filter((name) => written !== '' && (name.startsWith(written.toLowerCase()) || name.endsWith(`.${written.toLowerCase()}`) || written.toLowerCase().startsWith(name)));
  return found === undefined || others.length > 0 ? undefined : `did you mean "${found}"?`;
}

function exampleOf({ form, defaultValue }: OptionSpec): string | undefined {
  if (defaultValue !== undefined) return `for example '${defaultValue}'`;
  return { text: 'write what it is', boolean: "write 'true' or 'false'", integer: "for example '100'", duration: "for example '5 s'" }[form as string];
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
