/**
 * Limits of tracked flows and their timeouts, at least those of kube-proxy: a flow that is dropped while in
 * use loses its service's address. Higher values are kept, and all of them apply to the whole machine, as
 * `ip_forward` does. What was raised is written down for all clusters of the machine: when the last one is
 * deleted, the values of before return.
 */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeWholeFileLater } from '../files/whole-file.ts';

const folder = '/proc/sys/net/netfilter';
const least = {
  nf_conntrack_max: 131_072,
  /**
   * By default the kernel drops a half-closed connection after a minute of silence; the open side may send
   * later.
   */
  nf_conntrack_tcp_timeout_close_wait: 3600,
};

/** By setting, what it was and what it was raised to. */
type Raised = Record<string, { readonly before: string; readonly to: string }>;

/**
 * Returns the settings that could not be raised, as in a container: services work, silent half-closed
 * connections do not.
 */
export async function raiseFlowLimits(record: string, inFolder = folder): Promise<string[]> {
  const raised = await readRaised(record);
  const failed: string[] = [];
  for (const [name, value] of Object.entries(least)) {
    try {
      const before = (await readFile(join(inFolder, name), 'utf8')).trim();
      if (Number(before) >= value) continue;
      const to = String(value);
      // First: a limit that has been raised and is not written down would stay.
      await writeRaised(record, { ...raised, [name]: { before, to } });
      await writeFile(join(inFolder, name), to);
      raised[name] = { before, to };
    } catch {
      failed.push(name);
    }
  }
  return failed;
}

/** A setting that has another value by now stays as it is. */
export async function restoreFlowLimits(record: string, inFolder = folder): Promise<void> {
  for (const [name, { before, to }] of Object.entries(await readRaised(record))) {
    const path = join(inFolder, name);
    const now = await readFile(path, 'utf8').catch(() => undefined);
    if (now?.trim() === to) await writeFile(path, before).catch(() => {});
  }
  await rm(record, { force: true });
}

async function readRaised(record: string): Promise<Raised> {
  try {
    return JSON.parse(await readFile(record, 'utf8')) as Raised;
  } catch {
    return {};
  }
}

async function writeRaised(record: string, raised: Raised): Promise<void> {
  await mkdir(dirname(record), { recursive: true });
  await writeWholeFileLater(record, JSON.stringify(raised));
}
