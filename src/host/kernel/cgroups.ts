/** Control groups of pods, on cgroup v1 and v2 alike: make with limits, remove with all below. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rmdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isCgroupV2 } from './capabilities.ts';

const mountPoint = '/sys/fs/cgroup';
const v1Controllers = ['cpu', 'memory', 'pids'];
const removeTimeoutMs = 15_000;
const removePauseMs = 20;
/** What lets the processes of a group run, so that those that were killed end. */
const unhindered = [
  ['cpu.cfs_quota_us', '-1'],
  ['cpu.max', 'max'],
  ['freezer.state', 'THAWED'],
  ['cgroup.freeze', '0'],
] as const;

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

/**
 * Removes the group and all below it in every hierarchy; processes still inside are killed. Throws when one stays, and
 * says which.
 */
export async function removeCgroups(path: string): Promise<void> {
  const until = performance.now() + removeTimeoutMs;
  for (;;) {
    const left: string[] = [];
    for (const dir of rootsOf(path)) if (!(await removeTree(dir))) left.push(dir);
    if (left.length === 0) return;
    if (performance.now() > until) throw new Error(whatStays(left));
    letRun(left);
    for (const pid of left.flatMap(treeOf).flatMap(processesIn)) kill(pid);
    await delay(removePauseMs);
  }
}

/** Takes from the group and all below it what keeps a killed process from ending: a quota of cpu, and being frozen. */
export function letCgroupsRun(path: string): void {
  letRun(rootsOf(path).filter((dir) => existsSync(dir)));
}

/** One folder in each hierarchy. */
function rootsOf(path: string): string[] {
  const relative = path.startsWith('/') ? path : `/${path}`;
  if (isCgroupV2()) return [`${mountPoint}${relative}`];
  return readdirSync(mountPoint).map((name) => `${mountPoint}/${name}${relative}`);
}

/** The group and all below it, parents first. */
function treeOf(dir: string): string[] {
  try {
    const below = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [dir, ...below.flatMap(({ name }) => treeOf(`${dir}/${name}`))];
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** False when something in it is still in use. Off the event loop: a loaded kernel takes its time over each group. */
async function removeTree(dir: string): Promise<boolean> {
  let all = true;
  for (const group of treeOf(dir).reverse()) {
    try {
      await rmdir(group);
    } catch (error) {
      if (!isGone(error)) all = false;
    }
  }
  return all;
}

function letRun(roots: readonly string[]): void {
  for (const dir of roots.flatMap(treeOf))
    for (const [file, value] of unhindered)
      if (existsSync(`${dir}/${file}`)) tryWrite(`${dir}/${file}`, value);
}

function tryWrite(file: string, value: string): void {
  try {
    writeFileSync(file, value);
  } catch {
    // Gone in between, or tried again with the next removal.
  }
}

function processesIn(dir: string): number[] {
  try {
    return readFileSync(`${dir}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    // 0 stands for a process of a pid namespace that we do not see: as an argument it would mean ourselves.
    if (pid > 0) process.kill(pid, 'SIGKILL');
  } catch {
    // Gone in between.
  }
}

function whatStays(roots: readonly string[]): string {
  const group = roots.flatMap(treeOf).find((dir) => processesIn(dir).length > 0) ?? roots[0]!;
  const pids = processesIn(group);
  const why = pids.length > 0 ? `killed processes have not ended: ${pids.join(', ')}` : 'it stays in use';
  return `cannot remove the cgroup ${group} within ${removeTimeoutMs / 1000}s: ${why}`;
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '');
}
