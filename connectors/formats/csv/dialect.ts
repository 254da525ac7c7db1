import type { OptionFault, Options } from '../../../catalog/option-spec.ts';

/** How fields are told apart, as bytes; -1 where there is no such character. */
export interface Dialect {
  readonly delimiter: number;
  readonly quote: number;
  readonly escape: number;
  readonly allowsComments: boolean;
  readonly ignoresErrors: boolean;
  /** The UTF-8 of what stands for NULL; undefined when nothing does. */
  readonly nullLiteral: Uint8Array | undefined;
  readonly hasScientificDecimals: boolean;
  /** The UTF-8 of what stands between the parts of an ARRAY or a ROW. */
  readonly elementDelimiter: Uint8Array;
}

const utf8 = new TextEncoder();
const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', b: '\b', f: '\f' };

/** Java's escapes (`\t`, `\u0001`), which Flink reads in the delimiter alone. */
function unescape(text: string): string {
  return text.replace(/\\(?:u+([0-9a-fA-F]{4})|([0-7]{1,3})|(.))/g, (_, hex: string | undefined, octal: string | undefined, letter: string | undefined) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
    return escapes[letter ?? ''] ?? letter ?? '';
  });
}

function byteOf(text: string | undefined): number {
  return text === undefined ? -1 : text.charCodeAt(0);
}

export function dialectOf(options: Options): Dialect {
  const literal = options.text('null-literal');
  const quote = options.boolean('disable-quote-character') ? -1 : byteOf(options.text('quote-character') ?? '"');
  const escape = byteOf(options.text('escape-character'));
  return {
    delimiter: byteOf(unescape(options.text('field-delimiter') ?? ',')),
    quote,
    // A quote that stands before a quote is what doubled quotes are.
    escape: escape === quote ? -1 : escape,
    allowsComments: options.boolean('allow-comments'),
    ignoresErrors: options.boolean('ignore-parse-errors'),
    nullLiteral: literal === undefined ? undefined : utf8.encode(literal),
    hasScientificDecimals: options.boolean('write-bigdecimal-in-scientific-notation'),
    elementDelimiter: utf8.encode(options.text('array-element-delimiter') ?? ';'),
  };
}

/** Values that the option specs cannot tell from right ones. */
export function dialectFaults(options: Options): readonly OptionFault[] {
  const faults: OptionFault[] = [];
  for (const key of ['field-delimiter', 'quote-character', 'escape-character']) {
    const given = options.text(key);
    if (given === undefined) continue;
    const text = key === 'field-delimiter' ? unescape(given) : given;
    if (text.length !== 1) faults.push({ key, code: 'E0504', message: `is one character, not '${given}'` });
    else if (text.charCodeAt(0) > 127) faults.push({ key, code: 'E0002', message: `not supported yet: '${given}', a character beyond ASCII` });
  }
  const delimiter = unescape(options.text('field-delimiter') ?? ',');
  if (delimiter === '\n' || delimiter === '\r') faults.push({ key: 'field-delimiter', code: 'E0504', message: 'cannot be what ends a line' });
  for (const [key, character] of [['quote-character', options.boolean('disable-quote-character') ? undefined : (options.text('quote-character') ?? '"')], ['escape-character', options.text('escape-character')]] as const) {
    if (character === delimiter) faults.push({ key: 'field-delimiter', code: 'E0504', message: `is '${delimiter}', and so is the ${key === 'quote-character' ? 'quote' : 'escape'} character` });
  }
  if (options.boolean('disable-quote-character') && options.text('quote-character') !== undefined) {
    faults.push({ key: 'quote-character', code: 'E0504', message: 'cannot be given where quotes are disabled' });
  }
  return faults;
}
