/**
 * Opens a path inside a directory that others change meanwhile, so that no symbolic link leads out of it.
 *
 * Between checking a path and using it, the path can be replaced. So each component is opened relative to the
 * open directory before it, never following a link, and the open file is used. A link is read for its current
 * target, which is opened in the same way: if it is another link by then, opening fails.
 */

import { constants } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, realpath, stat } from 'node:fs/promises';

/**
 * O_PATH: refers to a file without opening it, so pipes, devices and sockets are not touched. Node has no
 * constant for it.
 */
const pathOnly = 0o10000000;
/** Of a link, the link itself is opened. */
export const withoutLinks = pathOnly | constants.O_NOFOLLOW;

/** A path of the open file that cannot be replaced; valid for other processes too, as long as it is open. */
export function openedPath(opened: FileHandle): string {
  return `/proc/${process.pid}/fd/${opened.fd}`;
}

/** Missing directories get the mode of `base`, as upstream's of a subPath. The caller closes the handle. */
export async function openInside(base: string, inside: string): Promise<FileHandle> {
  const root = await realpath(base);
  const mode = (await stat(root)).mode & 0o7777;
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

/** An existing file, as O_PATH, through links that do not lead out. The caller closes the handle. */
export async function openExisting(base: string, inside: string): Promise<FileHandle> {
  const root = await realpath(base);
  return openTarget(root, await realpath(`${root}/${inside}`));
}

/** The start of a regular file, through links that do not lead out. */
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

/** The current target of a link. */
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

/** Walks from `root` through all `names`, each opened by `step` in the directory before it. */
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

/** Returns false when the name exists already. */
async function makeDirectory(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Of the open directory, whatever has its name by now. */
async function setMode(path: string, mode: number): Promise<void> {
  const made = await openNoLink(path);
  try {
    await chmod(openedPath(made), mode);
  } finally {
    await made.close();
  }
}
