import { js, type CodeBuilder } from '../core/code.ts';
import { formatTime, stepOfPattern } from './date-format.ts';
import type { Overload } from './definition.ts';

const utf8 = new TextEncoder();

/** The text of times by one pattern, kept as bytes until a part that the pattern shows changes: most rows of a stream are of one day, one minute. */
class TimeText {
  bytes = new Uint8Array(64);
  readonly #pattern: string;
  /** In ms; 0 before the first time. */
  #step = 0;
  #slot = NaN;
  #length = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  /** Puts the text of a local time (ms) into `bytes`, from 0 on, and gives its length. Throws E0207 or E0002 for the pattern. */
  put(millis: number): number {
    const slot = Math.floor(millis / this.#step);
    if (slot === this.#slot) return this.#length;
    return this.#change(millis);
  }

  #change(millis: number): number {
    if (this.#step === 0) this.#step = stepOfPattern(this.#pattern);
    const text = formatTime(millis, 0, this.#pattern);
    if (this.bytes.length < text.length * 3 + 8) this.bytes = new Uint8Array(text.length * 6 + 8);
    this.#length = utf8.encodeInto(text, this.bytes).written;
    this.#slot = Math.floor(millis / this.#step);
    return this.#length;
  }
}

/** DATE_FORMAT of a TIMESTAMP(<=3): with a literal pattern the text is made only when it changes. */
export function cachedFormat(overload: Overload): Overload {
  return {
    ...overload,
    emit: (code: CodeBuilder, args, types) => {
      const pattern = types.literals?.[1];
      const [time] = args;
      if (pattern === undefined || time === undefined || !('value' in time)) return overload.emit(code, args, types);
      const text = code.use(new TimeText(pattern), 'timeText');
      const length = code.define('n', js`${text}.put(${time.value})`);
      return { operand: { class: 'bytes', heap: js`${text}.bytes`, offset: js`0`, length }, isNull: undefined };
    },
  };
}
