import { decimalFromText, powerOfTen } from '../../core/decimal.ts';
import { describeType, isInteger, isText, maxLength, type SqlType } from '../../core/sql-type.ts';
import { didYouMean, listed } from '../../core/suggest.ts';
import { parseDuration } from '../../core/time.ts';
import type { OptionFault, Options } from '../../catalog/option-spec.ts';
import { integerRange } from '../../functions/cast-number.ts';

/** How the values of one column are made. Bounds are inclusive; those of DECIMAL are unscaled. */
export type FieldPlan = { readonly type: SqlType; readonly nullRate: number } & (
  | { readonly kind: 'boolean' | 'now' }
  | { readonly kind: 'integer' | 'sequence'; readonly low: bigint; readonly high: bigint }
  | { readonly kind: 'real'; readonly low: number; readonly high: number }
  | { readonly kind: 'text'; readonly length: number; readonly isVariable: boolean }
  | { readonly kind: 'past'; readonly maxPast: number }
  /** Of an ARRAY or MULTISET its element, of a MAP key and value, of a ROW its fields; `size`: how many elements or entries. */
  | { readonly kind: 'parts'; readonly size: number; readonly parts: readonly FieldPlan[] }
);

type Columns = readonly { readonly name: string; readonly type: SqlType }[];

/** The texts of a column's options by their last word. */
type Given = ReadonlyMap<string, string>;

/** Default length of STRING and BYTES, and of ARRAY, MAP and MULTISET. */
const defaultLength = 100;
const defaultSize = 3;

export interface FieldPlans {
  readonly plans: ReadonlyMap<string, FieldPlan>;
  readonly faults: readonly OptionFault[];
}

/** How each column is made, and what is wrong with the options. Source of names, defaults and meanings: Flink's datagen connector. */
export function planFields(columns: Columns, options: Options): FieldPlans {
  const faults: OptionFault[] = [];
  const given = new Map<string, Map<string, string>>(columns.flatMap(({ name, type }) => namesOf(name, type)).map((name) => [name, new Map<string, string>()]));
  for (const [key, value] of Object.entries(options.toJSON())) {
    if (!key.startsWith('fields.')) continue;
    const dot = key.lastIndexOf('.');
    const name = key.slice('fields.'.length, dot);
    const own = given.get(name);
    if (own === undefined) faults.push({ key, code: 'E0501', message: `is an option of "${name}", which is no column of the table`, label: didYouMean(name, given.keys()) ?? listed('columns:', columns.map((column) => column.name)) });
    else own.set(key.slice(dot + 1), value);
  }
  const plans = new Map<string, FieldPlan>();
  for (const { name, type } of columns) {
    const plan = planNamed(name, type, given, faults, false);
    if (plan !== undefined) plans.set(name, plan);
  }
  return { plans, faults };
}

/** The parts of a structured type, by the last word of their names in options. */
function partsOf(type: SqlType): readonly { readonly name: string; readonly type: SqlType }[] {
  switch (type.kind) {
    case 'ARRAY':
    case 'MULTISET':
      return [{ name: 'element', type: type.element }];
    case 'MAP':
      return [{ name: 'key', type: type.key }, { name: 'value', type: type.value }];
    case 'ROW':
      return type.fields;
    default:
      return [];
  }
}

/** The name of a column and those of its parts, as options have them. */
function namesOf(name: string, type: SqlType): readonly string[] {
  return [name, ...partsOf(type).flatMap((part) => namesOf(`${name}.${part.name}`, part.type))];
}

function planNamed(name: string, type: SqlType, given: ReadonlyMap<string, Given>, faults: OptionFault[], isPart: boolean): FieldPlan | undefined {
  const own = given.get(name) ?? new Map<string, string>();
  const reader = new FieldReader(name, own, faults);
  if (isPart && own.get('kind') === 'sequence') return reader.fault('kind', "cannot be 'sequence' of a part of a column");
  const parts = partsOf(type).map((part) => planNamed(`${name}.${part.name}`, part.type, given, faults, true));
  const plan = parts.length === 0 ? planField(name, type, own, reader) : planParts(type, parts, reader);
  if (plan !== undefined) reader.refuseRest(type);
  return plan;
}

function planParts(type: SqlType, parts: readonly (FieldPlan | undefined)[], reader: FieldReader): FieldPlan | undefined {
  reader.read('kind', 'random', "'random': it has parts", (text) => (text === 'random' ? text : undefined));
  const nullRate = nullRateOf(type, reader);
  const size = type.kind === 'ROW' ? 1 : reader.read('length', defaultSize, 'a whole number up to 100000', (text) => (/^\d{1,6}$/.test(text) && Number(text) <= 100_000 ? Number(text) : undefined));
  const known = parts.filter((part) => part !== undefined);
  return known.length < parts.length ? undefined : { kind: 'parts', type, nullRate, size, parts: known };
}

function nullRateOf(type: SqlType, reader: FieldReader): number {
  const nullRate = reader.read('null-rate', 0, 'a number from 0 to 1', (text) => (Number(text) >= 0 && Number(text) <= 1 ? Number(text) : undefined));
  if (nullRate > 0 && !type.nullable) reader.fault('null-rate', 'cannot be: the column is NOT NULL');
  return nullRate;
}

/** The rows that the sequences allow; Infinity without one. */
export function sequenceRows(plans: ReadonlyMap<string, FieldPlan>): number {
  let rows = Infinity;
  for (const plan of plans.values()) if (plan.kind === 'sequence') rows = Math.min(rows, Number((plan.high - plan.low) / stepOf(plan.type)) + 1);
  return rows;
}

/** What a sequence goes on by: 1, unscaled for DECIMAL. */
export function stepOf(type: SqlType): bigint {
  return type.kind === 'DECIMAL' ? powerOfTen(type.scale) : 1n;
}

/** Reads the options of one column; each that is read is one that the column has. */
class FieldReader {
  readonly #name: string;
  readonly #given: Given;
  readonly #faults: OptionFault[];
  readonly #known = new Set<string>();

  constructor(name: string, given: Given, faults: OptionFault[]) {
    this.#name = name;
    this.#given = given;
    this.#faults = faults;
  }

  fault(option: string, message: string, code: OptionFault['code'] = 'E0504'): undefined {
    this.#faults.push({ key: `fields.${this.#name}.${option}`, code, message });
    return undefined;
  }

  /** The value as `parse` gives it, `fallback` when it is not given or, which is a fault, `parse` has none. */
  read<T>(option: string, fallback: T, what: string, parse: (text: string) => T | undefined): T {
    this.#known.add(option);
    const text = this.#given.get(option);
    if (text === undefined) return fallback;
    const value = parse(text.trim());
    if (value === undefined) this.fault(option, `is ${what}, not '${text}'`);
    return value ?? fallback;
  }

  refuseRest(type: SqlType): void {
    for (const option of this.#given.keys()) if (!this.#known.has(option)) this.fault(option, `is no option of ${describeType(type)} that is made like this; there are ${[...this.#known].join(', ')}`, 'E0501');
  }
}

function planField(name: string, type: SqlType, given: Given, reader: FieldReader): FieldPlan | undefined {
  const kind = reader.read('kind', 'random', "'random' or 'sequence'", (text) => (text === 'random' || text === 'sequence' ? text : undefined));
  if (kind === 'sequence') return planSequence(name, type, given, reader);
  const nullRate = nullRateOf(type, reader);
  switch (type.kind) {
    case 'BOOLEAN':
      return { kind: 'boolean', type, nullRate };
    case 'DATE':
    case 'TIME':
      return { kind: 'now', type, nullRate };
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
    case 'BIGINT':
    case 'DECIMAL': {
      const digits = type.kind === 'DECIMAL' ? powerOfTen(type.precision) : 0n;
      // As Flink's default for DECIMAL: the positive ones.
      const [least, greatest] = type.kind === 'DECIMAL' ? [0n, digits - 1n] : integerRange(type);
      const low = reader.read('min', least, describeType(type), (text) => exactOf(text, type));
      const high = reader.read('max', greatest, describeType(type), (text) => exactOf(text, type));
      if (low > high) reader.fault(given.has('min') ? 'min' : 'max', 'leaves nothing between min and max');
      return { kind: 'integer', type, nullRate, low, high };
    }
    case 'FLOAT':
    case 'DOUBLE': {
      const greatest = type.kind === 'FLOAT' ? 3.4028234663852886e38 : Number.MAX_VALUE;
      const parse = (text: string): number | undefined => (text !== '' && Math.abs(Number(text)) <= greatest ? Number(text) : undefined);
      const low = reader.read('min', 0, describeType(type), parse);
      const high = reader.read('max', greatest, describeType(type), parse);
      if (low > high) reader.fault(given.has('min') ? 'min' : 'max', 'leaves nothing between min and max');
      return { kind: 'real', type, nullRate, low, high };
    }
    case 'CHAR':
    case 'BINARY':
      return { kind: 'text', type, nullRate, length: type.length, isVariable: false };
    case 'VARCHAR':
    case 'VARBINARY': {
      const fallback = type.length === maxLength ? defaultLength : type.length;
      const length = reader.read('length', fallback, `a whole number up to ${type.length}`, (text) => (/^\d{1,10}$/.test(text) && Number(text) >= 1 && Number(text) <= type.length ? Number(text) : undefined));
      const isVariable = reader.read('var-len', false, 'true or false', (text) => (/^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined));
      return { kind: 'text', type, nullRate, length, isVariable };
    }
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return { kind: 'past', type, nullRate, maxPast: reader.read('max-past', 0, "a duration like '5 s'", parseDuration) };
    default:
      return reader.fault('kind', `not supported yet: ${describeType(type)} from datagen, which ${name} is`, 'E0002');
  }
}

function planSequence(name: string, type: SqlType, given: Given, reader: FieldReader): FieldPlan | undefined {
  if (!isInteger(type) && type.kind !== 'DECIMAL' && type.kind !== 'FLOAT' && type.kind !== 'DOUBLE' && !isText(type)) {
    return reader.fault('kind', `cannot be 'sequence': ${name} is ${describeType(type)}, and numbers and text are counted`);
  }
  for (const option of ['start', 'end']) if (!given.has(option)) reader.fault('kind', `is 'sequence', which needs 'fields.${name}.${option}'`, 'E0503');
  const parse = (text: string): bigint | undefined => (/^[+-]?\d+$/.test(text) ? (isInteger(type) || type.kind === 'DECIMAL' ? exactOf(text, type) : BigInt(text.replace('+', ''))) : undefined);
  const low = reader.read('start', 0n, 'a whole number', parse);
  const high = reader.read('end', low, 'a whole number', parse);
  if (low > high) reader.fault('end', 'is below the start');
  return { kind: 'sequence', type, nullRate: 0, low, high };
}

/** The value of an INT or the like, or of a DECIMAL, unscaled; undefined when the text is none. */
function exactOf(text: string, type: SqlType): bigint | undefined {
  if (type.kind === 'DECIMAL') return decimalFromText(text, type.precision, type.scale);
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace('+', ''));
  const [low, high] = integerRange(type);
  return value >= low && value <= high ? value : undefined;
}
