/**
 * The control groups of a node's pods: `kubepods`, below it one per quality of service, below those one per
 * pod.
 */

import { podQosClass } from '#api/pods/qos.ts';
import { quantityMilliValue } from '#api/values/quantity.ts';
import { ensureCgroup, removeCgroups } from '#host/kernel/cgroups/cgroups.ts';
import { cpuQuota, cpuShares, type PodResources, podResources } from '../decide/resources.ts';
import type { NodePod } from '../pod/pod.ts';

export class PodCgroups {
  readonly #root: string;
  readonly #allocatable: Record<string, string>;
  readonly #paths = new Map<string, string>();
  /** What each pod's group was last given. */
  readonly #written = new Map<string, PodResources>();
  readonly #burstable = new Map<string, number>();
  readonly #pidsPerPodMax: number | undefined;
  readonly #hasExclusiveCpus: (podUid: string) => boolean;
  /** The groups above those of pods. */
  #parents: Promise<void> | undefined;
  #isShareStale = false;
  #sharing: Promise<void> | undefined;

  /** A pod for which `hasExclusiveCpus` holds has no quota, as upstream. */
  constructor(
    cgroupRoot: string,
    allocatable: Record<string, string>,
    pidsPerPodMax?: number,
    hasExclusiveCpus: (podUid: string) => boolean = () => false,
  ) {
    this.#root = podsCgroup(cgroupRoot);
    this.#allocatable = allocatable;
    this.#pidsPerPodMax = pidsPerPodMax;
    this.#hasExclusiveCpus = hasExclusiveCpus;
  }

  pathOf(pod: NodePod): string {
    const qos = podQosClass(pod);
    const parent = qos === 'Guaranteed' ? this.#root : `${this.#root}/${qos.toLowerCase()}`;
    return `${parent}/pod${pod.metadata.uid}`;
  }

  async ensure(pod: NodePod): Promise<void> {
    const path = this.pathOf(pod);
    if (this.#paths.get(pod.metadata.uid) === path) return;
    await this.#ensureParents();
    await this.#write(pod, this.#resourcesOf(pod));
    this.#paths.set(pod.metadata.uid, path);
  }

  resize(pod: NodePod, how: 'rise' | 'settle'): Promise<void> {
    const wanted = this.#resourcesOf(pod);
    const before = this.#written.get(pod.metadata.uid) ?? wanted;
    return this.#write(pod, how === 'settle' ? wanted : higher(before, wanted));
  }

  #resourcesOf(pod: NodePod): PodResources {
    const resources = podResources(pod);
    return this.#hasExclusiveCpus(pod.metadata.uid) ? { ...resources, milliCpuLimit: 0 } : resources;
  }

  #ensureParents(): Promise<void> {
    const make = async () => {
      await ensureCgroup(this.#root, { cpuShares: cpuShares(quantityMilliValue(this.#allocatable['cpu'])) });
      await ensureCgroup(`${this.#root}/besteffort`, { cpuShares: 2 });
    };
    this.#parents ??= make().catch((error) => {
      this.#parents = undefined;
      throw error;
    });
    return this.#parents;
  }

  async #write(pod: NodePod, resources: PodResources): Promise<void> {
    const { uid } = pod.metadata;
    const { milliCpuRequest, milliCpuLimit, memoryLimitBytes } = resources;
    const before = this.#written.get(uid);
    if (podQosClass(pod) === 'Burstable') {
      this.#burstable.set(uid, milliCpuRequest);
      await this.#shareBurstable();
    }
    // A limit that was never written need not be lifted.
    const lifted = (now: number, was: number | undefined) => (now === 0 && was ? -1 : undefined);
    const quota = milliCpuLimit > 0 ? cpuQuota(milliCpuLimit) : lifted(milliCpuLimit, before?.milliCpuLimit);
    const memory = memoryLimitBytes || lifted(memoryLimitBytes, before?.memoryLimitBytes);
    await ensureCgroup(this.#paths.get(uid) ?? this.pathOf(pod), {
      cpuShares: cpuShares(milliCpuRequest),
      ...(quota === undefined ? {} : { cpuQuota: quota }),
      ...(memory === undefined ? {} : { memoryBytes: memory }),
      ...(this.#pidsPerPodMax === undefined ? {} : { pids: this.#pidsPerPodMax }),
    });
    this.#written.set(uid, resources);
  }

  /** Of a pod seen before or, after a restart, wherever it may lie. */
  async remove(podUid: string): Promise<void> {
    const known = this.#paths.get(podUid);
    const parents = [this.#root, `${this.#root}/burstable`, `${this.#root}/besteffort`];
    for (const path of known ? [known] : parents.map((parent) => `${parent}/pod${podUid}`)) {
      await removeCgroups(path);
    }
    this.#paths.delete(podUid);
    this.#written.delete(podUid);
    if (this.#burstable.delete(podUid)) await this.#shareBurstable();
  }

  /**
   * The cgroup of all burstable pods gets the sum of their requests. One write at a time, so that the last
   * one counts.
   */
  #shareBurstable(): Promise<void> {
    this.#isShareStale = true;
    this.#sharing ??= this.#writeShares();
    return this.#sharing;
  }

  async #writeShares(): Promise<void> {
    try {
      while (this.#isShareStale) {
        this.#isShareStale = false;
        const milliCpu = [...this.#burstable.values()].reduce((sum, amount) => sum + amount, 0);
        await ensureCgroup(`${this.#root}/burstable`, { cpuShares: cpuShares(milliCpu) });
      }
    } finally {
      this.#sharing = undefined;
    }
  }
}

/** The group of all pods, absolute within the hierarchy. */
export function podsCgroup(cgroupRoot: string): string {
  return `/${cgroupRoot}/kubepods`;
}

/** 0 stands for no limit, which is the highest. */
function higher(a: PodResources, b: PodResources): PodResources {
  const limit = (x: number, y: number) => (x === 0 || y === 0 ? 0 : Math.max(x, y));
  return {
    milliCpuRequest: Math.max(a.milliCpuRequest, b.milliCpuRequest),
    milliCpuLimit: limit(a.milliCpuLimit, b.milliCpuLimit),
    memoryLimitBytes: limit(a.memoryLimitBytes, b.memoryLimitBytes),
  };
}
