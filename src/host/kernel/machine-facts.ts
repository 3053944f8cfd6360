/** Facts about this machine: processors, memory, identity, operating system. */

import { existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { availableParallelism, release, totalmem } from 'node:os';
import { architecture } from './architecture.ts';

export interface MachineFacts {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly swapBytes: number;
  /** `1Gi`, `2Mi`: the huge page sizes of this machine's kernel, with the amount reserved for each. */
  readonly hugePages: readonly { size: string; bytes: number }[];
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly architecture: string;
}

/** `dataDir` selects the disk. */
export function machineFacts(dataDir: string): MachineFacts {
  const disk = statfsSync(dataDir);
  const machineId = read('/etc/machine-id');
  return {
    cpus: processors(),
    memoryBytes: totalmem(),
    diskBytes: disk.blocks * disk.bsize,
    swapBytes: Number(/^SwapTotal:\s+(\d+)/m.exec(read('/proc/meminfo'))?.[1] ?? 0) * 1024,
    hugePages: hugePages(),
    machineId,
    systemUuid: read('/sys/class/dmi/id/product_uuid') || machineId,
    bootId: read('/proc/sys/kernel/random/boot_id'),
    kernelVersion: release(),
    osImage: /^PRETTY_NAME="?([^"\n]*)/m.exec(read('/etc/os-release'))?.[1] ?? 'Linux',
    architecture,
  };
}

export function processors(): number {
  return availableParallelism();
}

function hugePages(): { size: string; bytes: number }[] {
  const dir = '/sys/kernel/mm/hugepages';
  if (!existsSync(dir)) return [];
  return readdirSync(dir).flatMap((name) => {
    const kibibytes = Number(/^hugepages-(\d+)kB$/.exec(name)?.[1] ?? 0);
    if (kibibytes === 0) return [];
    const size = kibibytes >= 2 ** 20 ? `${kibibytes / 2 ** 20}Gi` : `${kibibytes / 2 ** 10}Mi`;
    return [{ size, bytes: Number(read(`${dir}/${name}/nr_hugepages`)) * kibibytes * 1024 }];
  });
}

/** Usage of the file system that contains `dir`. */
export async function diskUsage(dir: string): Promise<{ usedBytes: number; totalBytes: number }> {
  const disk = await statfs(dir);
  return { usedBytes: (disk.blocks - disk.bavail) * disk.bsize, totalBytes: disk.blocks * disk.bsize };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Wall time at which the kernel started. */
export async function bootedAtMs(): Promise<number> {
  const text = await readFile('/proc/stat', 'utf8').catch(() => '');
  return Number(/^btime (\d+)/m.exec(text)?.[1] ?? 0) * 1000;
}
