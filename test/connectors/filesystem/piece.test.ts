import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FilePiece } from '../../../connectors/filesystem/piece.ts';
import type { FileBytes } from '../../../connectors/filesystem/file-bytes.ts';

/** A file in memory that tells how many bytes were asked for at the most. */
function bytesOf(text: string): FileBytes & { asked: number } {
  const bytes = Buffer.from(text);
  let at = 0;
  return {
    asked: 0,
    async read(into, from, to) {
      this.asked = Math.max(this.asked, to - from);
      const length = Math.min(to - from, bytes.length - at);
      into.set(bytes.subarray(at, at + length), from);
      at += length;
      return length;
    },
    close: async () => undefined,
  };
}

async function recordsOf(piece: FilePiece, file: FileBytes, each: () => void = () => undefined): Promise<readonly string[]> {
  const records: string[] = [];
  piece.begin(0, 1);
  while (!piece.isLast) {
    await piece.read(file);
    const { heap, offsets, lengths, count } = piece.spans;
    for (let i = 0; i < count; i++) records.push(Buffer.from(heap.subarray(offsets[i], (offsets[i] as number) + (lengths[i] as number))).toString());
    each();
  }
  return records;
}

test('a piece does not grow with the heap that a decoder puts in its place', async () => {
  const lines = Array.from({ length: 200_000 }, (_, i) => `${i} ${'y'.repeat(40)}`);
  const piece = new FilePiece(undefined);
  const file = bytesOf(lines.join('\n'));
  const records = await recordsOf(piece, file, () => {
    const { spans } = piece;
    const grown = new Uint8Array(Math.min(spans.heap.length * 2, 1 << 26));
    grown.set(spans.heap.subarray(0, spans.slackStart));
    spans.heap = grown;
  });
  assert.deepEqual(records, lines);
  assert.ok(file.asked <= 1 << 20, String(file.asked));
});

test('every length of a record at every place of a piece is found', async () => {
  for (const around of [-3, -2, -1, 0, 1, 2]) {
    const lines = ['a'.repeat((1 << 20) + around), '', 'b', 'c'.repeat(((1 << 20) - 3) * 3), 'd'];
    for (const end of ['', '\n', '\r\n']) {
      const text = lines.join(end === '\r\n' ? '\r\n' : '\n') + end;
      assert.deepEqual(await recordsOf(new FilePiece(undefined), bytesOf(text)), lines.filter((line) => line !== ''));
      assert.deepEqual(await recordsOf(new FilePiece({ hasEmpty: true }), bytesOf(text)), lines);
    }
  }
});
