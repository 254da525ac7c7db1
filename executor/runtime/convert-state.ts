import type { Layout } from '../../core/layout.ts';
import { restoreTable } from '../../state/table-codec.ts';
import { shapeOf, Table, type RecordShape } from '../../state/table.ts';
import { isKept, type StateSchema } from './state-schema.ts';

/** An aggregate's state by its name: what it groups, and its calls, each by a fingerprint (planner/state-name.ts). */
interface NamedAggregate {
  /** The name without the calls. */
  readonly base: string;
  readonly calls: readonly string[];
}

function aggregateOf(name: string): NamedAggregate | undefined {
  const match = /^((?:Group|Window)Aggregate-[0-9a-f]{16})(?:-([0-9a-f]{8}(?:\.[0-9a-f]{8})*))?((?: in | of )[^]*)$/.exec(name);
  return match === null ? undefined : { base: `${match[1] ?? ''}${match[3] ?? ''}`, calls: match[2]?.split('.') ?? [] };
}

/** How the records of a stored aggregate become those of one with other calls over the same groups. */
export interface Conversion {
  readonly from: string;
  /** The stored records. */
  readonly shape: RecordShape;
  /** For each field of the new records the stored one that it is; undefined for what starts empty. */
  readonly fields: readonly (number | undefined)[];
  /** For each flag, likewise. */
  readonly flags: readonly (number | undefined)[];
  /** How many calls start empty, and how many are given up. */
  readonly added: number;
  readonly removed: number;
}

/**
 * A stored state that the state `name` can be made of: an aggregate of the same groups whose calls are others, in another order, more or fewer.
 * Calls that are there in both keep what they have counted, new ones start empty. Over rows that are withdrawn calls may only go: of a new one
 * would be taken what it never got. `candidates`: stored states that nobody else asks for.
 */
export function conversionOf(name: string, now: StateSchema, candidates: Readonly<Record<string, StateSchema>>): Conversion | undefined {
  const wanted = aggregateOf(name);
  if (wanted === undefined) return undefined;
  const found = Object.entries(candidates).filter(([from]) => aggregateOf(from)?.base === wanted.base);
  const [only] = found;
  if (only === undefined || found.length > 1) return undefined;
  const [from, stored] = only;
  const calls = aggregateOf(from)?.calls ?? [];
  const [before, after] = [partsOf(stored, calls.length), partsOf(now, wanted.calls.length)];
  if (before === undefined || after === undefined || before.keys.length !== after.keys.length || (before.rows === undefined) !== (after.rows === undefined)) return undefined;
  if (before.rows !== undefined && wanted.calls.some((call) => !calls.includes(call))) return undefined;
  const fields: (number | undefined)[] = before.keys.map((field) => field);
  const flags: (number | undefined)[] = before.keys.map((_, i) => i);
  for (const [i, call] of wanted.calls.entries()) {
    const at = calls.indexOf(call);
    const own = at < 0 ? undefined : before.calls[at];
    fields.push(...(after.calls[i] ?? []).map((_, lane) => own?.[lane]));
    flags.push(at < 0 ? undefined : before.keys.length + at);
  }
  if (before.rows !== undefined) fields.push(before.rows);
  const fits = fields.every((field, i) => {
    const [was, is] = [field === undefined ? undefined : stored.fields[field], now.fields[i]];
    return was === undefined || (is !== undefined && isKept(was.type, is.type));
  });
  if (!fits) return undefined;
  const shape = shapeOf(stored.fields.map(({ layout }, i) => ({ layout: layout as Layout, isKey: i < before.keys.length })), before.keys.length + calls.length);
  return { from, shape, fields, flags, added: wanted.calls.filter((call) => !calls.includes(call)).length, removed: calls.filter((call) => !wanted.calls.includes(call)).length };
}

interface Parts {
  readonly keys: readonly number[];
  readonly calls: readonly (readonly number[])[];
  /** How many rows there are, over rows that are withdrawn: the last field. */
  readonly rows: number | undefined;
}

/** The fields of keys and of each call; undefined where a record holds more than these. */
function partsOf({ fields }: StateSchema, count: number): Parts | undefined {
  const keys: number[] = [];
  const calls: number[][] = Array.from({ length: count }, () => []);
  for (const [i, { name, layout }] of fields.entries()) {
    if (name === 'rows' && layout !== undefined && i === fields.length - 1) continue;
    const match = /^(\S+) (\d+)(?:\.\d+)?$/.exec(name);
    if (match === null || layout === undefined) return undefined;
    if (match[1] === 'key') keys.push(i);
    else {
      const call = calls[Number(match[2]) - 1];
      if (call === undefined || match[1] === 'values') return undefined;
      call.push(i);
    }
  }
  return { keys, calls, rows: fields.at(-1)?.name === 'rows' ? fields.length - 1 : undefined };
}

/** Fills an empty table from the captures of the stored one. All of its records are new to the next checkpoint. */
export function convertTable(into: Table, { shape, fields, flags }: Conversion, captures: Iterable<Uint8Array>): void {
  const old = new Table(shape);
  restoreTable(old, captures);
  const quadsOf = (of: RecordShape, field: number): number => (of.offsets[field + 1] ?? of.quads) - (of.offsets[field] ?? 0);
  for (let id = 0; id < old.limit; id++) {
    const from = 2 * id * shape.quads;
    if (old.r32[from] === 0) continue;
    into.restoreAt(id);
    into.touch(id);
    const to = 2 * id * into.shape.quads;
    for (const [flag, source] of flags.entries()) {
      if (source !== undefined && ((old.r32[from + 1 + (source >> 5)] as number) & (1 << (source & 31))) !== 0) into.r32[to + 1 + (flag >> 5)] = (into.r32[to + 1 + (flag >> 5)] as number) | (1 << (flag & 31));
    }
    for (const [field, source] of fields.entries()) {
      if (source === undefined) continue;
      const [at, origin] = [to + 2 * (into.shape.offsets[field] ?? 0), from + 2 * (shape.offsets[source] ?? 0)];
      into.r32.set(old.r32.subarray(origin, origin + 2 * quadsOf(shape, source)), at);
      const length = old.r32[origin + 1] as number;
      if (shape.fields[source]?.layout !== 'bytes' || length === 0) continue;
      const slot = old.r32[origin] as number;
      into.r32[at] = into.bytes.put(old.bytes.pages[slot >>> 16] as Uint8Array, (slot & 0xffff) * 16, length);
    }
    into.enter(id);
  }
  into.freeHoles();
}
