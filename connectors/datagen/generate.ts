import { encodeValue } from '../../core/collection-value.ts';
import { allocateColumn, type Column } from '../../core/column.ts';
import { layoutOf } from '../../core/layout.ts';
import { msPerDay } from '../../core/time.ts';
import { readValue, type SqlValue } from '../../core/value.ts';
import { stepOf, type FieldPlan } from './field-plan.ts';

const two32 = 4294967296;
const two53 = 2 ** 53;
const safe = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * A number of 32 bits that seed, column, row and the number of the draw decide: what is generated anew after a restart is the same.
 * Source of the mixing: the finalizer of MurmurHash3.
 */
export function draw(seed: number, column: number, row: number, nth: number): number {
  let h = seed ^ Math.imul(column + 1, 0x9e3779b1);
  h = mix(h ^ (row | 0) ^ Math.imul(Math.floor(row / two32), 0x85ebca77));
  return mix(h + Math.imul(nth + 1, 0x27d4eb2f)) >>> 0;
}

function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** From 0 to less than 1, in steps of 2^-53. */
function fraction(seed: number, column: number, row: number): number {
  return ((draw(seed, column, row, 0) >>> 5) * 67108864 + (draw(seed, column, row, 1) >>> 6)) / two53;
}

/** Fills rows [0, count) of a column, which are rows `first` and on of the table. `index` is the column's in the table; `now` in ms. */
export function fill(column: Column, plan: FieldPlan, seed: number, index: number, first: number, count: number, now: number): void {
  switch (column.layout) {
    case 'u8':
      for (let i = 0; i < count; i++) column.values[i] = draw(seed, index, first + i, 0) & 1;
      break;
    case 'i32':
      if (plan.kind === 'now') column.values.fill(plan.type.kind === 'DATE' ? Math.floor(now / msPerDay) : now - Math.floor(now / msPerDay) * msPerDay, 0, count);
      else if (plan.kind === 'sequence') for (let i = 0; i < count; i++) column.values[i] = Number(plan.low) + first + i;
      else if (plan.kind === 'integer') {
        const low = Number(plan.low);
        const span = Number(plan.high) - low + 1;
        for (let i = 0; i < count; i++) column.values[i] = low + Math.floor(fraction(seed, index, first + i) * span);
      }
      break;
    case 'f32':
    case 'f64':
      if (plan.kind === 'sequence') for (let i = 0; i < count; i++) column.values[i] = Number(plan.low) + first + i;
      else if (plan.kind === 'real') {
        for (let i = 0; i < count; i++) {
          const part = fraction(seed, index, first + i);
          column.values[i] = plan.low * (1 - part) + plan.high * part;
        }
      }
      break;
    case 'i64':
    case 'i64n':
      if (plan.kind === 'past') {
        for (let i = 0; i < count; i++) setNumber(column.words, i, now - (plan.maxPast === 0 ? 0 : Math.floor(fraction(seed, index, first + i) * plan.maxPast)));
      } else fillLong(column, plan, seed, index, first, count);
      break;
    case 'i128':
      if (plan.kind === 'integer' || plan.kind === 'sequence') {
        for (let i = 0; i < count; i++) {
          const value = wideValue(plan, seed, index, first + i);
          column.values[i] = BigInt.asIntN(64, value);
          column.high[i] = value >> 64n;
        }
      }
      break;
    case 'bytes':
      if (plan.kind === 'parts') fillParts(column, plan, seed, index, first, count, now);
      else fillText(column, plan, seed, index, first, count);
      break;
  }
}

function setNumber(words: Int32Array, row: number, value: number): void {
  words[2 * row] = value;
  words[2 * row + 1] = Math.floor(value / two32);
}

function fillLong(column: Extract<Column, { layout: 'i64' | 'i64n' }>, plan: FieldPlan, seed: number, index: number, first: number, count: number): void {
  if (plan.kind !== 'integer' && plan.kind !== 'sequence') return;
  const { low, high } = plan;
  const isSmall = low >= -safe && high <= safe && high - low < safe;
  if (isSmall && plan.kind === 'sequence') {
    const step = Number(stepOf(plan.type));
    for (let i = 0; i < count; i++) setNumber(column.words, i, Number(low) + (first + i) * step);
  } else if (isSmall) {
    const span = Number(high - low) + 1;
    for (let i = 0; i < count; i++) setNumber(column.words, i, Number(low) + Math.floor(fraction(seed, index, first + i) * span));
  } else if (plan.kind === 'integer' && high - low === 2n ** 64n - 1n) {
    for (let i = 0; i < count; i++) {
      column.words[2 * i] = draw(seed, index, first + i, 0);
      column.words[2 * i + 1] = draw(seed, index, first + i, 1);
    }
  } else for (let i = 0; i < count; i++) column.values[i] = wideValue(plan, seed, index, first + i);
}

/** A value of a range that doubles do not hold. */
function wideValue(plan: Extract<FieldPlan, { kind: 'integer' | 'sequence' }>, seed: number, index: number, row: number): bigint {
  if (plan.kind === 'sequence') return plan.low + BigInt(row) * stepOf(plan.type);
  let bits = 0n;
  for (let nth = 0; nth < 6; nth++) bits = (bits << 32n) | BigInt(draw(seed, index, row, nth));
  return plan.low + ((bits * (plan.high - plan.low + 1n)) >> 192n);
}

/** Text of hexadecimal digits, bytes of any value, or a number as text. */
function fillText(column: Extract<Column, { layout: 'bytes' }>, plan: FieldPlan, seed: number, index: number, first: number, count: number): void {
  const length = plan.kind === 'text' ? plan.length : 48;
  if (column.heap.length < count * length + 8) column.heap = new Uint8Array(count * length + 8);
  const { heap } = column;
  const isText = plan.type.kind === 'CHAR' || plan.type.kind === 'VARCHAR';
  let at = 0;
  for (let i = 0; i < count; i++) {
    column.offsets[i] = at;
    if (plan.kind === 'sequence') at += utf8.encodeInto(String(plan.low + BigInt(first + i)), heap.subarray(at)).written;
    else if (plan.kind === 'text') {
      const size = plan.isVariable ? 1 + Math.floor(fraction(seed, index, first + i) * length) : length;
      for (let k = 0; k < size; k++) {
        const bits = draw(seed, index, first + i, k + 2);
        heap[at++] = isText ? hexDigits.charCodeAt(bits & 15) : bits & 255;
      }
    }
    column.lengths[i] = at - (column.offsets[i] as number);
  }
  column.isPlain = isText;
}

/** Structured values, each made of its parts. For each row objects are made. */
function fillParts(column: Extract<Column, { layout: 'bytes' }>, plan: PartsPlan, seed: number, index: number, first: number, count: number, now: number): void {
  const make = makerOf(plan, index, now);
  const values = Array.from({ length: count }, (_, i) => encodeValue(make(seed, first + i), plan.type));
  column.heap = new Uint8Array(values.reduce((sum, value) => sum + value.length, 8));
  let at = 0;
  for (const [i, value] of values.entries()) {
    column.heap.set(value, at);
    column.offsets[i] = at;
    column.lengths[i] = value.length;
    at += value.length;
  }
  column.isPlain = false;
}

type PartsPlan = Extract<FieldPlan, { kind: 'parts' }>;

/** Gives the value of a row. Each part, and each of its turns, has a seed of its own. */
function makerOf({ type, size, parts }: PartsPlan, index: number, now: number): (seed: number, row: number) => Exclude<SqlValue, null> {
  const makers = parts.map((part, p) => {
    const scratch = allocateColumn(layoutOf(part.type), 1);
    const nested = part.kind === 'parts' ? makerOf(part, index, now) : undefined;
    return (seed: number, row: number, turn: number): SqlValue => {
      const own = draw(seed, index, turn, p + 100);
      if (part.nullRate > 0 && draw(own, index, row, -2) < part.nullRate * two32) return null;
      if (nested !== undefined) return nested(own, row);
      fill(scratch, part, own, index, row, 1, now);
      return readValue(scratch, part.type, 0);
    };
  });
  const [first, second] = makers;
  if (type.kind === 'ROW' || first === undefined) return (seed, row) => makers.map((make) => make(seed, row, 0));
  const turns = Array.from({ length: size }, (_, turn) => turn);
  if (type.kind === 'ARRAY') return (seed, row) => turns.map((turn) => first(seed, row, turn));
  // As Flink: an element of a MULTISET occurs up to ten times.
  return (seed, row) => turns.map((turn) => [first(seed, row, turn), second === undefined ? 1 + (draw(seed, index, row, turn + 200) % 10) : second(seed, row, turn)]);
}

const utf8 = new TextEncoder();
const hexDigits = '0123456789abcdef';

/** Makes some rows NULL; true when there are such. The value under a NULL is zero or empty. */
export function fillNulls(column: Column, nulls: Uint8Array, rate: number, seed: number, index: number, first: number, count: number): boolean {
  let any = false;
  for (let i = 0; i < count; i++) {
    const isNull = draw(seed, index, first + i, -2) < rate * two32;
    nulls[i] = isNull ? 1 : 0;
    if (!isNull) continue;
    any = true;
    if (column.layout === 'bytes') column.offsets[i] = column.lengths[i] = 0;
    else if (column.layout === 'i64' || column.layout === 'i64n') column.values[i] = 0n;
    else if (column.layout === 'i128') column.values[i] = column.high[i] = 0n;
    else column.values[i] = 0;
  }
  return any;
}
