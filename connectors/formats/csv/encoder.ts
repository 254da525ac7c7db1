import type { Batch } from '../../../core/batch.ts';
import { columnArrays, columnSlots } from '../../../core/column.ts';
import { CodeBuilder, joinJs, js, Js, type CompiledKernel } from '../../../core/code.ts';
import { SqlError } from '../../../core/diagnostic.ts';
import { layoutOf } from '../../../core/layout.ts';
import { printType, type SqlType } from '../../../core/sql-type.ts';
import type { RecordEncoder, RecordTarget } from '../../../catalog/connector.ts';
import { writeLong, writeNumber } from '../json/write.ts';
import { MinuteText } from '../json/write-time.ts';
import type { Dialect } from './dialect.ts';
import * as write from './write.ts';

type Columns = readonly { readonly name: string; readonly type: SqlType }[];

/** Rows to CSV records without a line end, as bytes: no string in between. */
export class CsvEncoder implements RecordEncoder {
  readonly #columns: Columns;
  readonly #kernel: CompiledKernel;

  constructor(columns: Columns, dialect: Dialect) {
    this.#columns = columns;
    this.#kernel = compile(columns, dialect);
  }

  get source(): string {
    return this.#kernel.source;
  }

  encode(batch: Batch, from: number, to: number, into: RecordTarget): void {
    const args: unknown[] = [into, from, to];
    for (const [i] of this.#columns.entries()) {
      const column = batch.columns[i];
      if (column !== undefined) args.push(...columnArrays(column), column.nulls);
    }
    (this.#kernel.run as (...values: unknown[]) => void)(...args);
  }
}

function compile(columns: Columns, dialect: Dialect): CompiledKernel {
  const code = new CodeBuilder();
  const parameters: Js[] = [];
  const literal = dialect.nullLiteral ?? new Uint8Array(0);
  const quoting = code.use(write.quotingOf(dialect), 'quoting');
  // The longest value of a fixed type has 47 bytes; quotes may stand around it.
  const fixed = columns.length * (56 + literal.length) + 16;
  const texts = columns.flatMap(({ type }, i) => (layoutOf(type) === 'bytes' ? [js` + c${i}_lengths[i] * 2`] : []));
  code.block(js`for (let i = from; i < to; i++)`, () => {
    code.line(js`let at = into.begin(i, ${fixed}${joinJs(texts, '')});`);
    code.line(js`const out = into.bytes, view = into.view;`);
    for (const [i, { type }] of columns.entries()) {
      const slot = (of: string): Js => new Js(`c${i}_${of}`);
      parameters.push(...columnSlots[layoutOf(type)].map(slot), slot('nulls'));
      if (i > 0) code.line(js`out[at++] = ${dialect.delimiter};`);
      const nothing = (): void => {
        for (const byte of literal) code.line(js`out[at++] = ${byte};`);
      };
      code.either(js`${slot('nulls')} !== undefined && ${slot('nulls')}[i] === 1`, nothing, () => code.line(js`at = ${value(code, type, slot, dialect, quoting)};`));
    }
    code.line(js`into.end(i, at);`);
  });
  return code.compile('encodeCsv', [js`into`, js`from`, js`to`, ...parameters]);
}

/** Source that writes the value of row i at `at` and gives the place behind. */
function value(code: CodeBuilder, type: SqlType, slot: (of: string) => Js, { hasScientificDecimals }: Dialect, quoting: Js): Js {
  const values = slot('values');
  switch (type.kind) {
    case 'BOOLEAN':
      return js`${code.use(writeBoolean, 'writeBoolean')}(out, at, ${values}[i])`;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      return js`${code.use(writeNumber, 'writeNumber')}(out, view, at, ${values}[i])`;
    case 'BIGINT':
      return js`${code.use(writeLong, 'writeLong')}(out, view, at, ${slot('words')}, i)`;
    case 'DECIMAL':
      return js`${code.use(write.writeDecimal, 'writeDecimal')}(out, view, at, ${slot('words')}, ${layoutOf(type) === 'i128' ? slot('high') : js`undefined`}, ${values}, i, ${type.scale}, ${hasScientificDecimals})`;
    case 'FLOAT':
    case 'DOUBLE':
      return js`${code.use(write.writeReal, 'writeReal')}(out, view, at, ${values}[i], ${type.kind === 'FLOAT'})`;
    case 'CHAR':
    case 'VARCHAR':
      return js`${code.use(write.writeText, 'writeText')}(out, at, ${slot('heap')}, ${slot('offsets')}[i], ${slot('lengths')}[i], ${quoting})`;
    case 'DATE':
      return js`${code.use(write.writeDate, 'writeDate')}(out, at, ${values}[i], ${quoting})`;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      if (type.precision > 3) break;
      return js`${code.use(write.writeTime, 'writeTime')}(out, at, ${slot('words')}, i, ${type.kind === 'TIMESTAMP_LTZ'}, ${code.use(new MinuteText(32), 'minute')}, ${quoting})`;
    default:
  }
  throw new SqlError({ code: 'E0002', message: `not supported yet: ${printType({ ...type, nullable: true })} in CSV` });
}

function writeBoolean(out: Uint8Array, at: number, value: number): number {
  const word = value === 1 ? 'true' : 'false';
  for (let k = 0; k < word.length; k++) out[at + k] = word.charCodeAt(k);
  return at + word.length;
}
