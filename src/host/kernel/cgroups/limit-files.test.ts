import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CgroupLimits, limitFiles } from './limit-files.ts';

const table: [what: string, limits: CgroupLimits, v1: string[], v2: string[]][] = [
  ['no limits', {}, [], []],
  [
    'all limits',
    { cpuShares: 1024, cpuQuota: 50_000, memoryBytes: 1000, pids: 10 },
    [
      '/c/cpu/pods/cpu.shares 1024',
      '/c/cpu/pods/cpu.cfs_period_us 100000',
      '/c/cpu/pods/cpu.cfs_quota_us 50000',
      '/c/memory/pods/memory.limit_in_bytes 1000',
      '/c/pids/pods/pids.max 10',
    ],
    [
      '/c/pods/cpu.weight 39',
      '/c/pods/cpu.max 50000 100000',
      '/c/pods/memory.max 1000',
      '/c/pods/pids.max 10',
    ],
  ],
  [
    'limits that are lifted',
    { cpuQuota: -1, memoryBytes: -1 },
    [
      '/c/cpu/pods/cpu.cfs_period_us 100000',
      '/c/cpu/pods/cpu.cfs_quota_us -1',
      '/c/memory/pods/memory.limit_in_bytes -1',
    ],
    ['/c/pods/cpu.max max 100000', '/c/pods/memory.max max'],
  ],
  ['the least share', { cpuShares: 0 }, ['/c/cpu/pods/cpu.shares 0'], ['/c/pods/cpu.weight 1']],
  [
    'the greatest share',
    { cpuShares: 262_144 },
    ['/c/cpu/pods/cpu.shares 262144'],
    ['/c/pods/cpu.weight 10000'],
  ],
];

for (const [what, limits, v1, v2] of table) {
  test(`a control group – with ${what} – has them in its files`, () => {
    const written = (isV2: boolean) =>
      limitFiles({ mountPoint: '/c', isV2 }, '/pods', limits).map(([path, value]) => `${path} ${value}`);
    assert.deepEqual([written(false), written(true)], [v1, v2]);
  });
}
