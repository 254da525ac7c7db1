import { RowKind } from '../../core/changelog.ts';
import type { Table } from '../../state/table.ts';
import type { StoredRow } from '../stored-row.ts';

/**
 * The rows of each key in their order, and those of each identity: an index over stored rows, nothing in it is state of its own. Lists run through
 * arrays by record; entries are ids + 1, 0 ends a list. What one change comes to is left in `written`, `kind` and `gone`, for the kernel to do.
 */
export class RowLists {
  /** The record that the row of the change is written to; -1 for none. */
  written = -1;
  /** The kind of what comes out. */
  kind: RowKind = RowKind.insert;
  /** The record that has to go once what comes out is written; -1 for none. */
  gone = -1;
  /** Withdrawals of what is not there. */
  unmatched = 0;
  /** While the index is built: the records of the rows that come, which are stored already. */
  restoring: readonly number[] | undefined;
  readonly #stored: StoredRow;
  readonly #rows: Table;
  readonly #keys: Table;
  readonly #identities: Table;
  readonly #hasUpsertKey: boolean;
  /** By record: its neighbours in the list of its key, and the next one of its identity. */
  #next = new Int32Array(64);
  #before = new Int32Array(64);
  #nextSame = new Int32Array(64);
  /** By key: the latest record. */
  #latest = new Int32Array(64);
  /** By identity: its first and its last record. */
  #first = new Int32Array(64);
  #last = new Int32Array(64);
  #arrivals = 0;

  constructor(stored: StoredRow, rows: Table, keys: Table, identities: Table, hasUpsertKey: boolean) {
    this.#stored = stored;
    this.#rows = rows;
    this.#keys = keys;
    this.#identities = identities;
    this.#hasUpsertKey = hasUpsertKey;
  }

  /** Makes room for `rows` more, here and in the tables: no array is replaced while they come. */
  reserve(rows: number): void {
    for (const table of [this.#rows, this.#keys, this.#identities]) table.reserve(rows);
    this.#next = grown(this.#next, this.#rows.limit + rows);
    this.#before = grown(this.#before, this.#rows.limit + rows);
    this.#nextSame = grown(this.#nextSame, this.#rows.limit + rows);
    this.#latest = grown(this.#latest, this.#keys.limit + rows);
    this.#first = grown(this.#first, this.#identities.limit + rows);
    this.#last = grown(this.#last, this.#identities.limit + rows);
  }

  /** The row at `position` of what is passed through comes. Gives the record that comes out; -1 for none. */
  add(key: number, identity: number, position: number): number {
    this.gone = -1;
    const latest = this.#latest[key] as number;
    const same = this.#first[identity] as number;
    this.kind = latest === 0 ? RowKind.insert : RowKind.updateAfter;
    if (this.#hasUpsertKey && same !== 0) {
      // It keeps its place in the order.
      this.written = same - 1;
      this.#stored.clear(this.#rows, same - 1);
      return same - 1;
    }
    const restored = this.restoring?.[position];
    const id = restored ?? this.#stored.allocate(this.#rows, this.#arrivals++);
    if (restored !== undefined) this.#arrivals = this.#stored.arrivalOf(this.#rows, restored) + 1;
    this.#before[id] = latest;
    this.#next[id] = 0;
    if (latest !== 0) this.#next[latest - 1] = id + 1;
    this.#latest[key] = id + 1;
    this.#nextSame[id] = 0;
    if (same === 0) this.#first[identity] = id + 1;
    else this.#nextSame[(this.#last[identity] as number) - 1] = id + 1;
    this.#last[identity] = id + 1;
    this.written = restored === undefined ? id : -1;
    return this.written;
  }

  /** A row that is there is withdrawn: the first of its identity. Gives the record that comes out; -1 for none. */
  withdraw(key: number, identity: number): number {
    const id = (this.#first[identity] as number) - 1;
    this.#first[identity] = this.#nextSame[id] as number;
    const before = this.#before[id] as number;
    const next = this.#next[id] as number;
    if (before !== 0) this.#next[before - 1] = next;
    if (next === 0) this.#latest[key] = before;
    else this.#before[next - 1] = before;
    this.gone = id;
    this.written = -1;
    this.kind = RowKind.updateAfter;
    if (next !== 0) return -1;
    if (before !== 0) return before - 1;
    this.kind = RowKind.delete;
    // What goes out is the row as it is withdrawn: by an upsert key another may be found.
    if (this.#hasUpsertKey) {
      this.#stored.clear(this.#rows, id);
      this.written = id;
    }
    return id;
  }

  /** Takes `gone` out of the state, and its key and identity when it was the last of them. */
  remove(key: number, identity: number): void {
    this.#rows.remove(this.gone);
    if (this.#first[identity] === 0) this.#identities.remove(identity);
    if (this.#latest[key] === 0) this.#keys.remove(key);
  }
}

/** The array, or a longer one with what it holds. */
function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (length <= array.length) return array;
  const longer = new Int32Array(Math.max(length, 2 * array.length));
  longer.set(array);
  return longer;
}
