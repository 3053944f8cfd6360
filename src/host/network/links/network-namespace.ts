/**
 * Network namespaces that no process holds: each is kept by a mount on a file, in a folder of its owner's and not in
 * /run/netns, where other programs' mounts could hide it.
 */

import { readFileSync, rmSync } from 'node:fs';
import { open, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ensureDirectory } from '../../files/files.ts';
import { command, tryCommand } from '../../processes/command.ts';

/** NSFS_MAGIC of statfs(2). */
const namespaceFileSystem = 0x6e736673;

/** Creates the namespace with its loopback up; does nothing when `file` holds one. */
export async function ensureNamespace(file: string): Promise<void> {
  if (await holdsNamespace(file)) return;
  await ensureDirectory(dirname(file), 0o700);
  await (await open(file, 'a', 0o600)).close();
  await command('unshare', [`--net=${file}`, 'ip', 'link', 'set', 'lo', 'up']);
}

export async function holdsNamespace(file: string): Promise<boolean> {
  const found = await statfs(file).catch(() => undefined);
  return found?.type === namespaceFileSystem;
}

/** Its devices are deleted with it, once its last process has ended. */
export async function removeNamespace(file: string): Promise<void> {
  while (await holdsNamespace(file)) {
    await command('umount', ['--lazy', file]);
  }
  rmSync(file, { force: true });
}

/** What to put in front of a command that is to run in the namespace, with all else as on the machine. */
export function enterNamespace(file: string): [program: string, ...args: string[]] {
  return ['nsenter', `--net=${file}`];
}

/** Runs `ip -batch` on `lines` in a namespace, or where this process is; throws at the first line that fails. */
export async function ipBatch(lines: readonly string[], namespace?: string): Promise<void> {
  if (lines.length === 0) return;
  const [program, ...args] = [...(namespace ? enterNamespace(namespace) : []), 'ip', '-batch', '-'];
  await command(program ?? 'ip', args, { input: `${lines.join('\n')}\n` });
}

/** Devices of this process's namespace: /sys shows those of the namespace that it was mounted in. */
export function hasDevice(name: string): boolean {
  return readFileSync('/proc/self/net/dev', 'latin1')
    .split('\n')
    .some((line) => line.trimStart().startsWith(`${name}:`));
}

/** Does nothing when there is no such device. */
export async function deleteDevice(name: string): Promise<void> {
  if (!hasDevice(name)) return;
  const { code, stderr } = await tryCommand('ip', ['link', 'delete', name]);
  if (code === 0 || !hasDevice(name)) return;
  throw new Error(`the device ${name} could not be deleted: ${stderr.trim()}`);
}
