/** Makes a compressed tar archive readable for a reader of plain archives. */

import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';

/** By the first bytes of a file. */
const decompressors: readonly { readonly start: string; readonly create: () => Transform }[] = [
  { start: '1f8b', create: createGunzip },
  { start: '28b52ffd', create: createZstdDecompress },
];
const unreadable: readonly { readonly start: string; readonly program: string }[] = [
  { start: 'fd377a585a00', program: 'xz' },
  { start: '425a68', program: 'bzip2' },
];
const startBytes = 6;

/**
 * Calls `use` with the archive, or with its decompressed copy at `scratch` if it is compressed with gzip or zstd. Throws for
 * one that is compressed otherwise, with what decompresses it.
 */
export async function withPlainArchive<T>(
  archive: string,
  scratch: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const start = await startOf(archive);
  const other = unreadable.find((found) => start.startsWith(found.start));
  if (other) throw new Error(`it is compressed with ${other.program}: ${other.program} -d decompresses it`);
  const found = decompressors.find((decompressor) => start.startsWith(decompressor.start));
  if (!found) return use(archive);
  try {
    await pipeline(createReadStream(archive), found.create(), createWriteStream(scratch, { mode: 0o600 }));
    return await use(scratch);
  } finally {
    await rm(scratch, { force: true });
  }
}

/** In hex. */
async function startOf(archive: string): Promise<string> {
  const file = await open(archive, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(startBytes), 0, startBytes, 0);
    return buffer.subarray(0, bytesRead).toString('hex');
  } finally {
    await file.close();
  }
}
