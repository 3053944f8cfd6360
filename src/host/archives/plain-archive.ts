/** Makes a compressed tar archive readable for a reader of plain archives. */

import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** Calls `use` with the archive, or with its decompressed copy at `scratch` if it is compressed with gzip. */
export async function withPlainArchive<T>(
  archive: string,
  scratch: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  if (!(await isGzip(archive))) return use(archive);
  try {
    await pipeline(createReadStream(archive), createGunzip(), createWriteStream(scratch, { mode: 0o600 }));
    return await use(scratch);
  } finally {
    await rm(scratch, { force: true });
  }
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
