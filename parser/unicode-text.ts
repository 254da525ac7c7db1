import { SqlError } from '../core/diagnostic.ts';
import type { Span } from '../core/span.ts';

/** The text of U&'..' [UESCAPE 'e']: after the escape character, a backslash if not said, come itself, four hexadecimal digits, or + and six. Throws E0001. */
export function unicodeText(image: string, span: Span): string {
  const [, quoted = '', escape = '\\'] = /^U&'((?:[^']|'')*)'(?:\s+UESCAPE\s+'([^'])')?$/is.exec(image) ?? [];
  if (/[0-9a-f+\s"]/i.test(escape)) throw new SqlError({ code: 'E0001', message: `'${escape}' cannot be the escape character of a text`, span });
  const text = quoted.replaceAll("''", "'");
  let read = '';
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (char !== escape) {
      read += char;
      continue;
    }
    const rest = text.slice(i + 1);
    const [sequence = '', four, six] = /^(?:([0-9a-fA-F]{4})|\+([0-9a-fA-F]{6}))/.exec(rest) ?? [];
    const code = Number.parseInt(four ?? six ?? '', 16);
    if (rest.startsWith(escape)) {
      read += escape;
      i++;
    } else if (code <= 0x10ffff) {
      read += four === undefined ? String.fromCodePoint(code) : String.fromCharCode(code);
      i += sequence.length;
    } else throw new SqlError({ code: 'E0001', message: `${escape}${rest.slice(0, 4)} is no character`, span, hint: `U&'${escape}263A' or U&'${escape}+01F600'` });
  }
  return read;
}
