import type { ByteHeap } from '../core/byte-heap.ts';
import { js, type CodeBuilder, type Js } from '../core/code.ts';
import { Cell, VectorWriter } from '../core/collection-writer.ts';
import { countAt, valueStart } from '../core/collection.ts';
import { isNumeric, types, withNullable, type SqlType } from '../core/sql-type.ts';
import { emitChange, treeOf } from './collecting.ts';
import { emitMade } from './collection-code.ts';
import type { Accumulator, AggregateFunction, AggregateOverload, AggregateSteps, CallTypes } from './definition.ts';
import { declare, type Operand, type OperandOf, type Value } from './operand.ts';
import { treeSize, ValueTree } from './value-tree.ts';

/**
 * PERCENTILE: the values as a multiset in their order, and where in it the answer lies. Source: Flink's documentation, aggregate functions, and
 * its PercentileAggFunction.
 */

/** Reads multisets of DOUBLE; generated code calls it once for each result. */
class Percentiles {
  readonly #key = new Cell('f64');
  readonly #tree = new ValueTree('f64', 'count');
  readonly #share = new Cell('f64');
  readonly #shares = new VectorWriter('f64');

  static #number(cell: Cell, heap: Uint8Array, vector: number, index: number): number {
    return Percentiles.#double(cell, heap, valueStart(heap, vector, index, cell.layout));
  }

  static #double(cell: Cell, heap: Uint8Array, at: number): number {
    cell.read(heap, at);
    const { column } = cell;
    return column.layout === 'f64' ? (column.values[0] as number) : 0;
  }

  /** The value `share` of the way from the least to the greatest one, 0 to 1, between two of them by how near it is to each. */
  at(heap: Uint8Array, at: number, share: number): number {
    const place = share * (this.#tree.total(heap, at) - 1) + 1;
    const [below, above] = [Math.floor(place), Math.ceil(place)];
    const node = this.#tree.nodeAt(heap, at, below);
    const value = Percentiles.#double(this.#key, heap, this.#tree.keyStartOf(node));
    const next = this.#tree.nodeAt(heap, at, above);
    return next === node ? value : (above - place) * value + (place - below) * Percentiles.#double(this.#key, heap, this.#tree.keyStartOf(next));
  }

  /** Appends the array of the values at all `shares`, an array. */
  all(out: ByteHeap, heap: Uint8Array, at: number, shares: Uint8Array, sharesAt: number): number {
    this.#shares.begin();
    const { column } = this.#shares.cell;
    for (let i = 0; i < countAt(shares, sharesAt); i++) {
      if (column.layout === 'f64') column.values[0] = this.at(heap, at, Percentiles.#number(this.#share, shares, sharesAt, i));
      this.#shares.add();
    }
    return this.#shares.finish(out);
  }

  check(shares: Uint8Array, at: number): void {
    for (let i = 0; i < countAt(shares, at); i++) checkShare(Percentiles.#number(this.#share, shares, at, i));
  }
}

function checkShare(share: number): void {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`the percentage of PERCENTILE lies between 0 and 1, and ${share} does not`);
}

const values: SqlType = { kind: 'MULTISET', element: withNullable(types.double, false), nullable: false };
const sharesType: SqlType = { kind: 'ARRAY', element: withNullable(types.double, false), nullable: false };

function change(code: CodeBuilder, state: Accumulator, [value, share, times]: readonly Operand[], by: 1 | -1): void {
  const [map, kept] = state.lanes;
  if (map === undefined || kept === undefined || value === undefined || share === undefined) return;
  if (share.class === 'bytes') code.line(js`${code.use(new Percentiles(), 'percentiles')}.check(${share.heap}, ${share.offset});`);
  else code.line(js`${code.use(checkShare, 'checkShare')}(${(share as OperandOf<'double'>).value});`);
  kept.store(share);
  const add = (count: Js): void => {
    const tree = new ValueTree('f64', 'count');
    emitChange(code, map, tree, 'count', [[tree.key, { operand: value, isNull: undefined }]], count);
  };
  if (times === undefined) add(js`${by}`);
  else {
    const count = (times as OperandOf<'double'>).value;
    code.block(js`if (${count} > 0)`, () => add(by === 1 ? count : js`-${count}`));
  }
}

function result(code: CodeBuilder, { lanes }: Accumulator, { heap }: CallTypes): Value {
  const [map, share] = lanes.map((lane) => lane.load()) as [OperandOf<'bytes'>, Operand];
  const isNull = code.define('n', js`${code.use(treeSize, 'treeSize')}(${map.heap}, ${map.offset}, ${map.length}) === 0${share.class === 'bytes' ? js` || ${code.use(countAt, 'countAt')}(${share.heap}, ${share.offset}) === 0` : js``}`);
  const name = code.use(new Percentiles(), 'percentiles');
  if (share.class === 'bytes') {
    return { operand: emitMade(code, heap, js`${isNull} ? ${heap}.used : ${name}.all(${heap}, ${map.heap}, ${map.offset}, ${share.heap}, ${share.offset})`), isNull };
  }
  const answer = declare(code, 'double') as OperandOf<'double'>;
  code.line(js`${answer.value} = ${isNull} ? 0 : ${name}.at(${map.heap}, ${map.offset}, ${(share as OperandOf<'double'>).value});`);
  return { operand: answer, isNull };
}

function overload(id: string, shares: SqlType, accepts: (type: SqlType) => boolean): AggregateOverload {
  const steps: AggregateSteps = {
    lanes: () => [treeOf(values), shares],
    accumulate: (code, state, args) => change(code, state, args, 1),
    result,
  };
  return {
    id,
    version: 1,
    accept: ([a, share, times, ...rest]) => {
      if (a === undefined || !isNumeric(a) || share === undefined || !accepts(share) || rest.length > 0) return undefined;
      if (times === undefined) return [withNullable(types.double, a.nullable), withNullable(shares, share.nullable)];
      if (!['TINYINT', 'SMALLINT', 'INT', 'BIGINT'].includes(times.kind)) return undefined;
      // As a DOUBLE: counts have the digits of an INT, and more is an error.
      return [withNullable(types.double, a.nullable), withNullable(shares, share.nullable), withNullable(types.double, times.nullable)];
    },
    returns: () => (shares.kind === 'ARRAY' ? { kind: 'ARRAY', element: types.double, nullable: true } : types.double),
    ...steps,
    updating: { ...steps, keepsValues: false, retract: (code, state, args) => change(code, state, args, -1) },
  };
}

export const percentile: AggregateFunction = {
  name: 'PERCENTILE',
  overloads: [
    overload('share', withNullable(types.double, false), isNumeric),
    overload('shares', sharesType, (type) => type.kind === 'ARRAY' && isNumeric(type.element) && !type.element.nullable),
  ],
  doc: 'PERCENTILE(x, share [, times]): the value that lies that share, 0 to 1, of the way from the least to the greatest one, as a DOUBLE; of an ARRAY of shares the ARRAY of them. `times` says how often x counts.',
  examples: [],
};
