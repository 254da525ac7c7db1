import type { SqlType } from '../../core/sql-type.ts';
import { Table } from '../../state/table.ts';
import { AggregateCode } from '../aggregate-code.ts';
import type { OperatorState } from '../operator.ts';
import { StoredRow } from '../stored-row.ts';

export interface JoinSide {
  readonly types: readonly SqlType[];
  /** The columns by which rows are withdrawn, the keys among them; undefined where none is. */
  readonly identity: readonly number[] | undefined;
}

/**
 * The rows of one side of a join, those of each key in the order in which they came. Stored are the rows, each under the number of its arrival
 * and, where rows that meet nothing come out too, with how many it meets; the lists are an index over them, built anew after a restore. Entries
 * are ids + 1, 0 ends a list.
 */
export class JoinRows {
  readonly stored: StoredRow;
  readonly table: Table;
  /** Finds the key of a row in the table of keys, which both sides share. */
  readonly keyCode: AggregateCode;
  /** Finds rows by what they are withdrawn by; undefined where none is. */
  readonly identityCode: AggregateCode | undefined;
  readonly identities: Table | undefined;
  /** By key: the first row. */
  first = new Int32Array(64);
  /** By record: the next one of its key. */
  next = new Int32Array(64);
  #last = new Int32Array(64);
  #before = new Int32Array(64);
  /** By identity: its first and its last record; by record: the next one of its identity. */
  #firstSame = new Int32Array(0);
  #lastSame = new Int32Array(0);
  #nextSame = new Int32Array(0);
  #arrivals = 0;

  /** `prefix`: of the names by which code sees the rows. */
  constructor({ types, identity }: JoinSide, keys: readonly number[], prefix: string, counts: boolean, state: OperatorState, stateName: string) {
    this.stored = new StoredRow(types, prefix, counts ? [{ layout: 'i32', isKey: false, name: 'matches', type: 'INT' }] : []);
    this.table = state.table(stateName, this.stored.shape);
    this.keyCode = new AggregateCode(types, keys, []);
    if (identity === undefined) return;
    this.identityCode = new AggregateCode(types, identity, []);
    this.identities = new Table(this.identityCode.shape);
  }

  /** Makes room for `rows` more, and for as many keys: no array is replaced while they come. */
  reserve(rows: number, keys: Table): void {
    this.table.reserve(rows);
    const records = this.table.limit + rows;
    this.next = grown(this.next, records);
    this.#before = grown(this.#before, records);
    this.reserveKeys(keys.limit + rows);
    if (this.identities === undefined) return;
    this.identities.reserve(rows);
    this.#nextSame = grown(this.#nextSame, records);
    this.#firstSame = grown(this.#firstSame, this.identities.limit + rows);
    this.#lastSame = grown(this.#lastSame, this.identities.limit + rows);
  }

  reserveKeys(keys: number): void {
    this.first = grown(this.first, keys);
    this.#last = grown(this.#last, keys);
  }

  /** A new record for a row that comes, in the lists of its key and its identity (-1 for none). The caller writes it. */
  add(key: number, identity: number): number {
    const id = this.stored.allocate(this.table, this.#arrivals++);
    this.#link(id, key, identity);
    return id;
  }

  /** Enters a restored record. Rows come in the order of their arrival. */
  enter(id: number, key: number, identity: number): void {
    this.#arrivals = this.stored.arrivalOf(this.table, id) + 1;
    this.#link(id, key, identity);
  }

  #link(id: number, key: number, identity: number): void {
    const last = this.#last[key] as number;
    this.#before[id] = last;
    this.next[id] = 0;
    if (last === 0) this.first[key] = id + 1;
    else this.next[last - 1] = id + 1;
    this.#last[key] = id + 1;
    if (identity < 0) return;
    this.#nextSame[id] = 0;
    const lastSame = this.#lastSame[identity] as number;
    if (lastSame === 0) this.#firstSame[identity] = id + 1;
    else this.#nextSame[lastSame - 1] = id + 1;
    this.#lastSame[identity] = id + 1;
  }

  /** Takes the first row of an identity out. */
  withdraw(key: number, identity: number): void {
    const id = (this.#firstSame[identity] as number) - 1;
    const [before, next] = [this.#before[id] as number, this.next[id] as number];
    if (before === 0) this.first[key] = next;
    else this.next[before - 1] = next;
    if (next === 0) this.#last[key] = before;
    else this.#before[next - 1] = before;
    const nextSame = this.#nextSame[id] as number;
    this.#firstSame[identity] = nextSame;
    if (nextSame === 0) {
      this.#lastSame[identity] = 0;
      this.identities?.remove(identity);
    }
    this.table.remove(id);
  }

  /** The word of a record's count of matches from its first word on. */
  get matchesAt(): number {
    return 2 * (this.stored.shape.offsets.at(-1) ?? 0);
  }
}

/** The array, or a longer one with what it holds. */
function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (length <= array.length) return array;
  const longer = new Int32Array(Math.max(length, 2 * array.length, 64));
  longer.set(array);
  return longer;
}
