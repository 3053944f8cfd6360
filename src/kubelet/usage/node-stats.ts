/** What a node as a whole has and uses besides CPU and memory: file systems, processes, network. */

import { bootedAtMs } from '#host/kernel/machine-facts.ts';
import { type FileSystemRoom, fileSystemRoom, processRoom, type Room } from '#host/kernel/node-signals.ts';
import { type InterfaceStats, interfaceStats } from '#host/network/interface-stats.ts';

export interface NodeStats {
  /** Wall time. */
  readonly startedAtMs: number;
  /** Where pods keep volumes and logs. */
  readonly nodeFs: FileSystemRoom;
  /** Where the runtime keeps images and what containers write. */
  readonly imageFs: FileSystemRoom;
  readonly processes: Room;
  readonly interfaces: readonly InterfaceStats[];
}

/** `dataDir` lies on the first file system, `imageDir` on the second. */
export async function readNodeStats(dataDir: string, imageDir: string): Promise<NodeStats> {
  const [startedAtMs, nodeFs, imageFs, processes, interfaces] = await Promise.all([
    bootedAtMs(),
    fileSystemRoom(dataDir),
    fileSystemRoom(imageDir),
    processRoom(),
    interfaceStats('self'),
  ]);
  return { startedAtMs, nodeFs, imageFs, processes, interfaces: interfaces ?? [] };
}
