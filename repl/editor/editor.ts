import { commonStart, complete, emptyVocabulary, type Candidate, type CommandName, type Vocabulary } from './complete.ts';
import type { History } from './history.ts';
import type { Key, KeyName } from './keys.ts';
import { isBlank, isComplete } from './scan.ts';
import { TextBuffer } from './text-buffer.ts';

/** What a key leads to beyond the text: what was typed is to be run, or somebody else has to act. */
export type Outcome =
  | { readonly kind: 'edited' }
  | { readonly kind: 'submit'; readonly text: string }
  /** The text was given up. */
  | { readonly kind: 'dropped' }
  /** Ctrl-C where there is nothing to give up. */
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'leave' }
  | { readonly kind: 'clear-screen' }
  | { readonly kind: 'suspend' };

/** What is to be drawn. */
export interface View {
  readonly text: string;
  /** Offset in `text`, in UTF-16 code units. */
  readonly cursor: number;
  /** What a search with Ctrl-R looks for; undefined when there is none. */
  readonly search: string | undefined;
  /** Nothing that was typed before holds what is searched. */
  readonly isLost?: boolean;
  /** What Tab could lead to. */
  readonly candidates: readonly Candidate[];
}

/** A search with Ctrl-R. */
interface Search {
  readonly text: string;
  /** The entry of the history that is shown. */
  readonly found: number | undefined;
  readonly isLost: boolean;
  /** What was typed before it. */
  readonly before: string;
}

const edited: Outcome = { kind: 'edited' };

/** Words that are commands without a semicolon. */
const wordCommand = /^\s*(quit|exit|help( +[a-z]+)?|clear|cls|\?)\s*;?\s*$/i;

/** The state of one text being typed: keys in, a view and outcomes out. Writes to no terminal. */
export class Editor {
  vocabulary: Vocabulary = emptyVocabulary;
  readonly #history: History;
  readonly #commands: readonly CommandName[];
  readonly #buffer = new TextBuffer();
  /** Where in the history the text stands; undefined when it is a new one. */
  #place: number | undefined;
  /** What was typed before the first Up. */
  #draft = '';
  #search: Search | undefined;
  #candidates: readonly Candidate[] = [];

  constructor(history: History, commands: readonly CommandName[]) {
    this.#history = history;
    this.#commands = commands;
  }

  get view(): View {
    return { text: this.#buffer.text, cursor: this.#buffer.cursor, search: this.#search?.text, ...(this.#search?.isLost === true && { isLost: true }), candidates: this.#candidates };
  }

  /** Puts a text there to be edited. */
  set(text: string): void {
    this.#buffer.set(text);
    this.#place = undefined;
    this.#search = undefined;
    this.#candidates = [];
  }

  press(key: Key): Outcome {
    this.#candidates = [];
    if (this.#search !== undefined) {
      const outcome = this.#searchKey(key, this.#search);
      if (outcome !== undefined) return outcome;
    }
    if (key.kind !== 'key') {
      this.#place = undefined;
      this.#buffer.insert(key.text);
      return edited;
    }
    if (key.name === 'tab') return this.#complete();
    return this.#keys[key.name]?.() ?? edited;
  }

  /** What each key does; without an outcome, it edited. */
  readonly #keys: { readonly [K in Exclude<KeyName, 'tab'>]: () => Outcome | void } = {
    enter: () => this.#enter(),
    'alt-enter': () => this.#submit(),
    backspace: () => this.#buffer.backspace(),
    delete: () => this.#buffer.delete(),
    left: () => this.#buffer.left(),
    right: () => this.#buffer.right(),
    up: () => { if (!this.#buffer.up()) this.#walk('older'); },
    down: () => { if (!this.#buffer.down()) this.#walk('newer'); },
    home: () => this.#buffer.home(),
    end: () => this.#buffer.end(),
    'word-left': () => this.#buffer.wordLeft(),
    'word-right': () => this.#buffer.wordRight(),
    'kill-to-end': () => this.#buffer.killToEnd(),
    'kill-to-start': () => this.#buffer.killToStart(),
    'kill-word': () => this.#buffer.killWord(),
    'kill-next-word': () => this.#buffer.killNextWord(),
    yank: () => this.#buffer.yank(),
    search: () => { this.#search = { text: '', found: undefined, isLost: false, before: this.#buffer.text }; },
    'clear-screen': () => ({ kind: 'clear-screen' }),
    interrupt: () => {
      if (this.#buffer.isEmpty) return { kind: 'interrupt' };
      this.set('');
      return { kind: 'dropped' };
    },
    'end-of-input': () => {
      if (this.#buffer.isEmpty) return { kind: 'leave' };
      this.#buffer.delete();
    },
    cancel: () => undefined,
    suspend: () => ({ kind: 'suspend' }),
  };

  /** Enter runs a text whose last statement has its semicolon, and what is no SQL; else it adds a line. */
  #enter(): Outcome {
    const { text } = this.#buffer;
    if (text.trim() === '' || text.startsWith('\\') || wordCommand.test(text) || isComplete(text)) return this.#submit();
    // An empty line, or a word that would leave: somebody waits for what does not come.
    const line = text.slice(text.lastIndexOf('\n') + 1).trim();
    if (text.includes('\n') && line === '') this.#candidates = [{ text: 'a statement ends with ;', detail: 'Alt-Enter runs what stands here, Ctrl-C drops it' }];
    else if (text.includes('\n') && /^(quit|exit|help|\\[q?])$/i.test(line)) this.#candidates = [{ text: 'this is a line of the statement above', detail: 'Ctrl-C drops it' }];
    this.#buffer.insert('\n');
    return edited;
  }

  #submit(): Outcome {
    const { text } = this.#buffer;
    this.set('');
    if (!isBlank(text)) this.#history.add(text.trimEnd());
    return { kind: 'submit', text };
  }

  /** Up and Down: through the entries that begin with what was typed. */
  #walk(way: 'older' | 'newer'): void {
    const { text } = this.#buffer;
    if (this.#place === undefined) this.#draft = text;
    const fits = { prefix: this.#draft };
    const at = this.#place ?? this.#history.entries.length;
    let found = at;
    do {
      const next = way === 'older' ? this.#history.older(found, fits) : this.#history.newer(found, fits);
      if (next === undefined) {
        if (way === 'older') return;
        if (this.#place === undefined) return;
        this.#place = undefined;
        this.#buffer.set(this.#draft);
        return;
      }
      found = next;
      // The same text again would look as if the key had done nothing.
    } while (this.#history.entries[found] === text);
    this.#place = found;
    this.#buffer.set(this.#history.entries[found] ?? '');
  }

  // ---- Ctrl-R ----

  /** A key during a search. Undefined: the search has ended, and the key does what it does elsewhere. */
  #searchKey(key: Key, search: Search): Outcome | undefined {
    const name = key.kind === 'key' ? key.name : undefined;
    if (key.kind !== 'key') return this.#find({ ...search, text: search.text + key.text.replaceAll('\n', ' ') }, this.#history.entries.length);
    if (name === 'search') return this.#find(search, search.found ?? this.#history.entries.length);
    if (name === 'backspace') return this.#find({ ...search, text: search.text.slice(0, -1) }, this.#history.entries.length);
    this.#search = undefined;
    if (name === 'interrupt' || name === 'cancel') {
      this.#buffer.set(search.before);
      return edited;
    }
    this.#place = search.found;
    this.#draft = '';
    return undefined;
  }

  #find(search: Search, from: number): Outcome {
    const found = search.text === '' ? undefined : this.#history.older(from, { part: search.text });
    this.#search = { ...search, found: found ?? search.found, isLost: found === undefined && search.text !== '' };
    if (found !== undefined) this.#buffer.set(this.#history.entries[found] ?? '');
    return edited;
  }

  // ---- Tab ----

  /** Types what all candidates have in common; where that is nothing, it lists them. */
  #complete(): Outcome {
    const { text, cursor } = this.#buffer;
    const lineStart = text.lastIndexOf('\n', cursor - 1) + 1;
    // At the start of a line Tab indents.
    if (text.slice(lineStart, cursor).trim() === '' && cursor > 0 && lineStart > 0) {
      this.#buffer.insert('  ');
      return edited;
    }
    const { from, candidates } = complete(text, cursor, this.vocabulary, this.#commands);
    const common = commonStart(candidates);
    const [only] = candidates;
    if (candidates.length === 1 && only !== undefined) this.#buffer.replace(from, cursor, text.slice(cursor, cursor + 1) === ' ' || /[('.]$/.test(only.text) || text[from - 1] === "'" ? only.text : `${only.text} `);
    else if (common.length > cursor - from) this.#buffer.replace(from, cursor, common);
    else this.#candidates = candidates;
    return edited;
  }
}
