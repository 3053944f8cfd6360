/** The kernel's permissions for this process, detected instead of assumed. */

import { existsSync, readFileSync } from 'node:fs';

const capSysResource = 24n;

/** Without it a process may raise, but never lower, an oom_score_adj. */
export function mayLowerOomScore(): boolean {
  const line = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return line !== null && (BigInt(`0x${line[1]}`) & (1n << capSysResource)) !== 0n;
}

export function hasAppArmor(): boolean {
  try {
    return readFileSync('/sys/module/apparmor/parameters/enabled', 'utf8').startsWith('Y');
  } catch {
    return false;
  }
}

let isV2: boolean | undefined;

/**
 * True where all controllers live in the one hierarchy of cgroup v2. Asked of the kernel once: while it removes many
 * cgroups, an answer takes hundreds of milliseconds.
 */
export function isCgroupV2(): boolean {
  isV2 ??= existsSync('/sys/fs/cgroup/cgroup.controllers');
  return isV2;
}
