/**
 * Gives a tree of files to a group. Pods that have the tree can replace its files meanwhile: each file is opened
 * in the open directory above it and changed as the open file, so that no link leads the walk out of the tree.
 */

import { chmod, chown, type FileHandle, open, readdir } from 'node:fs/promises';
import { groupBits } from './files.ts';
import { openedPath, withoutLinks } from './inside.ts';

/** Each level keeps a file open. */
const levelsMax = 1000;

/**
 * Changes the group of everything below, readable and (unless `readOnly`) writable for it; directories get
 * the setgid bit. The directory itself comes last: as long as its group differs, some of its files may.
 * Throws for a tree of more than 1000 levels.
 */
export async function giveToGroup(
  path: string,
  gid: number,
  readOnly: boolean,
  onFile: () => void = () => undefined,
): Promise<void> {
  const change = async (opened: FileHandle, level: number): Promise<void> => {
    const found = await opened.stat();
    if (found.isDirectory()) {
      if (level > levelsMax) throw new Error(`${path} has more than ${levelsMax} levels of directories`);
      for (const name of await readdir(openedPath(opened), { encoding: 'buffer' })) {
        const below = await openBelow(opened, name);
        if (below) await closed(below, () => change(below, level + 1));
      }
    }
    onFile();
    await chown(openedPath(opened), found.uid, gid);
    if (found.isSymbolicLink()) return;
    await chmod(openedPath(opened), (found.mode & 0o7777) | groupBits(found, readOnly));
  };
  const root = await open(path, withoutLinks);
  await closed(root, () => change(root, 1));
}

/** Undefined when it is gone. Names need not be UTF-8. */
async function openBelow(directory: FileHandle, name: Buffer): Promise<FileHandle | undefined> {
  const path = Buffer.concat([Buffer.from(`${openedPath(directory)}/`), name]);
  return open(path, withoutLinks).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

async function closed(opened: FileHandle, use: () => Promise<void>): Promise<void> {
  try {
    await use();
  } finally {
    await opened.close();
  }
}
