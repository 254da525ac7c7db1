import type { Options } from '../../../catalog/option-spec.ts';
import type { SqlType } from '../../../core/sql-type.ts';

/** As in Java, utf-16 begins with a mark of its order when it is written, and is big-endian when it is read without one. */
type Utf16 = 'utf-16' | 'utf-16be' | 'utf-16le';

export interface RawOptions {
  readonly charset: 'utf-8' | 'iso-8859-1' | 'us-ascii' | Utf16;
  readonly isLittleEndian: boolean;
}

/** Names of charsets as Java knows them, in lower case. */
const charsets: Readonly<Record<string, RawOptions['charset']>> = { 'utf-8': 'utf-8', utf8: 'utf-8', 'iso-8859-1': 'iso-8859-1', latin1: 'iso-8859-1', 'us-ascii': 'us-ascii', ascii: 'us-ascii', 'utf-16': 'utf-16', 'utf-16be': 'utf-16be', 'utf-16le': 'utf-16le' };

/** The charset that a name means; undefined for one that is not read. */
export function charsetOf(name: string): RawOptions['charset'] | undefined {
  return charsets[name.toLowerCase()];
}

export function isUtf16(charset: RawOptions['charset']): charset is Utf16 {
  return charset.startsWith('utf-16');
}

export function rawOptions(options: Options): RawOptions {
  return { charset: charsetOf(options.text('charset') ?? 'UTF-8') ?? 'utf-8', isLittleEndian: options.text('endianness') === 'little-endian' };
}

/** The bytes that a value has, or undefined where values differ or the format does not hold the type. */
export function rawBytes(type: SqlType): number | undefined {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'TINYINT':
      return 1;
    case 'SMALLINT':
      return 2;
    case 'INT':
    case 'FLOAT':
      return 4;
    case 'BIGINT':
    case 'DOUBLE':
      return 8;
    default:
      return undefined;
  }
}

/** True for the types that a record can be. */
export function isRaw(type: SqlType): boolean {
  return rawBytes(type) !== undefined || type.kind === 'CHAR' || type.kind === 'VARCHAR' || type.kind === 'BINARY' || type.kind === 'VARBINARY';
}
