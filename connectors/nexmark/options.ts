import type { OptionSpec } from '../../catalog/option-spec.ts';

/** Source of names, defaults and meanings: the options of the Nexmark benchmark's connector for Flink; `seed` and `base-time` are ours. */
export const nexmarkOptions: readonly OptionSpec[] = [
  { key: 'connector', form: 'text', required: true, description: "'nexmark'" },
  { key: 'events.num', form: 'integer', defaultValue: '0', description: 'events in all; 0: they never end' },
  { key: 'first-event.rate', form: 'integer', defaultValue: '10000', description: 'events a second of event time' },
  { key: 'next-event.rate', form: 'integer', description: 'the rate later on: that of first-event.rate, as rates do not change yet' },
  { key: 'max-emit-speed', form: 'boolean', defaultValue: 'true', description: 'true: events come as fast as they are read; false: when they are due by their time' },
  { key: 'rate.limited', form: 'boolean', defaultValue: 'false', description: 'true: events come when they are due by their time' },
  { key: 'keep-alive', form: 'boolean', defaultValue: 'false', description: 'true: after the last event the source waits and does not end' },
  { key: 'stop-at', form: 'integer', later: true, description: 'how many events are made before the source waits' },
  { key: 'rate.shape', form: 'text', later: true, description: 'how the rate changes' },
  { key: 'rate.period', form: 'duration', later: true, description: 'how long a change of the rate takes' },
  { key: 'person.proportion', form: 'integer', defaultValue: '1', description: 'people in a round of events' },
  { key: 'auction.proportion', form: 'integer', defaultValue: '3', description: 'auctions in a round of events' },
  { key: 'bid.proportion', form: 'integer', defaultValue: '46', description: 'bids in a round of events' },
  { key: 'person.avg-size', form: 'text', defaultValue: '200b', description: 'size of a person on average: the field extra fills it up' },
  { key: 'auction.avg-size', form: 'text', defaultValue: '500b', description: 'size of an auction on average' },
  { key: 'bid.avg-size', form: 'text', defaultValue: '100b', description: 'size of a bid on average' },
  { key: 'bid.hot-ratio.auctions', form: 'integer', defaultValue: '2', description: 'of so many bids all but one go to the hot auction' },
  { key: 'bid.hot-ratio.bidders', form: 'integer', defaultValue: '4', description: 'of so many bids all but one are of the hot bidder' },
  { key: 'auction.hot-ratio.sellers', form: 'integer', defaultValue: '4', description: 'of so many auctions all but one are of the hot seller' },
  { key: 'seed', form: 'integer', defaultValue: '1', description: 'the same seed gives the same events' },
  { key: 'base-time', form: 'text', description: "the time of the first event, such as '2026-01-01 00:00:00' (UTC); without it, that of the first start" },
];
