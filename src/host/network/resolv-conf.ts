/**
 * The name servers of the machine. Stubs at loopback (systemd-resolved's 127.0.0.53) stand for the servers that they
 * forward to, where those are known: they are asked directly, as kubelets do.
 */

import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';

const machineFile = '/etc/resolv.conf';
/** The servers behind the stub of systemd-resolved. */
const resolvedFile = '/run/systemd/resolve/resolv.conf';
const watchMs = 5000;

/** As glibc: at most three. */
const serversMax = 3;

export interface ResolvConf {
  readonly nameservers: readonly string[];
}

/** IPv4 and IPv6 addresses, the latter with their link if it is given. */
export function parseResolvConf(text: string): ResolvConf {
  const lines = text.matchAll(/^[ \t]*nameserver[ \t]+([0-9a-fA-F.:]+(?:%[\w.-]+)?)[ \t]*(?:[#;].*)?$/gm);
  return { nameservers: [...lines].map((match) => match[1] ?? '').slice(0, serversMax) };
}

export function isLoopback(server: string): boolean {
  return server.startsWith('127.') || server === '::1';
}

/** `machine` and `resolved` are the texts of the two files, undefined where there is none. */
export function chooseNameServers(
  machine: string | undefined,
  resolved: string | undefined,
): readonly string[] {
  const { nameservers } = parseResolvConf(machine ?? '');
  if (!nameservers.every(isLoopback)) return nameservers;
  const behind = parseResolvConf(resolved ?? '').nameservers.filter((server) => !isLoopback(server));
  return behind.length > 0 ? behind : nameservers;
}

export async function machineNameServers(): Promise<readonly string[]> {
  const [machine, resolved] = await Promise.all([machineFile, resolvedFile].map(textOf));
  return chooseNameServers(machine, resolved);
}

/** Calls `changed` when one of the files may have changed. Returns a function that ends it. */
export function watchNameServers(changed: () => void): () => void {
  const listener = () => changed();
  for (const file of [machineFile, resolvedFile]) {
    watchFile(file, { interval: watchMs, persistent: false }, listener);
  }
  return () => {
    for (const file of [machineFile, resolvedFile]) unwatchFile(file, listener);
  };
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
