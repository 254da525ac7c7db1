import type { RecordSpans } from '../../../catalog/format.ts';
import { isNull, skipDepth, skipSpace, skipString, skipValue } from './skip.ts';

/**
 * How a producer writes an object: its fields in order and every byte that is no value. `lead` is what stands before a value (brace or
 * comma, white space, the quoted name, the colon), `close` what stands behind the last one.
 */
export interface Shape {
  readonly fields: readonly ShapeField[];
  readonly close: Uint8Array;
}

export interface ShapeField {
  readonly name: string;
  readonly lead: Uint8Array;
  readonly kind: ValueKind;
  /** Of an object: its own shape; undefined when the samples do not agree on one. */
  readonly object: Shape | undefined;
}

/** What most of the values seen were; `other` are arrays, literals and places that were always null. */
export type ValueKind = 'text' | 'number' | 'object' | 'other';

const sampleRecords = 64;
const deepest = 16;
/** A shape with more fields or bytes than this would make a function too large to be optimised, or to be made at all. */
const mostFields = 200;
const mostBytes = 1 << 16;
const latin1 = new TextDecoder('latin1');
const utf8 = new TextEncoder();

/** One object as it was written. Names and the bytes between values are ASCII. */
interface Written {
  readonly fields: { readonly name: string; readonly lead: string; readonly kind: ValueKind | 'null'; readonly object: Written | undefined }[];
  close: string;
  /** The place after it. */
  end: number;
}

/**
 * The shape that most of the first records in [from, to) have, or undefined when none can be learned (no objects, escaped or repeated
 * names, too many fields or bytes). Needs: a zero byte behind the records.
 */
export function learnShape(records: RecordSpans, from: number, to: number): Shape | undefined {
  const samples: Written[] = [];
  for (let i = from; i < to && i < from + sampleRecords; i++) {
    const at = records.offsets[i] as number;
    const end = at + (records.lengths[i] as number);
    const written = readObject(records.heap, at, end, deepest);
    // White space may go on behind the record.
    if (written === undefined || skipSpace(records.heap, written.end) < end) continue;
    written.close += latin(records.heap, written.end, end);
    samples.push(written);
  }
  const shape = merge(samples, 0);
  return shape === undefined || shape.fields.length === 0 || countFields(shape) > mostFields || countBytes(shape) > mostBytes ? undefined : shape;
}

function countFields(shape: Shape): number {
  return shape.fields.reduce((sum, field) => sum + 1 + (field.object === undefined ? 0 : countFields(field.object)), 0);
}

function countBytes(shape: Shape): number {
  return shape.fields.reduce((sum, field) => sum + field.lead.length + (field.object === undefined ? 0 : countBytes(field.object)), shape.close.length);
}

function readObject(heap: Uint8Array, at: number, end: number, depth: number): Written | undefined {
  let from = at;
  let p = skipSpace(heap, at);
  if (heap[p] !== 123 || depth === 0) return undefined;
  const object: Written = { fields: [], close: '', end: 0 };
  p = skipSpace(heap, p + 1);
  const names = new Set<string>();
  while (heap[p] !== 125) {
    if (object.fields.length > 0) {
      if (heap[p] !== 44) return undefined;
      p = skipSpace(heap, p + 1);
    }
    const afterName = skipString(heap, p, end);
    if (afterName < 0) return undefined;
    const name = latin(heap, p + 1, afterName - 1);
    if (/[^\x20-\x7e]|\\/.test(name) || names.has(name)) return undefined;
    names.add(name);
    p = skipSpace(heap, afterName);
    if (heap[p] !== 58) return undefined;
    p = skipSpace(heap, p + 1);
    const lead = latin(heap, from, p);
    const first = heap[p] as number;
    const kind = first === 34 ? 'text' : first === 123 ? 'object' : isNull(heap, p) ? 'null' : first === 45 || (first >= 48 && first <= 57) ? 'number' : 'other';
    const inner = kind === 'object' ? readObject(heap, p, end, depth - 1) : undefined;
    object.fields.push({ name, lead, kind, object: inner });
    from = inner?.end ?? skipValue(heap, p, end, skipDepth);
    if (from < 0) return undefined;
    p = skipSpace(heap, from);
  }
  object.close = latin(heap, from, p + 1);
  object.end = p + 1;
  return p < end ? object : undefined;
}

/** The most frequent way of writing; `share` is how much of the samples must have it. */
function merge(samples: readonly Written[], share: number): Shape | undefined {
  const ways = new Map<string, Written[]>();
  for (const sample of samples) {
    const way = [...sample.fields.map((field) => field.lead), sample.close].join('\0');
    const same = ways.get(way);
    if (same === undefined) ways.set(way, [sample]);
    else same.push(sample);
  }
  const most = [...ways.values()].reduce<Written[]>((best, way) => (way.length > best.length ? way : best), []);
  const [model] = most;
  if (model === undefined || most.length < share * samples.length) return undefined;
  return {
    fields: model.fields.map(({ name, lead }, i) => {
      const seen = most.map((sample) => sample.fields[i]).filter((field) => field !== undefined);
      const kind = frequentKind(seen.map((field) => field.kind));
      const objects = seen.map((field) => field.object).filter((object) => object !== undefined);
      return { name, lead: utf8.encode(lead), kind, object: kind === 'object' ? merge(objects, 0.75) : undefined };
    }),
    close: utf8.encode(model.close),
  };
}

function frequentKind(kinds: readonly (ValueKind | 'null')[]): ValueKind {
  let best: ValueKind = 'other';
  let bestCount = 0;
  for (const kind of ['text', 'number', 'object', 'other'] as const) {
    const count = kinds.filter((candidate) => candidate === kind).length;
    if (count > bestCount) [best, bestCount] = [kind, count];
  }
  return best;
}

/** Bytes as text, a character each; those beyond ASCII become other characters beyond ASCII. */
function latin(heap: Uint8Array, from: number, to: number): string {
  return latin1.decode(heap.subarray(from, to));
}
