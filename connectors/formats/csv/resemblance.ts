/** How much (bytes) of a record is looked at. */
const mostBytes = 4096;
/** What CSV of other programs stands between fields. */
const delimiters = [',', ';', '\t', '|'];

const utf8 = new TextDecoder();

/** What a record that does not fit looks like: `words` for the message, `advice` for the hint. */
export interface Resemblance {
  readonly words: string;
  readonly advice: string;
}

/** What a record that does not fit a CSV table with columns of these names looks like; undefined when like nothing that is known. */
export function resemblanceOf(record: Uint8Array, names: readonly string[], delimiter: string): Resemblance | undefined {
  const text = textOf(record);
  if (isJsonObject(text)) return { words: 'it looks like JSON', advice: "a table of JSON records has  'format' = 'json'" };
  const used = headerDelimiter(text, names, [delimiter, ...delimiters.filter((other) => other !== delimiter)]);
  if (used === undefined) {
    const other = text.split(delimiter).length < names.length ? delimiters.find((one) => one !== delimiter && names.length > 1 && text.split(one).length === names.length) : undefined;
    return other === undefined ? undefined : { words: `parted by ${shown(other)} it would have ${names.length}`, advice: `'csv.field-delimiter' = ${shown(other)}` };
  }
  const comment = text.startsWith('#') ? "'csv.allow-comments' = 'true' passes over lines that begin with #" : 'nothing passes over a header alone: delete that line';
  return { words: 'it looks like a header line', advice: `${used === delimiter ? '' : `'csv.field-delimiter' = ${shown(used)}\n`}fields are columns by their place, whatever a header calls them; ${comment}` };
}

/** Whether a record is the header of CSV, whatever stands between its fields: most of them are names of columns. */
export function isHeader(record: Uint8Array, names: readonly string[]): boolean {
  return headerDelimiter(textOf(record), names, delimiters) !== undefined;
}

/** The first of `candidates` by which the text is a header; without regard to case, to quotes, and to what parts words. */
function headerDelimiter(text: string, names: readonly string[], candidates: readonly string[]): string | undefined {
  const known = new Set(names.map(plainName));
  return candidates.find((delimiter) => {
    const fields = text.replace(/^#/, '').split(delimiter).map(plainName);
    return 2 * new Set(fields.filter((field) => known.has(field))).size > Math.max(fields.length, names.length);
  });
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/["'`\s_-]/g, '');
}

/** The first line of a record. */
function textOf(record: Uint8Array): string {
  return (utf8.decode(record.subarray(0, mostBytes)).split(/\r?\n/, 1)[0] ?? '').trim();
}

function isJsonObject(text: string): boolean {
  if (!text.startsWith('{')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return /^\{\s*"(?:[^"\\]|\\.)*"\s*:/.test(text);
  }
}

function shown(delimiter: string): string {
  return delimiter === '\t' ? "'\\t'" : `'${delimiter}'`;
}
