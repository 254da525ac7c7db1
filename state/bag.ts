import type { FieldSpec } from './field-spec.ts';
import type { Table } from './table.ts';

/**
 * The state shape `bag`: for each owner, a record of a table, the different values that it has and how often. A bag is a table of its own
 * below the owner's (`RecordShape.bags`): its keys are the owner's id and the value, and its records are listed, in both directions, from
 * a field of the owner's record on, so that one owner's values can be read and dropped without reading others'.
 *
 * Links are ids + 1; 0 ends the list. The fields of a record, in this order:
 */
export const bagField = { owner: 0, value: 1, count: 2, next: 3, before: 4 } as const;

export function bagFields(name: string, value: FieldSpec): readonly FieldSpec[] {
  return [
    { layout: 'i32', isKey: true, name: `${name} of`, type: 'INT' },
    { ...value, isKey: true, name },
    { layout: 'f64', isKey: false, name: `${name} count`, type: 'DOUBLE' },
    { layout: 'i32', isKey: false, name: `${name} next`, type: 'INT' },
    { layout: 'i32', isKey: false, name: `${name} before`, type: 'INT' },
  ];
}

/** The word of a field of a record in `r32`. */
function wordOf(bag: Table, id: number, field: number): number {
  return 2 * (id * bag.shape.quads + (bag.shape.offsets[field] ?? 0));
}

/** Puts a new record of a bag before `first`, which its owner's list began with; gives what the list begins with now. */
export function link(bag: Table, id: number, first: number): number {
  bag.r32[wordOf(bag, id, bagField.next)] = first;
  if (first !== 0) {
    bag.touch(first - 1);
    bag.r32[wordOf(bag, first - 1, bagField.before)] = id + 1;
  }
  return id + 1;
}

/** Takes a record out of a bag and of its owner's list, which began with `first`; gives what the list begins with now. */
export function unlink(bag: Table, id: number, first: number): number {
  const { r32 } = bag;
  const next = r32[wordOf(bag, id, bagField.next)] as number;
  const before = r32[wordOf(bag, id, bagField.before)] as number;
  if (next !== 0) {
    bag.touch(next - 1);
    r32[wordOf(bag, next - 1, bagField.before)] = before;
  }
  if (before !== 0) {
    bag.touch(before - 1);
    r32[wordOf(bag, before - 1, bagField.next)] = next;
  }
  bag.remove(id);
  return before === 0 ? next : first;
}

/** Takes all records of a list out of a bag. */
export function dropAll(bag: Table, first: number): void {
  for (let at = first; at !== 0; ) {
    const id = at - 1;
    at = bag.r32[wordOf(bag, id, bagField.next)] as number;
    bag.remove(id);
  }
}
