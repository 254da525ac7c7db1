import { finalWatermark, noWatermark, type Batch } from '../../core/batch.ts';
import type { Consumer } from './stage.ts';

/** A stream within a pipeline whose event time checkpoints hold: an input, or what comes out of a union. */
export interface TimedStream {
  readonly key: string;
  /** ms; -Infinity for none yet. */
  readonly merged: number;
}

/**
 * Several streams as one. Event time is that of the input that is furthest behind, idle ones left out, and never falls: each row carries the
 * least of its own watermark and where the other inputs stand. A stream without event time takes it from all.
 */
export class Union implements TimedStream {
  readonly key: string;
  readonly ports: readonly UnionPort[];
  readonly #next: Consumer;
  /** The union that this one's rows come to; undefined where there is none. */
  readonly #above: UnionPort | undefined;
  #merged: number;
  #finite: number;
  #ended = 0;
  #watermarks = new Float64Array(0);

  /** `merged`: ms, where event time stands at the start. `takers`: what takes the rows of each input, where that is not `next` for all. */
  constructor(key: string, width: number, next: Consumer, above: UnionPort | undefined, merged: number, takers: readonly Pick<Consumer, 'accept'>[] = []) {
    this.key = key;
    this.#next = next;
    this.#above = above;
    this.#merged = merged;
    this.#finite = merged;
    this.ports = Array.from({ length: width }, (_, i) => new UnionPort(this, takers[i] ?? next));
  }

  /** ms: where event time stands; at the end, where it stood before the final watermark. */
  get merged(): number {
    return this.#finite;
  }

  accept(port: UnionPort, batch: Batch): void {
    const { watermarks: own, rowCount } = batch;
    if (own === undefined) {
      port.taker.accept(batch);
      return;
    }
    if (this.#watermarks.length < rowCount) this.#watermarks = new Float64Array(Math.max(rowCount, 1024));
    const out = this.#watermarks;
    mergeOwn(own, out, rowCount, this.#least(port), this.#merged);
    port.watermark = Math.max(port.watermark, batch.watermarkAfter);
    this.#update();
    port.taker.accept({ rowCount, columns: batch.columns, kinds: batch.kinds, watermarks: out, watermarkAfter: this.#merged });
  }

  /** True when timers are left that it makes due: see Consumer. */
  advance(port: UnionPort, watermark: number): boolean {
    if (watermark > port.watermark) port.watermark = watermark;
    this.#update();
    return this.#next.advance(this.#merged);
  }

  flush(): void {
    this.#next.flush();
  }

  /** The end of the last input is that of all. */
  end(): void {
    if (++this.#ended === this.ports.length) this.#next.end();
  }

  /** Takes note that an input became idle or active. Whoever says that it is idle advances it next. */
  changed(): void {
    this.#above?.setIdle(this.ports.every((port) => port.isIdle));
  }

  #update(): void {
    let least = this.#least(undefined);
    // When nothing holds it back, the furthest says how far event time has come.
    if (least === Infinity) for (const { watermark } of this.ports) least = least === Infinity ? watermark : Math.max(least, watermark);
    if (least <= this.#merged) return;
    this.#merged = least;
    if (least !== finalWatermark) this.#finite = least;
  }

  /** Where the active ones besides `self` stand; Infinity for none. */
  #least(self: UnionPort | undefined): number {
    let least = Infinity;
    for (const port of this.ports) if (port !== self && !port.isIdle && port.watermark < least) least = port.watermark;
    return least;
  }
}

/** One input of a union. */
export class UnionPort implements Consumer {
  /** ms: how far its event time has come. */
  watermark = noWatermark;
  #isIdle = false;
  readonly #union: Union;
  readonly taker: Pick<Consumer, 'accept'>;

  constructor(union: Union, taker: Pick<Consumer, 'accept'>) {
    this.#union = union;
    this.taker = taker;
  }

  /** True: it does not hold event time back. One that has ended holds back nothing either. */
  get isIdle(): boolean {
    return this.#isIdle || this.watermark === finalWatermark;
  }

  setIdle(isIdle: boolean): void {
    if (this.#isIdle === isIdle) return;
    this.#isIdle = isIdle;
    this.#union.changed();
  }

  accept(batch: Batch): void {
    this.#union.accept(this, batch);
  }

  advance(watermark: number): boolean {
    return this.#union.advance(this, watermark);
  }

  flush(): void {
    this.#union.flush();
  }

  end(): void {
    this.#union.end();
  }
}

/** Row by row: the least of its own watermark and `others`, never below `merged`. */
function mergeOwn(own: Float64Array, out: Float64Array, rows: number, others: number, merged: number): void {
  let current = merged;
  for (let i = 0; i < rows; i++) {
    const mine = own[i] as number;
    const least = mine < others ? mine : others;
    if (least > current) current = least;
    out[i] = current;
  }
}
