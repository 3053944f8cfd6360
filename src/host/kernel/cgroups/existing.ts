/**
 * Limits a control group that another program made, such as a slice of the machine's own services. It is never made
 * here, and a limit that the kernel refuses is an error. Follows upstream's `enforceExistingCgroup`.
 */

import { readFile, stat, writeFile } from 'node:fs/promises';
import { errorText } from '#base/text/error-text.ts';
import { type CgroupMount, machineCgroups } from './files.ts';
import { type CgroupLimits, limitFiles } from './limit-files.ts';

/** A group has to be in each of those that the machine has. */
const v1Controllers = ['cpu', 'cpuacct', 'cpuset', 'memory', 'systemd', 'pids', 'hugetlb'];
const v2Controllers = ['cpu', 'cpuset', 'memory', 'hugetlb', 'pids'];

/** `path` is within the hierarchy, with or without a slash before it. Rejects with the reason, in upstream's words. */
export async function limitExisting(
  path: string,
  limits: CgroupLimits,
  mount = machineCgroups(),
): Promise<void> {
  const parts = path.split('/').filter(Boolean);
  const name = `[${parts.map((part) => JSON.stringify(part)).join(' ')}]`;
  const absolute = `/${parts.join('/')}`;
  await (mount.isV2 ? checkV2(mount, absolute, name) : checkV1(mount, absolute, name));
  for (const [file, value] of limitFiles(mount, absolute, limits)) await writeFile(file, String(value));
}

async function checkV1({ mountPoint }: CgroupMount, path: string, name: string): Promise<void> {
  const missing: string[] = [];
  for (const controller of v1Controllers) {
    const hierarchy = `${mountPoint}/${controller}`;
    const group = `${hierarchy}${path}`;
    if ((await exists(hierarchy)) && !(await exists(group))) missing.push(group);
  }
  if (missing.length > 0) throw new Error(`cgroup ${name} has some missing paths: ${missing.join(', ')}`);
}

async function checkV2({ mountPoint }: CgroupMount, path: string, name: string): Promise<void> {
  const root = await controllersIn(mountPoint);
  const own = await controllersIn(`${mountPoint}${path}`).catch((error: unknown) => {
    throw new Error(`could not read controllers for cgroup ${name}: ${errorText(error)}`);
  });
  const missing = v2Controllers.filter(
    (controller) => root.includes(controller) && !own.includes(controller),
  );
  if (missing.length > 0) {
    throw new Error(`cgroup ${name} has some missing controllers: ${missing.sort().join(', ')}`);
  }
}

async function controllersIn(dir: string): Promise<string[]> {
  return (await readFile(`${dir}/cgroup.controllers`, 'latin1')).trim().split(' ');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
