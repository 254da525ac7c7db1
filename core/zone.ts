/** Local times of time zones, by the rules that the JavaScript engine has. Times are ms; offsets are ms that local time is ahead of UTC. */

const block = 2 ** 31;
/** Per zone: blocks of time with one offset each, or the times from which on another holds. */
const known = new Map<string, Map<number, readonly (readonly [from: number, offset: number])[]>>();
const formats = new Map<string, Intl.DateTimeFormat>();

/** The name that Intl knows a zone by. Java's GMT+08:00 is +08:00 there. */
export function zoneName(zone: string): string {
  const [, sign, hours, minutes = '00'] = /^(?:GMT|UTC|UT)([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(zone) ?? [];
  return sign === undefined ? zone : `${sign}${hours?.padStart(2, '0') ?? ''}:${minutes}`;
}

function readOffset(zone: string, instant: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en', { timeZone: zoneName(zone), timeZoneName: 'longOffset' });
    formats.set(zone, format);
  }
  const text = format.formatToParts(instant).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const match = /([+-])(\d{2}):(\d{2})(?::(\d{2}))?/.exec(text);
  if (match === null) return 0;
  const ms = ((Number(match[2]) * 60 + Number(match[3])) * 60 + Number(match[4] ?? 0)) * 1000;
  return match[1] === '-' ? -ms : ms;
}

/** The changes within a stretch of time, found by halving it: two within one day are not seen. */
function changes(zone: string, from: number, to: number, before: number): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  const day = 86_400_000;
  let [start, offset] = [from, before];
  for (let at = Math.min(from + day, to); ; at = Math.min(at + day, to)) {
    const next = readOffset(zone, at);
    if (next !== offset) {
      let [low, high] = [start, at];
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (readOffset(zone, middle) === offset) low = middle;
        else high = middle;
      }
      found.push([high, next]);
      offset = next;
    }
    if (at === to) return found;
    start = at;
  }
}

/** How far local time is ahead of UTC at an instant. Throws RangeError for a zone that does not exist. */
function zoneOffset(zone: string, instant: number): number {
  if (zone === 'UTC') return 0;
  let blocks = known.get(zone);
  if (blocks === undefined) {
    blocks = new Map();
    known.set(zone, blocks);
  }
  const index = Math.floor(instant / block);
  let offsets = blocks.get(index);
  if (offsets === undefined) {
    const first = readOffset(zone, index * block);
    offsets = [[index * block, first], ...changes(zone, index * block, (index + 1) * block, first)];
    blocks.set(index, offsets);
  }
  let offset = 0;
  for (const [from, value] of offsets) {
    if (from > instant) break;
    offset = value;
  }
  return offset;
}

/** The local time at an instant. */
export function localTime(zone: string, instant: number): number {
  return instant + zoneOffset(zone, instant);
}

/**
 * The instant of a local time: of two the earlier, and a time that clocks skip as far behind the change as it is behind its start.
 * Source: java.time.ZonedDateTime.ofLocal.
 */
export function instantOf(zone: string, local: number): number {
  if (zone === 'UTC') return local;
  const day = 86_400_000;
  const before = zoneOffset(zone, local - day);
  const after = zoneOffset(zone, local + day);
  if (before === after || zoneOffset(zone, local - before) === before) return local - before;
  return zoneOffset(zone, local - after) === after ? local - after : local - before;
}
