/** A piece of SQL text as the editor sees it: enough to colour it, to know whether it ends, and what could stand next. */
export interface Piece {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'comment' | 'symbol';
  /** [start, end) in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** False for a string, a quoted name or a comment whose end is not there. */
  readonly isClosed: boolean;
}

const pattern = /\s+|(--[^\n]*|\/\*[^]*?(?:\*\/|$))|('[^']*(?:''[^']*)*(?:'|$))|(`[^`]*(?:``[^`]*)*(?:`|$))|([\p{L}_][\p{L}\p{M}\w$]*)|(\d[\w.]*)|[^]/uy;

/** The pieces of a text, without the space between them. Any text has pieces: nothing is an error here. */
export function scan(text: string): Piece[] {
  const pieces: Piece[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null && match[0] !== ''; match = pattern.exec(text)) {
    const [piece, comment, string, name, word, number] = match;
    const start = match.index;
    const add = (kind: Piece['kind'], isClosed = true): void => void pieces.push({ kind, start, end: start + piece.length, text: piece, isClosed });
    if (comment !== undefined) add('comment', comment.startsWith('--') ? start + piece.length < text.length : comment.length >= 4 && comment.endsWith('*/'));
    else if (string !== undefined) add('string', isQuoted(string, "'"));
    else if (name !== undefined) add('name', isQuoted(name, '`'));
    else if (word !== undefined) add('word');
    else if (number !== undefined) add('number');
    else if (piece.trim() !== '') add('symbol');
  }
  return pieces;
}

/** An even number of quotes: each within is written twice. */
function isQuoted(text: string, quote: string): boolean {
  return text.length >= 2 && (text.length - text.replaceAll(quote, '').length) % 2 === 0;
}

/** True when nothing but space and comments is there. */
export function isBlank(text: string): boolean {
  return scan(text).every((piece) => piece.kind === 'comment' && (piece.isClosed || piece.text.startsWith('--')));
}

/** True when the last statement of a text has its semicolon, so that Enter runs it. The INSERTs of a statement set have semicolons within. */
export function isComplete(text: string): boolean {
  const pieces = scan(text);
  if (pieces.some((piece) => !piece.isClosed && !piece.text.startsWith('--'))) return false;
  const parts = pieces.filter((piece) => piece.kind !== 'comment').map((piece) => (piece.kind === 'word' ? piece.text.toUpperCase() : piece.text));
  if (parts.at(-1) !== ';') return false;
  let isInSet = false;
  for (const [i, part] of parts.entries()) {
    const isStart = i === 0 || parts[i - 1] === ';';
    if (isStart && (part === 'EXECUTE' ? parts.slice(i, i + 4).join(' ') === 'EXECUTE STATEMENT SET BEGIN' : part === 'BEGIN' && parts[i + 1] === 'STATEMENT')) isInSet = true;
    if (isStart && part === 'END' && parts[i + 1] === ';') isInSet = false;
  }
  return !isInSet;
}
