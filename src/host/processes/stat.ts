/** What the kernel says about a process, where there is /proc. */

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** The fields of /proc/PID/stat from the state on; undefined when no such process runs. */
export function statOf(pid: number): string[] | undefined {
  try {
    return fieldsOf(readFileSync(pathOf(pid), 'utf8'));
  } catch {
    return undefined;
  }
}

/** The same, off this thread: the kernel can take long to find a process where many end. */
export async function statOfLater(pid: number): Promise<string[] | undefined> {
  try {
    return fieldsOf(await readFile(pathOf(pid), 'utf8'));
  } catch {
    return undefined;
  }
}

function pathOf(pid: number): string {
  return `/proc/${pid}/stat`;
}

/** The command's name may contain spaces and brackets: fields are counted from its last bracket. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

export function leadsSession(pid: number): boolean {
  return statOf(pid)?.[3] === String(pid);
}
