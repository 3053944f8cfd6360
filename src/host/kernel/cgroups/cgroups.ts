/**
 * Control groups of pods, on cgroup v1 and v2: created with limits, removed with everything below.
 * Asynchronous:
 * each operation can take long while the kernel starts and ends many containers.
 */

import { access, mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isCgroupV2 } from '../capabilities.ts';
import { machineCgroups } from './files.ts';
import { type CgroupLimits, limitFiles } from './limit-files.ts';

const mountPoint = '/sys/fs/cgroup';
const v1Controllers = ['cpu', 'memory', 'pids'];
const removeTimeoutMs = 15_000;
const removePauseMs = 20;
/** Values that let the processes of a cgroup run, so that killed ones can end. */
const unhindered = [
  ['cpu.cfs_quota_us', '-1'],
  ['cpu.max', 'max'],
  ['freezer.state', 'THAWED'],
  ['cgroup.freeze', '0'],
] as const;

/** `path` is absolute within the hierarchy: `/kybern-dev/kubepods/burstable/pod…`. */
export async function ensureCgroup(path: string, limits: CgroupLimits): Promise<void> {
  const mount = machineCgroups();
  if (mount.isV2) await enableControllers(path);
  else await makeInAll(path);
  for (const [file, value] of limitFiles(mount, path, limits)) await write(file, value);
}

async function makeInAll(path: string): Promise<void> {
  for (const controller of v1Controllers) {
    await mkdir(`${mountPoint}/${controller}${path}`, { recursive: true });
  }
}

/** In v2 a cgroup can limit only the controllers that its parent enables. */
async function enableControllers(path: string): Promise<void> {
  let dir = mountPoint;
  for (const part of path.split('/').filter(Boolean)) {
    await write(`${dir}/cgroup.subtree_control`, '+cpu +memory +pids');
    dir = `${dir}/${part}`;
    await mkdir(dir, { recursive: true });
  }
}

async function write(file: string, value: number | string): Promise<void> {
  try {
    await writeFile(file, String(value));
  } catch (error) {
    // A controller that this kernel lacks, or a limit already in use: pods run without it.
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'EBUSY' && code !== 'EINVAL') throw error;
  }
}

/**
 * Removes the cgroup and all below it in every hierarchy, killing its processes. Throws when one remains, and
 * names it.
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

/**
 * Removes limits of the cgroup and all below it that keep a killed process from ending: cpu quota, and the
 * freezer.
 */
export async function letCgroupsRun(path: string): Promise<void> {
  await letRun(await rootsOf(path));
}

/** One folder in each hierarchy. */
async function rootsOf(path: string): Promise<string[]> {
  const relative = path.startsWith('/') ? path : `/${path}`;
  if (isCgroupV2()) return [`${mountPoint}${relative}`];
  return (await readdir(mountPoint)).map((name) => `${mountPoint}/${name}${relative}`);
}

/** The cgroup and all below it, parents first. */
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

/** Returns false when part of it is still in use. */
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

/** Most cgroups have only some of the files. A failure is retried with the next removal. */
async function tryWrite(file: string, value: string): Promise<void> {
  try {
    await access(file);
    await writeFile(file, value);
  } catch {
    // As explained above.
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
    // 0 is a process in a pid namespace that is not visible here: as an argument to kill it would mean this
    // process's group.
    if (pid > 0) process.kill(pid, 'SIGKILL');
  } catch {
    // The process has ended meanwhile.
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
