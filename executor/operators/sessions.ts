import type { WindowZone } from './window-zone.ts';

/** Rows of one key, each no more than the gap after another. */
export interface Session {
  /** The id of its key. */
  readonly key: number;
  /** ms: the time of its first row. */
  start: number;
  /** ms: the time of its last row and the gap. */
  end: number;
  /** The ids of its rows. */
  ids: number[];
  /** Tells apart sessions that end together: smaller for what opened earlier. */
  order: number;
  /** False once it has become a part of another, or is given out. */
  isOpen: boolean;
}

interface Entry {
  /** ms: never after the session's end, which moves on. */
  readonly end: number;
  readonly session: Session;
}

/** The open sessions of all keys, and which of them end first. An index over stored rows: nothing in it is state of its own. */
export class Sessions {
  readonly #gap: number;
  readonly #zone: WindowZone;
  readonly #byKey: (Session[] | undefined)[] = [];
  /** A binary heap, the first end at the root. */
  readonly #heap: Entry[] = [];
  #opened = 0;

  constructor(gap: number, zone: WindowZone) {
    this.#gap = gap;
    this.#zone = zone;
  }

  /**
   * The session of a row, which may join two; undefined when the row is late: the watermark, in ms, is at or past the end - 1 of what it
   * would belong to. Times are local ones of the zone. Sessions that the watermark has closed take no more rows, also while they are still here.
   */
  find(key: number, time: number, watermark: number): Session | undefined {
    const list = (this.#byKey[key] ??= []);
    const end = time + this.#gap;
    let found: Session | undefined;
    for (let i = list.length - 1; i >= 0; i--) {
      const other = list[i] as Session;
      // Sessions that only touch are one, as in Flink.
      if (other.start > end || other.end < time || this.#zone.due(other.end) <= watermark) continue;
      if (found === undefined) {
        found = other;
        found.start = Math.min(found.start, time);
        found.end = Math.max(found.end, end);
      } else {
        list.splice(i, 1);
        join(found, other);
      }
    }
    if (found !== undefined) return found;
    if (this.#zone.due(end) <= watermark) return undefined;
    const session: Session = { key, start: time, end, ids: [], order: this.#opened++, isOpen: true };
    list.push(session);
    this.#push({ end, session });
    return session;
  }

  /** True when nothing is open for a key. */
  isEmpty(key: number): boolean {
    return (this.#byKey[key]?.length ?? 0) === 0;
  }

  /** The open session that ends first, if the watermark, in ms, has closed it. */
  due(watermark: number): Session | undefined {
    for (let top = this.#heap[0]; top !== undefined && this.#zone.due(top.end) <= watermark; top = this.#heap[0]) {
      const { session, end } = top;
      if (session.isOpen && session.end === end) return session;
      this.#pop();
      if (session.isOpen) this.#push({ end: session.end, session });
    }
    return undefined;
  }

  /** Takes out a session that has been given out. */
  close(session: Session): void {
    session.isOpen = false;
    const list = this.#byKey[session.key] ?? [];
    list.splice(list.indexOf(session), 1);
    if (list.length === 0) this.#byKey[session.key] = undefined;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent] as Entry)) break;
      heap[at] = heap[parent] as Entry;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      if (!isBefore(heap[child] as Entry, last)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.end < b.end || (a.end === b.end && a.session.order < b.session.order);
}

function join(session: Session, other: Session): void {
  session.start = Math.min(session.start, other.start);
  session.end = Math.max(session.end, other.end);
  session.order = Math.min(session.order, other.order);
  other.isOpen = false;
  const [more, fewer] = session.ids.length < other.ids.length ? [other.ids, session.ids] : [session.ids, other.ids];
  for (const id of fewer) more.push(id);
  session.ids = more;
}
