import { CodeBuilder, js, Js, type CompiledKernel } from '../../../core/code.ts';
import type { ReadColumn } from '../../../catalog/format.ts';
import type { EpochReader } from './epoch.ts';
import { array, columnParameters, fieldTree, leavesOf, readCall, writeNull, type FieldNode, type NestedReader } from './fields.ts';
import * as skip from './skip.ts';

/**
 * The tolerant tier: any order of fields, white space, escapes, missing and repeated fields (the last counts). One function per set of
 * columns; decodes the record heap[at .. end) into `row` and gives 0, or -1: the slow tier decides, -2: no slack left.
 */
export function compileTolerant(columns: readonly ReadColumn[], epoch?: EpochReader, nested?: NestedReader): CompiledKernel {
  const code = new CodeBuilder();
  const tree = fieldTree(columns);
  const type = (column: number): ReadColumn['type'] => columns[column]?.type ?? { kind: 'NULL', nullable: true };
  const space = code.use(skip.skipSpace, 'skipSpace');
  const isNull = code.use(skip.isNull, 'isNull');
  code.line(js`let p = ${space}(heap, at), t = 0;`);
  for (const column of leavesOf(tree)) code.line(js`let seen${column} = false;`);

  const forget = (node: FieldNode): void => {
    const leaves = leavesOf(node);
    if (leaves.length > 0) code.line(new Js(leaves.map((column) => `seen${column} = false;`).join(' ')));
  };

  const value = (node: FieldNode): void => {
    if (node.column !== undefined && node.children.length > 0) {
      code.line(js`return -1;`);
      return;
    }
    if (node.column !== undefined) {
      const column = node.column;
      code.either(js`${isNull}(heap, p)`, () => code.line(js`p += 4; seen${column} = false;`), () => {
        code.line(js`p = ${readCall(code, column, type(column), true, epoch, nested)};`);
        code.line(js`if (p < 0) return p;`);
        code.line(js`seen${column} = true;`);
      });
      return;
    }
    forget(node);
    code.either(js`${isNull}(heap, p)`, () => code.line(js`p += 4;`), () => object(node));
  };

  const object = (node: FieldNode): void => {
    code.line(js`if (heap[p] !== 123) return -1;`);
    code.line(js`p = ${space}(heap, p + 1);`);
    code.either(js`heap[p] === 125`, () => code.line(js`p++;`), () => {
      code.block(js`for (;;)`, () => {
        code.line(js`if (heap[p] !== 34) return -1;`);
        code.line(js`const k = p + 1;`);
        code.line(js`p = k;`);
        code.line(js`for (let c = heap[p]; c !== 34; c = heap[++p]) if (c < 32 || c >= 128 || c === 92 || p >= end) return -1;`);
        code.line(js`const n = p - k;`);
        code.line(js`p = ${space}(heap, p + 1);`);
        code.line(js`if (heap[p] !== 58) return -1;`);
        code.line(js`p = ${space}(heap, p + 1);`);
        const choose = (i: number): void => {
          const child = node.children[i];
          if (child === undefined) {
            code.line(js`p = ${code.use(skip.skipValue, 'skipValue')}(heap, p, end, ${skip.skipDepth});`);
            code.line(js`if (p < 0) return -1;`);
            return;
          }
          code.either(sameName(child.name), () => value(child), () => choose(i + 1));
        };
        choose(0);
        code.line(js`p = ${space}(heap, p);`);
        code.line(js`if (heap[p] === 125) { p++; break; }`);
        code.line(js`if (heap[p] !== 44) return -1;`);
        code.line(js`p = ${space}(heap, p + 1);`);
      });
    });
  };

  object(tree);
  code.line(js`if (p !== end && (p > end || ${space}(heap, p) < end)) return -1;`);
  for (const column of leavesOf(tree)) {
    if (!type(column).nullable) {
      code.line(js`if (!seen${column}) return -1;`);
      continue;
    }
    code.either(js`seen${column}`, () => code.line(js`${array(column, 'nulls')}[row] = 0;`), () => writeNull(code, column, type(column)));
  }
  code.line(js`return 0;`);
  return code.compile('tolerant', [js`heap`, js`at`, js`end`, js`row`, js`any`, js`slack`, js`limit`, ...columnParameters(columns)]);
}

const utf8 = new TextEncoder();

/** A test that the key heap[k .. k + n) is `name`. Names beyond ASCII, and those with quotes, never match here: the slow tier reads them. */
function sameName(name: string): Js {
  const bytes = utf8.encode(name);
  const tests = [js`n === ${bytes.length}`];
  for (const [i, byte] of bytes.entries()) tests.push(js`heap[k + ${i}] === ${byte}`);
  return new Js(tests.map((test) => test.text).join(' && '));
}
