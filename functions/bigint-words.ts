import { js, type CodeBuilder, type Js } from '../core/code.ts';

/** Where a BIGINT stands while its two words are read: between two lines of one function. */
const value = new BigInt64Array(1);
const words = new Int32Array(value.buffer);

/**
 * A BIGINT as a number, rounded once as Number() rounds it, with no call and no bigint made for the row. `high` is the upper word: the
 * number is exact while it lies in [-2^21, 2^21).
 */
export function numberOfBigint(code: CodeBuilder, bigint: Js): { readonly number: Js; readonly high: Js } {
  const halves = code.use(words, 'words');
  code.line(js`${code.use(value, 'long')}[0] = ${bigint};`);
  const high = code.define('w', js`${halves}[1]`);
  return { number: code.define('d', js`${high} * 4294967296 + (${halves}[0] >>> 0)`), high };
}
