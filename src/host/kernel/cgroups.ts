/**
 * Control groups of pods, on cgroup v1 and v2 alike: make with limits, remove with all below. All of it off the event loop:
 * a kernel that starts and ends many containers takes its time over each group.
 */

import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
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
export async function ensureCgroup(path: string, limits: CgroupLimits): Promise<void> {
  if (isCgroupV2()) {
    await enableControllers(path);
    await setV2(`${mountPoint}${path}`, limits);
    return;
  }
  for (const controller of v1Controllers) {
    await mkdir(`${mountPoint}/${controller}${path}`, { recursive: true });
  }
  await setV1(path, limits);
}

async function setV1(path: string, limits: CgroupLimits): Promise<void> {
  const at = (controller: string, file: string) => `${mountPoint}/${controller}${path}/${file}`;
  await write(at('cpu', 'cpu.shares'), limits.cpuShares);
  if (limits.cpuQuota !== undefined) {
    await write(at('cpu', 'cpu.cfs_period_us'), cpuPeriodUs);
    await write(at('cpu', 'cpu.cfs_quota_us'), limits.cpuQuota);
  }
  await write(at('memory', 'memory.limit_in_bytes'), limits.memoryBytes);
  await write(at('pids', 'pids.max'), limits.pids);
}

async function setV2(dir: string, limits: CgroupLimits): Promise<void> {
  if (limits.cpuShares !== undefined) await write(`${dir}/cpu.weight`, weightOf(limits.cpuShares));
  if (limits.cpuQuota !== undefined) {
    await write(`${dir}/cpu.max`, `${limits.cpuQuota < 0 ? 'max' : limits.cpuQuota} ${cpuPeriodUs}`);
  }
  await write(`${dir}/memory.max`, limits.memoryBytes === -1 ? 'max' : limits.memoryBytes);
  await write(`${dir}/pids.max`, limits.pids);
}

/** Shares run from 2 to 262144, weights from 1 to 10000. */
function weightOf(shares: number): number {
  return Math.floor(1 + ((Math.max(shares, 2) - 2) * 9999) / 262142);
}

/** In v2 a group may only limit what its parent hands down. */
async function enableControllers(path: string): Promise<void> {
  let dir = mountPoint;
  for (const part of path.split('/').filter(Boolean)) {
    await write(`${dir}/cgroup.subtree_control`, '+cpu +memory +pids');
    dir = `${dir}/${part}`;
    await mkdir(dir, { recursive: true });
  }
}

async function write(file: string, value: number | string | undefined): Promise<void> {
  if (value === undefined) return;
  try {
    await writeFile(file, String(value));
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
    for (const dir of await rootsOf(path)) if (!(await removeTree(dir))) left.push(dir);
    if (left.length === 0) return;
    if (performance.now() > until) throw new Error(await whatStays(left));
    await letRun(left);
    for (const group of await treesOf(left)) for (const pid of await processesIn(group)) kill(pid);
    await delay(removePauseMs);
  }
}

/** Takes from the group and all below it what keeps a killed process from ending: a quota of cpu, and being frozen. */
export async function letCgroupsRun(path: string): Promise<void> {
  await letRun(await rootsOf(path));
}

/** One folder in each hierarchy. */
async function rootsOf(path: string): Promise<string[]> {
  const relative = path.startsWith('/') ? path : `/${path}`;
  if (isCgroupV2()) return [`${mountPoint}${relative}`];
  return (await readdir(mountPoint)).map((name) => `${mountPoint}/${name}${relative}`);
}

/** The group and all below it, parents first. */
async function treeOf(dir: string): Promise<string[]> {
  try {
    const below = (await readdir(dir, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    return [dir, ...(await treesOf(below.map(({ name }) => `${dir}/${name}`)))];
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

async function treesOf(dirs: readonly string[]): Promise<string[]> {
  const groups: string[] = [];
  for (const dir of dirs) groups.push(...(await treeOf(dir)));
  return groups;
}

/** False when something in it is still in use. */
async function removeTree(dir: string): Promise<boolean> {
  let all = true;
  for (const group of (await treeOf(dir)).reverse()) {
    try {
      await rmdir(group);
    } catch (error) {
      if (!isGone(error)) all = false;
    }
  }
  return all;
}

async function letRun(roots: readonly string[]): Promise<void> {
  for (const dir of await treesOf(roots)) {
    for (const [file, value] of unhindered) await tryWrite(`${dir}/${file}`, value);
  }
}

/** Most groups have only some of the files. What is gone in between is tried again with the next removal. */
async function tryWrite(file: string, value: string): Promise<void> {
  try {
    await access(file);
    await writeFile(file, value);
  } catch {
    // As said.
  }
}

async function processesIn(dir: string): Promise<number[]> {
  try {
    return (await readFile(`${dir}/cgroup.procs`, 'utf8')).split('\n').filter(Boolean).map(Number);
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

async function whatStays(roots: readonly string[]): Promise<string> {
  const says = (group: string, why: string) =>
    `cannot remove the cgroup ${group} within ${removeTimeoutMs / 1000}s: ${why}`;
  for (const group of await treesOf(roots)) {
    const pids = await processesIn(group);
    if (pids.length > 0) return says(group, `killed processes have not ended: ${pids.join(', ')}`);
  }
  return says(roots[0]!, 'it stays in use');
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '');
}
