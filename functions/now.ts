import { js, type Js } from '../core/code.ts';
import { isTimestamp, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { assert } from '../core/assert.ts';
import { msPerDay } from '../core/time.ts';
import { localTime } from '../core/zone.ts';
import type { CallTypes, ScalarFunction } from './definition.ts';

/**
 * Functions of the time of day. In a stream each row has its own, as in Flink: the time of the step that computes it. Source: Flink's
 * documentation, "System (Built-in) Functions", temporal functions, for types and zones.
 */
function now({ now: read }: CallTypes): Js {
  assert(read !== undefined, 'a step without a clock asks for the time');
  return read();
}

interface Reading {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly type: SqlType;
  readonly of: 'time' | 'int' | 'bigint';
  /** The value from the instant, in ms; where `usesZone`, from the session's local time. */
  readonly value: (ms: Js) => Js;
  readonly usesZone?: true;
  readonly doc: string;
  /** TRUE; if not said, that the value is not NULL. */
  readonly example?: string;
}

function reading({ example, name, aliases = [], type, of, value, usesZone, doc }: Reading): ScalarFunction {
  return {
    name,
    aliases,
    nulls: 'return-null',
    deterministic: false,
    ...(usesZone === true && { usesZone }),
    overloads: [{
      id: 'now',
      version: 1,
      accept: (args) => (args.length === 0 ? args : undefined),
      returns: () => withNullable(type, false),
      emit: (code, _args, call) => {
        const instant = now(call);
        const { zone = 'UTC' } = call;
        const ms = usesZone !== true || zone.toUpperCase() === 'UTC' ? instant : code.define('t', js`${code.use(localTime, 'localTime')}(${zone}, ${instant})`);
        return { operand: { class: of, value: code.define('t', value(ms)) }, isNull: undefined };
      },
    }],
    doc,
    examples: [{ sql: example ?? `${name}${name === 'PROCTIME' ? '()' : ''} IS NOT NULL`, result: 'TRUE' }],
  };
}

const instant = { type: types.timestampLtz(3), of: 'time', value: (ms: Js) => ms } as const;
const timeOfDay = { type: { kind: 'TIME', precision: 0, nullable: false }, of: 'int', usesZone: true, value: (ms: Js) => js`(${ms} - Math.floor(${ms} / ${msPerDay}) * ${msPerDay}) - (${ms} - Math.floor(${ms} / 1000) * 1000)` } as const;

function never(): never {
  throw new Error('emitNullable is called in its place');
}

/** UNIX_TIMESTAMP without an argument: a definition of its own, as the others give the same for the same text. */
export const unixTimestampNow = 'UNIX_TIMESTAMP()';

/** As in Flink, the watermark before the row itself moves it. */
const currentWatermark: ScalarFunction = {
  name: 'CURRENT_WATERMARK',
  nulls: 'call',
  deterministic: false,
  readsWatermark: true,
  overloads: [{
    id: 'rowtime',
    version: 1,
    accept: (args) => (args.length === 1 && args[0] !== undefined && isTimestamp(args[0]) ? args : undefined),
    returns: ([type]) => withNullable(type ?? types.nothing, true),
    emit: () => never(),
    emitNullable: (code, _args, { watermark }) => {
      assert(watermark !== undefined, 'the binder lets it stand only where rows have a watermark');
      return { operand: { class: 'time', value: watermark }, isNull: code.define('n', js`${watermark} === -Infinity`) };
    },
  }],
  doc: 'The watermark of an event time as the row arrives; NULL before the first. A row is late where its time is not after it.',
  examples: [],
};

export const timeFunctions: readonly ScalarFunction[] = [
  currentWatermark,
  reading({ name: 'CURRENT_TIMESTAMP', aliases: ['NOW', 'CURRENT_ROW_TIMESTAMP'], ...instant, doc: 'The instant at which the row is computed.' }),
  reading({ name: unixTimestampNow, type: types.bigint, of: 'bigint', value: (ms) => js`BigInt(Math.floor(${ms} / 1000))`, doc: 'The seconds since 1970-01-01 00:00 UTC at which the row is computed.', example: 'UNIX_TIMESTAMP() > 0' }),
  reading({ name: 'PROCTIME', ...instant, doc: 'The processing time, as a time attribute.' }),
  reading({ name: 'LOCALTIMESTAMP', type: types.timestamp(3), of: 'time', value: (ms) => ms, usesZone: true, doc: "The session's local time at which the row is computed." }),
  reading({ name: 'CURRENT_DATE', type: { kind: 'DATE', nullable: false }, of: 'int', usesZone: true, value: (ms) => js`Math.floor(${ms} / ${msPerDay})`, doc: "The session's local date at which the row is computed." }),
  reading({ name: 'LOCALTIME', aliases: ['CURRENT_TIME'], ...timeOfDay, doc: "The session's local time of day, in seconds, at which the row is computed." }),
];
