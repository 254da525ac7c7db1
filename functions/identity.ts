import { js } from '../core/code.ts';
import { printType, types } from '../core/sql-type.ts';
import type { ScalarFunction } from './definition.ts';
import { valueFunction } from './value-function.ts';

/** UUID, HASH_CODE and TYPEOF. Source: Flink's documentation, "System (Built-in) Functions"; Java's hashCode of each type. */

/** Without its sign, as Flink's SqlFunctionUtils.hashCode has it; the least INT stays. */
function hashText(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return Math.abs(hash) | 0;
}

function hashLong(value: bigint): number {
  return Number(BigInt.asIntN(32, value ^ (BigInt.asUintN(64, value) >> 32n)));
}

const cell = new DataView(new ArrayBuffer(8));

function hashDouble(value: number): number {
  cell.setFloat64(0, value);
  return hashLong(cell.getBigInt64(0));
}

const typeOf: ScalarFunction = {
  name: 'TYPEOF',
  nulls: 'call',
  deterministic: true,
  overloads: [
    {
      id: 'value',
      version: 1,
      // With TRUE, the type as it could be read again: which it is without, too.
      accept: (args) => (args.length === 1 || (args.length === 2 && args[1]?.kind === 'BOOLEAN') ? args : undefined),
      returns: () => ({ ...types.string, nullable: false }),
      emit: () => {
        throw new Error('TYPEOF has no such code');
      },
      emitNullable: (code, _args, { args: [type] }) => {
        const text = new TextEncoder().encode(printType(type ?? types.nothing));
        const padded = new Uint8Array(text.length + 8);
        padded.set(text);
        return { operand: { class: 'bytes', heap: code.use(padded, 'type'), offset: js`0`, length: js`${text.length}` }, isNull: undefined };
      },
    },
  ],
  doc: 'The type of the value, as SQL writes it.',
  examples: [{ sql: 'TYPEOF(CAST(1 AS BIGINT))', result: 'BIGINT NOT NULL' }, { sql: "TYPEOF(CAST('ab' AS STRING))", result: 'STRING NOT NULL' }],
};

export const identityFunctions: readonly ScalarFunction[] = [
  // A new one for each call: no rule may move or repeat it.
  { ...valueFunction('UUID', [{ args: [], result: 'text', call: () => crypto.randomUUID() }], 'A random identifier (RFC 4122, version 4), another for each row.', [['CHAR_LENGTH(UUID())', '36']]), deterministic: false },
  valueFunction(
    'HASH_CODE',
    [
      { args: ['text'], result: 'int', call: hashText },
      { args: ['boolean'], result: 'int', call: (value: boolean) => (value ? 1231 : 1237) },
      { args: ['int'], result: 'int', call: (value: number) => value },
      { args: ['bigint'], result: 'int', call: hashLong },
      { args: ['double'], result: 'int', call: hashDouble },
      { args: ['date'], result: 'int', call: (days: number) => days },
    ],
    'The hash that Java gives a text (without its sign), a number or a boolean.',
    [["HASH_CODE('ab')", '3105']],
  ),
  typeOf,
];
