/** Control groups of pods, on cgroup v1 and v2 alike: make with limits, remove with all below. */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isCgroupV2 } from './capabilities.ts';

const mountPoint = '/sys/fs/cgroup';
const v1Controllers = ['cpu', 'memory', 'pids'];
const removeTries = 250;

export interface CgroupLimits {
  readonly cpuShares?: number;
  /** Microseconds in each period of 100 ms; -1 for no limit. */
  readonly cpuQuota?: number;
  /** -1 for no limit. */
  readonly memoryBytes?: number;
  readonly pids?: number;
}

const cpuPeriodUs = 100_000;

/** `path` is absolute within the hierarchy: `/kybern-dev/kubepods/burstable/pod…`. */
export function ensureCgroup(path: string, limits: CgroupLimits): void {
  if (isCgroupV2()) {
    enableControllers(path);
    setV2(`${mountPoint}${path}`, limits);
    return;
  }
  for (const controller of v1Controllers)
    mkdirSync(`${mountPoint}/${controller}${path}`, { recursive: true });
  setV1(path, limits);
}

function setV1(path: string, limits: CgroupLimits): void {
  const at = (controller: string, file: string) => `${mountPoint}/${controller}${path}/${file}`;
  write(at('cpu', 'cpu.shares'), limits.cpuShares);
  if (limits.cpuQuota !== undefined) {
    write(at('cpu', 'cpu.cfs_period_us'), cpuPeriodUs);
    write(at('cpu', 'cpu.cfs_quota_us'), limits.cpuQuota);
  }
  write(at('memory', 'memory.limit_in_bytes'), limits.memoryBytes);
  write(at('pids', 'pids.max'), limits.pids);
}

function setV2(dir: string, limits: CgroupLimits): void {
  if (limits.cpuShares !== undefined) write(`${dir}/cpu.weight`, weightOf(limits.cpuShares));
  if (limits.cpuQuota !== undefined)
    write(`${dir}/cpu.max`, `${limits.cpuQuota < 0 ? 'max' : limits.cpuQuota} ${cpuPeriodUs}`);
  write(`${dir}/memory.max`, limits.memoryBytes === -1 ? 'max' : limits.memoryBytes);
  write(`${dir}/pids.max`, limits.pids);
}

/** Shares run from 2 to 262144, weights from 1 to 10000. */
function weightOf(shares: number): number {
  return Math.floor(1 + ((Math.max(shares, 2) - 2) * 9999) / 262142);
}

/** In v2 a group may only limit what its parent hands down. */
function enableControllers(path: string): void {
  let dir = mountPoint;
  for (const part of path.split('/').filter(Boolean)) {
    write(`${dir}/cgroup.subtree_control`, '+cpu +memory +pids');
    dir = `${dir}/${part}`;
    mkdirSync(dir, { recursive: true });
  }
}

function write(file: string, value: number | string | undefined): void {
  if (value === undefined) return;
  try {
    writeFileSync(file, String(value));
  } catch (error) {
    // A controller this kernel lacks, or a limit already in use: pods run on without it.
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'EBUSY' && code !== 'EINVAL') throw error;
  }
}

/** Removes the group and all below it in every hierarchy; processes still inside are killed. Throws when one stays. */
export async function removeCgroups(path: string): Promise<void> {
  const relative = path.startsWith('/') ? path : `/${path}`;
  for (const root of hierarchies()) await removeTree(`${root}${relative}`);
}

function hierarchies(): string[] {
  if (isCgroupV2()) return [mountPoint];
  return readdirSync(mountPoint).map((name) => `${mountPoint}/${name}`);
}

async function removeTree(dir: string): Promise<void> {
  if (!existsSync(dir)) return;
  for (const entry of readdirSync(dir, { withFileTypes: true }))
    if (entry.isDirectory()) await removeTree(`${dir}/${entry.name}`);
  for (let attempt = 1; ; attempt++) {
    try {
      return rmdirSync(dir);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      if (attempt === removeTries) throw error;
      killAll(dir);
      await delay(20);
    }
  }
}

function killAll(dir: string): void {
  try {
    for (const pid of readFileSync(`${dir}/cgroup.procs`, 'utf8').split('\n').filter(Boolean))
      process.kill(Number(pid), 'SIGKILL');
  } catch {
    // Gone in between.
  }
}
