/** The parts of upstream's summary that nodes, pods, containers and volumes have in common. */

import type { DiskUse } from '#host/files/disk-use.ts';
import type { CgroupPressure, Pressure, Waiting } from '#host/kernel/cgroups/pressure.ts';
import type { FileSystemRoom } from '#host/kernel/node-signals.ts';
import type { InterfaceStats } from '#host/network/interface-stats.ts';
import type { GroupStats, Usage } from '../../usage/usage.ts';

/** `limitBytes`: of memory; undefined without one. `pressure` of the group that was measured. */
export function usageStats(
  usage: GroupStats & Pick<Usage, 'rate'>,
  time: string,
  limitBytes: number | undefined,
  pressure?: CgroupPressure,
): object {
  const { cpuNanos, rate, memoryBytes, workingSetBytes, rssBytes, pageFaults, majorPageFaults } = usage;
  const available =
    limitBytes === undefined ? {} : { availableBytes: Math.max(limitBytes - workingSetBytes, 0) };
  return {
    cpu: {
      time,
      ...(rate ? { usageNanoCores: rate.nanoCores } : {}),
      usageCoreNanoSeconds: Math.floor(cpuNanos),
      ...psiStats(pressure?.cpu),
    },
    memory: {
      time,
      ...available,
      usageBytes: memoryBytes,
      workingSetBytes,
      rssBytes,
      pageFaults,
      majorPageFaults,
      ...psiStats(pressure?.memory),
    },
    ...(pressure?.io ? { io: { time, ...psiStats(pressure.io) } } : {}),
    ...(usage.swapBytes === undefined ? {} : { swap: { time, swapUsageBytes: usage.swapBytes } }),
  };
}

/** Absent where the kernel does not measure it: on cgroup v1. As upstream the total is the kernel's own, in microseconds. */
function psiStats(pressure: Pressure | undefined): object {
  if (!pressure) return {};
  return { psi: { full: psiData(pressure.full), some: psiData(pressure.some) } };
}

function psiData({ totalMicros: total, avg10, avg60, avg300 }: Waiting): object {
  return { total, avg10, avg60, avg300 };
}

/** The file system with what is used of it: by all, or by the measured folders alone. */
export function fileSystemStats({ bytes, inodes }: FileSystemRoom, time: string, use?: DiskUse): object {
  return {
    time,
    availableBytes: bytes.available,
    capacityBytes: bytes.capacity,
    usedBytes: use?.bytes ?? bytes.capacity - bytes.available,
    ...(inodes
      ? {
          inodesFree: inodes.available,
          inodes: inodes.capacity,
          inodesUsed: use?.inodes ?? inodes.capacity - inodes.available,
        }
      : {}),
  };
}

/** As upstream, the stats of the interface `eth0` stand for all of a pod; a machine without one has the list alone. */
export function networkStats(interfaces: readonly InterfaceStats[], time: string): object {
  const listed = interfaces.map((each) => ({
    name: each.name,
    rxBytes: each.receivedBytes,
    rxErrors: each.receiveErrors,
    txBytes: each.sentBytes,
    txErrors: each.sendErrors,
  }));
  const main = listed.find(({ name }) => name === 'eth0');
  return { time, name: main?.name ?? '', ...main, interfaces: listed };
}
