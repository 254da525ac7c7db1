/** What a type's text says of the values within: of an array or a multiset its elements, of a map its keys and values, of a row its fields. */
export interface Inner {
  readonly kind: 'ARRAY' | 'MULTISET' | 'MAP' | 'ROW';
  /** Of a row the field's name; else empty. */
  readonly parts: readonly { readonly name: string; readonly type: string }[];
}

/** The types within a printed type; undefined when it holds no others. */
export function innerTypes(type: string): Inner | undefined {
  const [, kind, body] = /^(ARRAY|MULTISET|MAP|ROW)<([^]*)>/.exec(type) ?? [];
  if (kind === undefined || body === undefined) return undefined;
  const isRow = kind === 'ROW';
  return { kind: kind as Inner['kind'], parts: splitParts(body).map((part) => (isRow ? field(part) : { name: '', type: part })) };
}

/** The parts between the commas that stand within no brackets and no backticks. */
function splitParts(body: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let start = 0;
  for (let i = 0; i < body.length; i++) {
    const character = body[i] ?? '';
    if (character === '`') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === '<' || character === '(') depth++;
    else if (character === '>' || character === ')') depth--;
    else if (character === ',' && depth === 0) {
      parts.push(body.slice(start, i).trim());
      start = i + 1;
    }
  }
  const last = body.slice(start).trim();
  return last === '' ? parts : [...parts, last];
}

function field(part: string): { readonly name: string; readonly type: string } {
  const [, quoted, bare, type = ''] = /^(?:`((?:[^`]|``)*)`|(\S+))\s+([^]*)$/.exec(part) ?? [];
  return { name: quoted?.replaceAll('``', '`') ?? bare ?? '', type };
}
