import { powerOfTen, printDecimal, rescale } from '../core/decimal.ts';
import { SqlError } from '../core/diagnostic.ts';

/** Java's java.util.Formatter in the locale US. Source: its documentation, and that of java.util.Formatter's exceptions for what it rejects. */

/** A value as Java's Object has it. `bits`: the width of an integer; `text`: what toString gives. */
export type JavaObject =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly text: string }
  | { readonly kind: 'integer'; readonly value: bigint; readonly bits: number; readonly text: string }
  | { readonly kind: 'double'; readonly value: number; readonly text: string }
  | { readonly kind: 'other'; readonly text: string };

interface Specifier {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly conversion: string;
}

/** What Java rejects by one of its exceptions. */
class Rejected extends Error {}

function reject(): never {
  throw new Rejected();
}

/** The formatted text; undefined where Java rejects the format or a value. Throws E0002 for %t, %a and %h. */
export function formatJava(format: string, values: readonly JavaObject[]): string | undefined {
  let ordinary = -1;
  let last = -1;
  try {
    const text = format.replace(/%(?:(\d+)\$)?([-#+ 0,(<]*)(\d+)?(?:\.(\d+))?([tT])?([a-zA-Z%])|%/g, (whole: string, index: string | undefined, flags: string | undefined, width: string | undefined, precision: string | undefined, time: string | undefined, conversion: string | undefined) => {
      if (whole === '%' || conversion === undefined || flags === undefined) return reject();
      if (time !== undefined || /[aAhHtT]/.test(conversion)) throw new SqlError({ code: 'E0002', message: `not supported yet: ${whole} in a format` });
      if (new Set(flags).size < flags.length) return reject();
      const specifier: Specifier = { flags: flags.replace('<', ''), width: width === undefined ? undefined : Number(width), precision: precision === undefined ? undefined : Number(precision), conversion };
      if (conversion === 'n') return width === undefined && precision === undefined && flags === '' ? '\n' : reject();
      if (conversion === '%') return precision === undefined && allows(specifier, '-') ? padded('%', specifier) : reject();
      last = flags.includes('<') ? last : index !== undefined && index !== '0' ? Number(index) - 1 : ++ordinary;
      const value = values[last];
      return value === undefined ? reject() : formatOne(specifier, value);
    });
    return text;
  } catch (error) {
    if (error instanceof Rejected) return undefined;
    throw error;
  }
}

/** True when the specifier has no flag besides these, and a width where - and 0 need one. */
function allows({ flags, width }: Specifier, allowed: string): boolean {
  return [...flags].every((flag) => allowed.includes(flag)) && (width !== undefined || !/[-0]/.test(flags)) && !(/-/.test(flags) && /0/.test(flags)) && !(/\+/.test(flags) && / /.test(flags));
}

function padded(text: string, { flags, width = 0 }: Specifier): string {
  const missing = ' '.repeat(Math.max(0, width - text.length));
  return flags.includes('-') ? text + missing : missing + text;
}

function formatOne(specifier: Specifier, value: JavaObject): string {
  const { conversion, precision } = specifier;
  const inCase = (text: string): string => padded(/[A-Z]/.test(conversion) ? text.toUpperCase() : text, specifier);
  switch (conversion.toLowerCase()) {
    case 's':
      return allows(specifier, '-') ? inCase((value.kind === 'null' ? 'null' : value.text).slice(0, precision)) : reject();
    case 'b':
      return allows(specifier, '-') ? inCase(String(value.kind === 'boolean' ? value.value : value.kind !== 'null').slice(0, precision)) : reject();
    case 'c':
      return allows(specifier, '-') && precision === undefined ? inCase(character(value)) : reject();
    case 'd':
      if (conversion === 'D' || precision !== undefined || !allows(specifier, '-+ 0,(')) return reject();
      if (value.kind === 'null') return padded('null', specifier);
      return value.kind === 'integer' ? signed(specifier, value.value < 0n, String(value.value < 0n ? -value.value : value.value)) : reject();
    case 'x':
    case 'o':
      if (conversion === 'O' || precision !== undefined || !allows(specifier, '-#0')) return reject();
      if (value.kind === 'null') return inCase('null');
      return value.kind === 'integer' ? inCase(unsigned(specifier, value.value, value.bits)) : reject();
    case 'e':
    case 'f':
    case 'g':
      if (conversion === 'F' || !allows(specifier, conversion === 'f' ? '-#+ 0,(' : conversion === 'g' ? '-+ 0,(' : '-#+ 0(')) return reject();
      if (value.kind === 'null') return inCase('null');
      return value.kind === 'double' ? floating(specifier, value.value) : reject();
    default:
      return reject();
  }
}

function character(value: JavaObject): string {
  if (value.kind === 'null') return 'null';
  if (value.kind !== 'integer' || value.bits > 32 || value.value < 0n || value.value > 0x10ffffn) return reject();
  return String.fromCodePoint(Number(value.value));
}

/** Digits with the sign, groups and zeros that the flags ask for. `digits` may have a fraction or an exponent. */
function signed(specifier: Specifier, isNegative: boolean, digits: string): string {
  const { flags, width = 0 } = specifier;
  const grouped = flags.includes(',') ? digits.replace(/^\d+/, (whole) => whole.replace(/\B(?=(?:\d{3})+$)/g, ',')) : digits;
  const before = isNegative ? (flags.includes('(') ? '(' : '-') : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const after = isNegative && flags.includes('(') ? ')' : '';
  const zeros = flags.includes('0') ? '0'.repeat(Math.max(0, width - before.length - grouped.length - after.length)) : '';
  return padded(before + zeros + grouped + after, specifier);
}

/** Hexadecimal and octal digits of an integer's bits. */
function unsigned({ flags, width = 0, conversion }: Specifier, value: bigint, bits: number): string {
  const isHex = conversion.toLowerCase() === 'x';
  const before = flags.includes('#') ? (isHex ? '0x' : '0') : '';
  const digits = BigInt.asUintN(bits, value).toString(isHex ? 16 : 8);
  return before + (flags.includes('0') ? digits.padStart(width - before.length, '0') : digits);
}

/** %e, %f and %g: of the shortest digits that tell the number from others, rounded half up. */
function floating(specifier: Specifier, value: number): string {
  const { conversion, flags, precision } = specifier;
  const isNegative = value < 0 || Object.is(value, -0);
  const upper = (text: string): string => (/[A-Z]/.test(conversion) ? text.toUpperCase() : text);
  if (!Number.isFinite(value)) {
    const plain = { ...specifier, flags: flags.replace('0', '') };
    return upper(Number.isNaN(value) ? padded('NaN', plain) : signed(plain, isNegative, 'Infinity'));
  }
  const [mantissa = '0', power = '0'] = Math.abs(value).toExponential().split('e');
  const unscaled = BigInt(mantissa.replace('.', ''));
  const scale = mantissa.replace('.', '').length - 1 - Number(power);
  const places = precision ?? 6;
  const point = (text: string): string => (flags.includes('#') && !text.includes('.') ? `${text}.` : text);
  switch (conversion.toLowerCase()) {
    case 'f':
      return signed(specifier, isNegative, point(fixed(unscaled, scale, places)));
    case 'e':
      return upper(signed(specifier, isNegative, exponential(unscaled, scale, places, point)));
    default: {
      const digits = places === 0 ? 1 : places;
      if (unscaled === 0n) return signed(specifier, isNegative, fixed(0n, 0, digits - 1));
      const rounded = roundedTo(unscaled, scale, digits);
      const exponent = String(rounded.unscaled).length - 1 - rounded.scale;
      return exponent >= -4 && exponent < digits ? signed(specifier, isNegative, fixed(unscaled, scale, digits - exponent - 1)) : upper(signed(specifier, isNegative, exponential(unscaled, scale, digits - 1, point)));
    }
  }
}

function fixed(unscaled: bigint, scale: number, places: number): string {
  const [value, from] = scale < 0 ? [unscaled * powerOfTen(-scale), 0] : [unscaled, scale];
  return printDecimal(rescale(value, from, places), places);
}

/** The number with at most so many digits in all. */
function roundedTo(unscaled: bigint, scale: number, digits: number): { readonly unscaled: bigint; readonly scale: number } {
  const cut = String(unscaled).length - digits;
  return cut <= 0 ? { unscaled, scale } : { unscaled: rescale(unscaled, cut, 0), scale: scale - cut };
}

function exponential(unscaled: bigint, scale: number, places: number, point: (text: string) => string): string {
  const rounded = roundedTo(unscaled, scale, places + 1);
  const digits = String(rounded.unscaled);
  const exponent = unscaled === 0n ? 0 : digits.length - 1 - rounded.scale;
  const fraction = digits.slice(1, places + 1).padEnd(places, '0');
  return `${point(places === 0 ? (digits[0] ?? '0') : `${digits[0] ?? '0'}.${fraction}`)}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
