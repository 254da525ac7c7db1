import { allocateBatch, type Batch } from '../../core/batch.ts';
import type { Clock } from '../../core/clock.ts';
import { encodeValue } from '../../core/collection-value.ts';
import type { Column } from '../../core/column.ts';
import { SqlError } from '../../core/diagnostic.ts';
import { layoutOf } from '../../core/layout.ts';
import type { SqlType } from '../../core/sql-type.ts';
import type { SqlValue } from '../../core/sql-value.ts';
import type { Position, Source, SourceRequest, SplitReader } from '../../catalog/connector.ts';
import type { ReadColumn } from '../../catalog/format.ts';
import { eventKinds, nexmarkEvents, type EventField, type EventSettings, type NexmarkEvents } from './events.ts';
import { eventCount, settingsOf } from './settings.ts';
import { TextBuffer } from './text-buffer.ts';

const split = '0';
const mostRows = 4096;
/** A batch's text stays about within this. */
const mostTextBytes = 4 << 20;

/** A column that is read: the number of the event's kind, a field of one kind, or all of its fields as a ROW. */
type Wanted = { readonly kind: undefined } | { readonly kind: number; readonly field: EventField } | { readonly kind: number; readonly row: (n: number, out: TextBuffer) => void };

/** Events as rows: one split. Throws E0503 where all is to be read and the events never end. */
export async function openNexmarkSource({ table, read, services }: SourceRequest): Promise<Source> {
  const { options } = table;
  const count = eventCount(options);
  const isBounded = count !== undefined && !options.boolean('keep-alive');
  if (services.bounded && count === undefined) {
    throw new SqlError({ code: 'E0503', message: `all rows of ${table.name} are asked for, and they never end`, hint: "add  'events.num' = '1000'" });
  }
  const isPaced = options.boolean('rate.limited') || !options.boolean('max-emit-speed');
  return {
    splits: async () => [split],
    open: async (_, position) => {
      const settings = settingsOf(options, position === undefined ? services.clock.now() : Number(position['baseTime']));
      return new NexmarkReader(read, settings, { limit: count ?? Infinity, isBounded: isBounded || services.bounded, pace: isPaced ? services.clock : undefined }, position);
    },
    close: async () => undefined,
  };
}

interface ReaderLimits {
  readonly limit: number;
  /** True: the split is at its end after the last event, and does not wait. */
  readonly isBounded: boolean;
  /** Set where events come when they are due. */
  readonly pace: Clock | undefined;
}

class NexmarkReader implements SplitReader {
  readonly id = split;
  readonly #events: NexmarkEvents;
  readonly #settings: EventSettings;
  readonly #limits: ReaderLimits;
  readonly #wanted: readonly Wanted[];
  readonly #batch: Batch;
  readonly #nulls: readonly Uint8Array[];
  readonly #texts: readonly TextBuffer[];
  readonly #rowsAtOnce: number;
  readonly #kinds = new Uint8Array(mostRows);
  /** The number of the next event: the position. */
  #next: number;
  /** Events before it may be given. */
  #due: number;
  /** When (ms) event 0 would have been due; undefined before the first call. */
  #start: number | undefined;

  constructor(read: readonly ReadColumn[], settings: EventSettings, limits: ReaderLimits, position: Position | undefined) {
    this.#events = nexmarkEvents(settings);
    this.#settings = settings;
    this.#limits = limits;
    this.#wanted = read.map((column) => wantedOf(column, this.#events));
    this.#batch = allocateBatch(read.map(({ type }) => layoutOf(type)), mostRows);
    this.#nulls = read.map(() => new Uint8Array(mostRows));
    this.#texts = read.map(() => new TextBuffer(64 << 10));
    this.#rowsAtOnce = Math.max(1, Math.min(mostRows, Math.floor(mostTextBytes / Math.max(settings.personBytes, settings.auctionBytes, settings.bidBytes, 1))));
    this.#next = position === undefined ? 0 : Number(position['event']);
    this.#due = limits.pace === undefined ? limits.limit : this.#next;
  }

  get ready(): boolean {
    return this.#next < this.#due;
  }

  get atEnd(): boolean {
    return !this.ready;
  }

  get finished(): boolean {
    return this.#limits.isBounded && this.#next >= this.#limits.limit;
  }

  async fetch(waitMs: number): Promise<void> {
    if (this.ready || this.finished) return;
    const { pace, limit } = this.#limits;
    const { rate } = this.#settings;
    const isOver = this.#next >= limit;
    const dueAt = pace === undefined || isOver ? Infinity : (this.#start ??= pace.now() - (this.#next * 1000) / rate) + (this.#next * 1000) / rate;
    const wait = pace === undefined ? waitMs : Math.min(waitMs, Math.ceil(dueAt - pace.now()));
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    if (pace === undefined || this.#start === undefined) return;
    this.#due = Math.min(limit, Math.floor(((pace.now() - this.#start) * rate) / 1000) + 1);
  }

  read(maxRows: number): Batch {
    const first = this.#next;
    const count = Math.min(maxRows, this.#rowsAtOnce, this.#due - first);
    const batch = this.#batch;
    for (let i = 0; i < count; i++) this.#kinds[i] = this.#events.kindOf(first + i);
    for (let c = 0; c < batch.columns.length; c++) this.#fill(batch.columns[c] as Column, c, first, count);
    batch.rowCount = count;
    batch.kinds = undefined;
    this.#next = first + count;
    return batch;
  }

  #fill(column: Column, index: number, first: number, count: number): void {
    const wanted = this.#wanted[index] as Wanted;
    const kinds = this.#kinds;
    if (wanted.kind === undefined) {
      if (column.layout === 'i32') column.values.set(kinds.subarray(0, count));
      return;
    }
    const nulls = this.#nulls[index] as Uint8Array;
    for (let i = 0; i < count; i++) nulls[i] = kinds[i] === wanted.kind ? 0 : 1;
    column.nulls = nulls;
    if ('row' in wanted) {
      if (column.layout !== 'bytes') return;
      fillTexts(column, nulls, wanted.row, this.#texts[index] as TextBuffer, first, count);
      column.isPlain = false;
      return;
    }
    const { field } = wanted;
    if (column.layout === 'i64' && field.form !== 'text') fillNumbers(column.words, nulls, field.value, first, count);
    else if (column.layout === 'bytes' && field.form === 'text') fillTexts(column, nulls, field.write, this.#texts[index] as TextBuffer, first, count);
  }

  position(): Position {
    return { event: this.#next, baseTime: this.#settings.baseTime };
  }

  async close(): Promise<void> {
    this.#due = this.#next;
  }
}

function fillNumbers(words: Int32Array, nulls: Uint8Array, value: (n: number) => number, first: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const one = nulls[i] === 1 ? 0 : value(first + i);
    words[2 * i] = one;
    words[2 * i + 1] = Math.floor(one / 4294967296);
  }
}

function fillTexts(column: Extract<Column, { layout: 'bytes' }>, nulls: Uint8Array, write: (n: number, out: TextBuffer) => void, out: TextBuffer, first: number, count: number): void {
  const { offsets, lengths } = column;
  out.length = 0;
  for (let i = 0; i < count; i++) {
    const at = out.length;
    if (nulls[i] === 0) write(first + i, out);
    offsets[i] = nulls[i] === 1 ? 0 : at;
    lengths[i] = out.length - at;
  }
  column.heap = out.bytes;
  column.isPlain = true;
}

function wantedOf({ path: [head = '', name], type }: ReadColumn, events: NexmarkEvents): Wanted {
  if (head === 'event_type') return { kind: undefined };
  const kind = eventKinds.findIndex((one) => one === head);
  const fields = events.fields[kind];
  if (name === undefined && type.kind === 'ROW' && fields !== undefined) return { kind, row: rowWriter(type, fields) };
  const field = fields?.[name ?? ''];
  if (field === undefined) throw new SqlError({ code: 'E0002', message: `not supported yet: ${[head, ...(name === undefined ? [] : [name])].join('.')} from nexmark` });
  return { kind, field };
}

/** Writes an event whole, as a ROW is encoded. For each event its values are made. */
function rowWriter(type: Extract<SqlType, { kind: 'ROW' }>, fields: NexmarkEvents['fields'][number]): (n: number, out: TextBuffer) => void {
  const utf8 = new TextDecoder();
  const text = new TextBuffer(1024);
  const parts = type.fields.map(({ name, type: of }) => {
    const field = fields[name];
    if (field === undefined) throw new SqlError({ code: 'E0002', message: `not supported yet: ${name} from nexmark` });
    return (n: number): SqlValue => {
      if (field.form !== 'text') return of.kind === 'BIGINT' ? BigInt(field.value(n)) : field.value(n);
      text.length = 0;
      field.write(n, text);
      return utf8.decode(text.bytes.subarray(0, text.length));
    };
  });
  return (n, out) => out.put(encodeValue(parts.map((part) => part(n)), type));
}
