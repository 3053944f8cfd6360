/** The numbers of a user and a group that `--chown` names, by the files of the image. */

import { readFileSync } from 'node:fs';
import type { Copy } from './copy-flags.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const isNumber = (text: string) => /^\d+$/.test(text);
const idMax = 2 ** 31 - 1;

/** Root, when none is named. Without a group it is the number of the user, or the group of a named user. `root`: of the image's files. */
export function ownerOf(owner: Copy['owner'], root?: string): Owner {
  if (!owner) return { uid: 0, gid: 0 };
  const { user, group } = owner;
  const entry = isNumber(user) ? undefined : find(root, 'passwd', user, 'user');
  const uid = idOf(entry ? entry[2] : user);
  if (group === undefined) return { uid, gid: entry ? idOf(entry[3]) : uid };
  return { uid, gid: idOf(isNumber(group) ? group : find(root, 'group', group, 'group')[2]) };
}

function find(root: string | undefined, file: string, name: string, what: string): string[] {
  const lines = root === undefined ? [] : linesOf(`${root}/etc/${file}`);
  const found = lines.map((line) => line.split(':')).find(([first]) => first === name);
  if (!found) throw new Error(`--chown: the image has no ${what} ${JSON.stringify(name)}`);
  return found;
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function idOf(text = ''): number {
  const id = Number(text);
  if (isNumber(text) && id <= idMax) return id;
  throw new Error(`--chown: ${JSON.stringify(text)} is no number of a user or group`);
}
