const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Characters as people see them. */
export function graphemes(text: string): string[] {
  // A hundred times as fast, and nearly all SQL is that.
  if (/^[ -~]*$/.test(text)) return text.split('');
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

const isWordCharacter = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{M}\p{N}_$]/u.test(character);

/** Text of several lines and a cursor in it, which stands between characters as people see them. Offsets are UTF-16 code units. */
export class TextBuffer {
  #text = '';
  #cursor = 0;
  #killed = '';

  get text(): string {
    return this.#text;
  }

  get cursor(): number {
    return this.#cursor;
  }

  get isEmpty(): boolean {
    return this.#text === '';
  }

  /** Another text, the cursor at its end. */
  set(text: string): void {
    this.#text = text;
    this.#cursor = text.length;
  }

  insert(text: string): void {
    this.replace(this.#cursor, this.#cursor, text);
  }

  /** Puts `text` in the place of [start, end), the cursor behind it. */
  replace(start: number, end: number, text: string): void {
    this.#text = this.#text.slice(0, start) + text + this.#text.slice(end);
    this.#cursor = start + text.length;
  }

  left(): void {
    this.#cursor = this.#before(this.#cursor);
  }

  right(): void {
    this.#cursor = this.#after(this.#cursor);
  }

  /** To the line above, at the same number of characters. False when there is none. */
  up(): boolean {
    const start = this.#lineStart;
    if (start === 0) return false;
    const column = graphemes(this.#text.slice(start, this.#cursor)).length;
    this.#toColumn(this.#text.lastIndexOf('\n', start - 2) + 1, column);
    return true;
  }

  down(): boolean {
    const end = this.#lineEnd;
    if (end === this.#text.length) return false;
    const column = graphemes(this.#text.slice(this.#lineStart, this.#cursor)).length;
    this.#toColumn(end + 1, column);
    return true;
  }

  /** To the start of the line. */
  home(): void {
    this.#cursor = this.#lineStart;
  }

  end(): void {
    this.#cursor = this.#lineEnd;
  }

  wordLeft(): void {
    this.#cursor = this.#wordStart;
  }

  wordRight(): void {
    this.#cursor = this.#wordEnd;
  }

  backspace(): void {
    this.#cut(this.#before(this.#cursor), this.#cursor);
  }

  delete(): void {
    this.#cut(this.#cursor, this.#after(this.#cursor));
  }

  /** Ctrl-K: to the end of the line, and the line break where the cursor stands before it. */
  killToEnd(): void {
    this.#kill(this.#cursor, Math.max(this.#lineEnd, this.#after(this.#cursor) * Number(this.#lineEnd === this.#cursor)));
  }

  killToStart(): void {
    this.#kill(this.#lineStart, this.#cursor);
  }

  /** Ctrl-W: back to the space before the cursor. */
  killWord(): void {
    const before = this.#text.slice(0, this.#cursor);
    this.#kill(before.length - (/\S*\s*$/.exec(before)?.[0].length ?? 0), this.#cursor);
  }

  killNextWord(): void {
    this.#kill(this.#cursor, this.#wordEnd);
  }

  /** Ctrl-Y: what was killed last. */
  yank(): void {
    this.insert(this.#killed);
  }

  get #lineStart(): number {
    return this.#cursor === 0 ? 0 : this.#text.lastIndexOf('\n', this.#cursor - 1) + 1;
  }

  get #lineEnd(): number {
    const end = this.#text.indexOf('\n', this.#cursor);
    return end < 0 ? this.#text.length : end;
  }

  get #wordStart(): number {
    let at = this.#cursor;
    while (at > 0 && !isWordCharacter(this.#text[at - 1])) at--;
    while (at > 0 && isWordCharacter(this.#text[at - 1])) at--;
    return at;
  }

  get #wordEnd(): number {
    let at = this.#cursor;
    while (at < this.#text.length && !isWordCharacter(this.#text[at])) at++;
    while (at < this.#text.length && isWordCharacter(this.#text[at])) at++;
    return at;
  }

  #toColumn(lineStart: number, column: number): void {
    const newline = this.#text.indexOf('\n', lineStart);
    const line = graphemes(this.#text.slice(lineStart, newline < 0 ? undefined : newline));
    this.#cursor = lineStart + line.slice(0, column).join('').length;
  }

  #before(offset: number): number {
    if (offset === 0) return 0;
    const start = this.#text.lastIndexOf('\n', offset - 1) + 1;
    return start === offset ? offset - 1 : offset - (graphemes(this.#text.slice(start, offset)).at(-1)?.length ?? 1);
  }

  #after(offset: number): number {
    if (offset >= this.#text.length) return this.#text.length;
    if (this.#text[offset] === '\n') return offset + 1;
    const end = this.#text.indexOf('\n', offset);
    return offset + (graphemes(this.#text.slice(offset, end < 0 ? undefined : end))[0]?.length ?? 1);
  }

  #cut(start: number, end: number): void {
    this.replace(start, end, '');
  }

  #kill(start: number, end: number): void {
    if (start === end) return;
    this.#killed = this.#text.slice(start, end);
    this.#cut(start, end);
  }
}
