/** What this machine is: processors, memory, identity, operating system. */

import { readFileSync, statfsSync } from 'node:fs';
import { availableParallelism, release, totalmem } from 'node:os';

export interface MachineFacts {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly architecture: string;
}

const architectures: Record<string, string> = { x64: 'amd64', arm64: 'arm64', arm: 'arm' };

/** `dataDir` says which disk counts. */
export function machineFacts(dataDir: string): MachineFacts {
  const disk = statfsSync(dataDir);
  const machineId = read('/etc/machine-id');
  return {
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    diskBytes: disk.blocks * disk.bsize,
    machineId,
    systemUuid: read('/sys/class/dmi/id/product_uuid') || machineId,
    bootId: read('/proc/sys/kernel/random/boot_id'),
    kernelVersion: release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)/m.exec(read('/etc/os-release'))?.[1] ?? 'Linux',
    architecture: architectures[process.arch] ?? process.arch,
  };
}

/** How full the disk is that `dir` lies on. */
export function diskUsage(dir: string): { usedBytes: number; totalBytes: number } {
  const disk = statfsSync(dir);
  return { usedBytes: (disk.blocks - disk.bavail) * disk.bsize, totalBytes: disk.blocks * disk.bsize };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
