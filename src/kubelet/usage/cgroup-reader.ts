/** Reads the stats of a real node: one pass over the control groups of its containers. */

import type { CgroupUsage } from '#host/kernel/cgroups/usage.ts';
import { readCgroupUsage } from '#host/kernel/cgroups/usage.ts';
import type { NodePod } from '../pod/pod.ts';
import type { ContainerSummary } from '../runtime/runtime.ts';
import type { Measured, UsageReader } from './sampled-meter.ts';
import type { RunningContainer } from './usage.ts';

export interface CgroupReaderParts {
  readonly containers: () => readonly RunningContainer[];
  /** Asked only when a container runs whose start is not known yet. */
  readonly listContainers: () => Promise<readonly Pick<ContainerSummary, 'id' | 'createdAtMs'>[]>;
  /** Of a pod, absolute within the hierarchy. */
  readonly cgroupOf: (pod: NodePod) => string;
  readonly readCgroup?: (path: string) => Promise<CgroupUsage | undefined>;
}

/** Each group has several files: so many groups are read at the same time, that other file work is not held up. */
const readsAtOnce = 4;
/** The group of the whole machine. */
const root = '';

export class CgroupReader implements UsageReader {
  readonly #parts: CgroupReaderParts;
  readonly #read: (path: string) => Promise<CgroupUsage | undefined>;
  /** By container. */
  #startedAtMs: ReadonlyMap<string, number> = new Map();

  constructor(parts: CgroupReaderParts) {
    this.#parts = parts;
    this.#read = parts.readCgroup ?? readCgroupUsage;
  }

  async measure(): Promise<Measured> {
    const containers = this.#parts.containers();
    await this.#learnStarts(containers);
    const node = await this.#read(root);
    if (!node) throw new Error('the machine has no control group of its own');
    const found: Measured['containers'][number][] = [];
    const waiting = containers.values();
    await Promise.all(
      Array.from({ length: readsAtOnce }, async () => {
        for (const container of waiting) {
          const usage = await this.#read(`${this.#parts.cgroupOf(container.pod)}/${container.id}`);
          const startedAtMs = this.#startedAtMs.get(container.id);
          if (usage && startedAtMs !== undefined) found.push({ ...container, startedAtMs, usage });
        }
      }),
    );
    return { node, containers: found };
  }

  podStats(pod: NodePod): Promise<CgroupUsage | undefined> {
    return this.#read(this.#parts.cgroupOf(pod));
  }

  async #learnStarts(containers: readonly RunningContainer[]): Promise<void> {
    if (containers.every(({ id }) => this.#startedAtMs.has(id))) return;
    const listed = await this.#parts.listContainers();
    this.#startedAtMs = new Map(listed.map(({ id, createdAtMs }) => [id, createdAtMs]));
  }
}
