import { SqlError } from '../core/diagnostic.ts';
import { didYouMean } from '../core/suggest.ts';
import { millisOf } from './duration.ts';
import type { Updates } from './changes.ts';
import type { OnIncompatible } from './job-spec.ts';
import type { EngineOptions, JsTypes, Run } from './api.ts';
import type { CollectOptions } from './collect.ts';

const engineOptions: { readonly [K in keyof EngineOptions]-?: true } = { stateDir: true, kafka: true, settings: true, types: true, connectors: true, signal: true, onNotice: true, onPrint: true };

/** What each call reads besides the options that all of them read. */
const callOptions = {
  exec: ['bounded', 'file'],
  query: ['bounded'],
  changes: ['bounded', 'updates'],
  collect: ['maxRows', 'timeout'],
  submit: ['name', 'bounded', 'fresh', 'onIncompatible', 'file'],
  start: ['name', 'bounded', 'fresh', 'onIncompatible', 'file', 'stored', 'defaultName'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type CallName = keyof typeof callOptions;

const ofEveryCall: { readonly [K in keyof Run]-?: true } = { params: true, signal: true, types: true, settings: true };

const typeChoices: { readonly [K in keyof JsTypes]-?: readonly NonNullable<JsTypes[K]>[] } = {
  bigint: ['bigint', 'number', 'string'],
  decimal: ['string', 'number'],
  timestamp: ['string', 'date', 'millis'],
  ltz: ['date', 'string', 'millis'],
};

const updateChoices: readonly Updates[] = ['pairs', 'after'];

const incompatibleChoices: readonly OnIncompatible[] = ['refuse', 'rebuild', 'discard'];

const truthOptions = ['bounded', 'fresh', 'stored'];

/**
 * Refuses what JavaScript lets through: an option that nobody reads would seem to be in force. Throws E0904, and E0507 for a broker that is
 * not Sluice's own.
 */
export function checkEngineOptions(options: EngineOptions): void {
  refuseUnread('Engine.create', options, Object.keys(engineOptions));
  checkTypes(options.types);
  checkSignal(options.signal);
  const { stateDir, settings, connectors, onNotice, onPrint }: { readonly [K in keyof EngineOptions]?: unknown } = options;
  // An empty one would be the folder in which the process happens to run.
  if (stateDir !== undefined && (typeof stateDir !== 'string' || stateDir === '')) throw new SqlError({ code: 'E0904', message: `stateDir is the path of a folder, not ${shown(stateDir)}`, hint: 'without stateDir all is in memory' });
  if (settings !== undefined && !isObject(settings)) throw new SqlError({ code: 'E0904', message: `settings is an object, { 'key': 'value' }, not ${shown(settings)}` });
  if (connectors !== undefined && !Array.isArray(connectors)) throw new SqlError({ code: 'E0904', message: `connectors is an array, not ${shown(connectors)}` });
  for (const [name, listener] of Object.entries({ onNotice, onPrint })) {
    if (listener !== undefined && typeof listener !== 'function') throw new SqlError({ code: 'E0904', message: `${name} is a function, not ${shown(listener)}` });
  }
  const kafka: unknown = options.kafka;
  if (kafka === undefined || kafka === 'embedded') return;
  throw new SqlError({ code: 'E0507', message: `kafka is 'embedded', not ${JSON.stringify(kafka)}: external brokers are not supported yet`, hint: "Engine.create({ kafka: 'embedded' })  uses Sluice's own broker" });
}

/** The same for the options of one call. */
export function checkCallOptions(call: CallName, options: Run & Pick<CollectOptions, 'maxRows' | 'timeout'> & { readonly updates?: Updates | undefined; readonly onIncompatible?: OnIncompatible | undefined }): void {
  refuseUnread(call, options, [...Object.keys(ofEveryCall), ...callOptions[call]]);
  checkTypes(options.types);
  checkSignal(options.signal);
  const { maxRows, updates, timeout, onIncompatible } = options;
  if (onIncompatible !== undefined) refuseOthers('onIncompatible', onIncompatible, incompatibleChoices);
  // Infinity is no limit, as nothing is.
  if (maxRows !== undefined && !(maxRows === Infinity || (Number.isSafeInteger(maxRows) && maxRows >= 0))) {
    throw new SqlError({ code: 'E0904', message: `maxRows is a whole number from 0 on, not ${shown(maxRows)}` });
  }
  if (timeout !== undefined) millisOf(timeout);
  if (updates !== undefined) refuseOthers('updates', updates, updateChoices);
  for (const [name, value] of Object.entries(options)) {
    if (truthOptions.includes(name) && value !== undefined && typeof value !== 'boolean') throw new SqlError({ code: 'E0904', message: `${name} is true or false, not ${shown(value)}` });
  }
}

function refuseUnread(owner: string, options: object, names: readonly string[]): void {
  if (!isObject(options)) throw new SqlError({ code: 'E0904', message: `${owner} takes an object of options, not ${shown(options)}`, hint: `it has ${names.join(', ')}` });
  const unread = Object.entries(options).find(([key, value]) => value !== undefined && !names.includes(key))?.[0];
  if (unread === undefined) return;
  throw new SqlError({ code: 'E0904', message: `${owner} has no option '${unread}'`, hint: didYouMean(unread, names) ?? `it has ${names.join(', ')}` });
}

function checkSignal(signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new SqlError({ code: 'E0904', message: `signal is an AbortSignal, not ${shown(signal)}`, hint: 'AbortSignal.timeout(1000), or the signal of a new AbortController()' });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkTypes(types: JsTypes | undefined): void {
  if (types === undefined) return;
  refuseUnread('types', types, Object.keys(typeChoices));
  for (const [name, choices] of Object.entries(typeChoices)) {
    const value: unknown = types[name as keyof JsTypes];
    if (value !== undefined) refuseOthers(`types.${name}`, value, choices);
  }
}

function refuseOthers(name: string, value: unknown, choices: readonly string[]): void {
  if (choices.some((choice) => choice === value)) return;
  const hint = typeof value === 'string' ? didYouMean(value, choices) : undefined;
  throw new SqlError({ code: 'E0904', message: `${name} is ${choices.map((choice) => `'${choice}'`).join(' or ')}, not ${shown(value)}`, hint });
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
