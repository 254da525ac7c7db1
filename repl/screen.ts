import { layOutInput, type InputRows } from './render/input.ts';
import type { View } from './editor/editor.ts';

const escape = '\u001b';

/**
 * The terminal of the prompt: the only writer to it while the prompt is open. What is typed stands below everything that was printed; lines
 * that come while somebody types go above it.
 */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #color: boolean;
  /** Lays out what stands below all that is printed; undefined when nothing does. */
  #below: (() => InputRows) | undefined;
  #drawn: InputRows | undefined;
  keywords: ReadonlySet<string> = new Set();

  constructor(out: NodeJS.WriteStream, color: boolean) {
    this.#out = out;
    this.#color = color;
  }

  get usesColor(): boolean {
    return this.#color;
  }

  /** Cells of a row; a terminal that does not say has 80. */
  get columns(): number {
    return this.#out.columns > 0 ? this.#out.columns : 80;
  }

  get rows(): number {
    return this.#out.rows > 0 ? this.#out.rows : 24;
  }

  /** Draws what is typed, in the place of what was drawn before. */
  draw(view: View): void {
    this.#show(() => layOutInput(view, this.#size(this.rows)));
  }

  /** A line in the place of what is typed. What does not fit is cut. */
  showStatus(text: string): void {
    this.#show(() => {
      const line = text.slice(0, Math.max(0, this.columns - 1));
      return { rows: [line], cursorRow: 0, cursorColumn: line.length };
    });
  }

  #show(below: () => InputRows): void {
    const erased = this.#erased();
    this.#below = below;
    this.#write(erased + this.#drawing());
  }

  /** Lines above what is typed. Resolves when the terminal has taken them. */
  async print(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const text = this.#erased() + lines.map((line) => `${line}\n`).join('') + this.#drawing();
    await new Promise<void>((resolve) => this.#out.write(text, () => resolve()));
  }

  /** Leaves what was typed where it stands, and goes on below it. Nothing is drawn any more until the next `draw`. */
  leave(view: View): void {
    const { rows } = layOutInput({ ...view, cursor: view.text.length, search: undefined, candidates: [] }, this.#size(Infinity));
    this.#write(`${this.#erased()}${rows.join('\n')}\n`);
    this.#below = undefined;
  }

  /** Takes away what is drawn. */
  erase(): void {
    this.#write(this.#erased());
    this.#below = undefined;
  }

  clear(): void {
    this.#drawn = undefined;
    this.#write(`${escape}[H${escape}[2J`);
  }

  /** Bracketed paste on or off: a pasted text is then told from typed keys. */
  set tellsPaste(isOn: boolean) {
    this.#write(`${escape}[?2004${isOn ? 'h' : 'l'}`);
  }

  #size(rows: number): Parameters<typeof layOutInput>[1] {
    return { columns: this.columns, rows, color: this.#color, keywords: this.keywords };
  }

  /** What takes away the rows that are drawn. */
  #erased(): string {
    const drawn = this.#drawn;
    this.#drawn = undefined;
    return drawn === undefined ? '' : `${drawn.cursorRow > 0 ? `${escape}[${drawn.cursorRow}A` : ''}\r${escape}[J`;
  }

  #drawing(): string {
    const input = this.#below?.();
    if (input === undefined) return '';
    this.#drawn = input;
    const up = input.rows.length - 1 - input.cursorRow;
    return `${input.rows.join('\n')}${up > 0 ? `${escape}[${up}A` : ''}\r${input.cursorColumn > 0 ? `${escape}[${input.cursorColumn}C` : ''}`;
  }

  #write(text: string): void {
    if (text !== '') this.#out.write(text);
  }
}
