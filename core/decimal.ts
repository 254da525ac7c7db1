/** Decimals as an unscaled integer and a scale, up to 38 digits. */

const powers: bigint[] = [1n];
/** 10n ** n. */
export function powerOfTen(n: number): bigint {
  for (let i = powers.length; i <= n; i++) powers.push((powers[i - 1] ?? 1n) * 10n);
  return powers[n] ?? 1n;
}

/** `unscaled` brought from one scale to another, halves rounded away from zero (Java's HALF_UP, as Flink casts). */
export function rescale(unscaled: bigint, from: number, to: number): bigint {
  if (to >= from) return unscaled * powerOfTen(to - from);
  const divisor = powerOfTen(from - to);
  return divideRounded(unscaled, divisor);
}

/** a / b rounded half away from zero. */
export function divideRounded(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  const remainder = a % b;
  const twice = 2n * (remainder < 0n ? -remainder : remainder);
  if (twice < (b < 0n ? -b : b)) return quotient;
  return a < 0n === b < 0n ? quotient + 1n : quotient - 1n;
}

/** True when the unscaled value has at most `precision` digits. */
export function fitsPrecision(unscaled: bigint, precision: number): boolean {
  const limit = powerOfTen(precision);
  return unscaled < limit && unscaled > -limit;
}

export function printDecimal(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${unscaled < 0n ? '-' : ''}${whole}.${digits.slice(digits.length - scale)}`;
}

const decimalForm = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$|^([+-]?)\.(\d+)(?:[eE]([+-]?\d+))?$/;

/** The exact value of a decimal text (digits, fraction, exponent), or undefined when it is none. Exponents beyond 1000 are none. */
export function parseDecimal(text: string): { readonly unscaled: bigint; readonly scale: number } | undefined {
  const match = decimalForm.exec(text);
  if (match === null) return undefined;
  const sign = match[1] ?? match[5];
  const whole = match[2] ?? '';
  const fraction = match[3] ?? match[6] ?? '';
  const exponent = Number(match[4] ?? match[7] ?? 0);
  if (Math.abs(exponent) > 1000) return undefined;
  let unscaled = BigInt((whole + fraction).replace(/^0+(?=\d)/, '') || '0');
  if (sign === '-') unscaled = -unscaled;
  let scale = fraction.length - exponent;
  if (scale < 0) {
    unscaled *= powerOfTen(-scale);
    scale = 0;
  }
  return { unscaled, scale };
}

/** The value of `text` as DECIMAL(precision, scale), or undefined when it is no number or has too many digits before the point. */
export function decimalFromText(text: string, precision: number, scale: number): bigint | undefined {
  const parsed = parseDecimal(text);
  if (parsed === undefined) return undefined;
  const value = rescale(parsed.unscaled, parsed.scale, scale);
  return fitsPrecision(value, precision) ? value : undefined;
}
