/** What the kernel says about a process, where there is /proc. */

import { readFileSync } from 'node:fs';

/** The fields of /proc/PID/stat from the state on; undefined when no such process runs. */
export function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name may contain spaces and brackets: fields are counted from its last bracket.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

export function leadsSession(pid: number): boolean {
  return statOf(pid)?.[3] === String(pid);
}
