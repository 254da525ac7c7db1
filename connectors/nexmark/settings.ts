import { describeType, maxLength, type SqlType } from '../../core/sql-type.ts';
import { didYouMean } from '../../core/suggest.ts';
import { parseTimestamp } from '../../core/time.ts';
import type { OptionFault, Options } from '../../catalog/option-spec.ts';
import { eventKinds, nexmarkEvents, usualSettings, type EventField, type EventSettings } from './events.ts';

type Columns = readonly { readonly name: string; readonly type: SqlType }[];

/** What the options say; `baseTime` (ms) holds where they do not say one. Needs: `nexmarkFaults` found none. */
export function settingsOf(options: Options, baseTime: number): EventSettings {
  const whole = (key: string, fallback: number): number => options.integer(key) ?? fallback;
  const given = options.text('base-time');
  return {
    seed: whole('seed', 1),
    baseTime: (given === undefined ? undefined : parseTimestamp(given)?.millis) ?? baseTime,
    rate: whole('first-event.rate', usualSettings.rate),
    people: whole('person.proportion', usualSettings.people),
    auctions: whole('auction.proportion', usualSettings.auctions),
    bids: whole('bid.proportion', usualSettings.bids),
    hotAuctions: whole('bid.hot-ratio.auctions', usualSettings.hotAuctions),
    hotBidders: whole('bid.hot-ratio.bidders', usualSettings.hotBidders),
    hotSellers: whole('auction.hot-ratio.sellers', usualSettings.hotSellers),
    personBytes: bytesOf(options.text('person.avg-size')) ?? usualSettings.personBytes,
    auctionBytes: bytesOf(options.text('auction.avg-size')) ?? usualSettings.auctionBytes,
    bidBytes: bytesOf(options.text('bid.avg-size')) ?? usualSettings.bidBytes,
  };
}

/** Undefined: the events never end. */
export function eventCount(options: Options): number | undefined {
  const count = options.integer('events.num') ?? 0;
  return count === 0 ? undefined : count;
}

/** The largest size that an event may be asked for, in bytes. */
const mostBytes = 1 << 20;

/** A size as Flink writes them: `200`, `200b`, `4 kb`. Undefined when the text is none. */
function bytesOf(text: string | undefined): number | undefined {
  const match = /^\s*(\d{1,9})\s*(b|bytes|k|kb|kibibytes|m|mb|mebibytes)?\s*$/i.exec(text ?? '');
  if (match === null) return undefined;
  const unit = (match[2] ?? 'b').toLowerCase()[0];
  return Number(match[1]) * (unit === 'b' ? 1 : unit === 'k' ? 1024 : 1024 * 1024);
}

export function nexmarkFaults(columns: Columns, options: Options): readonly OptionFault[] {
  const faults: OptionFault[] = [];
  const fault = (key: string, message: string, code: OptionFault['code'] = 'E0504'): number => faults.push({ key, code, message });
  for (const key of ['first-event.rate', 'bid.hot-ratio.auctions', 'bid.hot-ratio.bidders', 'auction.hot-ratio.sellers']) {
    if (options.integer(key) === 0) fault(key, 'is at least 1');
  }
  const parts = ['person.proportion', 'auction.proportion', 'bid.proportion'];
  if (parts.every((key) => options.integer(key) === 0)) fault('bid.proportion', 'leaves no events: one of the three proportions is at least 1');
  for (const key of [...parts, 'first-event.rate', 'next-event.rate', 'events.num', 'seed', 'bid.hot-ratio.auctions', 'bid.hot-ratio.bidders', 'auction.hot-ratio.sellers']) {
    const most = key === 'events.num' ? Number.MAX_SAFE_INTEGER / 1000 : 2 ** 31 - 1;
    if ((options.integer(key) ?? 0) > most) fault(key, `is at most ${Math.floor(most)}`);
  }
  const next = options.integer('next-event.rate');
  if (next !== undefined && next !== options.integer('first-event.rate')) {
    faults.push({ key: 'next-event.rate', code: 'E0002', message: "not supported yet: a rate that changes: 'next-event.rate' is not 'first-event.rate'" });
  }
  for (const key of ['person.avg-size', 'auction.avg-size', 'bid.avg-size']) {
    const bytes = bytesOf(options.text(key));
    if (bytes === undefined) fault(key, `is a size like '200b', not '${options.text(key) ?? ''}'`);
    else if (bytes > mostBytes) fault(key, `is at most ${mostBytes} bytes`);
  }
  const base = options.text('base-time');
  if (base !== undefined && parseTimestamp(base) === undefined) fault('base-time', `is a time like '2026-01-01 00:00:00', not '${base}'`);
  for (const column of columns) columnFault(column, fault);
  return faults;
}

const anyFields = nexmarkEvents({ ...usualSettings, seed: 1, baseTime: 0 }).fields;

/** A table has `event_type`, `person`, `auction` and `bid`, or some of them, each row with some of the fields. */
function columnFault({ name, type }: Columns[number], fault: (key: string, message: string) => void): void {
  const refuse = (message: string): void => fault('connector', message);
  if (name === 'event_type') {
    if (type.kind !== 'INT') refuse(`makes event_type as INT, not ${describeType(type)}`);
    return;
  }
  const kind = eventKinds.findIndex((one) => one === name);
  const fields = anyFields[kind];
  if (fields === undefined) {
    refuse(`makes no column ${name}: there are event_type, ${eventKinds.join(', ')}; ${didYouMean(name, ['event_type', ...eventKinds]) ?? 'the fields stand in these rows'}`);
    return;
  }
  if (type.kind !== 'ROW') {
    refuse(`makes ${name} as a ROW of ${Object.keys(fields).join(', ')}, not as ${describeType(type)}`);
    return;
  }
  if (!type.nullable) refuse(`makes ${name} NULL for events of the other kinds: it cannot be NOT NULL`);
  for (const child of type.fields) {
    const field = fields[child.name];
    if (field === undefined) refuse(`makes no field ${name}.${child.name}: there are ${Object.keys(fields).join(', ')}`);
    else if (!holds(field, child.type)) refuse(`makes ${name}.${child.name} as ${typeNames[field.form]}, not ${describeType(child.type)}`);
  }
}

const typeNames: Readonly<Record<EventField['form'], string>> = { number: 'BIGINT', time: 'TIMESTAMP(3)', text: 'STRING' };

function holds({ form }: EventField, type: SqlType): boolean {
  switch (form) {
    case 'number':
      return type.kind === 'BIGINT';
    case 'time':
      return (type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ') && type.precision === 3;
    case 'text':
      return type.kind === 'VARCHAR' && type.length === maxLength;
  }
}
