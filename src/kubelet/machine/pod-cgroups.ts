/** The control groups of a node's pods: `kubepods`, below it one per quality of service, below those one per pod. */

import { podQosClass } from '#api/pods/qos.ts';
import { quantityMilliValue } from '#api/values/quantity.ts';
import { ensureCgroup, removeCgroups } from '#host/kernel/cgroups.ts';
import { cpuQuota, cpuShares, type PodResources, podResources } from '../decide/resources.ts';
import type { NodePod } from '../pod/pod.ts';

export class PodCgroups {
  private readonly root: string;
  private readonly allocatable: Record<string, string>;
  private readonly paths = new Map<string, string>();
  /** What each pod's group was last given. */
  private readonly written = new Map<string, PodResources>();
  private readonly burstable = new Map<string, number>();

  constructor(cgroupRoot: string, allocatable: Record<string, string>) {
    this.root = `/${cgroupRoot}/kubepods`;
    this.allocatable = allocatable;
  }

  pathOf(pod: NodePod): string {
    const qos = podQosClass(pod);
    const parent = qos === 'Guaranteed' ? this.root : `${this.root}/${qos.toLowerCase()}`;
    return `${parent}/pod${pod.metadata.uid}`;
  }

  ensure(pod: NodePod): void {
    const path = this.pathOf(pod);
    if (this.paths.get(pod.metadata.uid) === path) return;
    ensureCgroup(this.root, { cpuShares: cpuShares(quantityMilliValue(this.allocatable['cpu'])) });
    ensureCgroup(`${this.root}/besteffort`, { cpuShares: 2 });
    this.paths.set(pod.metadata.uid, path);
    this.write(pod, podResources(pod));
  }

  resize(pod: NodePod, how: 'rise' | 'settle'): void {
    const wanted = podResources(pod);
    const before = this.written.get(pod.metadata.uid) ?? wanted;
    this.write(pod, how === 'settle' ? wanted : higher(before, wanted));
  }

  private write(pod: NodePod, resources: PodResources): void {
    const { uid } = pod.metadata;
    const { milliCpuRequest, milliCpuLimit, memoryLimitBytes } = resources;
    const before = this.written.get(uid);
    if (podQosClass(pod) === 'Burstable') this.burstable.set(uid, milliCpuRequest);
    this.shareBurstable();
    // A limit that was never written need not be lifted.
    const lifted = (now: number, was: number | undefined) => (now === 0 && was ? -1 : undefined);
    const quota = milliCpuLimit > 0 ? cpuQuota(milliCpuLimit) : lifted(milliCpuLimit, before?.milliCpuLimit);
    const memory = memoryLimitBytes || lifted(memoryLimitBytes, before?.memoryLimitBytes);
    ensureCgroup(this.paths.get(uid) ?? this.pathOf(pod), {
      cpuShares: cpuShares(milliCpuRequest),
      ...(quota === undefined ? {} : { cpuQuota: quota }),
      ...(memory === undefined ? {} : { memoryBytes: memory }),
    });
    this.written.set(uid, resources);
  }

  /** Of a pod seen before or, after a restart, wherever it may lie. */
  async remove(podUid: string): Promise<void> {
    const known = this.paths.get(podUid);
    const parents = [this.root, `${this.root}/burstable`, `${this.root}/besteffort`];
    for (const path of known ? [known] : parents.map((parent) => `${parent}/pod${podUid}`))
      await removeCgroups(path);
    this.paths.delete(podUid);
    this.written.delete(podUid);
    if (this.burstable.delete(podUid)) this.shareBurstable();
  }

  /** All burstable pods together weigh what they asked for together. */
  private shareBurstable(): void {
    const milliCpu = [...this.burstable.values()].reduce((sum, one) => sum + one, 0);
    ensureCgroup(`${this.root}/burstable`, { cpuShares: cpuShares(milliCpu) });
  }
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
