import { CodeBuilder, joinJs, js, Js, type CompiledKernel } from '../../core/code.ts';
import type { SqlType } from '../../core/sql-type.ts';

export type NamedColumns = readonly { readonly name: string; readonly type: SqlType }[];

/** The name of an array of a column in the generated code. */
export type Slot = (of: string) => Js;

export interface EncoderFrame {
  /** The arrays that are passed for a column, behind which its nulls come. */
  slotsOf(type: SqlType): readonly string[];
  /** Bytes that a row takes at the most besides what `textRoom` says. */
  readonly fixedRoom: number;
  /** What a column takes besides, as source; undefined where that is in the fixed room. */
  textRoom(type: SqlType, slot: Slot): Js | undefined;
  /** Lines before the room is asked for. */
  ahead?(code: CodeBuilder, slots: readonly Slot[]): void;
  /** Lines that write row `i` into `out`, which `view` lies over, from `at` on and move `at` behind it. */
  row(code: CodeBuilder, slots: readonly Slot[]): void;
}

/** The loop of an encoder: the function (into, from, to, arrays of each column) that writes rows into a RecordTarget. Room is asked for row by row, never within one. */
export function compileEncoder(name: string, columns: NamedColumns, frame: EncoderFrame): CompiledKernel {
  const code = new CodeBuilder();
  const slots = columns.map((_, i) => slotOf(i));
  const parameters = encoderParameters(columns, (type) => frame.slotsOf(type));
  const texts = columns.flatMap(({ type }, i) => frame.textRoom(type, slots[i] as Slot) ?? []).map((room) => js` + ${room}`);
  code.block(js`for (let i = from; i < to; i++)`, () => {
    frame.ahead?.(code, slots);
    code.line(js`let at = into.begin(i, ${frame.fixedRoom}${joinJs(texts, '')});`);
    code.line(js`const out = into.bytes, view = into.view;`);
    frame.row(code, slots);
    code.line(js`into.end(i, at);`);
  });
  return code.compile(name, [js`into`, js`from`, js`to`, ...parameters]);
}

/** The names of the arrays of a column. */
export function slotOf(column: number): Slot {
  return (of) => new Js(`c${column}_${of}`);
}

/** The names of the arrays of all columns, in the order in which an encoder gets them. */
export function encoderParameters(columns: NamedColumns, slotsOf: EncoderFrame['slotsOf']): readonly Js[] {
  return columns.flatMap(({ type }, i) => [...slotsOf(type), 'nulls'].map((of) => slotOf(i)(of)));
}

/** True where row `i` of a column is NULL. */
export function isNullAt(slot: Slot): Js {
  return js`${slot('nulls')} !== undefined && ${slot('nulls')}[i] === 1`;
}
