import { CodeBuilder, joinJs, js, type CompiledKernel, type Js } from '../core/code.ts';
import { equalBytes } from '../core/hash.ts';
import type { Table } from '../state/table.ts';
import type { AggregateCode } from './aggregate-code.ts';
import { RecordCode } from './record-code.ts';

/** Adds the records [first, last) of a table to those of another, key by key. `hashes`: of each record's key, see `hashesOf`. Needs room. */
export function compileMerge(aggregate: AggregateCode): CompiledKernel {
  const { shape, keys } = aggregate;
  const code = new CodeBuilder();
  const into = new RecordCode(shape);
  const from = new RecordCode(shape, 'from');
  into.declareViews(code);
  from.declareViews(code);
  code.line(js`const epoch = table.epoch;`);
  code.block(js`for (let i = first; i < last; i++)`, () => {
    code.line(js`const ${from.q} = i * ${shape.quads};`);
    code.line(js`if (${from.view('r32')}[2 * ${from.q}] === 0) continue;`);
    code.line(js`const hash = hashes[i];`);
    code.line(js`let slot = hash & mask, q = 0, isNew = false;`);
    code.block(js`for (;;)`, () => {
      code.line(js`const id1 = index[2 * slot + 1];`);
      code.block(js`if (id1 === 0)`, () => {
        code.line(js`q = table.allocate(hash, slot) * ${shape.quads}; isNew = true;`);
        code.line(js`break;`);
      });
      code.line(js`q = (id1 - 1) * ${shape.quads};`);
      code.line(js`if (index[2 * slot] === hash && ${sameKey(code, into, from, keys.length)}) break;`);
      code.line(js`slot = (slot + 1) & mask;`);
    });
    code.either(js`isNew`, () => copy(code, into, from), () => aggregate.merge(code, from));
  });
  return code.compile('mergeSlice', [js`table`, from.table, js`hashes`, js`first`, js`last`, js`heap`]);
}

/** The record as it is: all but the epoch, and texts in slots of its own. */
function copy(code: CodeBuilder, into: RecordCode, from: RecordCode): void {
  const { shape } = into;
  code.line(js`for (let w = 1; w < ${shape.quads * 2}; w++) r32[2 * q + w] = ${from.view('r32')}[2 * ${from.q} + w];`);
  for (const [field, { layout }] of shape.fields.entries()) {
    if (layout !== 'bytes') continue;
    const word = js`2 * ${into.quad(field)}`;
    code.line(js`if (r32[${word} + 1] !== 0) r32[${word}] = table.bytes.put(${from.table}.bytes.pages[r32[${word}] >>> 16], (r32[${word}] & 65535) * 16, r32[${word} + 1]);`);
  }
}

/** Keys come first, and under a NULL there is nothing. */
function sameKey(code: CodeBuilder, into: RecordCode, from: RecordCode, keys: number): Js {
  if (keys === 0) return js`true`;
  const { fields } = into.shape;
  const other = from.view('r32');
  const mask = keys === 32 ? -1 : (1 << keys) - 1;
  const tests = fields.slice(0, keys).map(({ layout }, field): Js => {
    const [a, b] = [into.quad(field), from.quad(field)];
    const words = (count: number): Js => joinJs(Array.from({ length: count }, (_, i) => js`r32[2 * ${a} + ${i}] === ${other}[2 * ${b} + ${i}]`), ' && ');
    switch (layout) {
      case 'u8':
      case 'i32':
        return words(1);
      case 'i64':
        return words(2);
      case 'i64n':
        return words(3);
      case 'i128':
        return words(4);
      case 'f32':
      case 'f64': {
        const [x, y] = [js`rf64[${a}]`, js`${from.view('rf64')}[${b}]`];
        return js`(${x} === ${y} || (${x} !== ${x} && ${y} !== ${y}))`;
      }
      case 'bytes': {
        const length = js`r32[2 * ${a} + 1]`;
        const place = (table: Js, slot: Js): Js => js`${table}.bytes.pages[${slot} >>> 16], (${slot} & 65535) * 16`;
        return js`(${length} === ${other}[2 * ${b} + 1] && (${length} === 0 || ${code.use(equalBytes, 'equalBytes')}(${place(js`table`, js`r32[2 * ${a}]`)}, ${length}, ${place(from.table, js`${other}[2 * ${b}]`)}, ${length})))`;
      }
    }
  });
  return js`((r32[2 * q + 1] ^ ${other}[2 * ${from.q} + 1]) & ${mask}) === 0 && ${joinJs(tests, ' && ')}`;
}

/** The hash of each record's key, by id, as the index has it. */
export function hashesOf({ index, limit }: Table, scratch: Int32Array): Int32Array {
  const hashes = scratch.length < limit ? new Int32Array(limit * 2) : scratch;
  for (let at = 0; at < index.length; at += 2) {
    const id1 = index[at + 1] as number;
    if (id1 !== 0) hashes[id1 - 1] = index[at] as number;
  }
  return hashes;
}
