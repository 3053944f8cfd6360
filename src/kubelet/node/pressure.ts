/**
 * Whether the machine runs short of memory or disk: what the node's conditions, and through them its taints,
 * say. Memory counts as upstream's does (less than 100 MiB available). Of the disk, images and pods together
 * keep a twentieth free, as k3s and not as upstream (10 and 15 percent): a laptop with a fairly full disk is
 * no broken node.
 */

import type { Clock } from '#base/clock.ts';
import type { Pressure } from '../admission/pressure.ts';

export interface MachineRoom {
  readonly memoryAvailableBytes: number;
  readonly diskAvailableBytes: number;
  readonly diskTotalBytes: number;
  /** 0 of 0 where the file system has none. */
  readonly inodesAvailable: number;
  readonly inodesTotal: number;
}

const memoryMinBytes = 100 * 2 ** 20;
const diskMinShare = 0.05;
const inodesMinShare = 0.05;
/** So long a condition holds on after its cause was last seen: nodes must not flap. */
const holdMs = 5 * 60_000;

export class NodePressure {
  readonly #clock: Clock;
  readonly #room: () => Promise<MachineRoom>;
  readonly #seenAtMs = new Map<Pressure, number>();
  #present: ReadonlySet<Pressure> = new Set();

  constructor(clock: Clock, room: () => Promise<MachineRoom>) {
    this.#clock = clock;
    this.#room = room;
  }

  async look(): Promise<ReadonlySet<Pressure>> {
    const room = await this.#room();
    const nowMs = this.#clock.monotonicMs();
    for (const pressure of pressuresOf(room)) this.#seenAtMs.set(pressure, nowMs);
    for (const [pressure, atMs] of this.#seenAtMs) {
      if (nowMs - atMs >= holdMs) this.#seenAtMs.delete(pressure);
    }
    this.#present = new Set(this.#seenAtMs.keys());
    return this.#present;
  }

  /**
   * From the last look, taken with every report of the node's status: a pod is admitted by the reported
   * conditions of the node, as upstream.
   */
  lastSeen(): ReadonlySet<Pressure> {
    return this.#present;
  }
}

function pressuresOf(room: MachineRoom): Pressure[] {
  const fullDisk = room.diskAvailableBytes < room.diskTotalBytes * diskMinShare;
  const noInodes = room.inodesAvailable < room.inodesTotal * inodesMinShare;
  return [
    ...(room.memoryAvailableBytes < memoryMinBytes ? ['MemoryPressure' as const] : []),
    ...(fullDisk || noInodes ? ['DiskPressure' as const] : []),
  ];
}
