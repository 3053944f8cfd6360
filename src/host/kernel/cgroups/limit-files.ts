/** The files that set the limits of a control group, in the order in which they are written, on cgroup v1 and v2. */

import type { CgroupMount } from './files.ts';

export interface CgroupLimits {
  readonly cpuShares?: number;
  /** Microseconds in each period of 100 ms; -1 for no limit. */
  readonly cpuQuota?: number;
  /** -1 for no limit. */
  readonly memoryBytes?: number;
  readonly pids?: number;
}

export type LimitFile = readonly [path: string, value: number | string];

const cpuPeriodUs = 100_000;

/** `path` is absolute within the hierarchy. A limit that is not given has no file. */
export function limitFiles(
  { mountPoint, isV2 }: CgroupMount,
  path: string,
  limits: CgroupLimits,
): LimitFile[] {
  const files = isV2
    ? v2Files(`${mountPoint}${path}`, limits)
    : v1Files((controller) => `${mountPoint}/${controller}${path}`, limits);
  return files.filter((file): file is LimitFile => file[1] !== undefined);
}

type Files = (readonly [path: string, value: number | string | undefined])[];

function v1Files(at: (controller: string) => string, limits: CgroupLimits): Files {
  const { cpuShares, cpuQuota, memoryBytes, pids } = limits;
  return [
    [`${at('cpu')}/cpu.shares`, cpuShares],
    [`${at('cpu')}/cpu.cfs_period_us`, cpuQuota === undefined ? undefined : cpuPeriodUs],
    [`${at('cpu')}/cpu.cfs_quota_us`, cpuQuota],
    [`${at('memory')}/memory.limit_in_bytes`, memoryBytes],
    [`${at('pids')}/pids.max`, pids],
  ];
}

function v2Files(dir: string, { cpuShares, cpuQuota, memoryBytes, pids }: CgroupLimits): Files {
  const quota = cpuQuota === undefined ? undefined : `${cpuQuota < 0 ? 'max' : cpuQuota} ${cpuPeriodUs}`;
  return [
    [`${dir}/cpu.weight`, cpuShares === undefined ? undefined : weightOf(cpuShares)],
    [`${dir}/cpu.max`, quota],
    [`${dir}/memory.max`, memoryBytes === -1 ? 'max' : memoryBytes],
    [`${dir}/pids.max`, pids],
  ];
}

/** Shares run from 2 to 262144, weights from 1 to 10000. */
function weightOf(shares: number): number {
  return Math.floor(1 + ((Math.max(shares, 2) - 2) * 9999) / 262142);
}
