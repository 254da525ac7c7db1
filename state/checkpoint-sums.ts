import { crc32 } from 'node:zlib';

/** A stored capture, but for its bytes: those have a checksum of their own, within what compresses them. */
export interface CaptureRow {
  readonly state: string;
  readonly part: string;
  readonly checkpoint: number;
  /** Bytes before they are compressed. */
  readonly size: number;
}

/** What tells a set of captures from one with a row more, less or otherwise: how many they are, and the sum of what each is. */
export class CaptureSum {
  readonly count: number;
  readonly sum: number;

  constructor(count = 0, sum = 0) {
    this.count = count;
    this.sum = sum;
  }

  with(row: CaptureRow): CaptureSum {
    return new CaptureSum(this.count + 1, this.sum + checksum(row));
  }

  without(row: CaptureRow): CaptureSum {
    return new CaptureSum(this.count - 1, this.sum - checksum(row));
  }

  equals({ count, sum }: CaptureSum): boolean {
    return this.count === count && this.sum === sum;
  }
}

/** The columns of a CaptureRow, for SQL. */
export const captureColumns = 'state, part, checkpoint, size';

function checksum({ state, part, checkpoint, size }: CaptureRow): number {
  return crc32(JSON.stringify([state, part, checkpoint, size]));
}

/** What stands beside a checkpoint: the sum of its captures, and a checksum over that, its number and its text. */
export function printSum(id: number, meta: string, { count, sum }: CaptureSum): string {
  return `${count}:${sum}:${crc32(JSON.stringify([id, meta, count, sum]))}`;
}

/** The sum of the captures that a checkpoint had; undefined where the checkpoint is not what was stored. */
export function parseSum(id: number, meta: string, text: string | null): CaptureSum | undefined {
  const [count, sum] = (text ?? '').split(':', 2).map(Number);
  if (count === undefined || sum === undefined) return undefined;
  const captures = new CaptureSum(count, sum);
  return printSum(id, meta, captures) === text ? captures : undefined;
}
