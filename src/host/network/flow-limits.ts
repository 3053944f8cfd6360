/**
 * How many flows the kernel tracks and how long, at least as much as kube-proxy asks for: a flow that is forgotten while
 * it lasts loses its service's address. Values above are left alone, and all of them are the machine's, as `ip_forward` is.
 */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = '/proc/sys/net/netfilter';
const least = {
  nf_conntrack_max: 131_072,
  /** The kernel forgets a connection that one side has closed after a minute of silence; the other may go on to send. */
  nf_conntrack_tcp_timeout_close_wait: 3600,
};

/** Returns those that could not be raised, as in a container: services work, silent half-closed connections do not. */
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
