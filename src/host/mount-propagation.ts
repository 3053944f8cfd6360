/** Whether what is mounted on this machine later shows in containers, and what they mount on the machine. */

import { existsSync, readFileSync, realpathSync } from 'node:fs';

export interface Propagation {
  /** Of the mount that the path lies on. */
  readonly mountPoint: string;
  /** Mounts appear on both sides. */
  readonly shared: boolean;
  /** Mounts appear here when they are made where this one comes from. */
  readonly slave: boolean;
}

export function propagationAt(path: string): Propagation {
  const real = existsSync(path) ? realpathSync(path) : path;
  return propagationIn(readFileSync('/proc/self/mountinfo', 'utf8'), real);
}

/** Of several mounts on one point the last one counts. */
export function propagationIn(mountInfo: string, path: string): Propagation {
  let found: Propagation = { mountPoint: '', shared: false, slave: false };
  for (const line of mountInfo.split('\n').filter(Boolean)) {
    const [, , , , point = '', , ...options] = line.split(' ');
    const mountPoint = unescaped(point);
    if (!isAtOrBelow(path, mountPoint) || mountPoint.length < found.mountPoint.length) continue;
    const optional = options.slice(0, options.indexOf('-'));
    const has = (name: string) => optional.some((one) => one.startsWith(`${name}:`));
    found = { mountPoint, shared: has('shared'), slave: has('master') };
  }
  return found;
}

function isAtOrBelow(path: string, dir: string): boolean {
  return path === dir || path.startsWith(dir.endsWith('/') ? dir : `${dir}/`);
}

/** The kernel writes blanks as `\040`. */
export function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
