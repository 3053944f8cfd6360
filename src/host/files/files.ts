/** Files and directories of pods: the few idempotent operations that the kubelet needs. */

import type { Stats } from 'node:fs';
import {
  chmod,
  mkdir,
  open,
  readdir,
  readlink,
  rmdir,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';

export type FileKind = 'file' | 'directory' | 'socket' | 'characterDevice' | 'blockDevice' | 'other';

/** Created with exactly this mode, whatever the process's umask; an existing directory is not changed. */
export async function ensureDirectory(path: string, mode = 0o750): Promise<void> {
  const made = await mkdir(path, { recursive: true });
  if (made !== undefined) await chmod(path, mode);
}

/** The entries of a directory are on the disk, as a loss of power leaves them, when this resolves. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Created empty unless it exists. */
export async function ensureFile(path: string, mode: number): Promise<void> {
  try {
    const file = await open(path, 'wx', mode);
    await file.chmod(mode);
    await file.close();
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

export async function writeText(path: string, text: string, mode = 0o644): Promise<void> {
  await writeFile(path, text, { mode });
  await chmod(path, mode);
}

export async function kindOf(path: string): Promise<FileKind | undefined> {
  try {
    const found = await stat(path);
    if (found.isFile()) return 'file';
    if (found.isDirectory()) return 'directory';
    if (found.isSocket()) return 'socket';
    if (found.isCharacterDevice()) return 'characterDevice';
    return found.isBlockDevice() ? 'blockDevice' : 'other';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export interface FileIdentity {
  /** Another text when the file was replaced or written; changes within a tick of the kernel's clock may share one. */
  readonly version: string;
  readonly bytes: number;
}

/** Of the content, without reading it. Follows links; undefined for what does not exist or is no plain file. */
export async function identityOf(path: string): Promise<FileIdentity | undefined> {
  try {
    const found = await stat(path, { bigint: true });
    const { dev, ino, size, mtimeNs, ctimeNs } = found;
    if (!found.isFile()) return undefined;
    return { version: [dev, ino, size, mtimeNs, ctimeNs].join(' '), bytes: Number(size) };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** At most `maxBytes` from the beginning; empty if the file does not exist. */
export async function readStart(path: string, maxBytes: number): Promise<string> {
  return (await readPart(path, maxBytes, () => 0)).toString();
}

/** At most `maxBytes` from the end; empty if the file does not exist. */
export function readEnd(path: string, maxBytes: number): Promise<Uint8Array> {
  return readPart(path, maxBytes, (size) => Math.max(size - maxBytes, 0));
}

/** Never reads more than requested: a container may have made the file as large as the disk. */
async function readPart(path: string, maxBytes: number, from: (size: number) => number): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      // Files of the kernel have no size.
      const room = size > 0 ? Math.min(size, maxBytes) : maxBytes;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(room), 0, room, from(size));
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

export async function listDirectory(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Harmless when it does not exist; throws on a directory. */
export async function removeFile(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
}

export async function linkTo(target: string, path: string): Promise<void> {
  await symlink(target, path);
}

/** Where the symbolic link leads to; undefined when there is no link. */
export async function readLink(path: string): Promise<string | undefined> {
  return readlink(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'EINVAL') return undefined;
    throw error;
  });
}

/** Throws when something is in it; harmless when it does not exist. */
export async function removeEmptyDirectory(path: string): Promise<void> {
  await rmdir(path).catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
  });
}

/** Whether a directory is its group's, as `giveToGroup` makes it. */
export async function isOfGroup(path: string, gid: number, readOnly: boolean): Promise<boolean> {
  const found = await stat(path);
  const bits = groupBits(found, readOnly);
  return found.isDirectory() && found.gid === gid && (found.mode & bits) === bits;
}

/** The group that a file or directory belongs to. */
export async function groupOf(path: string): Promise<number> {
  return (await stat(path)).gid;
}

/** What `giveToGroup` adds to the mode: read, write unless `readOnly`, and for directories search and setgid. */
export function groupBits(found: Stats, readOnly: boolean): number {
  return (readOnly ? 0o440 : 0o660) | (found.isDirectory() ? 0o2110 : 0);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
