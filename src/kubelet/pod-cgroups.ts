/** The control groups of a node's pods: `kubepods`, below it one per quality of service, below those one per pod. */

import { podQosClass } from '#api/pod-qos.ts';
import { quantityMilliValue } from '#api/quantity.ts';
import { ensureCgroup, removeCgroups } from '#host/cgroups.ts';
import type { NodePod } from './pod.ts';
import { cpuQuota, cpuShares, podResources } from './resources.ts';

export class PodCgroups {
  private readonly root: string;
  private readonly allocatable: Record<string, string>;
  private readonly paths = new Map<string, string>();
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
    const { milliCpuRequest, milliCpuLimit, memoryLimitBytes } = podResources(pod);
    if (podQosClass(pod) === 'Burstable') this.burstable.set(pod.metadata.uid, milliCpuRequest);
    this.shareBurstable();
    ensureCgroup(path, {
      cpuShares: cpuShares(milliCpuRequest),
      ...(milliCpuLimit > 0 ? { cpuQuota: cpuQuota(milliCpuLimit) } : {}),
      ...(memoryLimitBytes > 0 ? { memoryBytes: memoryLimitBytes } : {}),
    });
    this.paths.set(pod.metadata.uid, path);
  }

  /** Of a pod seen before or, after a restart, wherever it may lie. */
  async remove(podUid: string): Promise<void> {
    const known = this.paths.get(podUid);
    const parents = [this.root, `${this.root}/burstable`, `${this.root}/besteffort`];
    for (const path of known ? [known] : parents.map((parent) => `${parent}/pod${podUid}`))
      await removeCgroups(path);
    this.paths.delete(podUid);
    if (this.burstable.delete(podUid)) this.shareBurstable();
  }

  /** All burstable pods together weigh what they asked for together. */
  private shareBurstable(): void {
    const milliCpu = [...this.burstable.values()].reduce((sum, one) => sum + one, 0);
    ensureCgroup(`${this.root}/burstable`, { cpuShares: cpuShares(milliCpu) });
  }
}
