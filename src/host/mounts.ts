/** What is mounted on this machine, and how to mount and unmount. */

import { readFileSync } from 'node:fs';
import { command } from './command.ts';

interface MountPoint {
  readonly path: string;
  readonly type: string;
}

/** Every mount at or below `prefix`, innermost last. */
function mountsUnder(prefix: string): MountPoint[] {
  const inside = (path: string) => path === prefix || path.startsWith(`${prefix}/`);
  return allMounts().filter((mount) => inside(mount.path));
}

export function isMounted(path: string): boolean {
  return allMounts().some((mount) => mount.path === path);
}

function allMounts(): MountPoint[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines.filter(Boolean).map((line) => {
    const [before, after] = line.split(' - ');
    return { path: unescaped(before!.split(' ')[4]!), type: after!.split(' ')[0]! };
  });
}

/** The kernel writes blanks as `\040`. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

export async function mountTmpfs(
  path: string,
  options: { sizeBytes?: number; mode?: string } = {},
): Promise<void> {
  if (isMounted(path)) return;
  const settings = [
    ...(options.sizeBytes ? [`size=${options.sizeBytes}`] : []),
    ...(options.mode ? [`mode=${options.mode}`] : []),
  ];
  const flags = settings.length > 0 ? ['-o', settings.join(',')] : [];
  await command('mount', ['-t', 'tmpfs', ...flags, 'tmpfs', path]);
}

/** Unmounts everything at or below `prefix`; busy mounts are detached. */
export async function unmountUnder(prefix: string): Promise<void> {
  for (const mount of mountsUnder(prefix).reverse()) {
    await command('umount', ['-l', mount.path]).catch(() => undefined);
  }
}
