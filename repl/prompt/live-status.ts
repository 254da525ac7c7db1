import type { Stats } from '../../engine/api.ts';

/** How often (ms) it is told how far a query is. */
export const statusMs = 500;

/** The line below the rows of a query that goes on. */
export class LiveStatus {
  #rows = 0n;
  #at: number | undefined;

  /** `now` in ms, of any origin. */
  text({ rowsRead, late, watermark }: Stats, now: number): string {
    const parts = [`${rowsRead.toLocaleString('en-US')} ${rowsRead === 1n ? 'row' : 'rows'} read`];
    if (this.#at !== undefined && now > this.#at) parts.push(`${Math.round((Number(rowsRead - this.#rows) * 1000) / (now - this.#at)).toLocaleString('en-US')}/s`);
    if (watermark !== undefined) parts.push(`watermark ${watermark.toISOString().slice(0, -1).replace('T', ' ')}`);
    if (late > 0n) parts.push(`${late.toLocaleString('en-US')} late`);
    this.#rows = rowsRead;
    this.#at = now;
    return ` ${parts.join('  ')}`;
  }
}
