import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, type Duplex } from 'node:stream';
import * as zlib from 'node:zlib';
import { SqlError } from '../../core/diagnostic.ts';
import { fileError } from './location.ts';

/** The bytes of one file, uncompressed, from a place on. */
export interface FileBytes {
  /** Fills into[from .. to) as far as the file goes: fewer bytes than asked for are the last. Throws E0606. */
  read(into: Uint8Array, from: number, to: number): Promise<number>;
  close(): Promise<void>;
}

/** By the end of the name, as Flink; undefined where this Node has none. */
const decompressors: readonly { readonly ending: RegExp; readonly make: (() => Duplex) | undefined }[] = [
  { ending: /\.(gz|gzip)$/i, make: () => zlib.createGunzip() },
  { ending: /\.deflate$/i, make: () => zlib.createInflate() },
  { ending: /\.zst$/i, make: 'createZstdDecompress' in zlib ? () => zlib.createZstdDecompress() : undefined },
  { ending: /\.(bz2|xz)$/i, make: undefined },
];

/** Opens a file at `offset` of its uncompressed bytes. Throws E0606, E0002 for a compression that is not read, E0805 when the file is shorter. */
export async function openFile(path: string, offset: number): Promise<FileBytes> {
  const known = decompressors.find(({ ending }) => ending.test(path));
  if (known === undefined) return openPlain(path, offset);
  if (known.make === undefined) throw new SqlError({ code: 'E0002', message: `not supported yet: files that are compressed like ${path}`, hint: "leave it out by 'source.path.regex-pattern', or compress with gzip" });
  return openCompressed(path, offset, known.make());
}

async function openPlain(path: string, offset: number): Promise<FileBytes> {
  try {
    const file = await open(path, 'r');
    if (offset > 0 && (await file.stat()).size < offset) {
      await file.close();
      throw shorter(path, offset);
    }
    let position = offset;
    return {
      read: async (into, from, to) => {
        let at = from;
        try {
          while (at < to) {
            const { bytesRead } = await file.read(into, at, to - at, position);
            if (bytesRead === 0) break;
            at += bytesRead;
            position += bytesRead;
          }
        } catch (error) {
          throw fileError(`${path} cannot be read`, error);
        }
        return at - from;
      },
      close: () => file.close(),
    };
  } catch (error) {
    throw fileError(`${path} cannot be read`, error);
  }
}

/** A compressed file has no places to start from: what lies before `offset` is read and dropped. */
async function openCompressed(path: string, offset: number, decompressor: Duplex): Promise<FileBytes> {
  // Its error comes out of the iterator.
  pipeline(createReadStream(path), decompressor, () => undefined);
  const chunks = decompressor[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let chunk = new Uint8Array(0);
  const fill = async (): Promise<boolean> => {
    while (chunk.length === 0) {
      try {
        const next = await chunks.next();
        if (next.done === true) return false;
        chunk = Uint8Array.from(next.value);
      } catch (error) {
        throw fileError(`${path} cannot be read`, error);
      }
    }
    return true;
  };
  const bytes: FileBytes = {
    read: async (into, from, to) => {
      let at = from;
      while (at < to && (await fill())) {
        const length = Math.min(chunk.length, to - at);
        into.set(chunk.subarray(0, length), at);
        chunk = chunk.subarray(length);
        at += length;
      }
      return at - from;
    },
    close: async () => {
      decompressor.destroy();
    },
  };
  for (let left = offset; left > 0; ) {
    if (!(await fill())) {
      await bytes.close();
      throw shorter(path, offset);
    }
    const length = Math.min(chunk.length, left);
    chunk = chunk.subarray(length);
    left -= length;
  }
  return bytes;
}

function shorter(path: string, offset: number): SqlError {
  return new SqlError({ code: 'E0805', message: `the checkpoint goes on at byte ${offset} of ${path}, and the file is shorter`, hint: 'the file is another one now: start over with --fresh' });
}
