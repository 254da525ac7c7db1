import type { Batch } from '../../../core/batch.ts';
import { columnArrays, columnSlots } from '../../../core/column.ts';
import { js, type CodeBuilder, type CompiledKernel, type Js } from '../../../core/code.ts';
import { SqlError } from '../../../core/diagnostic.ts';
import { layoutOf } from '../../../core/layout.ts';
import { printType, type SqlType } from '../../../core/sql-type.ts';
import type { RecordEncoder, RecordTarget } from '../../../catalog/format.ts';
import { writeLong, writeNumber, writeShortDecimal } from '../write-value.ts';
import { MinuteText } from '../write-time.ts';
import { compileEncoder, isNullAt, type NamedColumns, type Slot } from '../encoder-frame.ts';
import type { Dialect } from './dialect.ts';
import { isParted, partWriter } from './structured.ts';
import * as write from './write.ts';

/** Rows to CSV records without a line end, as bytes: no string in between. */
export class CsvEncoder implements RecordEncoder {
  readonly #columns: NamedColumns;
  readonly #kernel: CompiledKernel;

  constructor(columns: NamedColumns, dialect: Dialect) {
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

function compile(columns: NamedColumns, dialect: Dialect): CompiledKernel {
  const literal = dialect.nullLiteral ?? new Uint8Array(0);
  return compileEncoder('encodeCsv', columns, {
    slotsOf: (type) => columnSlots[layoutOf(type)],
    // The longest value of a fixed type has 47 bytes; quotes may stand around it.
    fixedRoom: columns.length * (56 + literal.length) + 16,
    textRoom: (type, slot) => (isParted(type) ? js`(${slot('field')} === undefined ? 0 : ${slot('field')}.length * 2)` : layoutOf(type) === 'bytes' ? js`${slot('lengths')}[i] * 2` : undefined),
    ahead: (code, slots) => {
      for (const [i, { type }] of columns.entries()) {
        if (!isParted(type)) continue;
        const slot = slots[i] as Slot;
        const print = partWriter(type, dialect, (part) => new CsvEncoder([{ name: '', type: part }], { ...dialect, quote: -1, escape: -1 }));
        code.line(js`const ${slot('field')} = ${isNullAt(slot)} ? undefined : ${code.use(print, 'print')}(${slot('heap')}, ${slot('offsets')}[i], ${slot('lengths')}[i]);`);
      }
    },
    row: (code, slots) => {
      const quoting = code.use(write.quotingOf(dialect), 'quoting');
      for (const [i, { type }] of columns.entries()) {
        const slot = slots[i] as Slot;
        if (i > 0) code.line(js`out[at++] = ${dialect.delimiter};`);
        const nothing = (): void => {
          for (const byte of literal) code.line(js`out[at++] = ${byte};`);
        };
        code.either(isNullAt(slot), nothing, () => code.line(js`at = ${value(code, type, slot, dialect, quoting)};`));
      }
    },
  });
}

/** Source that writes the value of row i at `at` and gives the place behind. */
function value(code: CodeBuilder, type: SqlType, slot: Slot, { hasScientificDecimals }: Dialect, quoting: Js): Js {
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
      return js`${code.use(writeShortDecimal, 'writeDecimal')}(out, view, at, ${slot('words')}, ${layoutOf(type) === 'i128' ? slot('high') : js`undefined`}, ${values}, i, ${type.scale}, ${hasScientificDecimals})`;
    case 'FLOAT':
    case 'DOUBLE':
      return js`${code.use(write.writeReal, 'writeReal')}(out, view, at, ${values}[i], ${type.kind === 'FLOAT'})`;
    case 'CHAR':
    case 'VARCHAR':
      return js`${code.use(write.writeText, 'writeText')}(out, at, ${slot('heap')}, ${slot('offsets')}[i], ${slot('lengths')}[i], ${quoting})`;
    case 'TIME':
      return js`${code.use(write.writeClockTime, 'writeClockTime')}(out, at, ${values}[i], ${quoting})`;
    case 'BINARY':
    case 'VARBINARY':
      return js`${code.use(write.writeBytes, 'writeBytes')}(out, at, ${slot('heap')}, ${slot('offsets')}[i], ${slot('lengths')}[i], ${quoting})`;
    case 'ARRAY':
    case 'ROW':
      return js`${code.use(write.writeText, 'writeText')}(out, at, ${slot('field')}, 0, ${slot('field')}.length, ${quoting})`;
    case 'DATE':
      return js`${code.use(write.writeDate, 'writeDate')}(out, at, ${values}[i], ${quoting})`;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      if (type.precision > 3) return js`${code.use(write.writeNanoTime, 'writeNanoTime')}(out, at, ${slot('words')}, ${slot('nanos')}, i, ${type.kind === 'TIMESTAMP_LTZ'}, ${code.use(new MinuteText(32), 'minute')}, ${quoting})`;
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
