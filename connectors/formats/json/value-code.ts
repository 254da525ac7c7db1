import { joinJs, js, type CodeBuilder, type Js } from '../../../core/code.ts';
import { layoutOf } from '../../../core/layout.ts';
import type { SqlType } from '../../../core/sql-type.ts';
import type { Slot } from '../encoder-frame.ts';
import { notYet } from './fields.ts';
import type { MapNullKey } from './write-structured.ts';
import * as time from '../write-time.ts';
import * as write from '../write-value.ts';

export interface JsonEncoderOptions {
  /** Times as ISO-8601 (`T` between date and time). */
  readonly isoTimes: boolean;
  readonly ignoreNulls: boolean;
  /** Decimals have all digits of their scale and no exponent; true if not given. */
  readonly plainDecimals?: boolean;
  /** 'fail' if not given. */
  readonly nullKey?: MapNullKey;
}

/** Lines that write these bytes at `at`, a word at a time, and move on: the last word may reach up to 3 bytes further. */
export function writeBytes(code: CodeBuilder, bytes: Uint8Array): void {
  const padded = new DataView(new ArrayBuffer(bytes.length + 4));
  for (const [i, byte] of bytes.entries()) padded.setUint8(i, byte);
  for (let k = 0; k < bytes.length; k += 4) code.line(js`view.setInt32((at + ${k}) | 0, ${padded.getInt32(k, true)}, true);`);
  code.line(js`at = (at + ${bytes.length}) | 0;`);
}

export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Lines that write the value of row `i` of a column, which is not NULL, into `out` at `at`, and move `at` behind it. */
export function writeValue(code: CodeBuilder, type: SqlType, slot: Slot, options: JsonEncoderOptions): void {
  const call = (writer: (...args: never[]) => number, stem: string, ...args: readonly Js[]): void => {
    code.line(js`at = ${code.use(writer, stem)}(out, view, at, ${joinJs(args, ', ')}) | 0;`);
  };
  switch (type.kind) {
    case 'BOOLEAN':
      code.either(js`${slot('values')}[i] === 1`, () => writeBytes(code, ascii('true')), () => writeBytes(code, ascii('false')));
      return;
    case 'TINYINT':
    case 'SMALLINT':
    case 'INT':
      call(write.writeNumber, 'writeNumber', js`${slot('values')}[i]`);
      return;
    case 'BIGINT':
      // Most are of up to eight digits: those without a call of their own.
      code.either(
        js`${slot('words')}[2 * i + 1] === 0 && (${slot('words')}[2 * i] >>> 0) < 100000000`,
        () => code.line(js`at = ${code.use(write.writeSmall, 'writeSmall')}(view, at, ${slot('words')}[2 * i]) | 0;`),
        () => call(write.writeLong, 'writeLong', slot('words'), js`i`),
      );
      return;
    case 'DECIMAL':
      if (options.plainDecimals === false) {
        call(write.writeShortDecimal, 'writeShortDecimal', slot('words'), layoutOf(type) === 'i128' ? slot('high') : js`undefined`, slot('values'), js`i`, js`${type.scale}`, js`true`);
        return;
      }
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
      code.either(
        slot('isPlain'),
        () => call(write.writePlain, 'writePlain', slot('heapView'), js`${slot('offsets')}[i]`, js`${slot('lengths')}[i]`),
        () => call(write.writeString, 'writeString', slot('heap'), slot('heapView'), js`${slot('offsets')}[i]`, js`${slot('lengths')}[i]`),
      );
      return;
    case 'TIME':
      code.line(js`at = ${code.use(time.writeClock, 'writeClock')}(out, at, ${slot('values')}[i]) | 0;`);
      return;
    case 'BINARY':
    case 'VARBINARY':
      code.line(js`at = ${code.use(write.writeBase64, 'writeBase64')}(out, at, ${slot('heap')}, ${slot('offsets')}[i], ${slot('lengths')}[i]) | 0;`);
      return;
    case 'DATE':
      call(time.writeDay, 'writeDay', js`${slot('values')}[i]`);
      return;
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      if (type.precision > 3) {
        call(time.writeNanoTimestamp, 'writeNanoTimestamp', slot('words'), slot('nanos'), js`i`, js`${type.kind === 'TIMESTAMP_LTZ'}`, code.use(new time.MinuteText(options.isoTimes ? 84 : 32), 'minute'));
        return;
      }
      call(time.writeTimestamp, 'writeTimestamp', slot('words'), js`i`, js`${type.kind === 'TIMESTAMP_LTZ'}`, code.use(new time.MinuteText(options.isoTimes ? 84 : 32), 'minute'));
      return;
    case 'ARRAY':
    case 'MAP':
    case 'MULTISET':
    case 'ROW':
      code.line(js`out.set(${slot('json')}, at); at = (at + ${slot('json')}.length) | 0;`);
      return;
    default:
      throw notYet(type);
  }
}
