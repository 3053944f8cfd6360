/**
 * Reads container logs from files: the last lines, or everything from a position on, following additions. A
 * line is text with one character for each byte (latin1): the encoding that a program uses is unknown.
 */

import { createReadStream, createWriteStream, watch } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const blockBytes = 64 * 1024;

/** The last `lines` lines, oldest first; none if the file does not exist. */
export async function readTail(path: string, lines: number): Promise<string[]> {
  const found: string[] = [];
  const reader = await openLog(path, lines);
  if (!reader) return found;
  try {
    for (let batch = await reader.next(); batch.length > 0; batch = await reader.next()) found.push(...batch);
    const unfinished = reader.unfinished();
    if (unfinished !== '') found.push(unfinished);
  } finally {
    await reader.close();
  }
  return found.slice(-lines);
}

/** Offset at which the last `lines` lines begin. */
async function tailOffset(file: FileHandle, lines: number): Promise<number> {
  let { size: at } = await file.stat();
  if (lines <= 0) return at;
  let seen = 0;
  while (at > 0) {
    const from = Math.max(0, at - blockBytes);
    const { buffer } = await file.read(Buffer.alloc(at - from), 0, at - from, from);
    for (let i = buffer.length - 1; i >= 0; i--) if (buffer[i] === 10 && ++seen > lines) return from + i + 1;
    at = from;
  }
  return 0;
}

export interface LogReader {
  /** Complete lines available now; empty at the end of the file. */
  next(): Promise<string[]>;
  /** The text after the last complete line. */
  unfinished(): string;
  /**
   * True when the name refers to another file by now: the log was rotated, and nothing more is written to the
   * old file.
   */
  replaced(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * From the beginning, or from the last `lines` on; undefined if the file does not exist. Throws if it cannot
 * be opened, for example because too many files are open: that is not an empty log.
 */
export async function openLog(path: string, lines?: number): Promise<LogReader | undefined> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  let at = lines === undefined ? 0 : await tailOffset(file, lines);
  let rest = Buffer.alloc(0);
  const { ino } = await file.stat();
  return {
    async next() {
      for (;;) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(blockBytes), 0, blockBytes, at);
        if (bytesRead === 0) return [];
        at += bytesRead;
        const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
        const end = text.lastIndexOf(10);
        rest = text.subarray(end + 1);
        if (end >= 0) return text.toString('latin1', 0, end).split('\n');
      }
    },
    unfinished: () => rest.toString('latin1'),
    // Between the rotation and the writer's reopening, no file has the name.
    async replaced() {
      const now = await stat(path).catch(() => undefined);
      return now !== undefined && now.ino !== ino;
    },
    close: () => file.close(),
  };
}

/**
 * Calls `onChange` when the file grows or is replaced, if that can be watched: the directory may be deleted
 * already, and the kernel's limit of watches may be reached. Callers poll as well.
 */
export function watchLog(path: string, onChange: () => void): () => void {
  const dir = path.slice(0, path.lastIndexOf('/'));
  try {
    const watcher = watch(dir, { persistent: false }, onChange);
    watcher.on('error', () => undefined);
    return () => watcher.close();
  } catch {
    return () => undefined;
  }
}

/** Rotates a log larger than `maxBytes`; returns true when the writer must reopen it. */
export async function rotateLog(path: string, maxBytes: number, nowMs: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (!found || found.size < maxBytes) return false;
  await rename(path, `${path}.${new Date(nowMs).toISOString().replace(/\D/g, '')}`);
  return true;
}

/**
 * Keeps the newest `maxFiles - 1` of the rotated logs, compressed except for the newest: a reader may still
 * have that one open.
 */
export async function tidyRotated(path: string, maxFiles: number): Promise<void> {
  const dir = path.slice(0, path.lastIndexOf('/'));
  const name = path.slice(dir.length + 1);
  const old = (await readdir(dir).catch(() => [])).filter((entry) => entry.startsWith(`${name}.`)).sort();
  const kept = old.slice(Math.max(0, old.length - (maxFiles - 1)));
  for (const oldFile of old) {
    const file = `${dir}/${oldFile}`;
    if (!kept.includes(oldFile) || oldFile.endsWith('.tmp')) await rm(file, { force: true });
    else if (oldFile !== kept.at(-1) && !oldFile.endsWith('.gz')) await compress(file);
  }
}

async function compress(file: string): Promise<void> {
  await pipeline(createReadStream(file), createGzip(), createWriteStream(`${file}.tmp`));
  await rename(`${file}.tmp`, `${file}.gz`);
  await rm(file);
}
