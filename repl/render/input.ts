import { displayWidth } from '../../core/diagnostic.ts';
import type { Candidate } from '../editor/complete.ts';
import type { View } from '../editor/editor.ts';
import { scan, type Piece } from '../editor/scan.ts';
import { graphemes } from '../editor/text-buffer.ts';

/** Before the first line, and before each further one. */
export const promptText = 'sluice> ';
export const continuationText = '      | ';

export interface InputSize {
  /** Cells of a row. */
  readonly columns: number;
  /** Rows of the terminal. */
  readonly rows: number;
  readonly color: boolean;
  /** Upper-case words that are coloured. */
  readonly keywords: ReadonlySet<string>;
}

/** Rows to draw, and where the cursor stands in them, from 0. */
export interface InputRows {
  readonly rows: readonly string[];
  readonly cursorRow: number;
  readonly cursorColumn: number;
}

/** Candidates that are listed; more would hide what is typed. */
const mostCandidates = 12;

/** How many cells a character takes, and what is shown of it. */
function cell(character: string): { readonly shown: string; readonly width: number } {
  if (character >= ' ' && character <= '~') return { shown: character, width: 1 };
  if (character === '\t') return { shown: '    ', width: 4 };
  if (/^\p{Cc}/u.test(character)) return { shown: '.', width: 1 };
  return { shown: character, width: Math.min(2, displayWidth(character)) };
}

/** What is typed, laid out in rows: lines are broken where the terminal ends, and what is taller than it shows the part around the cursor. */
export function layOutInput({ text, cursor, search, isLost, candidates }: View, size: InputSize): InputRows {
  const rows: string[] = [];
  const head = search === undefined ? promptText : `search '${search}'${isLost === true ? ' finds nothing' : ''}> `;
  const styles = size.color && !text.startsWith('\\') ? stylesOf(text, size.keywords) : [];
  let row = head;
  let column = displayWidth(head);
  let place: { readonly row: number; readonly column: number } | undefined;
  let style = '';
  let offset = 0;
  const paint = (next: string): void => {
    if (next !== style) row += style === '' ? `\u001b[${next}m` : next === '' ? '\u001b[0m' : `\u001b[0;${next}m`;
    style = next;
  };
  const breakRow = (start: string): void => {
    const open = style;
    paint('');
    rows.push(row);
    row = start;
    column = displayWidth(start);
    if (open !== '') paint(open);
  };
  const mark = (): void => {
    if (offset !== cursor || place !== undefined) return;
    if (column >= size.columns) breakRow('');
    place = { row: rows.length, column };
  };
  for (const [i, line] of text.split('\n').entries()) {
    if (i > 0) {
      mark();
      paint('');
      breakRow(continuationText);
      offset++;
    }
    for (const character of graphemes(line)) {
      mark();
      const { shown, width } = cell(character);
      if (column + width > size.columns) breakRow('');
      paint(styles[offset] ?? '');
      row += shown;
      column += width;
      offset += character.length;
    }
  }
  mark();
  paint('');
  rows.push(row);
  const { row: cursorRow, column: cursorColumn } = place ?? { row: rows.length - 1, column };
  const below = candidateLines(candidates, size.columns);
  const room = Math.max(1, size.rows - Math.min(below.length, size.rows - 1));
  const first = Math.max(0, Math.min(cursorRow - (room >> 1), rows.length - room));
  return { rows: [...rows.slice(first, first + room), ...below.slice(0, Math.max(0, size.rows - Math.min(room, rows.length)))], cursorRow: cursorRow - first, cursorColumn };
}

/** The colour of each code unit, '' for none. */
function stylesOf(text: string, keywords: ReadonlySet<string>): string[] {
  const styles = Array.from<string>({ length: text.length }).fill('');
  for (const piece of scan(text)) styles.fill(styleOf(piece, keywords), piece.start, piece.end);
  return styles;
}

function styleOf({ kind, text }: Piece, keywords: ReadonlySet<string>): string {
  switch (kind) {
    case 'word':
      return keywords.has(text.toUpperCase()) ? '36' : '';
    case 'string':
      return '32';
    case 'number':
      return '33';
    case 'comment':
      return '90';
    case 'name':
    case 'symbol':
      return '';
  }
}

/** What Tab lists: with what each is while they are few, else in columns. */
function candidateLines(candidates: readonly Candidate[], columns: number): string[] {
  if (candidates.length === 0) return [];
  const width = Math.max(...candidates.map(({ text }) => displayWidth(text))) + 2;
  const cut = (line: string): string => (displayWidth(line) < columns ? line : `${graphemes(line).slice(0, Math.max(1, columns - 2)).join('')}…`);
  if (candidates.length <= mostCandidates) return candidates.map(({ text, detail }) => cut(`  ${text}${detail === undefined ? '' : `${' '.repeat(width - displayWidth(text))}${detail}`}`.trimEnd()));
  const perLine = Math.max(1, Math.floor((columns - 3) / width));
  const shown = candidates.slice(0, perLine * mostCandidates);
  const lines = Array.from({ length: Math.ceil(shown.length / perLine) }, (_, i) => cut(`  ${shown.slice(i * perLine, (i + 1) * perLine).map(({ text }) => text + ' '.repeat(width - displayWidth(text))).join('')}`.trimEnd()));
  return shown.length === candidates.length ? lines : [...lines, `  ... and ${candidates.length - shown.length} more`];
}
