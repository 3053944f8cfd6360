/**
 * Opens a path inside a directory that others change meanwhile, so that none of its links leads out of it.
 *
 * Between the check of a path and the use of its name, something else can get the name. So each component is
 * opened in the opened one before it, never following a link, and what was opened is what is used. A link is read for
 * where it leads now, and that place is opened the same way: if it is another link by then, there is no going on.
 */

import { constants } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, realpath } from 'node:fs/promises';

/** Only names a file: opens pipes, devices and sockets without touching them. Node has no name for it. */
const pathOnly = 0o10000000;
const withoutLinks = pathOnly | constants.O_NOFOLLOW;

/** What is opened, by a name that cannot be given to anything else; for other processes too, as long as it is open. */
export function openedPath(opened: FileHandle): string {
  return `/proc/${process.pid}/fd/${opened.fd}`;
}

/** Directories are made, with `mode`, as far as they are missing. Its caller closes it. */
export async function openInside(base: string, inside: string, mode: number): Promise<FileHandle> {
  const root = await realpath(base);
  const names = inside.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) throw new Error(`${inside} leads out of its directory`);
  return walk(root, names, async (path) => {
    if (await makeDirectory(path)) await setMode(path, mode);
    const opened = await open(path, withoutLinks);
    if (!(await isLink(opened))) return opened;
    await opened.close();
    return openTarget(root, await realpath(path));
  });
}

/** A link leads out of the directory. */
export class LeadsOutError extends Error {
  override name = 'LeadsOutError';
}

/** What is there already, only named, not opened for reading: through links that lead nowhere out. Its caller closes it. */
export async function openExisting(base: string, inside: string): Promise<FileHandle> {
  const root = await realpath(base);
  return openTarget(root, await realpath(`${root}/${inside}`));
}

/** The start of a plain file, through links that lead nowhere out. */
export async function readInside(base: string, inside: string, bytesMax: number): Promise<Buffer> {
  const named = await openExisting(base, inside);
  try {
    if (!(await named.stat()).isFile()) throw new Error(`${inside} is no file`);
    const file = await open(openedPath(named), constants.O_RDONLY);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytesMax), 0, bytesMax, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } finally {
    await named.close();
  }
}

/** Where a link led when it was asked. */
function openTarget(root: string, target: string): Promise<FileHandle> {
  const prefix = root === '/' ? root : `${root}/`;
  if (target !== root && !target.startsWith(prefix)) throw new LeadsOutError(`a link leads out of ${root}`);
  return walk(root, target.slice(root.length).split('/').filter(Boolean), openNoLink);
}

async function openNoLink(path: string): Promise<FileHandle> {
  const opened = await open(path, withoutLinks);
  if (!(await isLink(opened))) return opened;
  await opened.close();
  throw new Error('a link took the place of what was there');
}

/** From `root` through all `names`, each found by `step` in the directory opened before it. */
async function walk(
  root: string,
  names: readonly string[],
  step: (path: string) => Promise<FileHandle>,
): Promise<FileHandle> {
  let at = await open(root, withoutLinks);
  for (const name of names) {
    const before = at;
    try {
      at = await step(`${openedPath(before)}/${name}`);
    } finally {
      await before.close();
    }
  }
  return at;
}

async function isLink(opened: FileHandle): Promise<boolean> {
  try {
    return (await opened.stat()).isSymbolicLink();
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** False when something has this name already. */
async function makeDirectory(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Of the directory itself, whatever has its name by now. */
async function setMode(path: string, mode: number): Promise<void> {
  const made = await openNoLink(path);
  try {
    await chmod(openedPath(made), mode);
  } finally {
    await made.close();
  }
}
