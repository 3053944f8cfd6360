/**
 * Limits of tracked flows and their timeouts, at least those of kube-proxy: a flow that is dropped while in
 * use loses its service's address. Higher values are kept, and all of them apply to the whole machine, as
 * `ip_forward` does.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = '/proc/sys/net/netfilter';
const least = {
  nf_conntrack_max: 131_072,
  /**
   * By default the kernel drops a half-closed connection after a minute of silence; the open side may send
   * later.
   */
  nf_conntrack_tcp_timeout_close_wait: 3600,
};

/**
 * Returns the settings that could not be raised, as in a container: services work, silent half-closed
 * connections do not.
 */
export async function raiseFlowLimits(inFolder = folder): Promise<string[]> {
  const failed = Object.entries(least).map(([name, value]) => raise(join(inFolder, name), value, name));
  return (await Promise.all(failed)).flat();
}

async function raise(path: string, value: number, name: string): Promise<string[]> {
  try {
    if (Number(await readFile(path, 'utf8')) < value) await writeFile(path, String(value));
    return [];
  } catch {
    return [name];
  }
}
