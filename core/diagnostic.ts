import { domainOf, type ErrorCode, type ErrorDomain } from './error-codes.ts';
import type { Span } from './span.ts';

/** One SQL text and the name people know it by (a file name, or undefined for typed text). */
export interface SourceText {
  readonly text: string;
  readonly file?: string | undefined;
}

/** A replacement of [start, end) of the source by `replacement`. */
export interface Fix {
  readonly title: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

export interface RecordAddress {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** What an error says, before it is thrown: the sentence, the place, and what to do next. */
export interface Diagnostic {
  readonly code: ErrorCode;
  readonly message: string;
  readonly span?: Span | undefined;
  /** What stands behind the caret. */
  readonly label?: string | undefined;
  /** SQL that runs, or a command. One or more lines. */
  readonly hint?: string | undefined;
  /** Another place that has to do with it: where a property was lost, or the view that reads. Whoever knows the texts makes it a line of the message. */
  readonly culprit?: Span | undefined;
  readonly fixes?: readonly Fix[] | undefined;
  readonly source?: SourceText | undefined;
  readonly record?: RecordAddress | undefined;
  readonly job?: string | undefined;
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}

/** What to do about a feature that is not there, where nothing better is known. */
const laterHint = 'docs/language.md says what there is, docs/connectors.md which connectors and formats';

interface Place {
  readonly line: number;
  readonly column: number;
}

/** The only error class that leaves Sluice. Lines and columns count from 1; columns count characters as people see them. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  readonly code: ErrorCode;
  readonly domain: ErrorDomain;
  readonly retryable: boolean;
  declare readonly file?: string;
  declare readonly line?: number;
  declare readonly column?: number;
  declare readonly endLine?: number;
  declare readonly endColumn?: number;
  declare readonly hint?: string;
  readonly fixes: readonly Fix[];
  declare readonly record?: RecordAddress;
  declare readonly job?: string;
  /** Every independent error of the script, this one first. */
  declare readonly all: readonly SqlError[];
  declare readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic, others: readonly SqlError[] = []) {
    super(diagnostic.message, diagnostic.cause === undefined ? undefined : { cause: diagnostic.cause });
    // What the text below says already is not printed once more.
    Object.defineProperty(this, 'diagnostic', { value: diagnostic });
    this.code = diagnostic.code;
    this.domain = domainOf(diagnostic.code);
    this.retryable = diagnostic.retryable ?? false;
    this.fixes = diagnostic.fixes ?? [];
    const hint = diagnostic.hint ?? (diagnostic.code === 'E0002' && diagnostic.label === undefined ? laterHint : undefined);
    if (hint !== undefined) this.hint = hint;
    if (diagnostic.record !== undefined) this.record = diagnostic.record;
    if (diagnostic.job !== undefined) this.job = diagnostic.job;
    const { source, span } = diagnostic;
    if (source?.file !== undefined) this.file = source.file;
    if (source !== undefined && span !== undefined) {
      const start = placeOf(source.text, span.start);
      const end = placeOf(source.text, Math.max(span.start, span.end - 1));
      this.line = start.line;
      this.column = start.column;
      this.endLine = end.line;
      this.endColumn = end.column + 1;
    }
    Object.defineProperty(this, 'all', { value: [this, ...others.filter((other) => other !== this)] });
    // What Node prints of an error that nobody caught.
    this.stack = [`${this.name}: ${this.all.map((error) => error.format()).join('\n')}`, ...this.frames].join('\n');
  }

  /**
   * The text that the prompt prints: code, sentence, place, the line with a caret, and the hint. Of a line of SQL that is wider than `width`
   * (cells, 200 if not given) the part around the caret.
   */
  format(options: { readonly color?: boolean | undefined; readonly width?: number | undefined } = {}): string {
    const paint = (code: string, text: string): string => (options.color === true ? `\u001b[${code}m${text}\u001b[0m` : text);
    const lines = [`${paint('1;31', `error[${this.code}]`)}: ${printable(this.message)}`];
    const { source, span, label } = this.diagnostic;
    if (source !== undefined && span !== undefined && this.line !== undefined && this.column !== undefined) {
      if (this.file !== undefined) lines.push(`  ${this.file}:${this.line}:${this.column}`);
      lines.push(...excerpt(source.text, span, this.line, label === undefined ? undefined : printable(label), options.width ?? 200, paint));
    } else if (label !== undefined) {
      lines.push(`  ${printable(label)}`);
    }
    if (this.hint !== undefined) lines.push(...printable(this.hint).split('\n').map((line) => `  ${line}`));
    return lines.join('\n');
  }

  /** Where it was thrown. */
  get frames(): readonly string[] {
    return (this.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  }

  toJSON(): object {
    return {
      code: this.code,
      domain: this.domain,
      retryable: this.retryable,
      message: this.message,
      file: this.file,
      line: this.line,
      column: this.column,
      endLine: this.endLine,
      endColumn: this.endColumn,
      label: this.diagnostic.label,
      hint: this.hint,
      fixes: this.fixes,
      record: this.record === undefined ? undefined : { ...this.record, offset: String(this.record.offset) },
      job: this.job,
    };
  }
}

/** The same error, told where its SQL stands. An error that knows its source keeps it. */
export function withSource(error: SqlError, source: SourceText): SqlError {
  return error.diagnostic.source === undefined ? new SqlError({ ...error.diagnostic, source }) : error;
}

/** Where a place lies, for a line about it: `queries.sql:4`, or `line 4` of a text without a name. */
export function lineOf(source: SourceText, span: Span): string {
  const { line } = placeOf(source.text, span.start);
  return source.file === undefined ? `line ${line}` : `${source.file}:${line}`;
}

/** Where the lines of a text begin, and the place that was asked for last: a script may have thousands of mistakes, in order and in one line. */
interface TextPlaces {
  readonly text: string;
  readonly starts: readonly number[];
  line: number;
  offset: number;
  column: number;
}

/** Of the text that was asked for last. */
let places: TextPlaces | undefined;

function placeOf(text: string, offset: number): Place {
  if (places?.text !== text) places = { text, starts: lineStarts(text), line: 1, offset: 0, column: 1 };
  const { starts } = places;
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const line = low + 1;
  const goesOn = places.line === line && places.offset <= offset;
  let { column } = goesOn ? places : { column: 1 };
  for (let at = goesOn ? places.offset : (starts[low] ?? 0); at < Math.min(offset, text.length); column++) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  Object.assign(places, { line, offset, column });
  return { line, column };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return starts;
}

function excerpt(
  text: string,
  span: Span,
  line: number,
  label: string | undefined,
  width: number,
  paint: (code: string, text: string) => string,
): string[] {
  const lineStart = text.lastIndexOf('\n', span.start - 1) + 1;
  const newline = text.indexOf('\n', span.start);
  const lineEnd = newline < 0 ? text.length : newline;
  const gutter = String(line).padStart(5);
  const room = Math.max(40, width - gutter.length - 3);
  // A line may be megabytes long: no more of it is looked at than could be shown.
  const isNear = (at: number): boolean => Math.abs(at - span.start) <= room;
  const before = visible(text.slice(isNear(lineStart) ? lineStart : span.start - room, span.start));
  const after = visible(text.slice(span.start, isNear(lineEnd) ? lineEnd : span.start + room));
  const marked = visible(text.slice(span.start, Math.min(span.end, lineEnd, span.start + room)));
  const isCutBefore = !isNear(lineStart) || displayWidth(before) + displayWidth(after) > room;
  const left = isCutBefore ? lastCells(before, Math.max(room >> 1, room - displayWidth(after))) : before;
  const right = firstCells(after, room - displayWidth(left));
  const shown = { left: (left === before && isNear(lineStart) ? '' : '\u2026') + left, right: right + (right === after && isNear(lineEnd) ? '' : '\u2026') };
  const caret = paint('1;31', '^'.repeat(Math.max(1, Math.min(displayWidth(marked), displayWidth(right)))));
  return [
    `${gutter} | ${shown.left}${shown.right}`,
    `${' '.repeat(gutter.length)} | ${' '.repeat(displayWidth(shown.left))}${caret}${label === undefined ? '' : ` ${label}`}`,
  ];
}

/** A sentence as it is shown: it may quote names and records, so that it may hold words without end and control characters. */
function printable(text: string): string {
  return text.replaceAll(/\S{200,}/gu, (word) => `${Array.from(word.slice(0, 200)).slice(0, 100).join('')}\u2026`).replaceAll(/(?!\n)\p{Cc}/gu, '\ufffd');
}

/** A part of a line as it is shown: tabs as four cells, no control characters, no halves of a character. */
function visible(part: string): string {
  return part.replaceAll('\t', '    ').replaceAll('\r', '').replaceAll(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '').replaceAll(/\p{Cc}/gu, '\ufffd');
}

function firstCells(text: string, cells: number): string {
  if (displayWidth(text) <= cells) return text;
  let used = 1;
  let kept = '';
  for (const character of text) {
    used += displayWidth(character);
    if (used > cells) break;
    kept += character;
  }
  return kept;
}

function lastCells(text: string, cells: number): string {
  return displayWidth(text) <= cells ? text : Array.from(firstCells(Array.from(text).toReversed().join(''), cells)).toReversed().join('');
}

/** How many terminal cells a text takes: East Asian wide characters and emoji take two, combining marks none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    if (point < 0x20 || (point >= 0x300 && point <= 0x36f) || point === 0x200d || (point >= 0xfe00 && point <= 0xfe0f)) continue;
    const isWide =
      (point >= 0x1100 && point <= 0x115f) ||
      (point >= 0x2e80 && point <= 0xa4cf) ||
      (point >= 0xac00 && point <= 0xd7a3) ||
      (point >= 0xf900 && point <= 0xfaff) ||
      (point >= 0xfe30 && point <= 0xfe6f) ||
      (point >= 0xff00 && point <= 0xff60) ||
      (point >= 0xffe0 && point <= 0xffe6) ||
      (point >= 0x1f300 && point <= 0x1faff) ||
      (point >= 0x20000 && point <= 0x3fffd);
    width += isWide ? 2 : 1;
  }
  return width;
}
