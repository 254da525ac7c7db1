import type { Diagnostic } from '../core/diagnostic.ts';

/** Characters of text programs and other scripts, and the one that was meant. */
const lookAlikes: Readonly<Record<string, string>> = {
  '\uFF0C': ',', '\uFF08': '(', '\uFF09': ')', '\uFF1B': ';', '\u3001': ',', '\u2013': '-', '\u2014': '-', '\u2018': "'", '\u2019': "'", '\u201C': "'", '\u201D': "'", '\uFF1D': '=', '\uFF0E': '.', '\u2026': '...', '\u2212': '-', '\u2264': '<=', '\u2265': '>=', '\u2260': '<>',
};

/** Signs of other languages: what stands there, what to write, and whether that takes its place as it is. */
const signs: readonly { readonly at: RegExp; readonly label: string; readonly fix?: string }[] = [
  { at: /^&&/, label: 'write AND', fix: ' AND ' },
  { at: /^&/, label: 'conditions are joined by AND; there are no operators on bits' },
  { at: /^::/, label: 'write CAST(value AS type)' },
  { at: /^:=/, label: 'there are no variables; SET sets a setting' },
  { at: /^:/, label: "options are 'key' = 'value'; a value from outside is ? or :name" },
  { at: /^#|^@@/, label: 'a comment begins with --' },
  { at: /^@/, label: 'there are no variables; a value from outside is ? or :name' },
  { at: /^~/, label: "write REGEXP(text, 'pattern')" },
  { at: /^!/, label: 'write NOT, or <> for unequal' },
  { at: /^\\[gG]/, label: 'a statement ends with ;  and \\x on, on a line of its own, lays out a value a line' },
  { at: /^\\[A-Za-z?!]/, label: 'commands of the prompt stand in no script, and in the prompt at the start; \\? lists them, SHOW TABLES; is SQL' },
  { at: /^\\/, label: "a \\ stands for itself, and only in a text; a ' in a text is written ''" },
];

/** What is wrong at a place where no token begins. */
export function strayCharacter(text: string, offset: number): Diagnostic {
  const char = String.fromCodePoint(text.codePointAt(offset) ?? 0xfffd);
  const span = { start: offset, end: offset + char.length };
  const point = char.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? '';
  const meant = lookAlikes[char];
  if (meant !== undefined) {
    return { code: 'E0003', message: `this is a character (U+${point}) that looks like another`, span, label: `SQL needs ${meant}`, fixes: [{ title: `write ${meant}`, start: offset, end: offset + 1, replacement: meant }] };
  }
  if (char === "'") return { code: 'E0001', message: 'a text is opened here and never closed', span, label: "close it with '", hint: openTextHint(text, offset) };
  if (char === '"') return doubleQuotes(text, offset);
  if (char === '`') return { code: 'E0001', message: text[offset + 1] === '`' ? 'a name is never empty' : 'a name is opened here and never closed', span, label: text[offset + 1] === '`' ? 'write it between the two `' : 'close it with `' };
  if (/^[\p{Cf}\p{Cc}\p{Co}\p{Cn}]/u.test(char)) return { code: 'E0003', message: `this is a character (U+${point}) that cannot be seen`, span, label: 'delete it', fixes: [{ title: 'delete it', ...span, replacement: '' }] };
  const sign = signs.find(({ at }) => at.test(text.slice(offset, offset + 3)));
  const length = sign?.at.exec(text.slice(offset, offset + 3))?.[0].length ?? char.length;
  const place = { start: offset, end: offset + length };
  const fixes = sign?.fix === undefined ? undefined : [{ title: sign.label, ...place, replacement: sign.fix }];
  return { code: 'E0001', message: `the character ${JSON.stringify(char).replace('"\\\\"', '"\\"')} has no meaning in SQL`, span: place, label: sign?.label ?? 'a name that has it stands in backticks, a text in quotes', fixes };
}

/** Other databases quote names by ", or texts. Which of them was meant the word before it says, mostly. */
function doubleQuotes(text: string, offset: number): Diagnostic {
  const inside = /^"([^"\n]*)"/.exec(text.slice(offset, offset + 200))?.[1];
  const base = { code: 'E0001', message: 'double quotes do not quote names or texts here' } as const;
  if (inside === undefined || inside === '' || /['`]/.test(inside)) return { ...base, span: { start: offset, end: offset + 1 }, label: "write `name` for a name, 'text' for a text" };
  const span = { start: offset, end: offset + inside.length + 2 };
  const isText = /(?:[=<>|]|\b(?:LIKE|IN|COMMENT|THEN|ELSE|DATE|TIMESTAMP|INTERVAL|VALUES|ESCAPE)\b)[\s(]*$|(?:WITH|OPTIONS)\s*\([^)]*$/i.test(text.slice(Math.max(0, offset - 400), offset));
  const replacement = isText ? `'${inside}'` : `\`${inside}\``;
  const [name, value] = [`\`${inside}\` for a name`, `'${inside}' for a text`];
  return { ...base, span, label: `write ${isText ? `${value}, ${name}` : `${name}, ${value}`}`, fixes: [{ title: `write ${replacement}`, ...span, replacement }] };
}

/** What an open text may come from: a ' within a text, or an earlier text that was not closed and ate the code up to here. */
function openTextHint(text: string, offset: number): string | undefined {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const line = text.slice(Math.max(lineStart, offset - 300), offset);
  if (/'[^']*'\w+[^']*$/.test(line) || /\\'/.test(line)) return "a ' within a text is written twice:  'it''s'";
  const before = text.slice(0, offset);
  const many = [...before.matchAll(/'(?:[^']|'')*'/g)].find(([literal]) => /;\s*(?:--[^\n]*)?\n/.test(literal));
  return many === undefined ? undefined : `or close the one in line ${before.slice(0, many.index).split('\n').length}, which goes on over several lines`;
}
