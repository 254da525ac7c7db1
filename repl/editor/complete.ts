import { scan, type Piece } from './scan.ts';

export interface TableNames {
  readonly name: string;
  readonly kind: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

export interface OptionName {
  readonly key: string;
  readonly detail: string;
  /** The values it takes, where they are a list. */
  readonly values: readonly string[];
}

/** All that may be typed: made from the lists of what this build has and from the catalog. */
export interface Vocabulary {
  readonly keywords: readonly string[];
  readonly functions: readonly string[];
  readonly databases: readonly string[];
  readonly tables: readonly TableNames[];
  readonly jobs: readonly string[];
  readonly settings: readonly OptionName[];
  /** Options of tables; `owner` is the connector or the format that has them. */
  readonly options: readonly (OptionName & { readonly owner: string })[];
}

export const emptyVocabulary: Vocabulary = { keywords: [], functions: [], databases: [], tables: [], jobs: [], settings: [], options: [] };

/** A command that begins with a backslash, as completion knows it. */
export interface CommandName {
  readonly name: string;
  /** What stands behind it. */
  readonly operand?: 'table' | 'job' | readonly string[] | undefined;
}

export interface Candidate {
  readonly text: string;
  readonly detail?: string | undefined;
}

/** What may stand in the place of [from, cursor). */
export interface Completion {
  readonly from: number;
  readonly candidates: readonly Candidate[];
}

const beforeTable = new Set(['FROM', 'JOIN', 'INTO', 'TABLE', 'VIEW', 'DESCRIBE', 'DESC', 'EXISTS', 'LIKE']);

/** What could be typed at the cursor. */
export function complete(text: string, cursor: number, vocabulary: Vocabulary, commands: readonly CommandName[]): Completion {
  const before = text.slice(0, cursor);
  if (before.startsWith('\\')) return completeCommand(before, vocabulary, commands);
  const pieces = scan(text);
  const left = pieces.filter((piece) => piece.start < cursor);
  const last = left.at(-1);
  // Nothing is offered inside a comment.
  if (last?.kind === 'comment' && (!last.isClosed || cursor < last.end)) return { from: cursor, candidates: [] };
  if (last?.kind === 'string' && (!last.isClosed || cursor < last.end)) return completeString(before, last, left, vocabulary);
  const typed = last !== undefined && cursor <= last.end && (last.kind === 'word' || last.kind === 'name') ? last : undefined;
  const from = typed?.start ?? cursor;
  const start = before.slice(from);
  const lead = typed === undefined ? left : left.slice(0, -1);
  return { from, candidates: fitting(start, namesAt(lead, statementOf(pieces, cursor), vocabulary, start)) };
}

/** The pieces of the statement that the cursor stands in. */
function statementOf(pieces: readonly Piece[], cursor: number): readonly Piece[] {
  const ends = pieces.filter((piece) => piece.text === ';');
  const from = ends.findLast((piece) => piece.end <= cursor)?.end ?? 0;
  const to = ends.find((piece) => piece.start >= cursor)?.start ?? Infinity;
  return pieces.filter((piece) => piece.start >= from && piece.end <= to && piece.kind !== 'comment');
}

function namesAt(left: readonly Piece[], statement: readonly Piece[], vocabulary: Vocabulary, start: string): readonly Candidate[] {
  const [before, last] = [left.at(-2), left.at(-1)];
  if (last?.text === '.' && before !== undefined) return behindDot(unquoted(before), statement, vocabulary);
  const tables = [...vocabulary.tables.map(({ name, kind }) => ({ text: name, detail: kind })), ...vocabulary.databases.map((text) => ({ text, detail: 'database' }))];
  if (last !== undefined && beforeTable.has(last.text.toUpperCase())) return [...tables, ...keywords(vocabulary, start)];
  if (left.length === 0 || last?.text === ';') return keywords(vocabulary, start);
  const columns = tablesIn(statement, vocabulary).flatMap(({ table }) => table.columns.map(({ name, type }) => ({ text: name, detail: type })));
  const functions = vocabulary.functions.map((name) => ({ text: `${cased(name, start)}(`, detail: 'function' }));
  return [...columns, ...keywords(vocabulary, start), ...functions, ...(start === '' ? [] : tables)];
}

/** Columns of a table or of its alias, or the tables of a database. */
function behindDot(name: string, statement: readonly Piece[], vocabulary: Vocabulary): readonly Candidate[] {
  const inDatabase = vocabulary.tables.filter((table) => table.name.startsWith(`${name}.`)).map((table) => ({ text: table.name.slice(name.length + 1), detail: table.kind }));
  const columns = tablesIn(statement, vocabulary).find(({ alias, table }) => alias === name || isNamed(table, name))?.table.columns ?? [];
  return [...columns.map((column) => ({ text: column.name, detail: column.type })), ...inDatabase];
}

/** A name that SQL takes only in backticks has them. */
function isNamed(table: TableNames, name: string): boolean {
  return table.name === name || table.name === `\`${name.replaceAll('`', '``')}\``;
}

/** The tables that a statement names, with the names it gives them. */
function tablesIn(statement: readonly Piece[], { tables }: Vocabulary): { readonly table: TableNames; readonly alias: string | undefined }[] {
  return statement.flatMap((piece, i) => {
    if (piece.kind !== 'word' && piece.kind !== 'name') return [];
    const name = unquoted(piece);
    const table = tables.find((candidate) => isNamed(candidate, name) || candidate.name.endsWith(`.${name}`));
    if (table === undefined) return [];
    const next = statement[i + 1]?.text.toUpperCase() === 'AS' ? statement[i + 2] : statement[i + 1];
    return [{ table, alias: next?.kind === 'word' || next?.kind === 'name' ? unquoted(next) : undefined }];
  });
}

function keywords({ keywords: words }: Vocabulary, start: string): Candidate[] {
  return words.map((word) => ({ text: cased(word, start) }));
}

/** Keywords as the others are written: in small letters behind small letters. */
function cased(word: string, start: string): string {
  return start !== '' && start === start.toLowerCase() ? word.toLowerCase() : word;
}

function unquoted({ kind, text }: Piece): string {
  return kind === 'name' ? text.slice(1, -1).replaceAll('``', '`') : text;
}

/** Inside quotes: keys and values of options and settings. */
function completeString(before: string, string: Piece, left: readonly Piece[], vocabulary: Vocabulary): Completion {
  const from = string.start + 1;
  const start = before.slice(from);
  const lead = left.slice(0, -1);
  const isSet = /^SET$/i.test(lead.at(-1)?.text ?? '') || (lead.at(-1)?.text === '=' && /^SET$/i.test(lead.at(-3)?.text ?? ''));
  const given = new Map(left.flatMap((piece, i): [string, string][] => (piece.kind === 'string' && left[i + 1]?.text === '=' && left[i + 2]?.kind === 'string' ? [[inner(piece), inner(left[i + 2])]] : [])));
  const owners = [given.get('connector'), given.get('format'), given.get('key.format'), given.get('value.format')];
  const ofTable = vocabulary.options.filter(({ owner, key }) => key === 'connector' || owners.includes(owner) || given.get('connector') === undefined);
  const options = isSet ? vocabulary.settings : ofTable;
  const names: readonly Candidate[] =
    lead.at(-1)?.text === '=' ? [...new Set(options.filter(({ key }) => key === inner(lead.at(-2))).flatMap(({ values }) => values))].map((text) => ({ text })) : unique(options.filter(({ key }) => !given.has(key) || key === start)).map(({ key, detail }) => ({ text: key, detail }));
  return { from, candidates: fitting(start, names) };
}

function unique<T extends { readonly key: string }>(options: readonly T[]): T[] {
  return [...new Map(options.map((option) => [option.key, option])).values()];
}

function inner(piece: Piece | undefined): string {
  return piece === undefined ? '' : piece.text.slice(1, piece.isClosed ? -1 : undefined).replaceAll("''", "'");
}

function completeCommand(before: string, vocabulary: Vocabulary, commands: readonly CommandName[]): Completion {
  const gap = /\s+/.exec(before);
  if (gap === null) return { from: 0, candidates: fitting(before, commands.map(({ name }) => ({ text: `\\${name}` }))) };
  const operand = commands.find(({ name }) => `\\${name}` === before.slice(0, gap.index))?.operand;
  const from = gap.index + gap[0].length;
  const names = operand === 'table' ? vocabulary.tables.map(({ name, kind }) => ({ text: name, detail: kind })) : operand === 'job' ? vocabulary.jobs.map((text) => ({ text })) : (operand ?? []).map((text) => ({ text }));
  return { from, candidates: fitting(before.slice(from), names) };
}

/** Those that go on from what was typed, without regard to case; each text once. */
function fitting(start: string, names: readonly Candidate[]): Candidate[] {
  const small = start.replace(/^`/, '').toLowerCase();
  const seen = new Set<string>();
  return names.filter(({ text }) => text.toLowerCase().replace(/^`/, '').startsWith(small) && text !== start && !seen.has(text) && seen.add(text));
}

/** What all candidates begin with, in the letters of the first, without regard to case. */
export function commonStart(candidates: readonly Candidate[]): string {
  let common = candidates[0]?.text ?? '';
  for (const { text } of candidates) while (!text.toLowerCase().startsWith(common.toLowerCase())) common = common.slice(0, -1);
  return common;
}
