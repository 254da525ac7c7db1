import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { isInteger, types, withNullable, type SqlType } from '../core/sql-type.ts';
import type { Example, Overload, ScalarFunction } from './definition.ts';
import type { OperandOf } from './operand.ts';

/**
 * RAND and RAND_INTEGER: Java's java.util.Random, so that a seed gives what it gives in Flink. A seed that is written as a number begins one
 * sequence for all rows, any other one for each row. Source: the documentation of java.util.Random; Flink's RandCallGen.
 */
class JavaRandom {
  #state = 0n;
  #isSeeded = false;

  seed(seed: number | bigint): this {
    this.#state = (BigInt(seed) ^ 0x5deece66dn) & 0xffffffffffffn;
    this.#isSeeded = true;
    return this;
  }

  /** Seeds it where nothing has: with `given`, or by chance. */
  begun(given: number | undefined): this {
    if (!this.#isSeeded) this.seed(given ?? new BigInt64Array(crypto.getRandomValues(new Uint8Array(8)).buffer)[0] ?? 0n);
    return this;
  }

  #next(bits: number): number {
    this.#state = (this.#state * 0x5deece66dn + 0xbn) & 0xffffffffffffn;
    return Number(BigInt.asIntN(32, this.#state >> BigInt(48 - bits)));
  }

  double(): number {
    const high = this.#next(26);
    return (high * 2 ** 27 + this.#next(27)) / 2 ** 53;
  }

  /** From 0 up to and without `bound`. */
  below(bound: number): number {
    if (bound <= 0) throw new RangeError(`RAND_INTEGER needs a bound above 0, not ${bound}`);
    let bits = this.#next(31);
    if ((bound & (bound - 1)) === 0) return Number((BigInt(bound) * BigInt(bits)) >> 31n);
    // Numbers of the last, incomplete range of `bound` ones would make the small results likelier.
    for (let value = bits % bound; ; value = bits % bound) {
      if (bits - value + (bound - 1) < 2 ** 31) return value;
      bits = this.#next(31);
    }
  }
}

const integer = (type: SqlType | undefined): boolean => type?.kind === 'NULL' || (type !== undefined && isInteger(type) && type.kind !== 'BIGINT');

function never(): never {
  throw new Error('the call has no such code');
}

/** The overloads with a seed and without one; `bounds` is how many arguments stand behind the seed. */
function overloads(bounds: 0 | 1, result: SqlType, draw: (code: CodeBuilder, random: Js, bound: Js) => Js): readonly Overload[] {
  const numbers = (args: readonly SqlType[]): readonly SqlType[] | undefined => (args.every(integer) ? args.map((arg) => withNullable(types.int, arg.nullable)) : undefined);
  const valueOf = (operand: unknown): Js => (operand as OperandOf<'int'>).value;
  const overload = (id: string, accept: Overload['accept'], random: (code: CodeBuilder, seed: Js) => Js, hasSeed: boolean): Overload => ({
    id,
    version: 1,
    accept,
    returns: () => withNullable(result, false),
    emit: (code, operands) => {
      const [seed, bound] = hasSeed ? operands : [undefined, operands[0]];
      const drawn = draw(code, random(code, hasSeed ? valueOf(seed) : js`undefined`), bounds === 0 ? js`` : valueOf(bound));
      if (result.kind === 'INT') return { operand: { class: 'int', value: code.define('i', drawn) }, isNull: undefined };
      return result.kind === 'DOUBLE' ? { operand: { class: 'double', value: code.define('d', drawn) }, isNull: undefined } : never();
    },
  });
  const begun = (code: CodeBuilder, seed: Js): Js => js`${code.use(new JavaRandom(), 'random')}.begun(${seed})`;
  return [
    overload('by-chance', (args) => (args.length === bounds ? numbers(args) : undefined), begun, false),
    overload('from-written-seed', (args, [seed]) => (args.length === bounds + 1 && seed !== undefined ? numbers(args) : undefined), begun, true),
    overload('from-seed', (args) => (args.length === bounds + 1 ? numbers(args) : undefined), (code, seed) => js`${code.use(new JavaRandom(), 'random')}.seed(${seed})`, true),
  ];
}

function define(name: string, made: readonly Overload[], doc: string, examples: readonly Example[]): ScalarFunction {
  return { name, nulls: 'return-null', deterministic: false, overloads: made, doc, examples };
}

export const randomFunctions: readonly ScalarFunction[] = [
  define('RAND', overloads(0, types.double, (_code, random) => js`${random}.double()`), 'A number by chance from 0 up to and without 1, another for each row; with a seed, always the same sequence.', [{ sql: 'RAND(42)', result: '0.7275636800328681' }]),
  define('RAND_INTEGER', overloads(1, types.int, (_code, random, bound) => js`${random}.below(${bound})`), 'A whole number by chance from 0 up to and without the last argument; with a seed before it, always the same sequence.', [{ sql: 'RAND_INTEGER(42, 10)', result: '0' }]),
];
