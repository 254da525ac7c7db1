/** What a key asks of the editor, whichever of its sequences the terminal sent. */
export type KeyName =
  | 'enter' | 'alt-enter' | 'tab' | 'backspace' | 'delete' | 'left' | 'right' | 'up' | 'down' | 'home' | 'end' | 'word-left' | 'word-right'
  | 'kill-to-end' | 'kill-to-start' | 'kill-word' | 'kill-next-word' | 'yank' | 'search' | 'clear-screen' | 'interrupt' | 'end-of-input' | 'cancel' | 'suspend';

export type Key = { readonly kind: 'key'; readonly name: KeyName } | { readonly kind: 'text'; readonly text: string } | { readonly kind: 'paste'; readonly text: string };

const escape = '\u001b';
const pasteStart = `${escape}[200~`;
const pasteEnd = `${escape}[201~`;
const interrupt = '\u0003';

const controls: Readonly<Record<string, KeyName>> = {
  '\r': 'enter', '\n': 'enter', '\t': 'tab', '\u007f': 'backspace', '\b': 'backspace', '\u0001': 'home', '\u0002': 'left', '\u0003': 'interrupt', '\u0004': 'end-of-input',
  '\u0005': 'end', '\u0006': 'right', '\u0007': 'cancel', '\u000b': 'kill-to-end', '\u000c': 'clear-screen', '\u000e': 'down', '\u0010': 'up', '\u0012': 'search',
  '\u0015': 'kill-to-start', '\u0017': 'kill-word', '\u0019': 'yank', '\u001a': 'suspend',
};

/** What stands behind ESC, for keys and for Alt with a key (xterm, VT220, rxvt, the Linux console). */
const sequences: Readonly<Record<string, KeyName>> = {
  '[A': 'up', '[B': 'down', '[C': 'right', '[D': 'left', '[H': 'home', '[F': 'end', OA: 'up', OB: 'down', OC: 'right', OD: 'left', OH: 'home', OF: 'end',
  '[1~': 'home', '[7~': 'home', '[4~': 'end', '[8~': 'end', '[3~': 'delete', '[1;5C': 'word-right', '[1;5D': 'word-left', '[1;3C': 'word-right', '[1;3D': 'word-left',
  Oc: 'word-right', Od: 'word-left', b: 'word-left', f: 'word-right', d: 'kill-next-word', '\u007f': 'kill-word', '\b': 'kill-word', '\r': 'alt-enter', '\n': 'alt-enter',
};

/** A sequence whose end is not here yet. */
const unfinished = /^\p{Cc}(?:\[[\d;?]*|O)?$/u;
const whole = /^\p{Cc}(?:\[[\d;?]*[ -/]*[@-~]|O[A-Za-z]|[^[O])/u;
const plainText = /^[^\p{Cc}]+/u;

/** Turns what a terminal sends into keys. Chunks may be cut anywhere between characters; bracketed paste arrives as one key. */
export class KeyDecoder {
  #waiting = '';
  /** What came of a paste so far, in pieces: it may be megabytes. */
  #pasted: string[] | undefined;

  /** True when a lone ESC waits: it is a key of its own when nothing follows it at once. */
  get isWaiting(): boolean {
    return this.#pasted === undefined && this.#waiting !== '';
  }

  push(chunk: string): Key[] {
    const keys: Key[] = [];
    let rest = this.#waiting + chunk;
    this.#waiting = '';
    while (rest !== '') {
      if (this.#pasted !== undefined) {
        rest = this.#paste(rest, keys);
        continue;
      }
      if (rest.startsWith(pasteStart)) {
        this.#pasted = [];
        rest = rest.slice(pasteStart.length);
        continue;
      }
      // Behind two ESC stands a key with Alt.
      if (rest.startsWith(escape + escape)) {
        rest = rest.slice(1);
        continue;
      }
      if (rest.startsWith(escape) && unfinished.test(rest)) {
        this.#waiting = rest;
        break;
      }
      const text = plainText.exec(rest)?.[0];
      if (text !== undefined) keys.push({ kind: 'text', text });
      const sequence = text ?? (rest.startsWith(escape) ? whole.exec(rest)?.[0] : undefined) ?? rest.slice(0, 1);
      const name = text === undefined ? (sequence.startsWith(escape) ? sequences[sequence.slice(1)] : controls[sequence]) : undefined;
      // A key that means nothing here is passed over, not typed.
      if (name !== undefined) keys.push({ kind: 'key', name });
      rest = rest.slice(sequence.length);
    }
    return keys;
  }

  /** Nothing followed: a lone ESC was the key. */
  flush(): Key[] {
    if (!this.isWaiting) return [];
    this.#waiting = '';
    return [{ kind: 'key', name: 'cancel' }];
  }

  /** Takes what belongs to a paste, and gives the rest. Ctrl-C that comes alone is typed: it ends a paste whose end was lost. */
  #paste(chunk: string, keys: Key[]): string {
    const pieces = this.#pasted ?? [];
    if (chunk === interrupt) {
      this.#pasted = undefined;
      return chunk;
    }
    // The mark of the end may be cut in two.
    const tail = (pieces.at(-1) ?? '').slice(1 - pasteEnd.length);
    const end = (tail + chunk).indexOf(pasteEnd);
    if (end < 0) {
      // A last piece that is shorter than the mark is joined with the next, so that the tail is always whole.
      if (chunk.length < pasteEnd.length && pieces.length > 0) pieces.push((pieces.pop() ?? '') + chunk);
      else pieces.push(chunk);
      this.#pasted = pieces;
      return '';
    }
    this.#pasted = undefined;
    const text = pieces.join('') + chunk;
    const at = text.length - chunk.length - tail.length + end;
    keys.push({ kind: 'paste', text: cleaned(text.slice(0, at)) });
    return text.slice(at + pasteEnd.length);
  }
}

/** A pasted text as it is typed: its line breaks are \n, and it holds no other control characters but tabs. */
function cleaned(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').replaceAll(/(?![\n\t])\p{Cc}/gu, '');
}
