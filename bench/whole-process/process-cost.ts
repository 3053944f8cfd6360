/** What a cluster's process costs, as the kernel counts it. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The process of a cluster that is up. */
export function processOf(home: string, cluster: string): number {
  return JSON.parse(readFileSync(join(home, 'clusters', cluster, 'state.json'), 'utf8')).process.pid;
}

export function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}
