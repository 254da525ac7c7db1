import type { Batch } from '../../../core/batch.ts';
import { columnArrays } from '../../../core/column.ts';
import { CodeBuilder, js, Js, type CompiledKernel } from '../../../core/code.ts';
import { layoutOf } from '../../../core/layout.ts';
import type { SqlType } from '../../../core/sql-type.ts';
import type { RecordEncoder, RecordSpans } from '../../../catalog/connector.ts';
import { columnSlots } from '../../../core/column.ts';
import { notYet } from './fields.ts';
import * as write from './write.ts';

export interface JsonEncoderOptions {
  /** Times as ISO-8601 (`T` between date and time). */
  readonly isoTimes: boolean;
  readonly ignoreNulls: boolean;
}

/** Rows to JSON objects, as bytes: no string in between. A heap is grown before the rows that need it, never among them. */
export class JsonEncoder implements RecordEncoder {
  readonly #columns: readonly { readonly name: string; readonly type: SqlType }[];
  readonly #kernel: CompiledKernel;
  /** Bytes that a row takes besides its texts. */
  readonly #rowBytes: number;

  constructor(columns: readonly { readonly name: string; readonly type: SqlType }[], options: JsonEncoderOptions) {
    this.#columns = columns;
    this.#kernel = compile(columns, options);
    this.#rowBytes = columns.reduce((sum, column) => sum + write.nameBytes(',', column.name).length + 48, 16);
  }

  get source(): string {
    return this.#kernel.source;
  }

  encode(batch: Batch, from: number, to: number, into: RecordSpans): void {
    const rows = to - from;
    if (into.offsets.length < rows) {
      into.offsets = new Int32Array(Math.max(rows, 1024));
      into.lengths = new Int32Array(into.offsets.length);
    }
    let needed = rows * this.#rowBytes + 64;
    for (const column of batch.columns) {
      if (column.layout !== 'bytes') continue;
      let bytes = 0;
      for (let row = from; row < to; row++) bytes += column.lengths[row] as number;
      needed += bytes * 6;
    }
    if (into.heap.length < needed) into.heap = new Uint8Array(needed * 2);
    const args: unknown[] = [into.heap, into.offsets, into.lengths, from, to];
    for (const [i] of this.#columns.entries()) {
      const column = batch.columns[i];
      if (column === undefined) continue;
      args.push(...columnArrays(column), column.nulls);
    }
    into.slackStart = (this.#kernel.run as (...values: unknown[]) => number)(...args);
    into.count = rows;
  }
}

function compile(columns: readonly { readonly name: string; readonly type: SqlType }[], options: JsonEncoderOptions): CompiledKernel {
  const code = new CodeBuilder();
  const parameters: Js[] = [];
  code.line(js`let at = 0, j = 0;`);
  code.block(js`for (let i = from; i < to; i++, j++)`, () => {
    code.line(js`const start = at;`);
    if (columns.length === 0) code.line(js`out[at++] = 123;`);
    for (const [i, { name, type }] of columns.entries()) {
      const slot = (of: string): Js => new Js(`c${i}_${of}`);
      parameters.push(...columnSlots[layoutOf(type)].map(slot), slot('nulls'));
      const prefix = write.nameBytes(i === 0 ? '{' : ',', name);
      const writeName = (): void => {
        code.line(new Js([...prefix].map((byte, k) => `out[at + ${k}] = ${byte};`).join(' ')));
        code.line(js`at += ${prefix.length};`);
      };
      const isNull = js`${slot('nulls')} !== undefined && ${slot('nulls')}[i] === 1`;
      if (options.ignoreNulls) {
        code.block(js`if (!(${isNull}))`, () => {
          code.line(js`if (at === start) { out[at++] = 123; } else { out[at++] = 44; }`);
          const bare = write.nameBytes('', name);
          code.line(new Js([...bare].map((byte, k) => `out[at + ${k}] = ${byte};`).join(' ')));
          code.line(js`at += ${bare.length};`);
          value(code, type, slot, options);
        });
        continue;
      }
      writeName();
      code.either(isNull, () => code.line(js`out[at] = 110; out[at + 1] = 117; out[at + 2] = 108; out[at + 3] = 108; at += 4;`), () => value(code, type, slot, options));
    }
    if (options.ignoreNulls) code.line(js`if (at === start) out[at++] = 123;`);
    code.line(js`out[at++] = 125;`);
    code.line(js`offsets[j] = start; lengths[j] = at - start;`);
  });
  code.line(js`return at;`);
  return code.compile('encodeJson', [js`out`, js`offsets`, js`lengths`, js`from`, js`to`, ...parameters]);
}

function value(code: CodeBuilder, type: SqlType, slot: (of: string) => Js, options: JsonEncoderOptions): void {
  const call = (writer: (...args: never[]) => number, stem: string, ...args: readonly Js[]): void => {
    code.line(js`at = ${code.use(writer, stem)}(out, at, ${new Js(args.map((arg) => arg.text).join(', '))});`);
  };
  switch (type.kind) {
    case 'BOOLEAN':
      code.either(js`${slot('values')}[i] === 1`, () => code.line(js`out[at] = 116; out[at + 1] = 114; out[at + 2] = 117; out[at + 3] = 101; at += 4;`), () => code.line(js`out[at] = 102; out[at + 1] = 97; out[at + 2] = 108; out[at + 3] = 115; out[at + 4] = 101; at += 5;`));
      return;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      call(write.writeNumber, 'writeNumber', js`${slot('values')}[i]`);
      return;
    case 'BIGINT':
      call(write.writeLong, 'writeLong', slot('words'), js`i`);
      return;
    case 'DECIMAL':
      call(write.writeDecimal, 'writeDecimal', slot('words'), layoutOf(type) === 'i128' ? slot('high') : js`undefined`, slot('values'), js`i`, js`${type.scale}`);
      return;
    case 'FLOAT':
      call(write.writeFloat, 'writeFloat', js`${slot('values')}[i]`);
      return;
    case 'DOUBLE':
      call(write.writeDouble, 'writeDouble', js`${slot('values')}[i]`);
      return;
    case 'CHAR':
    case 'VARCHAR':
      call(write.writeString, 'writeString', slot('heap'), js`${slot('offsets')}[i]`, js`${slot('lengths')}[i]`);
      return;
    case 'DATE':
      call(write.writeDay, 'writeDay', js`${slot('values')}[i]`);
      return;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      if (type.precision > 3) throw notYet(type);
      call(write.writeTimestamp, 'writeTimestamp', slot('words'), js`i`, js`${type.kind === 'TIMESTAMP_LTZ'}`, js`${options.isoTimes}`);
      return;
    default:
      throw notYet(type);
  }
}
