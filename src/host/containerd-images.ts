/** The images of one containerd, by its own command line tool: loaded from archives, listed, removed. */

import { command } from './command.ts';

const namespace = 'k8s.io';
const importTimeoutMs = 10 * 60_000;

/** Loads every image of an OCI or Docker archive; returns their full names. */
export async function importImage(socket: string, archive: string): Promise<string[]> {
  const output = await ctr(socket, ['images', 'import', '--snapshotter', 'overlayfs', archive]);
  return [...output.matchAll(/unpacking (\S+)/g)].map((match) => match[1] ?? '');
}

/** Full names, without the entries by digest that containerd keeps beside them. */
export async function listImages(socket: string): Promise<string[]> {
  const output = await ctr(socket, ['images', 'list', '--quiet']);
  return output
    .split('\n')
    .filter((name) => name !== '' && !name.startsWith('sha256:') && !name.includes('@sha256:'));
}

export async function removeImage(socket: string, ref: string): Promise<void> {
  await ctr(socket, ['images', 'remove', '--sync', ref]);
}

function ctr(socket: string, args: readonly string[]): Promise<string> {
  return command('ctr', ['--address', socket, '--namespace', namespace, ...args], {
    timeoutMs: importTimeoutMs,
  });
}
