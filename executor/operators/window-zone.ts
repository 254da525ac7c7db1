import { instantOf, localTime } from '../../core/zone.ts';

const hour = 3_600_000;

/** The local times in which windows over TIMESTAMP_LTZ lie, as in Flink. All in ms; `zone` undefined: local time is UTC. */
export interface WindowZone {
  readonly zone: string | undefined;
  /** The local time of an instant. */
  local(instant: number): number;
  /** The watermark that closes a window with this end. Never falls as ends rise. */
  due(end: number): number;
  /** window_time: the instant of the window's last millisecond. */
  lastInstant(end: number): number;
}

const utc: WindowZone = { zone: undefined, local: (instant) => instant, due: (end) => end - 1, lastInstant: (end) => end - 1 };

export function windowZone(zone: string | undefined): WindowZone {
  if (zone === undefined) return utc;
  return { zone, local: (instant) => localTime(zone, instant), due: (end) => timerOf(zone, end - 1), lastInstant: (end) => instantOf(zone, end - 1) };
}

/**
 * The instant at which a local time has passed: of an hour that clocks show twice the second, and for one that they skip the moment of the
 * change. Source: TimeWindowUtil.toEpochMillsForTimer of Flink.
 */
function timerOf(zone: string, local: number): number {
  const [first, second] = [instantOf(zone, local), instantOf(zone, local + hour)];
  if (second - first > hour) return second - hour;
  return first === second ? Math.floor(first / hour) * hour : first;
}
