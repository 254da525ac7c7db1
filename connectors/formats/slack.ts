import type { RecordSpans } from '../../catalog/format.ts';
import { allocateReachable, memoryOf } from '../../core/wasm-memory.ts';

/** Makes room for `bytes` more, and 16 beyond, behind `used`; offsets into the heap stay right. */
export function reserveSlack(records: RecordSpans, used: number, bytes: number): void {
  if (used + bytes + 16 <= records.heap.length) return;
  const size = Math.max(records.heap.length * 2, used + bytes + 16);
  const grown = memoryOf(records.heap) === undefined ? new Uint8Array(size) : allocateReachable(size);
  grown.set(records.heap.subarray(0, used));
  records.heap = grown;
}
