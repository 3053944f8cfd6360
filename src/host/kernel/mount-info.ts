/** The mounts of this process's mount namespace, as the kernel lists them in mountinfo. */

import { readFile, realpath } from 'node:fs/promises';

export interface MountInfo {
  readonly path: string;
  /** Of the file system: `253:0`. */
  readonly device: string;
  /** The file system's type: `tmpfs`, `ext4` ... */
  readonly type: string;
  /** Member of a peer group: mounts made at or below it appear in its peers, and vice versa. */
  readonly shared: boolean;
  /** Mounts of its master group appear here, but not vice versa. */
  readonly slave: boolean;
}

/**
 * In the order of mounting: of several mounts on one path the last is visible. Asynchronous: while others
 * mount and unmount, the kernel can keep a reader waiting for more than a second.
 */
export async function currentMounts(): Promise<MountInfo[]> {
  return parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** Lines `id parent major:minor root path options [optional-field...] - type source super-options`. */
export function parseMountInfo(text: string): MountInfo[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const fields = line.split(' ');
      const separator = fields.indexOf('-', 6);
      const optional = fields.slice(6, separator);
      const has = (name: string) => optional.some((mountTag) => mountTag.startsWith(`${name}:`));
      return {
        path: unescaped(fields[4]!),
        device: fields[2]!,
        type: fields[separator + 1]!,
        shared: has('shared'),
        slave: has('master'),
      };
    });
}

/** As in mountinfo: symbolic links resolved. */
export function realPath(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

export function isAtOrBelow(path: string, dir: string): boolean {
  return path === dir || path.startsWith(dir.endsWith('/') ? dir : `${dir}/`);
}

/** The kernel writes blanks as `\040`. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
